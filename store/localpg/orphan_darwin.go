package localpg

import (
	"os/exec"
	"strconv"
	"strings"
)

// isPostgresOf tells whether a process is a postmaster that this package started on this cluster, by its arguments.
func isPostgresOf(pid int, data string) bool {
	command, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(command), "/postgres -D "+data+" -k ")
}
