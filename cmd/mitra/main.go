// Command mitra is the whole product in one binary: the server and the commands with
// which its operators work. Every sub-command takes its settings from flags, then from
// MITRA_* variables, then from defaults, and answers with exit status 0 (done), 1 (not
// done, or not whole), 2 (wrong use) or 3 (store unreachable).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	_ "time/tzdata" // zones without the machine's own files

	"github.com/mitra-platform/mitra/services/fault"
	"github.com/mitra-platform/mitra/services/words"
)

// Exit statuses (DESIGN.md §5.1).
const (
	exitDone        = 0
	exitNotDone     = 1
	exitUsage       = 2
	exitUnreachable = 3
)

func main() {
	signal.Ignore(syscall.SIGXFSZ) // a limit on the size of files is a full disk, not the end
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// command is one sub-command.
type command struct {
	name string
	// usage is what stands after the name; help says what it is for.
	usage, help string
	run         func(context.Context, *call) error
}

// call is one run of a sub-command.
type call struct {
	cfg  Config
	args []string
	out  io.Writer
	err  io.Writer
}

func commands() []command {
	return []command{
		{"serve", "[--listen HOST:PORT] [--data DIR] [--demo]", "serve pages and API until told to stop", serve},
		{"healthcheck", "[--listen HOST:PORT]", "ask a running server whether it is ready", healthcheck},
		{"tenant", "create SLUG [--name --short --zone --language] | list | suspend SLUG", "make, list and suspend tenants", tenantCommand},
		{"person", "invite --tenant T --organisation NAME --side agency|cso|other --role R (--email|--phone) A [--name N] | list --tenant T | reset (--email|--phone) A [--second-step]", "print the link that invites somebody, who is there, or a link for a new password", personCommand},
		{"import", "iati --tenant T FILE… [--dry-run] [--json]", "read programs from IATI activity files", importCommand},
		{"export", "iati --tenant T [--out FILE] [--check] [--json]", "write programs as an IATI activity file, or say which rules they break", exportCommand},
		{"verify", "audit --tenant T [--heads FILE] [--json]", "check a tenant's journal, and hold it against heads that somebody kept", verifyCommand},
		{"backup", "(--tenant T|--all) FILE [--json]", "write a tenant, or everything, to one file", backupCommand},
		{"restore", "FILE [--as SLUG] [--short CODE] [--json]", "bring back what a backup holds", restoreCommand},
		{"doctor", "[--conformance] [--json]", "look at everything a server stands on; both stores' behaviour as well", doctorCommand},
		{"version", "", "say which build this is", version},
	}
}

// run does one sub-command and gives its exit status.
func run(ctx context.Context, args, environ []string, out, log io.Writer) int {
	cfg, rest, err := readConfig(args, environ)
	switch {
	case errors.Is(err, errHelp), err == nil && len(rest) == 0:
		help(log)
		if err == nil {
			return exitUsage
		}
		return exitDone
	case err != nil:
		_, _ = fmt.Fprintf(log, "mitra: %v\nTry: mitra --help\n", err)
		return exitUsage
	}
	known := commands()
	at := slices.IndexFunc(known, func(c command) bool { return c.name == rest[0] })
	if at < 0 {
		_, _ = fmt.Fprintf(log, "mitra: there is no command %q\nTry: mitra --help\n", rest[0])
		return exitUsage
	}
	if cfg.Help {
		_, _ = fmt.Fprintf(log, "mitra %s %s\n\n%s\n\n", known[at].name, known[at].usage, known[at].help)
		describeFlags(log)
		return exitDone
	}
	return status(known[at].run(ctx, &call{cfg: cfg, args: rest[1:], out: out, err: log}), log)
}

// status says on the log what went wrong and what to do, and picks the exit status.
func status(err error, log io.Writer) int {
	if err == nil {
		return exitDone
	}
	if usage, ok := errors.AsType[usageError](err); ok {
		_, _ = fmt.Fprintf(log, "mitra: %s\n", string(usage))
		return exitUsage
	}
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok {
		_, _ = fmt.Fprintf(log, "mitra: %v\n", err)
		return exitNotDone
	}
	detail, remedy := words.In(words.English).Fault(refusal.Code, refusal.Args)
	_, _ = fmt.Fprintf(log, "mitra: %s\n%s\n", detail, remedy)
	for _, f := range refusal.Fields {
		detail, remedy := words.In(words.English).Fault(f.Code, f.Args)
		_, _ = fmt.Fprintf(log, "  %s: %s %s\n", f.Name, detail, remedy)
	}
	if refusal.Kind == fault.Unavailable {
		return exitUnreachable
	}
	return exitNotDone
}

// usageError is a command line that cannot be meant.
type usageError string

func (e usageError) Error() string { return string(e) }

func help(w io.Writer) {
	_, _ = fmt.Fprintln(w, "Usage: mitra COMMAND [flags]\n\nCommands:")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-12s %s\n", c.name, c.help)
	}
	_, _ = fmt.Fprintln(w, "\nFlags may stand before or after the command; a flag wins over its MITRA_* variable.")
	describeFlags(w)
}

func version(_ context.Context, c *call) error {
	_, err := fmt.Fprintln(c.out, strings.TrimSpace("mitra "+buildVersion()))
	return err
}
