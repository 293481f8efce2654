// Package localpg runs the PostgreSQL that OpenStudio starts by itself when it is given no DATABASE_URL.
//
// The server listens on a unix socket that only its owner may open, keeps its cluster in the data folder, and is
// stopped cleanly when the program ends, even when the program is killed. Committed data survives the sudden end of
// either side. A folder that holds a cluster is never deleted, replaced or upgraded.
package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// superuser owns the cluster and is the name every connection uses.
	superuser = "openstudio"
	// port names the socket file; nothing listens on TCP.
	port = "5432"
	// patience is how long a server is given to end before it is told more firmly.
	patience = 10 * time.Second
)

// Options say where the cluster lives and how it runs.
type Options struct {
	// Dir is the data folder of OpenStudio. The cluster is Dir/postgres, its socket is in Dir/run (in a short temporary
	// folder when that path is too long for a socket) and its log is Dir/postgres.log. As root, on a machine where
	// PostgreSQL's account cannot reach Dir, all three are in a folder of /var/lib/openstudio instead, and Log says so.
	Dir string
	// Throwaway trades the safety of the data for speed. For tests only.
	Throwaway bool
	// MaxConnections is the server's limit; 0 means 60.
	MaxConnections int
	// Log receives what the operator should know; nil means nobody listens.
	Log *slog.Logger

	noNamespace bool   // as if the kernel refused user namespaces
	fallback    string // in place of /var/lib/openstudio
}

func (o Options) withDefaults() Options {
	if o.MaxConnections == 0 {
		o.MaxConnections = 60
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.fallback == "" {
		o.fallback = "/var/lib/openstudio"
	}
	return o
}

// Server is a running PostgreSQL.
type Server struct {
	sockets string
	process *os.Process
	ended   chan struct{} // the postmaster is gone
	done    chan struct{} // and nobody had asked it to go
	release func()        // gives back what the server held; called once the postmaster is gone
	stop    func() error
	restart func(context.Context) (*Server, error)

	mu       sync.Mutex
	stopping bool
	err      error
}

// Start makes the cluster when there is none, ends a server that an earlier, killed program left behind, and returns
// once PostgreSQL takes connections. The database openstudio exists from then on. ctx bounds the start alone; a server
// that runs is ended by Stop.
//
// The error is ErrInUse when another program holds the data folder, ErrNotInstalled when the machine has no PostgreSQL,
// and names both versions when the folder needs another major version; in all three cases the folder is left as it was.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	o.Dir = dir
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	server, err := start(ctx, o, unlock)
	if err != nil {
		unlock()
		return nil, err
	}
	return server, nil
}

func start(ctx context.Context, o Options, unlock func()) (*Server, error) {
	c, err := locate(o.Dir, o.fallback)
	if err != nil {
		return nil, err
	}
	bin, err := find(o.Dir, c)
	if err != nil {
		return nil, err
	}
	c, err = c.settle(bin, o)
	if err != nil {
		return nil, err
	}
	if c.major == 0 {
		err = c.create(ctx, bin, o.Throwaway)
	} else {
		err = c.endOrphan(ctx, o.Log)
	}
	if err != nil {
		return nil, err
	}
	sockets, remove, err := c.socketFolder()
	if err != nil {
		return nil, err
	}
	return c.open(ctx, bin, o, sockets, remove, unlock)
}

// open launches the postmaster on a folder that was made for its socket, and knows how to do it again.
func (c cluster) open(ctx context.Context, bin Binaries, o Options, sockets string, remove, unlock func()) (*Server, error) {
	server, err := c.launch(ctx, bin, o, sockets, func() { remove(); unlock() })
	if err != nil {
		remove()
		return nil, err
	}
	server.restart = func(ctx context.Context) (*Server, error) {
		unlock, err := lock(o.Dir)
		if err != nil {
			return nil, err
		}
		again, err := c.openAgain(ctx, bin, o, sockets, unlock)
		if err != nil {
			unlock()
		}
		return again, err
	}
	return server, nil
}

func (c cluster) openAgain(ctx context.Context, bin Binaries, o Options, sockets string, unlock func()) (*Server, error) {
	if err := c.endOrphan(ctx, o.Log); err != nil {
		return nil, err
	}
	remove, err := c.socketFolderAt(sockets)
	if err != nil {
		return nil, err
	}
	return c.open(ctx, bin, o, sockets, remove, unlock)
}

// launch runs the postmaster and waits until it is ready. Processes of a postmaster that was killed may outlive it for
// a moment and keep its shared memory; PostgreSQL then refuses to start, and launch tries again.
func (c cluster) launch(ctx context.Context, bin Binaries, o Options, sockets string, release func()) (*Server, error) {
	deadline := time.Now().Add(patience)
	for {
		server, err := c.launchOnce(ctx, bin, o, sockets, release)
		if err == nil {
			return server, nil
		}
		if !errors.Is(err, errMemoryInUse) || time.Now().After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// errMemoryInUse marks a start refused because the shared memory of the last postmaster still has users.
var errMemoryInUse = errors.New("processes of the last server are still running")

func (c cluster) launchOnce(ctx context.Context, bin Binaries, o Options, sockets string, release func()) (*Server, error) {
	log, err := c.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close()

	cmd := exec.Command(filepath.Join(bin.Dir, "postgres"), c.arguments(o, sockets)...)
	cmd.Dir, cmd.Env = "/", environment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = c.account.attributes(syscall.SIGINT)

	s := &Server{sockets: sockets, ended: make(chan struct{}), done: make(chan struct{})}
	s.stop = sync.OnceValue(s.shutDown)
	started := make(chan error)
	go s.tend(cmd, started, log.Name())
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}

	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !c.ready(s.process.Pid) {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w", ctx.Err()), s.Stop())
		case <-s.ended:
			return nil, log.explain(s.err)
		}
	}
	s.mu.Lock()
	s.release = release
	s.mu.Unlock()
	select {
	case <-s.ended:
		return nil, log.explain(s.err)
	default:
		return s, nil
	}
}

