package imagehost

import (
	"os"
	"testing"
)

// eachWay runs a test in both ways in which pictures are made: "go" has no other
// program, "vips" has vipsthumbnail for pictures of any size. That they come out
// alike is TestWaysAgree.
func eachWay(t *testing.T, test func(t *testing.T, p *Preparer)) {
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		test(t, NewPreparer(2, ""))
	})
	t.Run("vips", func(t *testing.T) {
		t.Parallel()
		test(t, &Preparer{turns: make(chan struct{}, 2), vips: installedVips(t)})
	})
}

// installedVips has vipsthumbnail do pictures of any size. A test that wants it is
// skipped where it is not installed, but fails in CI.
func installedVips(t testing.TB) *vips {
	t.Helper()
	program := FindVips()
	if program == "" {
		const missing = "*** NO VIPSTHUMBNAIL: its way of making pictures is not tested. Install libvips-tools. ***"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return &vips{program: program, longest: vipsLongest}
}
