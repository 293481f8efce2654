package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openstudio/store/storetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(instanceData) != "" {
		os.Exit(beInstance())
	}
	os.Exit(storetest.Main(m))
}

// quiet is a program that says nothing, on a data folder of its own.
func quiet(t *testing.T) *program {
	t.Helper()
	return &program{Config: Config{Port: "0", DataDir: t.TempDir()}, log: slog.New(slog.DiscardHandler), out: io.Discard, err: io.Discard}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		args   []string
		env    func(string) string
		status int
		words  string
	}{
		{"a bad environment", nil, environ("PORT", "eighty", "LOG_LEVEL", "loud"), 1, "LOG_LEVEL"},
		{"an unknown verb", []string{"dance"}, environ(), 2, "openstudio migrate"},
		{"too many verbs", []string{"serve", "migrate"}, environ(), 2, "openstudio migrate"},
		{"an unknown flag", []string{"-loud"}, environ(), 2, "-install-postgres"},
		{"help", []string{"-h"}, environ(), 0, "openstudio demo"},
		{"the demo in PROD", []string{"demo"}, prod(), 1, "not for PROD"},
		{"nobody is there", []string{"healthcheck"}, environ("PORT", unusedPort(t)), 1, "refused"},
	} {
		var out, errs bytes.Buffer
		status := run(context.Background(), test.args, test.env, &out, &errs)
		if status != test.status || !strings.Contains(errs.String(), test.words) {
			t.Errorf("%s: status %d, said %q", test.name, status, errs.String())
		}
		if strings.Contains(errs.String(), goodSecret) || strings.Contains(errs.String(), "hunter2") {
			t.Errorf("%s: a secret is in %q", test.name, errs.String())
		}
	}
}

func TestVersionNeedsNoEnvironment(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if status := run(context.Background(), []string{"version"}, environ("PORT", "eighty"), &out, io.Discard); status != 0 || !strings.HasPrefix(out.String(), "openstudio ") {
		t.Errorf("status %d, said %q", status, out.String())
	}
}

// lastPort counts the ports that were given out.
var lastPort atomic.Int32

// unusedPort is a port for an instance, and stays free while that is dead: it lies
// below those that systems give to whoever asks for any, or calls somebody.
func unusedPort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(20_000 + (101*os.Getpid()+int(lastPort.Add(1)))%12_000)
		if ls, _, err := listen(t.Context(), false, port); err == nil {
			closeAll(ls)
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

func TestATakenPortIsSaidInWords(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, _, err := listen(context.Background(), false, port); err == nil || !strings.Contains(err.Error(), "port "+port+" is taken") {
		t.Errorf("got %v", err)
	}
}

func TestDevListensOnThisMachineAlone(t *testing.T) {
	t.Parallel()
	ls, port, err := listen(context.Background(), false, "0")
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(ls)
	for _, l := range ls {
		addr := l.Addr().(*net.TCPAddr)
		if !addr.IP.IsLoopback() {
			t.Errorf("listens on %v", addr)
		}
		if _, p, _ := net.SplitHostPort(addr.String()); p != port {
			t.Errorf("listens on %v, not on port %s", addr, port)
		}
	}
}

func TestTheSecretIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	got := make([]string, 8)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			secret, err := keptSecret(path)
			if err != nil {
				t.Error(err)
			}
			got[i] = string(secret)
		})
	}
	all.Wait()
	for _, s := range got {
		if len(s) < 32 || s != got[0] {
			t.Errorf("secrets %q and %q", got[0], s)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keptSecret(path); err == nil {
		t.Error("a damaged secret was taken")
	}
}

// watched is what a program says, to be waited for.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() {
		select {
		case w.more <- struct{}{}:
		default:
		}
	}()
	return w.text.Write(b)
}

func (w *watched) until(t *testing.T, pattern string) []string {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		w.mu.Lock()
		found := regexp.MustCompile(pattern).FindStringSubmatch(w.text.String())
		w.mu.Unlock()
		if found != nil {
			return found
		}
		select {
		case <-w.more:
		case <-limit:
			t.Fatalf("never said %q: %s", pattern, w.text.String())
		}
	}
}

// TestOpenAndClose opens a market on a database of its own, sees it ready by
// its own healthcheck, and closes it while a page listens.
func TestOpenAndClose(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	p := quiet(t)
	out := &watched{more: make(chan struct{}, 1)}
	p.out, p.DatabaseURL = out, m.DSN
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- p.serve(ctx, false) }()
	said := out.until(t, `open at (http://localhost:(\d+))`)
	if err := healthcheck(context.Background(), said[2]); err != nil {
		t.Error(err)
	}
	answer, err := http.Get(said[1] + "/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the first page: %s", answer.Status)
	}
	if strings.Contains(out.text.String(), demoPassword) {
		t.Error("a market with its own artists was told the demo’s sign-ins")
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("closed with %v", err)
		}
	case <-time.After(drain + 5*time.Second):
		t.Fatal("it does not close")
	}
	if _, err := http.Get(said[1] + "/healthz"); err == nil {
		t.Error("it answers still")
	}
}
