package imagehost

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"github.com/disintegration/imaging"
)

// quality is that of the variants, of 100.
const quality = 82

// Prepared is a picture that is ready to be kept.
type Prepared struct {
	Width, Height int       // of the upright original, in pixels
	Ground        string    // the mean colour, as "#rrggbb"
	Palette       []Swatch  // the largest share first; at least one
	Findings      []Finding // what the artist may want to mend, if anything
	Variants      []Variant // narrow to wide, as Sizes says; at least one
	Original      []byte    // the file as it came, with all its metadata: never for the public
	ContentType   string    // of the original
}

// A Variant is an upright, opaque JPEG in sRGB with no metadata.
type Variant struct {
	Width, Height int // pixels
	JPEG          []byte
}

// A Preparer prepares pictures, a few at a time: a decoded picture takes up to
// some hundred MiB of memory.
type Preparer struct{ turns chan struct{} }

// NewPreparer returns a Preparer that works on so many pictures at a time, on one
// at the least.
func NewPreparer(parallel int) *Preparer {
	return &Preparer{turns: make(chan struct{}, max(1, parallel))}
}

// Prepare waits for its turn, reads a JPEG, PNG or WebP file and makes its
// variants: upright, on white, never enlarged, in sRGB, stripped of all metadata. Of
// a moving PNG it takes the first frame.
//
// It wants a file that has arrived, not a connection, because it holds its turn
// while it reads. The error is a *Refused when the file is at fault, and the
// context's when that ends first.
func (p *Preparer) Prepare(ctx context.Context, r io.ReadSeeker) (*Prepared, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	file, err := readFile(r)
	if err != nil {
		return nil, err
	}
	src, err := inspect(file)
	if err != nil {
		return nil, err
	}
	width, height := src.orientation.swap(src.width, src.height)
	prepared := &Prepared{Width: width, Height: height, Original: file, ContentType: src.contentType}
	if err := prepared.makeVariants(ctx, src); err != nil {
		return nil, err
	}
	return prepared, nil
}

// readFile reads a file of up to MaxBytes from its beginning.
func readFile(r io.ReadSeeker) ([]byte, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("measure the picture: %w", err)
	}
	if size > MaxBytes {
		return nil, &Refused{"It is larger than 20 MB."}
	}
	file := make([]byte, size)
	if _, err := io.ReadFull(r, file); err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	return file, nil
}

// makeVariants makes the variants in a chain from wide to narrow, the findings from
// the last but one, and the ground and the palette from the last. The picture is shrunk before it is turned and laid on white, so
// that only one is ever held in full size.
func (p *Prepared) makeVariants(ctx context.Context, src *source) error {
	decoded, err := src.decodePixels(ctx)
	if err != nil {
		return err
	}
	sizes := Sizes(p.Width, p.Height)
	widest := sizes[len(sizes)-1]
	storedWidth, storedHeight := src.orientation.swap(widest.Width, widest.Height)
	space := src.space
	if inks, ok := decoded.(*image.CMYK); ok {
		decoded = cmykToNRGBA(inks, src.profile)
	} else {
		decoded, space = space.eightBits(decoded)
	}
	img := imaging.Resize(decoded, storedWidth, storedHeight, imaging.CatmullRom)
	space.toSRGB(img)
	layOnWhite(img)
	img = src.orientation.upright(img)

	p.Variants = make([]Variant, len(sizes))
	for i := len(sizes) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		if img.Rect.Dx() != sizes[i].Width || img.Rect.Dy() != sizes[i].Height {
			img = imaging.Resize(img, sizes[i].Width, sizes[i].Height, imaging.CatmullRom)
		}
		encoded, err := encode(img)
		if err != nil {
			return err
		}
		p.Variants[i] = Variant{sizes[i].Width, sizes[i].Height, encoded}
		if i == min(1, len(sizes)-1) {
			p.Findings = findings(img, p.Width, p.Height)
		}
	}
	p.Ground = meanColour(img)
	p.Palette = paletteOf(img)
	return nil
}

// decodePixels decodes the picture, and stops when the context ends.
func (s *source) decodePixels(ctx context.Context) (img image.Image, err error) {
	// A decoder that stumbles over a crafted file must not take everything else
	// down with it.
	defer func() {
		if recover() != nil {
			img, err = nil, refusedDamaged()
		}
	}()
	img, err = s.decode(&contextReader{ctx, bytes.NewReader(s.file)})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, refusal(err)
	}
	if img.Bounds().Dx() != s.width || img.Bounds().Dy() != s.height {
		return nil, refusedDamaged()
	}
	return img, nil
}

// A contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// layOnWhite makes the picture opaque, in place.
func layOnWhite(img *image.NRGBA) {
	for i := 0; i < len(img.Pix); i += 4 {
		alpha := uint32(img.Pix[i+3])
		if alpha == 0xff {
			continue
		}
		for c := i; c < i+3; c++ {
			img.Pix[c] = byte((uint32(img.Pix[c])*alpha + 0xff*(0xff-alpha) + 0x7f) / 0xff)
		}
		img.Pix[i+3] = 0xff
	}
}

func encode(img *image.NRGBA) ([]byte, error) {
	// The encoder is quick with RGBA, which is the same as NRGBA when opaque.
	opaque := &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, opaque, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode a variant: %w", err)
	}
	return out.Bytes(), nil
}

func meanColour(img *image.NRGBA) string {
	var red, green, blue uint64
	for i := 0; i < len(img.Pix); i += 4 {
		red += uint64(img.Pix[i])
		green += uint64(img.Pix[i+1])
		blue += uint64(img.Pix[i+2])
	}
	count := uint64(len(img.Pix) / 4)
	mean := func(sum uint64) uint64 { return (sum + count/2) / count }
	return fmt.Sprintf("#%02x%02x%02x", mean(red), mean(green), mean(blue))
}