// tend starts the postmaster and waits for its end. The signal that ends the postmaster after the death of this program
// belongs to the thread that started it, so the thread is kept for as long as the postmaster lives.
func (s *Server) tend(cmd *exec.Cmd, started chan<- error, logName string) {
	runtime.LockOSThread()
	err := cmd.Start()
	s.process = cmd.Process
	started <- err
	if err != nil {
		return
	}
	err = cmd.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.release != nil {
		s.release()
	}
	if !s.stopping {
		if err == nil {
			err = errors.New("exit status 0")
		}
		s.err = fmt.Errorf("PostgreSQL ended by itself (%w); its log is %s", err, logName)
		close(s.done)
	}
	close(s.ended)
}

// DSN returns the lib/pq connection string of a database of this server.
func (s *Server) DSN(database string) string {
	return "host=" + quoteDSN(s.sockets) + " port=" + port + " user=" + superuser +
		" dbname=" + quoteDSN(database) + " sslmode=disable"
}

func quoteDSN(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Done is closed when the postmaster has ended without Stop. Everything the server held has been given back by then, so
// Start may be called again.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err tells why the postmaster ended without Stop; nil while it runs and after Stop.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Restart starts a server that has ended by itself again. Its DSN is the same, so that whoever connects by it need not
// know. It fails as Start does.
func (s *Server) Restart(ctx context.Context) (*Server, error) { return s.restart(ctx) }

// Stop ends the server: open transactions are rolled back, committed data is on disk when it returns. A server that has
// not ended after 10 seconds is told to end at once, which is reported as an error and costs the next start a recovery,
// but no data. Further calls return what the first did.
func (s *Server) Stop() error { return s.stop() }

func (s *Server) shutDown() error {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	if s.endsAfter(syscall.SIGINT) {
		return nil
	}
	if !s.endsAfter(syscall.SIGQUIT) {
		s.endsAfter(syscall.SIGKILL)
	}
	return fmt.Errorf("PostgreSQL did not stop within %v and was ended at once; it recovers when it starts again", patience)
}

func (s *Server) endsAfter(sig os.Signal) bool {
	_ = s.process.Signal(sig) // fails only when the process is gone, which is what is waited for
	select {
	case <-s.ended:
		return true
	case <-time.After(patience):
		return false
	}
}

// arguments are the whole configuration of a run: they win over the files in the cluster.
func (c cluster) arguments(o Options, sockets string) []string {
	settings := []string{
		"listen_addresses=",
		"unix_socket_permissions=0700",
		"ssl=off",
		"max_connections=" + strconv.Itoa(o.MaxConnections),
		"logging_collector=off",
		"log_destination=stderr",
		"log_checkpoints=off",
		// Statements and the values in their errors belong to members, not to a log.
		"log_error_verbosity=terse",
		"log_min_error_statement=panic",
		// Every query is short: compiling one takes longer than it does, and what it
		// reads is in memory or on a disk without a moving head.
		"jit=off",
		"random_page_cost=1.1",
	}
	if runtime.GOOS == "linux" {
		// One call in place of one for each file: after a kill the market is back in seconds, also on a slow disk.
		settings = append(settings, "recovery_init_sync_method=syncfs")
	}
	if o.Throwaway {
		settings = append(settings, "fsync=off", "full_page_writes=off", "synchronous_commit=off")
	} else {
		settings = append(settings, "shared_buffers="+strconv.FormatUint(sharedBuffers(memory())>>20, 10)+"MB")
	}
	// -k takes a list, in which a quoted name may hold anything.
	args := []string{"-D", c.data(), "-k", `"` + strings.ReplaceAll(sockets, `"`, `""`) + `"`, "-p", port}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// sharedBuffers is how much memory PostgreSQL may keep pages in, in bytes, where
// there is so much. The eighth part is half of what its manual begins with, for
// the pictures need room beside it; PostgreSQL takes it as the market grows.
func sharedBuffers(memory uint64) uint64 { return min(max(memory/8, 64<<20), 1<<30) }

// memory is what this program and PostgreSQL may use together, in bytes, or
// what a small machine has where nobody says.
func memory() uint64 {
	limit, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	system, systemErr := memlimit.FromSystem()
	switch {
	case err != nil:
		return 1 << 30
	case systemErr != nil:
		return limit
	}
	return min(limit, system) // a cgroup without a limit names one that no machine has
}

// environment is that of this program without the variables that would change what PostgreSQL does.
func environment() []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") && !strings.HasPrefix(variable, "LC_") && !strings.HasPrefix(variable, "LANG") {
			env = append(env, variable)
		}
	}
	return append(env, "LC_ALL=C")
}

// run runs one of PostgreSQL's programs to its end under the cluster's account and returns what it complained about.
// The program dies with this one.
func (c cluster) run(ctx context.Context, input, program string, args ...string) (complaint string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = "/", environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), io.Discard, &stderr
	cmd.SysProcAttr = c.account.attributes(syscall.SIGKILL)
	err = cmd.Run()
	return strings.TrimSpace(stderr.String()), err
}
