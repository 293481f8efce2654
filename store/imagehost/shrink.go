package imagehost

import (
	"bytes"
	"context"
	"image"
	"io"

	"github.com/disintegration/imaging"
)

// shrink makes the picture of a source in a size: upright, opaque, in sRGB. Where
// vipsthumbnail is installed and the picture is large, that does it; whatever it
// cannot do is done here.
func (p *Preparer) shrink(ctx context.Context, src *source, to Size) (*image.NRGBA, error) {
	if p.vips != nil && src.fitsVips() && src.width*src.height >= p.vips.least {
		img, err := p.vips.shrink(ctx, src, to)
		if err == nil || ctx.Err() != nil {
			return img, ctx.Err()
		}
	}
	return src.shrink(ctx, to)
}

// shrink shrinks the picture before it is converted, laid on white and turned, so
// that only one is ever held in full size.
func (s *source) shrink(ctx context.Context, to Size) (*image.NRGBA, error) {
	decoded, err := s.decodePixels(ctx)
	if err != nil {
		return nil, err
	}
	width, height := s.orientation.swap(to.Width, to.Height)
	space := s.space
	if inks, ok := decoded.(*image.CMYK); ok {
		decoded = cmykToNRGBA(inks, s.profile)
	} else {
		decoded, space = space.eightBits(decoded)
	}
	img := imaging.Resize(decoded, width, height, imaging.CatmullRom)
	return s.finish(img, space), nil
}

// finish takes a small picture, stored as the source is, from its space to sRGB,
// lays it on white and turns it.
func (s *source) finish(img *image.NRGBA, space *space) *image.NRGBA {
	space.toSRGB(img)
	layOnWhite(img)
	return s.orientation.upright(img)
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
