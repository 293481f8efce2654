package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is the postmaster's own account of itself: its number on the first line, how far it has come on the eighth.
func (c cluster) pidFile() string { return filepath.Join(c.data(), "postmaster.pid") }

// ready tells whether the postmaster with this number takes connections.
func (c cluster) ready(pid int) bool {
	content, err := os.ReadFile(c.pidFile())
	if err != nil {
		return false
	}
	lines := strings.Split(string(content), "\n")
	return len(lines) >= 8 && lines[0] == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}

// endOrphan ends the server that a killed program left on the cluster. The caller holds the lock of the data folder, so
// no living program needs that server.
func (c cluster) endOrphan(ctx context.Context, log *slog.Logger) error {
	content, err := os.ReadFile(c.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a server left behind: %w", err)
	}
	first, rest, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	switch {
	case err != nil || pid <= 0:
		return c.disown("")
	case !alive(pid):
		return nil
	case !isPostgresOf(pid, c.data()):
		return c.disown(rest)
	}
	log.Info("ending the PostgreSQL that an earlier run left behind", "pid", pid, "data", c.data())
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end the PostgreSQL left behind (process %d): %w", pid, err)
		}
		gone, err := c.waitUntilGone(ctx, pid)
		if err != nil {
			return err
		}
		if gone {
			return c.endOrphan(ctx, log) // its number is still taken while nobody has buried it
		}
	}
	return fmt.Errorf("the PostgreSQL left behind on %s (process %d) does not end", c.data(), pid)
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func (c cluster) waitUntilGone(ctx context.Context, pid int) (gone bool, err error) {
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	limit := time.After(patience)
	for alive(pid) && isPostgresOf(pid, c.data()) {
		select {
		case <-poll.C:
		case <-limit:
			return false, nil
		case <-ctx.Done():
			return false, fmt.Errorf("wait for the PostgreSQL left behind: %w", ctx.Err())
		}
	}
	return true, nil
}

// disown is for a file left by a postmaster that is gone, when PostgreSQL would take it for a living one because it is
// damaged or its number belongs to another program by now. Our own number PostgreSQL passes over, and the rest of the
// file still lets it check for processes that the postmaster left.
func (c cluster) disown(rest string) error {
	content := strconv.Itoa(os.Getpid()) + "\n" + rest
	if err := os.WriteFile(c.pidFile(), []byte(content), 0o600); err != nil {
		return fmt.Errorf("correct a stale pid file: %w", err)
	}
	return nil
}
