package imagehost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"

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

// A Variant is a picture in one size: upright, opaque, in sRGB, with no metadata.
type Variant struct {
	Size
	File []byte // JPEG or AVIF
}

// recipe counts the ways in which variants have been made of an original. It goes
// into the key, so that a new way gives a picture a new address.
const recipe = 2

// Key is the address of the picture: 32 lower-case hexadecimal digits made of its
// bytes and of the seed, a random one for each photograph, so that nobody can
// tell from a key what it is of. The same picture made again has the same key.
func (p *Prepared) Key(seed string) string {
	digest := sha256.New()
	fmt.Fprintf(digest, "%d %q", recipe, seed)
	for _, v := range p.Variants {
		fmt.Fprintf(digest, " %d:", len(v.File))
		digest.Write(v.File)
	}
	return hex.EncodeToString(digest.Sum(nil)[:keyBytes])
}

// A Preparer prepares pictures, a few at a time: a decoded picture takes up to
// some hundred MiB of memory.
type Preparer struct {
	turns chan struct{}
	vips  *vips // nil where the program is not installed
}

// NewPreparer returns a Preparer that works on so many pictures at a time, on one
// at the least. program is where vipsthumbnail is, which then does the heavy part
// in a process of its own; "" does everything here.
func NewPreparer(parallel int, program string) *Preparer {
	p := &Preparer{turns: make(chan struct{}, max(1, parallel))}
	if program != "" {
		p.vips = &vips{program, vipsLeast, vipsLongest}
	}
	return p
}

// turn waits for a turn at a picture. The caller ends it.
func (p *Preparer) turn(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.turns <- struct{}{}:
		return func() { <-p.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Inspect looks at a file without decoding its pixels and returns the size of the
// upright picture. The error is a *Refused when the file is at fault.
func Inspect(file []byte) (width, height int, err error) {
	src, err := inspect(file)
	if err != nil {
		return 0, 0, err
	}
	width, height = src.orientation.swap(src.width, src.height)
	return width, height, nil
}

// Prepare waits for its turn and makes the variants of a JPEG, PNG or WebP file:
// upright, on white, never enlarged, in sRGB, stripped of all metadata. Of a
// moving PNG it takes the first frame. The error is a *Refused when the file is at
// fault, and the context's when that ends first.
func (p *Preparer) Prepare(ctx context.Context, file []byte) (*Prepared, error) {
	end, err := p.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	src, err := inspect(file)
	if err != nil {
		return nil, err
	}
	width, height := src.orientation.swap(src.width, src.height)
	prepared := &Prepared{Width: width, Height: height, Original: file, ContentType: src.contentType}
	sizes := Sizes(width, height)
	img, err := p.shrink(ctx, src, sizes[len(sizes)-1])
	if err != nil {
		return nil, err
	}
	if err := prepared.makeVariants(ctx, img); err != nil {
		return nil, err
	}
	return prepared, nil
}

// makeVariants makes the variants in a chain from wide to narrow, the findings
// from the last but one, and the ground and the palette from the last.
func (p *Prepared) makeVariants(ctx context.Context, img *image.NRGBA) error {
	sizes := Sizes(p.Width, p.Height)
	p.Variants = make([]Variant, len(sizes))
	for i := len(sizes) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		img = resized(img, sizes[i])
		encoded, err := encode(img)
		if err != nil {
			return err
		}
		p.Variants[i] = Variant{sizes[i], encoded}
		if i == min(1, len(sizes)-1) {
			p.Findings = findings(img, p.Width, p.Height)
		}
	}
	p.Ground = meanColour(img)
	p.Palette = paletteOf(img)
	return nil
}

// resized returns the picture in a size, itself when it has that already.
func resized(img *image.NRGBA, size Size) *image.NRGBA {
	if img.Rect.Dx() == size.Width && img.Rect.Dy() == size.Height {
		return img
	}
	return imaging.Resize(img, size.Width, size.Height, imaging.CatmullRom)
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
