package imagehost

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// What a child process of BenchmarkPrepare24MP is to do, to which file, and with
// which vipsthumbnail, if any.
const (
	benchWork    = "IMAGEHOST_BENCH_WORK"
	benchFile    = "IMAGEHOST_BENCH_FILE"
	benchProgram = "IMAGEHOST_BENCH_PROGRAM"
)

// TestBenchmarkChild does the work of a benchmark in a process that does nothing
// else, so that its peak of memory is that of the work.
func TestBenchmarkChild(t *testing.T) {
	work := os.Getenv(benchWork)
	if work == "" {
		t.Skip("it is for BenchmarkPrepare24MP")
	}
	if work == "photograph" {
		photograph := withSegment(asJPEG(t, noise(6000, 4000)), jpegAPP1, exifHeader+string(exifBlock(binary.LittleEndian, 6)))
		if err := os.WriteFile(os.Getenv(benchFile), photograph, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.ReadFile(os.Getenv(benchFile))
	if err != nil {
		t.Fatal(err)
	}
	p := NewPreparer(1, os.Getenv(benchProgram))
	var made int
	switch work {
	case "jpeg":
		made = len(prepareBy(t, p, file).Variants)
	case "avif":
		made = len(makeAVIF(t, p, file))
	}
	var self, children syscall.Rusage
	for who, usage := range map[int]*syscall.Rusage{syscall.RUSAGE_SELF: &self, syscall.RUSAGE_CHILDREN: &children} {
		if err := syscall.Getrusage(who, usage); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("made %d of %d %d\n", made, self.Maxrss, children.Maxrss)
}

// BenchmarkPrepare24MP takes one photograph of 6,000 by 4,000 pixels to all its
// variants. CPU seconds and the peaks of memory, of the process and of the largest
// program that it has run, are those of a process that does one picture. "vipsthumbnail
// alone" runs that program six times, once for each JPEG.
func BenchmarkPrepare24MP(b *testing.B) {
	file := filepath.Join(b.TempDir(), "photograph.jpg")
	child := func(work, program string) string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestBenchmarkChild$")
		cmd.Env = append(os.Environ(), benchWork+"="+work, benchFile+"="+file, benchProgram+"="+program)
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	// Linux has a process begin with the peak of the one that it comes from, so that
	// this one must not hold the photograph.
	child("photograph", "")
	for _, work := range []string{"jpeg", "avif"} {
		for _, way := range []string{"go", "vips"} {
			b.Run(work+" "+way, func(b *testing.B) {
				program := ""
				if way == "vips" {
					program = installedVips(b).program
				}
				var self, children, made int
				began := cpuTime(b)
				for b.Loop() {
					out := child(work, program)
					if _, err := fmt.Sscanf(out, "made %d of %d %d", &made, &self, &children); err != nil {
						b.Fatalf("%v: %s", err, out)
					}
				}
				b.ReportMetric((cpuTime(b)-began).Seconds()/float64(b.N), "cpu-s/op")
				b.ReportMetric(float64(self)/1024, "MiB")
				b.ReportMetric(float64(children)/1024, "child-MiB")
				b.ReportMetric(float64(made), "files")
			})
		}
	}
	b.Run("vipsthumbnail alone", func(b *testing.B) {
		program := installedVips(b).program
		began := cpuTime(b)
		for b.Loop() {
			for _, width := range Steps() {
				cmd := exec.Command(program, file, "--size", strconv.Itoa(width)+"x>", "-o", filepath.Join(b.TempDir(), "out.jpg[Q=82,strip]"))
				cmd.Env = append(os.Environ(), "VIPS_CONCURRENCY=1")
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
			}
		}
		b.ReportMetric((cpuTime(b)-began).Seconds()/float64(b.N), "cpu-s/op")
	})
}

// BenchmarkBytes makes our sample works in every width and tells, of each kind, the
// mean bytes and the mean likeness (SSIM) to the work in that width before it was
// encoded. The table beside avifQuality is its.
func BenchmarkBytes(b *testing.B) {
	names, err := filepath.Glob("../../cmd/openstudio/demo/*.jpg")
	if err != nil || len(names) == 0 {
		b.Fatalf("no sample works: %v", err)
	}
	var works []*image.NRGBA
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		src, err := inspect(file)
		if err != nil {
			b.Fatal(err)
		}
		sizes := Sizes(src.orientation.swap(src.width, src.height))
		work, err := src.shrink(b.Context(), sizes[len(sizes)-1])
		if err != nil {
			b.Fatal(err)
		}
		works = append(works, work)
	}
	asJPEGOf := func(quality int) func(*testing.B, *image.NRGBA, Size) []byte {
		return func(b *testing.B, img *image.NRGBA, _ Size) []byte {
			var out bytes.Buffer
			if err := jpeg.Encode(&out, &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}, &jpeg.Options{Quality: quality}); err != nil {
				b.Fatal(err)
			}
			return out.Bytes()
		}
	}
	only := func(b *testing.B, variants []Variant, err error) []byte {
		if err != nil {
			b.Fatal(err)
		}
		return variants[0].File
	}
	for _, width := range Steps() {
		for _, kind := range []struct {
			name   string
			encode func(*testing.B, *image.NRGBA, Size) []byte
		}{
			{"JPEG 82", asJPEGOf(quality)},
			{"JPEG 80", asJPEGOf(80)},
			{"AVIF go", func(b *testing.B, img *image.NRGBA, size Size) []byte {
				variants, err := encodeAVIF(b.Context(), img, []Size{size})
				return only(b, variants, err)
			}},
			{"AVIF vips", func(b *testing.B, img *image.NRGBA, size Size) []byte {
				variants, err := installedVips(b).avif(b.Context(), img, []Size{size})
				return only(b, variants, err)
			}},
		} {
			if width > avifMost && kind.name == "AVIF go" {
				continue
			}
			b.Run(fmt.Sprintf("%d %s", width, kind.name), func(b *testing.B) {
				var bytes, likeness, count float64

				var encoding time.Duration
				for b.Loop() {
					bytes, likeness, count = 0, 0, 0
					for _, work := range works {
						if work.Rect.Dx() < width {
							continue
						}
						height := int(math.Round(float64(work.Rect.Dy()) * float64(width) / float64(work.Rect.Dx())))
						size := Size{width, width, height}
						img := resized(work, size)
						began := cpuTime(b)
						file := kind.encode(b, img, size)
						encoding += cpuTime(b) - began
						bytes += float64(len(file))
						likeness += ssim(img, decodeVariant(b, Variant{size, file}))
						count++
					}
					if count == 0 {
						b.Skip("no sample work is so wide")
					}
				}
				b.ReportMetric(bytes/count, "bytes")
				b.ReportMetric(likeness/count, "ssim")
				b.ReportMetric(encoding.Seconds()/count/float64(b.N), "cpu-s")
				b.ReportMetric(count, "works")
			})
		}
	}
}

// ssim is the mean structural similarity of two pictures of one size, by Wang et al.,
// "Image quality assessment: from error visibility to structural similarity" (2004),
// in windows of 8 by 8 pixels of brightness, 4 apart.
func ssim(a, b image.Image) float64 {
	const window, step = 8, 4
	const c1, c2 = (0.01 * 255) * (0.01 * 255), (0.03 * 255) * (0.03 * 255)
	width, height := a.Bounds().Dx(), a.Bounds().Dy()
	first, second := brightness(a), brightness(b)
	sum, count := 0.0, 0
	for y := 0; y+window <= height; y += step {
		for x := 0; x+window <= width; x += step {
			var sa, sb, saa, sbb, sab float64
			for i := range window * window {
				at := (y+i/window)*width + x + i%window
				va, vb := first[at], second[at]
				sa, sb, saa, sbb, sab = sa+va, sb+vb, saa+va*va, sbb+vb*vb, sab+va*vb
			}
			const n = window * window
			ma, mb := sa/n, sb/n
			va, vb, cov := saa/n-ma*ma, sbb/n-mb*mb, sab/n-ma*mb
			sum += (2*ma*mb + c1) * (2*cov + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
			count++
		}
	}
	return sum / float64(count)
}

// brightness is that of ITU-R BT.601, row by row.
func brightness(img image.Image) []float64 {
	bounds := img.Bounds()
	out := make([]float64, 0, bounds.Dx()*bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			out = append(out, (0.299*float64(r)+0.587*float64(g)+0.114*float64(b))/257)
		}
	}
	return out
}
