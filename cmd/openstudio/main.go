// Command openstudio is the market: one program that serves its pages, keeps
// its own PostgreSQL where none is given, and sends its letters.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"openstudio/store/localpg"
)

const usage = `OpenStudio, an art market run by the people who make the art.

  openstudio [serve]            serve the market
  openstudio migrate            bring the database up to date
` + demoUsage + imagesUsage + importUsage + packingUsage + bounceUsage + `
  openstudio install-postgres   install PostgreSQL where there is none, and say where it is
  openstudio healthcheck        ask the market on PORT whether it is ready
  openstudio version            say which build this is

  -install-postgres             before serving, install PostgreSQL where there is none

The environment says the rest; the README lists it.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program but for its surroundings. It returns the exit status.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("openstudio", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	install := flags.Bool("install-postgres", false, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	verb := "serve"
	switch {
	case flags.NArg() == 0:
	case flags.NArg() == 1, slices.Contains([]string{"demo", "images", "import", "packing", "bounce"}, flags.Arg(0)):
		verb = flags.Arg(0)
	default:
		flags.Usage()
		return 2
	}
	if verb == "version" {
		fmt.Fprintln(stdout, version())
		return 0
	}
	cfg, err := readConfig(env)
	if err != nil {
		fmt.Fprintf(stderr, "OpenStudio cannot start:\n  %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
		return 1
	}
	p := &program{Config: cfg, log: logger(cfg, stderr), in: os.Stdin, out: stdout, err: stderr}
	switch verb {
	case "serve":
		err = p.serve(ctx, *install)
	case "migrate":
		err = p.migrate(ctx)
	case "demo":
		err = p.demoCommand(ctx, flags.Args()[1:])
	case "images":
		err = p.imagesCommand(ctx, flags.Args()[1:])
	case "import":
		err = p.importCommand(ctx, flags.Args()[1:])
	case "packing":
		err = p.packingCommand(ctx, flags.Args()[1:])
	case "bounce":
		err = p.bounceCommand(ctx, flags.Args()[1:])
	case "install-postgres":
		var bin localpg.Binaries
		if bin, err = p.installPostgres(ctx); err == nil {
			p.say("%s", bin.Dir)
		}
	case "healthcheck":
		err = healthcheck(ctx, cfg.Port)
	default:
		flags.Usage()
		return 2
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(stderr, "OpenStudio: %v\n", err)
		if verb == "bounce" {
			return tryLater
		}
		return 1
	}
	return 0
}

// program is what its verbs share.
type program struct {
	Config
	log      *slog.Logger
	in       io.Reader
	out, err io.Writer
}

// say tells the person at the terminal something.
func (p *program) say(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// logger writes lines for people in DEV and for machines in PROD.
func logger(cfg Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.Prod {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// migrate brings the schema up to date and says so.
func (p *program) migrate(ctx context.Context) error {
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	p.say("The database is up to date.")
	return nil
}

// healthcheck asks the market on this machine whether it is ready.
func healthcheck(ctx context.Context, port string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the market is not ready: %s", answer.Status)
	}
	return nil
}

// version names the build: the commit it was made from and the Go that made it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "openstudio"
	}
	return fmt.Sprintf("openstudio %s, %s", info.Main.Version, info.GoVersion)
}
