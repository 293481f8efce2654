package imagehost

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/disintegration/imaging"
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

// gradient is a picture of soft colours, as transparent at the bottom as it is told,
// of the kind that NewNRGBA64 makes.
func gradient(width, height int, bottom float64) *image.NRGBA64 {
	img := image.NewNRGBA64(image.Rect(0, 0, width, height))
	wave := func(v float64) uint16 { return uint16(0xffff * (0.5 + 0.45*math.Sin(v))) }
	for y := range height {
		down := float64(y) / float64(height)
		for x := range width {
			across := float64(x) / float64(width)
			img.SetNRGBA64(x, y, color.NRGBA64{wave(5 * across), wave(7*down + 1), wave(4 * (across + down)), uint16(0xffff * (1 - down*(1-bottom)))})
		}
	}
	return img
}

// as8 is a picture in eight bits a channel.
func as8(img image.Image) *image.NRGBA { return imaging.Clone(img) }

// One way makes of a file what the other makes, but for a hardly visible rest: the
// two shrink with different kernels.
func TestWaysAgree(t *testing.T) {
	t.Parallel()
	v := installedVips(t)
	soft := gradient(700, 460, 1)
	grey, deepGrey := image.NewGray(soft.Rect), image.NewGray16(soft.Rect)
	draw.Draw(grey, soft.Rect, soft, image.Point{}, draw.Src)
	draw.Draw(deepGrey, soft.Rect, soft, image.Point{}, draw.Src)
	few := image.NewPaletted(soft.Rect, palette.WebSafe)
	draw.Draw(few, soft.Rect, soft, image.Point{}, draw.Src)
	jpegOf, pngOf := asJPEG(t, as8(soft)), asPNG(t, as8(soft))
	inPNG := func(p []byte) []byte { return append([]byte("name\x00\x00"), deflated(p)...) }
	linear := binary.BigEndian.AppendUint32(nil, 100_000)
	turned := exifHeader + string(exifBlock(binary.BigEndian, 6))
	for name, file := range map[string][]byte{
		"jpeg":                jpegOf,
		"turned jpeg":         withSegment(jpegOf, jpegAPP1, turned),
		"grey jpeg":           asJPEG(t, grey),
		"noise":               asJPEG(t, noise(900, 600)),
		"shrunk on load":      asJPEG(t, noise(2000, 1300)),
		"P3 jpeg":             withProfile(jpegOf, displayP3(0)),
		"ProPhoto jpeg":       withProfile(jpegOf, proPhotoFile()),
		"Adobe RGB by EXIF":   withSegment(jpegOf, jpegAPP1, exifHeader+string(dcfBlock(0xffff, "R03\x00"))),
		"nonsense profile":    withProfile(jpegOf, profile("RGB ", 600)),
		"a table":             withProfile(jpegOf, lutFile("mft2", "Lab ", 3, rgbCorner)),
		"linear grey profile": withProfile(asJPEG(t, grey), greyFile(curvTag(), "XYZ ")),
		"png":                 pngOf,
		"turned png":          withChunk(pngOf, "eXIf", exifBlock(binary.BigEndian, 8)),
		"P3 png":              withChunk(pngOf, "iCCP", inPNG(displayP3(0))),
		"linear png":          withChunk(pngOf, "gAMA", linear),
		"transparent png":     asPNG(t, as8(gradient(700, 460, 0))),
		"palette":             asPNG(t, few),
		"grey png":            asPNG(t, grey),
		"16 bits":             asPNG(t, soft),
		"16 bits, alpha":      asPNG(t, gradient(700, 460, 0)),
		"16 bits of grey":     asPNG(t, deepGrey),
		"moving png":          movingPNG(t, plain(color.NRGBA{200, 100, 50, 255}), plain(red)),
		"webp":                webpFile(riff("VP8L", losslessChunk(testCard(700, 460)))),
		"lossy webp":          webpFile(riff("VP8 ", lossyChunk(60, 40))),
		"turned webp":         extendedWebP(1<<3, 700, 460, riff("VP8L", losslessChunk(testCard(700, 460))), riff("EXIF", exifBlock(binary.LittleEndian, 5))),
		"a tall one":          bombPNG(t, 3, 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			if !src.fitsVips() {
				t.Fatal("it is not left to vipsthumbnail")
			}
			to := Sizes(src.orientation.swap(src.width, src.height))[0]
			ours, err := src.shrink(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := v.shrink(t.Context(), src, to)
			if err != nil {
				t.Fatal(err)
			}
			if ours.Rect != theirs.Rect {
				t.Fatalf("%v here, %v there", ours.Rect, theirs.Rect)
			}
			sum, most := 0, 0
			for i := range ours.Pix {
				off := abs(int(ours.Pix[i]) - int(theirs.Pix[i]))
				sum, most = sum+off, max(most, off)
			}
			// Hard edges swing a little further with one kernel than with the other.
			if mean := float64(sum) / float64(len(ours.Pix)); mean > 0.5 || most > 30 {
				t.Errorf("they differ by %.2f codes in the mean and by %d at the most", mean, most)
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }

// Where vipsthumbnail does not do its work the picture is made here, the same as
// without it.
func TestVipsFails(t *testing.T) {
	t.Parallel()
	file := asJPEG(t, as8(gradient(400, 260, 1)))
	want, wantAVIF := prepare(t, file), makeAVIF(t, NewPreparer(1, ""), file)
	wrong := filepath.Join(t.TempDir(), "wrong.png")
	if err := os.WriteFile(wrong, asPNG(t, testCard(399, 260)), 0o600); err != nil {
		t.Fatal(err)
	}
	right := filepath.Join(t.TempDir(), "right.png")
	if err := os.WriteFile(right, asPNG(t, testCard(400, 260)), 0o600); err != nil {
		t.Fatal(err)
	}
	// The last argument is the picture to be written, with options behind it.
	const out = `for out; do :; done; out="${out%%[*}"; `
	for name, script := range map[string]string{
		"fails":                  "exit 1",
		"makes nothing":          "exit 0",
		"hangs":                  "exec sleep 600",
		"hangs in another":       "sleep 20",
		"kills itself":           "kill -KILL $$",
		"breaks":                 "kill -SEGV $$",
		"makes another size":     out + `cp "` + wrong + `" "$out"`,
		"makes half a picture":   out + `head -c 300 "` + right + `" >"$out"`,
		"makes an empty picture": out + `: >"$out"`,
		"makes HTML":             out + `echo "<script>" >"$out"`,
		"makes, then fails":      out + `cp "` + right + `" "$out"; exit 1`,
		"makes, but warns":       out + `cp "` + right + `" "$out"; echo warning >&2`,
		"warns without end":      "exec yes >&2",
		"has no bounds":          out + `cp "` + right + `" "$out"; [ "$(ulimit -v)" = ` + strconv.Itoa(vipsMemory) + ` ] || exit 0; exit 1`,
		"has our environment":    out + `cp "` + right + `" "$out"; [ -z "$HOME" ] || exit 0; exit 1`,
		"works in another place": out + `cp "` + right + `" "$out"; [ "$(pwd)" = "$TMPDIR" ] || exit 0; exit 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(t.TempDir(), "vipsthumbnail")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			p := &Preparer{turns: make(chan struct{}, 1), vips: &vips{program: program, longest: time.Second}}
			got := prepareBy(t, p, file)
			for i, v := range got.Variants {
				if !bytes.Equal(v.File, want.Variants[i].File) {
					t.Errorf("variant %d is another than without it", i)
				}
			}
			if strings.HasPrefix(script, out) && name != "makes, then fails" {
				return
			}
			for i, v := range makeAVIF(t, p, file) {
				if !bytes.Equal(v.File, wantAVIF[i].File) {
					t.Errorf("AVIF %d is another than without it", i)
				}
			}
		})
	}
	t.Run("is not there", func(t *testing.T) {
		t.Parallel()
		p := &Preparer{turns: make(chan struct{}, 1), vips: &vips{program: "/nowhere/vipsthumbnail", longest: time.Second}}
		if got := prepareBy(t, p, file); !bytes.Equal(got.Variants[0].File, want.Variants[0].File) {
			t.Error("the picture is another than without it")
		}
	})
	t.Run("is waited for by nobody", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		program := filepath.Join(t.TempDir(), "vipsthumbnail")
		started := filepath.Join(t.TempDir(), "started")
		if err := syscall.Mkfifo(started, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, []byte("#!/bin/sh\necho >"+started+"\nexec sleep 600\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		go func() {
			os.ReadFile(started)
			cancel()
		}()
		p := &Preparer{turns: make(chan struct{}, 1), vips: &vips{program: program, longest: vipsLongest}}
		if _, err := p.Prepare(ctx, file); !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// What vipsthumbnail would see in other colours is not left to it.
func TestVipsIsNotAskedForAll(t *testing.T) {
	t.Parallel()
	linear := binary.BigEndian.AppendUint32(nil, 100_000)
	deep := asPNG(t, gradient(16, 16, 1))
	for name, file := range map[string][]byte{
		"inks":                cmykJPEG(1, 2, 3, 4),
		"inks with a profile": withProfile(cmykJPEG(1, 2, 3, 4), inkProfile("mft2", "Lab ")),
		"bare inks":           fourChannelJPEG(nil, 1, 2, 3, 4),
		"16 bits, linear":     withChunk(deep, "gAMA", linear),
		"16 bits of P3":       withChunk(deep, "iCCP", append([]byte("name\x00\x00"), deflated(displayP3(0))...)),
	} {
		src, err := inspect(file)
		if err != nil || src.fitsVips() {
			t.Errorf("%s: it is left to vipsthumbnail: %v", name, err)
		}
	}
}
