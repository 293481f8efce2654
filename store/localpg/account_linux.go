package localpg

import "syscall"

// confine ties a child to the life of the thread that starts it and, for root, puts it into a user namespace. Root is
// an ordinary user there, with no power over the rest of the machine.
func (a account) confine(attr *syscall.SysProcAttr, atOurDeath syscall.Signal) {
	attr.Pdeathsig = atOurDeath
	if a.namespace {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: 0, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: 0, Size: 1}}
	}
}
