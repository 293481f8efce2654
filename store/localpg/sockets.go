package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// longestSocket is the longest path of a unix socket that macOS takes, in bytes; Linux takes four more.
const longestSocket = 103

func fitsSocket(folder string) bool {
	// lib/pq reads a comma as the end of one host and the start of the next.
	return len(folder)+len("/.s.PGSQL."+port) <= longestSocket && !strings.Contains(folder, ",")
}

// socketFolder makes the folder of the socket anew, open to its owner alone, and returns what removes it after use.
// Where run itself cannot hold a socket it becomes a link to a short temporary folder, by which a later start finds and
// removes one that a killed program left.
func (c cluster) socketFolder() (folder string, remove func(), err error) {
	run := filepath.Join(c.dir, "run")
	if old, err := filepath.EvalSymlinks(run); err == nil {
		removeSockets(old)
	}
	if err := os.Remove(run); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("make the socket folder: %w", err)
	}
	folder, remove = run, func() { removeSockets(run) }
	if fitsSocket(run) {
		err = os.Mkdir(run, 0o700)
	} else if folder, err = shortFolder(); err == nil {
		remove = func() { removeSockets(folder); _ = os.Remove(run) }
		err = os.Symlink(folder, run)
	}
	if err != nil {
		return "", nil, fmt.Errorf("make the socket folder: %w", err)
	}
	return folder, remove, c.account.own(folder)
}

// socketFolderAt makes a folder of the socket again where it was.
func (c cluster) socketFolderAt(folder string) (remove func(), err error) {
	run := filepath.Join(c.dir, "run")
	removeSockets(folder)
	remove = func() { removeSockets(folder) }
	if err = os.Mkdir(folder, 0o700); err == nil && folder != run {
		remove = func() { removeSockets(folder); _ = os.Remove(run) }
		if err = os.Remove(run); err == nil || errors.Is(err, fs.ErrNotExist) {
			err = os.Symlink(folder, run)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make the socket folder: %w", err)
	}
	return remove, c.account.own(folder)
}

func shortFolder() (string, error) {
	const name = "openstudio-"
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		if fitsSocket(filepath.Join(parent, name+"0000000000")) {
			return os.MkdirTemp(parent, name)
		}
	}
	return "", errors.New("every temporary folder has a path too long for a socket")
}

// removeSockets removes a socket folder, unless it holds something that PostgreSQL did not put there.
func removeSockets(folder string) {
	socket := filepath.Join(folder, ".s.PGSQL."+port)
	for _, path := range []string{socket, socket + ".lock", folder} {
		_ = os.Remove(path) // a leftover does no harm
	}
}
