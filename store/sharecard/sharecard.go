// Package sharecard paints the picture that others show of a work when somebody
// links to it: the whole work on the wall, lit from above, with its label.
package sharecard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/disintegration/imaging"
)

// Width and Height are those of every card, in pixels: the shape that networks
// show without cutting anything off.
const (
	Width  = 1200
	Height = 630
)

// design is counted up when cards begin to look otherwise, so that their
// addresses change.
const design = 1

// quality is that of the JPEG.
const quality = 88

// A Label is what stands on the card beside or below the work.
type Label struct {
	Artist, Title string
	Year          int
	Facts         []string // a line each: what it is, its size
	Price         string   // or the words beside the dot
	Sold          bool     // with the red dot
}

// Digest is the name of the card of a picture with this label: it changes
// whenever the card does. picture is the key of the picture.
func (l Label) Digest(picture string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{
		strconv.Itoa(design), picture, l.Artist, l.Title, strconv.Itoa(l.Year), l.Price, strconv.FormatBool(l.Sold)}, l.Facts...), "\x00")))
	return hex.EncodeToString(sum[:10])
}

// A Painter paints cards. It may be used at the same time.
type Painter struct {
	types    types
	canvases sync.Pool
}

// New returns a Painter with its typefaces ready.
func New() (*Painter, error) {
	t, err := loadTypes()
	if err != nil {
		return nil, err
	}
	return &Painter{types: t, canvases: sync.Pool{New: func() any { return image.NewRGBA(image.Rect(0, 0, Width, Height)) }}}, nil
}

// Paint returns the card, a JPEG, of the picture, a JPEG too, with its label. The
// picture is never cut and never enlarged. Letters that no typeface has are left
// out.
func (p *Painter) Paint(picture io.Reader, label Label) ([]byte, error) {
	work, err := jpeg.Decode(picture)
	if err != nil {
		return nil, fmt.Errorf("sharecard: decode the picture: %w", err)
	}
	pens := p.types.pens()
	place := arrange(pens, label, work.Bounds().Dx(), work.Bounds().Dy())

	canvas := p.canvases.Get().(*image.RGBA)
	defer p.canvases.Put(canvas)
	paintWall(canvas)
	castShadow(canvas, place.work)
	hang(canvas, imaging.Resize(work, place.work.Dx(), place.work.Dy(), imaging.CatmullRom), place.work.Min)
	for _, t := range place.texts {
		t.paint(canvas)
	}
	if label.Sold {
		paintDot(canvas, place.dot)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, canvas, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("sharecard: encode the card: %w", err)
	}
	return b.Bytes(), nil
}
