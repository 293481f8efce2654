package imagehost

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/disintegration/imaging"
)

// vips makes pictures with vipsthumbnail, the program of libvips. It runs as a
// process of its own, with bounds: a crafted file that breaks it breaks nothing
// else.
type vips struct {
	program string
	least   int           // pixels of the pictures that are worth a process
	longest time.Duration // that one run may take
}

const (
	// vipsLeast is where a process pays off: below, starting it takes longer than
	// the work.
	vipsLeast   = 2_000_000
	vipsLongest = time.Minute
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

// fitsVips says whether vipsthumbnail shrinks the source as we do. It is to shrink
// the numbers as they are in the file. Inks, though, it takes to another space
// first, and sixteen bits to eight in their own curve, in which a dark picture of
// linear light would lose its shades.
func (s *source) fitsVips() bool {
	switch s.model {
	case color.CMYKModel:
		return false
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return s.space == nil
	}
	return true
}

// shrink makes the picture of a source in a size. Only decoding and shrinking are
// left to vipsthumbnail. Its own way to sRGB, --eprofile, shifts the colours of
// pictures without a profile (version 8.14 turns red, 255 0 0, into 248 25 16), and
// it does not turn every format by its EXIF.
func (v *vips) shrink(ctx context.Context, src *source, to Size) (*image.NRGBA, error) {
	var img *image.NRGBA
	err := inFolder(func(dir string) error {
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.png")
		if err := os.WriteFile(in, src.file, 0o600); err != nil {
			return err
		}
		width, height := src.orientation.swap(to.Width, to.Height)
		exactly := fmt.Sprintf("%dx%d!", width, height)
		if err := v.run(ctx, dir, in, "--no-rotate", "--size", exactly, "-o", out+"[compression=0,strip]"); err != nil {
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
		if size := decoded.Bounds(); size.Dx() != width || size.Dy() != height {
			return fmt.Errorf("vipsthumbnail made a picture of %d by %d pixels", size.Dx(), size.Dy())
		}
		img = src.finish(imaging.Clone(decoded), src.space)
		return nil
	})
	return img, err
}

// run runs the program in a folder, in bounds. Whatever it says is taken for an
// error: it makes a picture of half a file, too, and only warns.
func (v *vips) run(ctx context.Context, dir string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, v.longest)
	defer cancel()
	bounded := fmt.Sprintf(`ulimit -v %d 2>/dev/null; exec "$0" "$@"`, vipsMemory)
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", bounded, v.program}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, "VIPS_CONCURRENCY=1"}
	cmd.WaitDelay = time.Second
	var said firstWords
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("vipsthumbnail: %w: %q", err, said)
	}
	if len(said) != 0 {
		return fmt.Errorf("vipsthumbnail: %q", said)
	}
	return nil
}

// firstWords keeps the first of what is written to it: a broken file can make
// vipsthumbnail say the same for every line of pixels.
type firstWords []byte

func (w *firstWords) Write(p []byte) (int, error) {
	const most = 200
	*w = append(*w, p[:min(len(p), most-len(*w))]...)
	return len(p), nil
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
