package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/tenants/embedded"
)

// childDir makes this test binary a child that writes to a directory until it is killed;
// fullDir, one whose files cannot grow any more.
const (
	childDir = "MITRA_TEST_EMBEDDED_CHILD"
	fullDir  = "MITRA_TEST_EMBEDDED_FULL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := writeForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if dir := os.Getenv(fullDir); dir != "" {
		if err := fillTheDisk(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writeForever inserts and increments with eight writers and prints every id that was
// acknowledged.
func writeForever(dir string) error {
	ctx := context.Background()
	a, err := embedded.Attach(ctx, embedded.Options{Dir: dir})
	if err != nil {
		return err
	}
	client, err := mongo.Connect(embedded.ClientOptions(a))
	if err != nil {
		return err
	}
	rows := client.Database("load").Collection("rows")
	var out sync.Mutex
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				if _, err := rows.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "w", Value: w}}); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				out.Lock()
				fmt.Println(id)
				out.Unlock()
			}
		})
	}
	writers.Wait()
	return errors.New("the writers stopped")
}

// child starts a writer and gives what it acknowledges.
func child(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0]) // #nosec G204 -- this very binary
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func collection(t *testing.T, d options.ContextDialer, database, name string) *mongo.Collection {
	t.Helper()
	client, err := mongo.Connect(embedded.ClientOptions(d))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database(database).Collection(name)
}

func open(t testing.TB, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

func TestKilledUnderLoadEveryAcknowledgedWriteIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var acknowledged []string
	for range 3 {
		cmd, lines := child(t, dir)
		for n := 0; n < 300 && lines.Scan(); n++ {
			acknowledged = append(acknowledged, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // printed before it died
			acknowledged = append(acknowledged, lines.Text())
		}
		_ = cmd.Wait()
	}
	s := open(t, embedded.Options{Dir: dir})
	rows := collection(t, s, "load", "rows")
	for _, id := range acknowledged {
		if n, err := rows.CountDocuments(t.Context(), bson.D{{Key: "_id", Value: id}}); err != nil || n != 1 {
			t.Fatalf("%s was acknowledged and is there %d times (%v)", id, n, err)
		}
	}
	if len(acknowledged) < 900 {
		t.Errorf("only %d writes were acknowledged", len(acknowledged))
	}
}

func TestASecondProcessUsesTheFirstAndTakesOverWhenItIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner, lines := child(t, dir)
	if !lines.Scan() {
		t.Fatal("the first process acknowledged nothing")
	}
	if _, err := embedded.Open(t.Context(), embedded.Options{Dir: dir}); !errors.Is(err, embedded.ErrLocked) {
		t.Errorf("opening a directory that is open: got %v, want ErrLocked", err)
	}
	a, err := embedded.Attach(t.Context(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatalf("attach: %v", err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	rows := collection(t, a, "load", "rows")
	first := lines.Text()
	if n, err := rows.CountDocuments(t.Context(), bson.D{{Key: "_id", Value: first}}); err != nil || n != 1 {
		t.Fatalf("through the first process's socket: %d, %v", n, err)
	}
	if a.Server() != nil {
		t.Fatal("the second process owns a directory that the first has open")
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, err := rows.InsertOne(t.Context(), bson.D{{Key: "after", Value: true}})
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("writing after the first process died: %v", err)
		}
	}
	if a.Server() == nil {
		t.Error("nobody owns the directory after the first process died")
	}
	if n, err := rows.CountDocuments(t.Context(), bson.D{{Key: "_id", Value: first}}); err != nil || n != 1 {
		t.Errorf("what the first process wrote: %d, %v", n, err)
	}
}

func TestAFullDiskIsAnErrorAndNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, embedded.Options{Dir: dir, MaxFile: 4 << 20})
	rows := collection(t, s, "small", "rows")
	if _, err := rows.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "n", Value: 1}}}); err != nil {
		t.Fatal(err)
	}
	kept, refused := 0, error(nil)
	for i := range 200 {
		_, err := rows.InsertOne(t.Context(), bson.D{{Key: "_id", Value: i}, {Key: "n", Value: i}, {Key: "text", Value: strings.Repeat("x", 64<<10)}})
		if err != nil {
			refused = err
			break
		}
		kept++
	}
	if e, ok := errors.AsType[mongo.ServerError](refused); !ok || !e.HasErrorCode(14031) {
		t.Fatalf("a full disk: got %v after %d documents, want OutOfDiskSpace (14031)", refused, kept)
	}
	if n, err := rows.CountDocuments(t.Context(), bson.D{}); err != nil || int(n) != kept {
		t.Errorf("%d documents are there (%v), %d were acknowledged", n, err, kept)
	}
	if _, err := rows.DeleteMany(t.Context(), bson.D{{Key: "n", Value: bson.D{{Key: "$gt", Value: kept / 2}}}}); err != nil {
		t.Fatalf("making room: %v", err)
	}
	if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "_id", Value: -1}}); err != nil {
		t.Errorf("after making room, without reopening: %v", err)
	}
}

