package localpg

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRestartAfterAKill kills a server twice and starts it again, in a folder that
// holds the socket and in one whose path is too long for it.
func TestRestartAfterAKill(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"short": t.TempDir(), "long": filepath.Join(t.TempDir(), strings.Repeat("deep", 30))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := begin(t, Options{Dir: dir})
			dsn := server.DSN("openstudio")
			mustExecute(t, server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
			for range 2 {
				if err := syscall.Kill(server.process.Pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				select {
				case <-server.Done():
				case <-time.After(time.Minute):
					t.Fatal("it does not end")
				}
				again, err := server.Restart(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { again.Stop() })
				if server = again; server.DSN("openstudio") != dsn {
					t.Errorf("it is at %s now, not at %s", server.DSN("openstudio"), dsn)
				}
				expect(t, server, `SELECT title FROM works`, "Heron at dusk")
			}
		})
	}
}
