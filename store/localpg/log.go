package localpg

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// largestLog is the size in bytes above which a start sets the log aside, so that two such files at most are kept.
	largestLog = 8 << 20
	// tail is how much of the log an error shows, in bytes.
	tail = 2000
)

// serverLog is the file PostgreSQL writes to, and where in it the present run began.
type serverLog struct {
	*os.File
	began int64
}

func (c cluster) openLog() (*serverLog, error) {
	path := filepath.Join(c.dir, "postgres.log")
	info, err := os.Stat(path)
	if err == nil && info.Size() > largestLog {
		err = os.Rename(path, path+".old")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the log of PostgreSQL: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of PostgreSQL: %w", err)
	}
	began, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		err = c.account.own(path)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("open the log of PostgreSQL: %w", err)
	}
	return &serverLog{File: file, began: began}, nil
}

// explain turns the early end of a server into an error that says what the log says.
func (l *serverLog) explain(cause error) error {
	said, err := io.ReadAll(io.NewSectionReader(l, l.began, largestLog))
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w; its log cannot be read: %v", cause, err)
	}
	if strings.Contains(string(said), "pre-existing shared memory block") {
		cause = errMemoryInUse
	}
	return fmt.Errorf("start PostgreSQL: %w\n%s", cause, strings.TrimSpace(string(said[max(0, len(said)-tail):])))
}
