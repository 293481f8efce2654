package localpg

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// expectOnly checks that a folder holds one file and what is in it.
func expectOnly(t *testing.T, folder, name, content string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Fatalf("%s holds %v (%v), want %s alone", folder, entries, err, name)
	}
	if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(got) != content {
		t.Errorf("%s: %q (%v), want %q", name, got, err, content)
	}
}

func TestForeignMajorVersionIsNotTouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "postgres")
	write(t, filepath.Join(data, "PG_VERSION"), "12\n")
	_, err := Start(t.Context(), Options{Dir: dir})
	if err == nil {
		t.Fatal("started on a cluster of PostgreSQL 12")
	}
	here, findErr := Find(t.TempDir())
	if findErr != nil {
		t.Fatal(findErr)
	}
	for _, word := range []string{data, "PostgreSQL 12", "PostgreSQL", itoa(here.Major)} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %q", err, word)
		}
	}
	expectOnly(t, data, "PG_VERSION", "12\n")
}

func TestStrangeFolderIsNotTouched(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"PG_VERSION": "", "letter.txt": "Dear Ada"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "postgres", name), content)
		if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %v, want an error that names the folder", name, err)
		}
		expectOnly(t, filepath.Join(dir, "postgres"), name, content)
	}
}

// A start that was killed leaves a folder that looks like a cluster and is none.
func TestUnfinishedClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	half := filepath.Join(dir, unfinished+"123")
	write(t, filepath.Join(half, "PG_VERSION"), "15\n")
	if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o700); err != nil {
		t.Fatal(err)
	}
	server := begin(t, Options{Dir: dir, Throwaway: true})
	expect(t, server, `SELECT current_database()`, "openstudio")
	if left, err := filepath.Glob(filepath.Join(dir, unfinished+"*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestTheLockIsGivenBackAtOnce: also while a program that is being started has a
// copy of every open file, as it has for a moment.
func TestTheLockIsGivenBackAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	copies := 0
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Skip("this system does not list what is open")
	}
	ours, err := os.Stat(filepath.Join(dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range open {
		if info, err := os.Stat("/dev/fd/" + entry.Name()); err == nil && os.SameFile(info, ours) {
			number, err := strconv.Atoi(entry.Name())
			if err != nil {
				t.Fatal(err)
			}
			other, err := syscall.Dup(number)
			if err != nil {
				t.Fatal(err)
			}
			defer syscall.Close(other)
			copies++
		}
	}
	if copies == 0 {
		t.Fatal("the lock was not found among what is open")
	}
	unlock()
	again, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