// fillTheDisk inserts until the system refuses to let the file grow, then makes room, goes
// on, and says how many documents are to be there.
func fillTheDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	const most = 40 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return err
	}
	ctx := context.Background()
	s, err := embedded.Open(ctx, embedded.Options{Dir: dir})
	if err != nil {
		return err
	}
	client, err := mongo.Connect(embedded.ClientOptions(s))
	if err != nil {
		return err
	}
	rows := client.Database("small").Collection("rows")
	kept := 0
	for {
		_, err := rows.InsertOne(ctx, bson.D{{Key: "_id", Value: kept}, {Key: "text", Value: strings.Repeat("x", 256<<10)}})
		if e, ok := errors.AsType[mongo.ServerError](err); ok && e.HasErrorCode(14031) {
			break
		}
		if err != nil || kept > most>>18 {
			return fmt.Errorf("after %d documents: %w, want OutOfDiskSpace (14031)", kept, err)
		}
		kept++
	}
	gone, err := rows.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: kept / 2}}}})
	if err != nil {
		return fmt.Errorf("making room: %w", err)
	}
	if _, err := rows.InsertOne(ctx, bson.D{{Key: "_id", Value: -1}}); err != nil {
		return fmt.Errorf("after making room: %w", err)
	}
	fmt.Println(kept - int(gone.DeletedCount) + 1)
	return nil // not closed: the process ends as it stands
}

func TestADiskThatTheSystemCallsFullIsAnErrorAndNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0]) // #nosec G204 -- this very binary
	cmd.Env, cmd.Stderr = append(os.Environ(), fullDir+"="+dir), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil || kept < 10 {
		t.Fatalf("the child kept %q", out)
	}
	rows := collection(t, open(t, embedded.Options{Dir: dir}), "small", "rows")
	if n, err := rows.CountDocuments(t.Context(), bson.D{}); err != nil || int(n) != kept {
		t.Errorf("%d documents are there (%v), %d were acknowledged", n, err, kept)
	}
}

// One write that breaks is refused alone: those that wait for the same commit are done.
func TestAWriteThatBreaksTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir()})
	rows := collection(t, s, "db", "rows")
	var writers sync.WaitGroup
	for w := range 40 {
		writers.Go(func() {
			if w%4 == 0 {
				if err := s.BreakAWrite("db"); err == nil {
					t.Error("a write that broke was acknowledged")
				}
			}
			for i := range 5 {
				_, err := rows.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: w}},
					bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}, options.UpdateOne().SetUpsert(true))
				if err != nil {
					t.Errorf("writer %d, write %d: %v", w, i, err)
				}
			}
		})
	}
	writers.Wait()
	if n, err := rows.CountDocuments(t.Context(), bson.D{{Key: "n", Value: 5}}); err != nil || n != 40 {
		t.Errorf("%d of 40 rows were changed five times each, %v", n, err)
	}
}

func TestWhatIsClosedAndOpenedAgainIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, embedded.Options{Dir: dir})
	rows := collection(t, s, "db", "rows")
	unique := mongo.IndexModel{Keys: bson.D{{Key: "name", Value: 1}}, Options: options.Index().SetUnique(true)}
	if _, err := rows.Indexes().CreateOne(t.Context(), unique); err != nil {
		t.Fatal(err)
	}
	if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "name", Value: "a"}, {Key: "tags", Value: bson.A{1, 2}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatalf("close: %v", err)
	}
	again := open(t, embedded.Options{Dir: dir})
	rows = collection(t, again, "db", "rows")
	if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "name", Value: "a"}}); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("the unique index after reopening: got %v", err)
	}
	if n, err := rows.CountDocuments(t.Context(), bson.D{{Key: "tags", Value: 2}}); err != nil || n != 1 {
		t.Errorf("the document after reopening: %d, %v", n, err)
	}
}

func TestManyDatabasesStayWithinTheLimitOfOpenFiles(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{Dir: t.TempDir(), NoSync: true})
	client, err := mongo.Connect(embedded.ClientOptions(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	for round := range 2 {
		for i := range 600 {
			rows := client.Database("t_" + strconv.Itoa(i)).Collection("rows")
			if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "_id", Value: round}}); err != nil {
				t.Fatalf("database %d: %v", i, err)
			}
		}
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err == nil && len(files) > 580 {
		t.Errorf("%d files are open for 600 databases", len(files))
	}
}

func TestExpiredDocumentsAreRemoved(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	s := open(t, embedded.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	rows := collection(t, s, "db", "links")
	model := mongo.IndexModel{Keys: bson.D{{Key: "until", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(60)}
	if _, err := rows.Indexes().CreateOne(t.Context(), model); err != nil {
		t.Fatal(err)
	}
	for id, until := range map[string]any{
		"long over": now.Add(-time.Hour), "just over": now.Add(-61 * time.Second), "not yet": now.Add(-59 * time.Second), "no date": "soon",
	} {
		if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}, {Key: "until", Value: until}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Expire(); err != nil {
		t.Fatalf("expire: %v", err)
	}
	var left []struct {
		ID string `bson:"_id"`
	}
	cursor, err := rows.Find(t.Context(), bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err == nil {
		err = cursor.All(t.Context(), &left)
	}
	if err != nil || len(left) != 2 || left[0].ID != "no date" || left[1].ID != "not yet" {
		t.Errorf("left: %v, %v; want what has no date and what is not over", left, err)
	}
}

// What a partial index does not hold does not expire by it.
func TestOnlyWhatAnIndexHoldsExpires(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	s := open(t, embedded.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	rows := collection(t, s, "db", "links")
	model := mongo.IndexModel{Keys: bson.D{{Key: "until", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0).
		SetPartialFilterExpression(bson.D{{Key: "draft", Value: true}})}
	if _, err := rows.Indexes().CreateOne(t.Context(), model); err != nil {
		t.Fatal(err)
	}
	for id, draft := range map[string]bool{"a draft": true, "no draft": false} {
		if _, err := rows.InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}, {Key: "until", Value: now.Add(-time.Hour)}, {Key: "draft", Value: draft}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Expire(); err != nil {
		t.Fatal(err)
	}
	var left []struct {
		ID string `bson:"_id"`
	}
	cursor, err := rows.Find(t.Context(), bson.D{})
	if err == nil {
		err = cursor.All(t.Context(), &left)
	}
	if err != nil || len(left) != 1 || left[0].ID != "no draft" {
		t.Errorf("left: %v, %v; want what is no draft", left, err)
	}
}

func TestToolsMayListenOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"0.0.0.0:0", "192.0.2.1:27017", ":0", "example.org:1"} {
		if s, err := embedded.Open(t.Context(), embedded.Options{Dir: t.TempDir(), Listen: listen}); err == nil {
			_ = s.Close(t.Context())
			t.Errorf("listening on %s was allowed", listen)
		}
	}
	dir := t.TempDir()
	s := open(t, embedded.Options{Dir: dir, Listen: "127.0.0.1:0"})
	socket, err := os.Stat(filepath.Join(dir, "mongo.sock"))
	if err != nil || socket.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v; want mode 0600", socket.Mode(), err)
	}
	conn, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	_ = conn.Close()
}
