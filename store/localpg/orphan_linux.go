package localpg

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// isPostgresOf tells whether a process is a postmaster of this cluster: by its arguments, or by its working folder,
// which stays right when the folder was moved.
func isPostgresOf(pid int, data string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	if err != nil {
		return false
	}
	args := strings.Split(string(line), "\x00")
	if filepath.Base(args[0]) != "postgres" {
		return false
	}
	if at := slices.Index(args, "-D"); at >= 0 && at+1 < len(args) && args[at+1] == data {
		return true
	}
	works, err := os.Stat(filepath.Join(proc, "cwd"))
	if err != nil {
		return false
	}
	ours, err := os.Stat(data)
	return err == nil && os.SameFile(works, ours)
}
