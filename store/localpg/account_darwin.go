package localpg

import "syscall"

// confine has nothing to do on macOS, which knows neither user namespaces nor a signal at the death of the parent: a
// server that outlives this program is ended by the next start, and root's own identity is refused by PostgreSQL, so
// that the next account is tried.
func (a account) confine(*syscall.SysProcAttr, syscall.Signal) {}
