package imagehost

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/disintegration/imaging"
)

// vips makes pictures with vipsthumbnail, the program of libvips. It runs as a
// process of its own, with bounds: a crafted file that breaks it breaks nothing
// else.
type vips struct {
	program string
	least   int // pixels of the pictures that are worth a process
}

const (
	// vipsLeast is where a process pays off: below, starting it takes longer than
	// the work.
	vipsLeast = 2_000_000
	// vipsTime is the longest that one run may take.
	vipsTime = time.Minute
	// vipsMemory bounds the address space of one run, in KiB.
	vipsMemory = 1_500_000
)

// FindVips returns where the program vipsthumbnail is, "" when it is not
// installed.
func FindVips() string {
	program, err := exec.LookPath("vipsthumbnail")
	if err != nil {
		return ""
	}
	return program
}

// fitsVips says whether vipsthumbnail sees the source's colours as we do.
func (s *source) fitsVips() bool { return s.plain }

// shrink makes the picture of a source in a size.
func (v *vips) shrink(ctx context.Context, src *source, to Size) (*image.NRGBA, error) {
	var img *image.NRGBA
	err := inFolder(func(dir string) error {
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.png")
		if err := os.WriteFile(in, src.file, 0o600); err != nil {
			return err
		}
		// It stands the picture upright by itself, and refuses a file that ends
		// too early.
		err := v.run(ctx, dir, in+"[fail_on=truncated]", "--size", strconv.Itoa(to.Width)+"x>", "--eprofile", "srgb", "-o", out+"[compression=0,strip]")
		if err != nil {
			return err
		}
		file, err := os.ReadFile(out)
		if err != nil {
			return err
		}
		decoded, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			return fmt.Errorf("vipsthumbnail made no picture: %w", err)
		}
		size := decoded.Bounds()
		if size.Dx() != to.Width || abs(size.Dy()-to.Height) > 1 {
			return fmt.Errorf("vipsthumbnail made a picture of %d by %d pixels", size.Dx(), size.Dy())
		}
		img = imaging.Clone(decoded)
		layOnWhite(img)
		img = resized(img, to)
		return nil
	})
	return img, err
}

func abs(n int) int { return max(n, -n) }

// run runs the program in a folder, in bounds.
func (v *vips) run(ctx context.Context, dir string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, vipsTime)
	defer cancel()
	bounded := fmt.Sprintf(`ulimit -v %d 2>/dev/null; exec "$0" "$@"`, vipsMemory)
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", bounded, v.program}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, "VIPS_CONCURRENCY=1"}
	cmd.WaitDelay = time.Second
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("vipsthumbnail: %w: %.200s", err, said)
	}
	return nil
}

// inFolder runs f with a folder that nobody else can read and that is gone
// afterwards.
func inFolder(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", "openstudio-picture-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return f(dir)
}
