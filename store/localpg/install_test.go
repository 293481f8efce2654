package localpg

import (
	"os"
	"path/filepath"
	"testing"
)

func TestIsDebian(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]bool{
		"NAME=\"Debian GNU/Linux\"\nID=debian\n":    true,
		"ID=ubuntu\nID_LIKE=debian\n":               true,
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n": true,
		"ID=fedora\n": false,
		"ID=\"rhel\"\nID_LIKE=\"fedora\"\nNAME=\"debian\"\n": false,
		"": false,
	} {
		if got := isDebian(release); got != want {
			t.Errorf("%q: got %t", release, got)
		}
	}
}

func TestWithoutMainCluster(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"":                                   "create_main_cluster = false\n",
		"ssl = on":                           "ssl = on\ncreate_main_cluster = false\n",
		"#create_main_cluster = true\na=b\n": "#create_main_cluster = true\na=b\ncreate_main_cluster = false\n",
		"create_main_cluster=true\na=b\ncreate_main_cluster = true\n": "create_main_cluster = false\na=b\n",
		"# ours\ncreate_main_cluster = false\n":                       "# ours\ncreate_main_cluster = false\n",
	} {
		if got := withoutMainCluster(config); got != want {
			t.Errorf("%q: got %q, want %q", config, got, want)
		}
	}
}

func TestLinkLibraries(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "native", "lib", "libpq.so.5.17"), "library")
	write(t, filepath.Join(folder, "native", "pg-symlinks.json"), `[
		{"source": "native/lib/libpq.so.5.17", "target": "native/lib/libpq.so"},
		{"source": "native/lib/libpq.so.5.17", "target": "native/lib/libpq.so.5"}]`)
	for range 2 {
		if err := linkLibraries(folder); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"libpq.so", "libpq.so.5"} {
		if got, err := os.ReadFile(filepath.Join(folder, "native", "lib", name)); err != nil || string(got) != "library" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	write(t, filepath.Join(folder, "native", "pg-symlinks.json"), `[{"source": "native/lib/a", "target": "../../b"}]`)
	if err := linkLibraries(folder); err == nil {
		t.Error("a link outside the package was made")
	}
}
