package embedded

import (
	"bufio"
	"errors"
	"io"
	"net"
	"runtime/debug"
	"strings"
)

// serve answers the requests of one connection in turn. What cannot be read as a
// message ends the connection.
func (s *Server) serve(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 16<<10)
	for {
		req, err := readRequest(r)
		if err != nil {
			if f, ok := errors.AsType[*failure](err); ok && req != nil {
				_, _ = conn.Write(req.answer(f.reply()))
				if req.body != nil || f.code == codeNotServed {
					continue
				}
			}
			return
		}
		reply := s.run(req)
		if req.silent {
			continue
		}
		if _, err := conn.Write(req.answer(reply)); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			return
		}
	}
}

// run does one command. A fault of ours is answered and logged, and costs one command.
func (s *Server) run(req *request) (reply document) {
	c := &command{server: s, request: req}
	defer func() {
		if broken := recover(); broken != nil {
			s.o.Log.Error("embedded database: a command panicked", "command", c.name, "panic", broken, "stack", string(debug.Stack()))
			reply = (&failure{code: codeInternal, message: "internal error in " + c.name}).reply()
		}
	}()
	reply, err := c.run()
	if err != nil {
		return asFailure(err).reply()
	}
	return reply
}

// command is a request on its way through its handler.
type command struct {
	server  *Server
	request *request
	name    string
	db      string
	fields  map[string]value
}

// handler does a command, given the fields it knows.
type handler struct {
	run func(*command) (document, error)
	// fields are what the command may carry beside those that every command may.
	fields string
}

// harmless fields come with any command and change nothing here: reads are always of
// what is durable, writes always acknowledged when durable.
const harmless = " $db lsid $readPreference $clusterTime comment maxTimeMS readConcern writeConcern apiVersion apiStrict apiDeprecationErrors "

// handlers are the closed set of commands, by their names in small letters.
var handlers = map[string]handler{
	"hello":            {(*command).hello, helloFields},
	"ismaster":         {(*command).hello, helloFields},
	"ping":             {(*command).ping, ""},
	"buildinfo":        {(*command).buildInfo, ""},
	"connectionstatus": {(*command).connectionStatus, "showPrivileges"},
	"serverstatus":     {(*command).serverStatus, ""},
	"endsessions":      {(*command).ping, ""},
	"find":             {(*command).find, findFields},
	"getmore":          {(*command).getMore, "collection batchSize"},
	"killcursors":      {(*command).killCursors, "cursors"},
	"count":            {(*command).count, "query limit skip"},
	"aggregate":        {(*command).aggregate, "pipeline cursor allowDiskUse"},
	"explain":          {(*command).explain, "verbosity"},
	"insert":           {(*command).insert, "documents ordered"},
	"update":           {(*command).update, "updates ordered"},
	"delete":           {(*command).delete, "deletes ordered"},
	"findandmodify":    {(*command).findAndModify, "query sort remove update new fields upsert"},
	"create":           {(*command).create, ""},
	"drop":             {(*command).drop, ""},
	"dropdatabase":     {(*command).dropDatabase, ""},
	"createindexes":    {(*command).createIndexes, "indexes"},
	"listindexes":      {(*command).listIndexes, "cursor"},
	"dropindexes":      {(*command).dropIndexes, "index"},
	"listcollections":  {(*command).listCollections, "filter nameOnly authorizedCollections cursor"},
	"listdatabases":    {(*command).listDatabases, "filter nameOnly authorizedDatabases"},
	"getparameter":     {(*command).getParameter, "featureCompatibilityVersion"},
}

const (
	helloFields = "helloOk client compression topologyVersion maxAwaitTimeMS speculativeAuthenticate saslSupportedMechs loadBalanced backpressure forShell"
	findFields  = "filter sort projection skip limit batchSize singleBatch allowDiskUse noCursorTimeout"
)

// run finds the handler and refuses every field that it does not know.
func (c *command) run() (document, error) {
	body := c.request.body
	c.fields = map[string]value{}
	for name, v := range body.elements {
		if c.name == "" {
			c.name = string(name)
		}
		if _, twice := c.fields[string(name)]; twice {
			return nil, failf(codeFailedToParse, "field '%s' is given twice in %s", name, c.name)
		}
		c.fields[string(name)] = v
	}
	h, ok := handlers[strings.ToLower(c.name)]
	if !ok {
		return nil, failf(codeCommandUnknown, "no such command: '%s'", c.name)
	}
	allowed := harmless + h.fields + " "
	for field := range body.elements {
		if name := string(field); name != c.name && !strings.Contains(allowed, " "+name+" ") {
			return nil, failf(codeUnknownField, "BSON field '%s.%s' is not served by the embedded database", c.name, name)
		}
	}
	c.db, _ = c.fields["$db"].text()
	return h.run(c)
}

// collectionName is the value of the command's own field.
func (c *command) collectionName() (string, error) {
	name, ok := c.fields[c.name].text()
	if !ok || name == "" || strings.ContainsAny(name, "\x00$") || strings.HasPrefix(name, ".") {
		return "", failf(codeInvalidNamespace, "Invalid namespace specified '%s.%s'", c.db, name)
	}
	return name, nil
}

// document is a field that holds a document; an empty one when it is not there.
func (c *command) document(name string) (document, error) {
	return documentField(c.fields[name], c.name+"."+name)
}

func documentField(v value, name string) (document, error) {
	switch {
	case !v.there():
		return newBuilder().done(), nil
	case !v.isDocument():
		return nil, failf(codeTypeMismatch, "BSON field '%s' is the wrong type '%s', expected type 'object'", name, typeName(v.kind))
	}
	return v.document(), nil
}

// number is a field that holds a whole number not below zero.
func (c *command) number(name string, otherwise int64) (int64, error) {
	v := c.fields[name]
	if !v.there() {
		return otherwise, nil
	}
	n, ok := v.whole()
	if !ok {
		return 0, failf(codeTypeMismatch, "BSON field '%s.%s' is the wrong type '%s', expected a whole number", c.name, name, typeName(v.kind))
	}
	if n < 0 {
		return 0, failf(51024, "BSON field '%s' value must be >= 0, actual value '%d'", name, n)
	}
	return n, nil
}

// list is a field that came as an array or beside the body.
func (c *command) list(name string) ([]document, error) {
	if docs, ok := c.request.lists[name]; ok {
		return docs, nil
	}
	v := c.fields[name]
	if !v.isArray() {
		return nil, failf(codeTypeMismatch, "BSON field '%s.%s' must be an array", c.name, name)
	}
	var docs []document
	for _, item := range v.items() {
		if !item.isDocument() {
			return nil, failf(codeTypeMismatch, "BSON field '%s.%s' must hold documents", c.name, name)
		}
		docs = append(docs, item.document())
	}
	return docs, nil
}
