package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oldestMajor is the oldest PostgreSQL that the store's SQL runs on.
const oldestMajor = 14

// ErrNotInstalled says that the machine has no PostgreSQL to start, and what to do about it.
var ErrNotInstalled = fmt.Errorf(`no PostgreSQL %d or newer on this machine. Install it with one command:
  Debian, Ubuntu   apt-get install postgresql
  Fedora           dnf install postgresql-server
  macOS            brew install postgresql@17
Or set DATABASE_URL to a PostgreSQL that you already have`, oldestMajor)

// Binaries are the programs of one PostgreSQL.
type Binaries struct {
	Dir   string // absolute; holds postgres and initdb
	Major int    // such as 17
}

// Find returns the PostgreSQL to run on a data folder of OpenStudio: the one of the major version that its cluster was
// made by, or the newest when it has no cluster. OPENSTUDIO_PG_BIN, a folder, leaves no other choice. The error is
// ErrNotInstalled when there is none at all.
func Find(dataDir string) (Binaries, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return Binaries{}, fmt.Errorf("find the data folder: %w", err)
	}
	c, err := locate(dir, Options{}.withDefaults().fallback)
	if err != nil {
		return Binaries{}, err
	}
	return find(dir, c)
}

func find(dir string, c cluster) (Binaries, error) {
	found, err := installed(dir)
	if err != nil {
		return Binaries{}, err
	}
	return choose(found, c)
}

// choose picks from programs that are ordered newest first.
func choose(found []Binaries, c cluster) (Binaries, error) {
	if len(found) == 0 {
		return Binaries{}, ErrNotInstalled
	}
	if c.major == 0 {
		return found[0], nil
	}
	var here []string
	for _, bin := range found {
		if bin.Major == c.major {
			return bin, nil
		}
		here = append(here, strconv.Itoa(bin.Major))
	}
	return Binaries{}, fmt.Errorf("%s was made by PostgreSQL %d, and this machine has PostgreSQL %s; nothing was touched. Install PostgreSQL %d, or set DATABASE_URL",
		c.data(), c.major, strings.Join(slices.Compact(here), ", "), c.major)
}

// installed returns every usable PostgreSQL of the machine, newest first and otherwise in the order looked at.
func installed(dir string) ([]Binaries, error) {
	if folder := os.Getenv("OPENSTUDIO_PG_BIN"); folder != "" {
		bin, err := inspect(folder)
		if err != nil {
			return nil, fmt.Errorf("OPENSTUDIO_PG_BIN: %w", err)
		}
		return []Binaries{bin}, nil
	}
	var found []Binaries
	seen := map[string]bool{}
	for _, folder := range folders(dir) {
		folder, err := filepath.EvalSymlinks(folder)
		if err != nil || seen[folder] {
			continue
		}
		seen[folder] = true
		if bin, err := inspect(folder); err == nil {
			found = append(found, bin)
		}
	}
	slices.SortStableFunc(found, func(a, b Binaries) int { return b.Major - a.Major })
	return found, nil
}

// folders are the places where PostgreSQL's programs may be.
func folders(dir string) []string {
	var places []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			places = append(places, filepath.Dir(path))
		}
	}
	if output, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		places = append(places, strings.TrimSpace(string(output)))
	}
	for _, usual := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		matches, _ := filepath.Glob(usual) // fails only for a malformed pattern
		places = append(places, matches...)
	}
	return append(places, fetched(dir)...)
}

// inspect asks the programs of a folder for their version.
func inspect(folder string) (Binaries, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return Binaries{}, err
	}
	if _, err := exec.LookPath(filepath.Join(folder, "initdb")); err != nil {
		return Binaries{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(folder, "postgres"), "--version")
	cmd.WaitDelay = time.Second
	output, err := cmd.Output()
	if err != nil {
		return Binaries{}, fmt.Errorf("ask PostgreSQL in %s for its version: %w", folder, err)
	}
	major, err := parseMajor(string(output))
	if err != nil {
		return Binaries{}, fmt.Errorf("%s: %w", folder, err)
	}
	if major < oldestMajor {
		return Binaries{}, fmt.Errorf("%s holds PostgreSQL %d; it must be %d or newer", folder, major, oldestMajor)
	}
	return Binaries{Dir: folder, Major: major}, nil
}

// parseMajor reads lines such as "postgres (PostgreSQL) 17.10 (Debian 17.10-1)" and "postgres (PostgreSQL) 18beta1".
func parseMajor(line string) (int, error) {
	_, version, _ := strings.Cut(line, "(PostgreSQL) ")
	digits := version
	if end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = version[:end]
	}
	major, err := strconv.Atoi(digits)
	if err != nil {
		return 0, errors.New("no version of PostgreSQL in " + strconv.Quote(strings.TrimSpace(line)))
	}
	return major, nil
}
