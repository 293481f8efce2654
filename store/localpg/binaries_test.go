package localpg

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestFind(t *testing.T) {
	t.Parallel()
	bin, err := Find(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if bin.Major < oldestMajor || !filepath.IsAbs(bin.Dir) {
		t.Errorf("found %+v", bin)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "postgres", "PG_VERSION"), itoa(bin.Major)+"\n")
	if again, err := Find(dir); err != nil || again != bin {
		t.Errorf("for a cluster of %d: %+v, %v", bin.Major, again, err)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	found := []Binaries{{"/new", 18}, {"/mid", 17}, {"/mid2", 17}, {"/old", 15}}
	for major, want := range map[int]string{0: "/new", 18: "/new", 17: "/mid", 15: "/old"} {
		if bin, err := choose(found, cluster{major: major}); err != nil || bin.Dir != want {
			t.Errorf("for %d: %+v, %v; want %s", major, bin, err, want)
		}
	}
	_, err := choose(found, cluster{dir: "/srv/market", major: 16})
	if err == nil || !strings.Contains(err.Error(), "/srv/market/postgres was made by PostgreSQL 16") || !strings.Contains(err.Error(), "18, 17, 15") {
		t.Errorf("for 16: %v", err)
	}
}

func TestNotInstalledNamesTheCommands(t *testing.T) {
	t.Parallel()
	_, err := choose(nil, cluster{major: 15})
	if !errors.Is(err, ErrNotInstalled) {
		t.Fatal(err)
	}
	for _, words := range []string{
		"apt-get install postgresql", "dnf install postgresql-server", "brew install postgresql@17", "DATABASE_URL",
	} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is missing from: %v", words, err)
		}
	}
}

func TestChosenFolder(t *testing.T) {
	bin, err := Find(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("OPENSTUDIO_PG_BIN", bin.Dir)
	if got, err := Find(t.TempDir()); err != nil || got != bin {
		t.Errorf("got %+v, %v; want %+v", got, err, bin)
	}
	empty := t.TempDir()
	t.Setenv("OPENSTUDIO_PG_BIN", empty)
	if _, err := Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), empty) {
		t.Errorf("got %v, want an error that names %s", err, empty)
	}
}

func TestParseMajor(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": 15,
		"postgres (PostgreSQL) 17.10\n":                          17,
		"postgres (PostgreSQL) 18beta1\n":                        18,
		"postgres (PostgreSQL) 19devel\n":                        19,
		"postgres (PostgreSQL) 9.6.24\n":                         9,
	} {
		if got, err := parseMajor(line); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", line, got, err, want)
		}
	}
	for _, line := range []string{"", "postgres\n", "postgres (PostgreSQL) next\n"} {
		if got, err := parseMajor(line); err == nil {
			t.Errorf("%q: got %d, want an error", line, got)
		}
	}
}
