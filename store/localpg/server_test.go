package localpg

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

// appVariable makes the test binary play the program that is killed: it serves the folder that the variable names.
const appVariable = "LOCALPG_TEST_APP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(appVariable); dir != "" {
		playApp(dir)
	}
	os.Exit(m.Run())
}

// playApp commits a row, says so, and waits to be killed.
func playApp(dir string) {
	server, err := Start(context.Background(), Options{Dir: dir})
	if err == nil {
		err = execute(server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("committed")
	select {}
}

func begin(t *testing.T, o Options) *Server {
	t.Helper()
	server, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func execute(s *Server, statements string) error {
	db, err := sql.Open("postgres", s.DSN("openstudio"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statements)
	return err
}

func mustExecute(t *testing.T, s *Server, statements string) {
	t.Helper()
	if err := execute(s, statements); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, s *Server, query string) string {
	t.Helper()
	db, err := sql.Open("postgres", s.DSN("openstudio"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer string
	if err := db.QueryRow(query).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func expect(t *testing.T, s *Server, query, want string) {
	t.Helper()
	if got := ask(t, s, query); got != want {
		t.Errorf("%s: got %q, want %q", query, got, want)
	}
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestPagesAreKeptInAPartOfTheMemory(t *testing.T) {
	t.Parallel()
	const mib, gib = 1 << 20, 1 << 30
	for memory, want := range map[uint64]uint64{0: 64 * mib, 512 * mib: 64 * mib, 2 * gib: 256 * mib, 24 * gib: gib} {
		if got := sharedBuffers(memory); got != want {
			t.Errorf("of %d bytes %d, want %d", memory, got, want)
		}
	}
	if m := memory(); m < 64*mib || m > 1<<50 {
		t.Errorf("this machine has %d bytes", m)
	}
}

func TestStartKeepsDataBetweenRuns(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made by start")
	server := begin(t, Options{Dir: dir, MaxConnections: 17})
	mustExecute(t, server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
	for setting, want := range map[string]string{
		"max_connections": "17", "fsync": "on", "listen_addresses": "", "data_checksums": "on",
		"unix_socket_permissions": "0700", "server_encoding": "UTF8", "jit": "off", "random_page_cost": "1.1",
	} {
		expect(t, server, "SHOW "+setting, want)
	}
	for range 2 {
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-server.Done():
		t.Error("Done is closed after Stop")
	default:
	}
	if err := server.Err(); err != nil {
		t.Errorf("Err after Stop: %v", err)
	}

	server = begin(t, Options{Dir: dir, Throwaway: true})
	expect(t, server, `SELECT title FROM works`, "Heron at dusk")
	for setting, want := range map[string]string{
		"max_connections": "60", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
	} {
		expect(t, server, "SHOW "+setting, want)
	}
}

func TestSecondStartOnOneFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := begin(t, Options{Dir: dir, Throwaway: true})
	_, err := Start(t.Context(), Options{Dir: dir})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second start: got %v, want ErrInUse with the folder", err)
	}
	expect(t, server, `SELECT 'still here'`, "still here")
}

func TestWordsBeyondASCII(t *testing.T) {
	t.Parallel()
	server := begin(t, Options{Dir: t.TempDir(), Throwaway: true})
	expect(t, server, `SELECT lower('ÉCOLE ŁÓDŹ')`, "école łódź")
	expect(t, server, `SELECT ('É' ILIKE 'é')::text`, "true")
	expect(t, server, `SELECT string_agg(title, ' ' ORDER BY title)
		FROM unnest(ARRAY['zebra', 'Zeppelin', 'école', 'Ecole', 'apple', 'Éclair', 'echo']) title`,
		"apple echo Éclair Ecole école zebra Zeppelin")
}

func TestPostmasterKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := begin(t, Options{Dir: dir})
	mustExecute(t, server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
	if err := server.Err(); err != nil {
		t.Fatalf("Err while it runs: %v", err)
	}
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("Done stays open after the postmaster was killed")
	}
	if err := server.Err(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Err: got %v, want the signal", err)
	}
	if err := server.Stop(); err != nil {
		t.Errorf("Stop of a dead server: %v", err)
	}
	expect(t, begin(t, Options{Dir: dir}), `SELECT title FROM works`, "Heron at dusk")
}

// killedApp returns the folder and the postmaster of a program that committed a row and was killed.
func killedApp(t *testing.T) (dir string, pid int) {
	t.Helper()
	dir = t.TempDir()
	app := exec.Command(os.Args[0])
	app.Env = append(os.Environ(), appVariable+"="+dir)
	output, err := app.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("committed"))
	if _, err := io.ReadFull(output, said); err != nil || string(said) != "committed" {
		rest, _ := io.ReadAll(output)
		t.Fatalf("the program did not commit: %s%s (%v)", said, rest, err)
	}
	pid = postmaster(t, dir)
	if err := app.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = app.Wait() // reports the kill
	return dir, pid
}

func TestAppKilled(t *testing.T) {
	t.Parallel()
	dir, pid := killedApp(t)
	server := begin(t, Options{Dir: dir})
	expect(t, server, `SELECT title FROM works`, "Heron at dusk")
	if now := postmaster(t, dir); now == pid || isPostgresOf(pid, filepath.Join(dir, "postgres")) {
		t.Errorf("the first postmaster (%d) still runs; the second is %d", pid, now)
	}
}

// A server that outlives its program, as all do on macOS, is ended by the next start.
func TestOrphanIsEnded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := begin(t, Options{Dir: dir})
	mustExecute(t, server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	pid := orphan(t, dir)
	var told bytes.Buffer
	server = begin(t, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&told, nil))})
	expect(t, server, `SELECT title FROM works`, "Heron at dusk")
	if !strings.Contains(told.String(), "pid="+strconv.Itoa(pid)) {
		t.Errorf("the log does not name process %d: %s", pid, told.String())
	}
	if isPostgresOf(pid, filepath.Join(dir, "postgres")) {
		t.Errorf("process %d still runs", pid)
	}
}

// orphan runs a postmaster that no Server knows of.
func orphan(t *testing.T, dir string) (pid int) {
	t.Helper()
	o := Options{Dir: dir}.withDefaults()
	c, err := locate(dir, o.fallback)
	if err != nil {
		t.Fatal(err)
	}
	bin, err := find(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.settle(bin, o); err != nil {
		t.Fatal(err)
	}
	sockets, _, err := c.socketFolder()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(bin.Dir, "postgres"), c.arguments(o, sockets)...)
	cmd.Env, cmd.SysProcAttr = environment(), c.account.attributes(0)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }) // long gone unless the test failed
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	limit := time.After(20 * time.Second)
	for !c.ready(cmd.Process.Pid) {
		select {
		case <-poll.C:
		case <-limit:
			t.Fatal("the orphan does not start")
		}
	}
	return cmd.Process.Pid
}

