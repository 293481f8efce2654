package localpg

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who runs PostgreSQL's programs, which refuse to run as root. The zero account is that of this process.
type account struct {
	name      string // of another account; empty for our own
	uid, gid  uint32
	namespace bool // root, seen as an ordinary user from inside a user namespace
}

// attributes are those of a child process: its own process group, so that Ctrl-C reaches this program alone, and the
// signal it gets when this program dies, where the system can do that.
func (a account) attributes(atOurDeath syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.name != "" {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	a.confine(attr, atOurDeath)
	return attr
}

// own gives a file to the account.
func (a account) own(path string) error {
	if a.name == "" {
		return nil
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give a file to the account %s: %w", a.name, err)
	}
	return nil
}

// ownAll gives a folder and all that is in it to the account.
func (a account) ownAll(folder string) error {
	if a.name == "" {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return a.own(path)
	})
}

// try runs a program as the account, in a folder: it fails when the system does not allow the account to be used, or
// when the account cannot reach one of the two.
func (a account) try(program, folder string) error {
	cmd := exec.Command(program, "--version")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = folder, environment(), a.attributes(syscall.SIGKILL)
	return cmd.Run()
}

// settle decides who runs the cluster and, as root with no cluster yet, where it goes. A cluster that has an owner
// keeps it.
func (c cluster) settle(bin Binaries, o Options) (cluster, error) {
	if os.Geteuid() != 0 {
		return c, nil
	}
	choices := accountsForRoot(o.noNamespace)
	owned := false
	if c.major != 0 {
		info, err := os.Stat(c.data())
		if err != nil {
			return c, fmt.Errorf("find the owner of the cluster: %w", err)
		}
		owner := info.Sys().(*syscall.Stat_t)
		if owned = owner.Uid != 0; owned {
			choices = []account{{name: accountName(owner.Uid), uid: owner.Uid, gid: owner.Gid}}
		}
	}
	postgres := filepath.Join(bin.Dir, "postgres")
	for _, c.account = range choices {
		if c.account.try(postgres, c.dir) != nil {
			continue
		}
		if c.major == 0 || owned {
			return c, nil
		}
		return c, c.account.ownAll(c.data())
	}
	if c.major == 0 {
		return c.moveOut(choices, postgres, o)
	}
	return c, unreachable(bin.Dir, c.data())
}

func unreachable(programs, folder string) error {
	return fmt.Errorf("PostgreSQL does not run as root, and no account that may run it can reach both %s and %s", programs, folder)
}

// moveOut puts the cluster to be made where an unprivileged account can reach it.
func (c cluster) moveOut(choices []account, postgres string, o Options) (cluster, error) {
	c.dir = elsewhere(o.Dir, o.fallback)
	if err := os.MkdirAll(o.fallback, 0o755); err != nil {
		return c, fmt.Errorf("make a folder for the cluster: %w", err)
	}
	if err := os.Mkdir(c.dir, 0o700); err != nil && !os.IsExist(err) {
		return c, fmt.Errorf("make a folder for the cluster: %w", err)
	}
	for _, c.account = range choices {
		if err := c.account.own(c.dir); err != nil {
			return c, err
		}
		if c.account.try(postgres, c.dir) == nil {
			o.Log.Warn("PostgreSQL may not run as root, and its account cannot reach the data folder; the database is kept elsewhere",
				"account", c.account.name, "data", o.Dir, "database", c.data())
			return c, c.vacant()
		}
	}
	return c, unreachable(filepath.Dir(postgres), c.dir)
}

// accountsForRoot are the accounts root may lend to PostgreSQL, best first. A user namespace needs no other account and
// reaches the data wherever root keeps it.
func accountsForRoot(noNamespace bool) []account {
	var choices []account
	if !noNamespace {
		choices = append(choices, account{namespace: true})
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			choices = append(choices, account{name: name, uid: uint32(uid), gid: uint32(gid)})
		}
	}
	return choices
}

func accountName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if found, err := user.LookupId(id); err == nil {
		return found.Username
	}
	return "number " + id
}
