package localpg

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrInUse is returned, with the name of the folder, when another program already runs on a data folder.
var ErrInUse = errors.New("another openstudio is running on this data folder")

// lock takes the data folder for this process. The kernel gives it back however the process ends.
func lock(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%w: %s", ErrInUse, dir)
	} else if err != nil {
		err = fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return func() {
		// A program that is being started has a copy of every open file for a moment,
		// which would keep the lock after the file is closed here.
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
		file.Close()
	}, nil
}

// cluster is the place of one PostgreSQL cluster and the account that runs it.
type cluster struct {
	dir     string // absolute; holds postgres, run and postgres.log
	major   int    // 0 while there is no cluster
	account account
}

func (c cluster) data() string { return filepath.Join(c.dir, "postgres") }

// locate finds the cluster of a data folder, there or where an earlier start as root had to put it.
func locate(dir, fallback string) (cluster, error) {
	for _, at := range []string{dir, elsewhere(dir, fallback)} {
		c := cluster{dir: at}
		version, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) && at != dir {
			continue
		}
		if err != nil {
			return cluster{}, fmt.Errorf("read the version of the cluster: %w", err)
		}
		if c.major, err = strconv.Atoi(strings.TrimSpace(string(version))); err != nil {
			return cluster{}, fmt.Errorf("%s does not hold a version of PostgreSQL: %q", filepath.Join(c.data(), "PG_VERSION"), version)
		}
		return c, nil
	}
	c := cluster{dir: dir}
	return c, c.vacant()
}

// vacant makes sure that a new cluster replaces nothing.
func (c cluster) vacant() error {
	entries, err := os.ReadDir(c.data())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a cluster: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s holds files but no PostgreSQL cluster; move it away", c.data())
	}
	return nil
}

// elsewhere is the place of a data folder's cluster when PostgreSQL's account cannot reach the folder itself.
func elsewhere(dir, fallback string) string {
	sum := fnv.New32a()
	sum.Write([]byte(dir))
	return filepath.Join(fallback, fmt.Sprintf("%s-%08x", filepath.Base(dir), sum.Sum32()))
}

// unfinished begins the name of the folder in which a new cluster is made. No server ever runs on it.
const unfinished = "postgres.new-"

// create makes the cluster and its database beside their place and moves them there when they are complete, so that a
// start that is killed halfway leaves nothing that looks like a cluster.
func (c cluster) create(ctx context.Context, bin Binaries, throwaway bool) error {
	if err := c.removeUnfinished(); err != nil {
		return err
	}
	made, err := os.MkdirTemp(c.dir, unfinished)
	if err != nil {
		return fmt.Errorf("make a cluster: %w", err)
	}
	defer os.RemoveAll(made)
	if err := c.account.own(made); err != nil {
		return err
	}
	if err := c.initdb(ctx, bin, made); err != nil {
		return err
	}
	complaint, err := c.run(ctx, "CREATE DATABASE "+superuser+"\n", filepath.Join(bin.Dir, "postgres"),
		"--single", "-F", "-D", made, "-c", "exit_on_error=on", "-c", "log_checkpoints=off", "template1")
	if err != nil {
		return fmt.Errorf("make the database: %w\n%s", err, complaint)
	}
	if !throwaway {
		if complaint, err := c.run(ctx, "", filepath.Join(bin.Dir, "initdb"), "--sync-only", "-D", made); err != nil {
			return fmt.Errorf("write the cluster to disk: %w\n%s", err, complaint)
		}
	}
	if err := os.Remove(c.data()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("make room for the cluster: %w", err)
	}
	if err := os.Rename(made, c.data()); err != nil {
		return fmt.Errorf("keep the new cluster: %w", err)
	}
	return syncFolder(c.dir)
}

func (c cluster) removeUnfinished() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("look for unfinished clusters: %w", err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			if err := os.RemoveAll(filepath.Join(c.dir, entry.Name())); err != nil {
				return fmt.Errorf("remove an unfinished cluster: %w", err)
			}
		}
	}
	return nil
}

// initdb fills an empty folder, in the first of the locales that this PostgreSQL knows.
func (c cluster) initdb(ctx context.Context, bin Binaries, folder string) error {
	var failures []error
	for _, locale := range locales(bin.Major) {
		args := append([]string{"-D", folder, "-U", superuser, "-A", "trust", "-E", "UTF8", "-k",
			"--no-sync", "--no-instructions"}, locale...)
		complaint, err := c.run(ctx, "", filepath.Join(bin.Dir, "initdb"), args...)
		if err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("initdb %s: %w\n%s", strings.Join(locale, " "), err, complaint))
		if !strings.Contains(complaint, "locale") && !strings.Contains(complaint, "ICU") {
			break
		}
	}
	return fmt.Errorf("make a cluster: %w", errors.Join(failures...))
}

// locales are the ways to get case and order right beyond ASCII, best first. ICU sorts as people expect, but what is a
// letter is still asked of the C library in places (pg_trgm), so a UTF-8 locale goes with it where there is one.
func locales(major int) [][]string {
	var choices [][]string
	if major >= 15 {
		choices = append(choices,
			[]string{"--locale-provider=icu", "--icu-locale=en-GB", "--locale=C.UTF-8"},
			[]string{"--locale-provider=icu", "--icu-locale=en-GB", "--locale=C"})
	}
	choices = append(choices, []string{"--locale=C.UTF-8"})
	if major >= 17 {
		choices = append(choices, []string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"})
	}
	return choices
}

func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the data folder to disk: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("write the data folder to disk: %w", err)
	}
	return nil
}
