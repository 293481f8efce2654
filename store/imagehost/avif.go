package imagehost

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gen2brain/avif"
)

// How AVIF is made. At these qualities it looks about as JPEG of quality 82 does, by
// the structural similarity of the brightness (SSIM, Wang et al. 2004) on our sample
// works, 640 pixels wide, mean of the works (BenchmarkBytes):
//
//	                        bytes   CPU      SSIM
//	JPEG 82                 48,578  0.010 s  0.982
//	JPEG 80                 45,571  0.010 s  0.981
//	AVIF 78, here           33,044  0.30 s   0.981  0.68 of the bytes of JPEG 82
//	AVIF 77, vipsthumbnail  28,455  0.32 s   0.982  0.59
//
// WebP never looks so: even at quality 99 it stays below, as it keeps brightness in
// 220 steps and bands show in a smooth sky. So JPEG comes first, because it is at
// hand at once and opens everywhere, then AVIF by a job; WebP is not made. AVIF in
// this process takes memory with the picture's size: 107 MiB at 320 pixels across,
// 172 at 960, 370 at 1280, 830 at 1920, 1,370 at 2560. Hence avifMost; the program
// vipsthumbnail takes 261 MiB for 2560 by 3840 and 6.7 CPU-seconds for all six sizes
// (BenchmarkPrepare24MP), so with it every size is made.
const (
	avifQuality     = 78
	avifSpeed       = 10
	avifMost        = 960       // pixels across, without vipsthumbnail
	avifMostPixels  = 1_400_000 // the same, of tall pictures
	vipsAVIFQuality = 77        // the same look in the numbers of libheif
)

// AVIF waits for its turn and makes AVIF variants of an original: all sizes where
// vipsthumbnail is installed, the small ones elsewhere. They are what Prepare
// makes, in fewer bytes. The slice is empty when the picture is too tall for
// any.
func (p *Preparer) AVIF(ctx context.Context, original []byte) ([]Variant, error) {
	end, err := p.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	src, err := inspect(original)
	if err != nil {
		return nil, err
	}
	width, height := src.orientation.swap(src.width, src.height)
	sizes := Sizes(width, height)
	if p.vips == nil {
		sizes = smallSizes(sizes)
	}
	if len(sizes) == 0 {
		return nil, nil
	}
	img, err := p.shrink(ctx, src, sizes[len(sizes)-1])
	if err != nil {
		return nil, err
	}
	if p.vips != nil {
		variants, err := p.vips.avif(ctx, img, sizes)
		if err == nil || ctx.Err() != nil {
			return variants, ctx.Err()
		}
	}
	return encodeAVIF(ctx, img, smallSizes(sizes))
}

// smallSizes are those of which AVIF can be made in this process.
func smallSizes(sizes []Size) []Size {
	for i, size := range sizes {
		if size.Width > avifMost || size.Width*size.Height > avifMostPixels {
			return sizes[:i]
		}
	}
	return sizes
}

func encodeAVIF(ctx context.Context, img *image.NRGBA, sizes []Size) ([]Variant, error) {
	variants := make([]Variant, len(sizes))
	for i := len(sizes) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img = resized(img, sizes[i])
		opaque := &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
		var out bytes.Buffer
		options := avif.Options{Quality: avifQuality, Speed: avifSpeed, ChromaSubsampling: image.YCbCrSubsampleRatio420}
		if err := avif.Encode(&out, opaque, options); err != nil {
			return nil, fmt.Errorf("encode as AVIF: %w", err)
		}
		variants[i] = Variant{sizes[i], out.Bytes()}
	}
	return variants, nil
}

// avif makes AVIF variants of a picture.
func (v *vips) avif(ctx context.Context, img *image.NRGBA, sizes []Size) ([]Variant, error) {
	variants := make([]Variant, len(sizes))
	err := inFolder(func(dir string) error {
		in := filepath.Join(dir, "in.ppm")
		for i := len(sizes) - 1; i >= 0; i-- {
			img = resized(img, sizes[i])
			if err := os.WriteFile(in, ppm(img), 0o600); err != nil {
				return err
			}
			out := filepath.Join(dir, strconv.Itoa(i)+".avif")
			options := fmt.Sprintf("[Q=%d,effort=2,strip]", vipsAVIFQuality)
			exactly := fmt.Sprintf("%dx%d!", sizes[i].Width, sizes[i].Height)
			if err := v.run(ctx, dir, in, "--size", exactly, "-o", out+options); err != nil {
				return err
			}
			file, err := os.ReadFile(out)
			if err != nil {
				return err
			}
			variants[i] = Variant{sizes[i], file}
		}
		return nil
	})
	return variants, err
}

// ppm writes an opaque picture as a portable pixmap (Netpbm, P6).
func ppm(img *image.NRGBA) []byte {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	out := make([]byte, 0, 32+3*width*height)
	out = fmt.Appendf(out, "P6\n%d %d\n255\n", width, height)
	for i := 0; i < len(img.Pix); i += 4 {
		out = append(out, img.Pix[i:i+3]...)
	}
	return out
}
