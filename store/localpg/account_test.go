package localpg

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func ownerOf(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Uid
}

// Root lends PostgreSQL another account where the kernel has no user namespaces, and the cluster keeps its owner when
// they come back.
func TestRunsWithoutNamespaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := os.Geteuid() == 0
	if root { // testing's folder, whatever the umask
		for _, folder := range []string{filepath.Dir(dir), dir} {
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	server := begin(t, Options{Dir: dir, Throwaway: true})
	mustExecute(t, server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{noNamespace: true}, {}} {
		o.Dir, o.Throwaway = dir, true
		server := begin(t, o)
		expect(t, server, `SELECT title FROM works`, "Heron at dusk")
		if owner := ownerOf(t, filepath.Join(dir, "postgres", "postmaster.pid")); root && owner == 0 || !root && int(owner) != os.Geteuid() {
			t.Errorf("as root %t, without namespaces %t: PostgreSQL runs as %d", root, o.noNamespace, owner)
		}
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// Below a home that is closed to others, root's cluster goes elsewhere, once and for all.
func TestUnreachableFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root lends PostgreSQL another account")
	}
	home, fallback := t.TempDir(), t.TempDir()
	for folder, mode := range map[string]os.FileMode{home: 0o700, fallback: 0o755, filepath.Dir(fallback): 0o755} {
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(home, "data")
	var told bytes.Buffer
	server := begin(t, Options{
		Dir: dir, Throwaway: true, noNamespace: true, fallback: fallback, Log: slog.New(slog.NewTextHandler(&told, nil)),
	})
	mustExecute(t, server, `CREATE TABLE works (title text); INSERT INTO works VALUES ('Heron at dusk')`)
	moved := filepath.Join(elsewhere(dir, fallback), "postgres")
	if !strings.Contains(told.String(), moved) {
		t.Errorf("the log does not name %s: %s", moved, told.String())
	}
	if ownerOf(t, moved) == 0 {
		t.Error("the cluster belongs to root")
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	again := begin(t, Options{Dir: dir, Throwaway: true, fallback: fallback})
	expect(t, again, `SELECT title FROM works`, "Heron at dusk")
}