// The number of a dead postmaster may belong to any other program by the next start.
func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := begin(t, Options{Dir: dir, Throwaway: true}).Stop(); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	file := filepath.Join(dir, "postgres", "postmaster.pid")
	for name, content := range map[string]string{
		"of a stranger": fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n", stranger.Process.Pid, filepath.Join(dir, "postgres"), filepath.Join(dir, "run")),
		"damaged":       "",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		server, err := Start(t.Context(), Options{Dir: dir, Throwaway: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := server.Stop(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the stranger was ended: %v", err)
	}
}

func TestAwkwardFolders(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{
		"quotes": `it's "a" back\slash, no`,
		"long":   strings.Repeat("a long name ", 15) + "end",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), folder)
			server := begin(t, Options{Dir: dir, Throwaway: true})
			expect(t, server, `SELECT current_database()`, "openstudio")
			short, err := os.Readlink(filepath.Join(dir, "run"))
			if err != nil {
				t.Fatal("the socket folder is no link to a short one")
			}
			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Lstat(short); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s was left behind", short)
			}
		})
	}
	t.Run("short", func(t *testing.T) {
		t.Parallel()
		parent, err := os.MkdirTemp("", "o")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(parent)
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(parent, `it's "a" b\c`)
		server := begin(t, Options{Dir: dir, Throwaway: true})
		if !strings.HasPrefix(server.DSN("x"), `host='`+parent+`/it\'s "a" b\\c/run' `) {
			t.Errorf("DSN: %s", server.DSN("x"))
		}
		expect(t, server, `SELECT current_database()`, "openstudio")
		if info, err := os.Stat(filepath.Join(dir, "run")); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the socket folder: %v, %v", info, err)
		}
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestStartIsCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "postgres*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestEarlyEndShowsTheLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := begin(t, Options{Dir: dir, Throwaway: true}).Stop(); err != nil {
		t.Fatal(err)
	}
	config, err := os.OpenFile(filepath.Join(dir, "postgres", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.WriteString("no_such_setting = 1\n"); err != nil {
		t.Fatal(err)
	}
	config.Close()
	log := filepath.Join(dir, "postgres.log")
	if err := os.Truncate(log, largestLog+1); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v, want the line of the log", err)
	}
	if info, err := os.Stat(log); err != nil || info.Size() > largestLog {
		t.Errorf("the log still grows: %v", err)
	}
	if _, err := os.Stat(log + ".old"); err != nil {
		t.Errorf("the old log is not set aside: %v", err)
	}
}
