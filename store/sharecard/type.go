package sharecard

import (
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// The typefaces of the house, with the letters of all languages that are written
// in Latin ones. The Go fonts have Greek and Cyrillic besides.
var (
	//go:embed fonts/newsreader-roman.ttf
	newsreader []byte
	//go:embed fonts/newsreader-italic.ttf
	newsreaderItalic []byte
	//go:embed fonts/hanken-grotesk.ttf
	hanken []byte
)

// types are the typefaces, each with those that stand in for what it lacks.
type types struct{ serif, italic, sans []*sfnt.Font }

func loadTypes() (types, error) {
	var fonts [5]*sfnt.Font
	for i, file := range [][]byte{newsreader, newsreaderItalic, hanken, goregular.TTF, goitalic.TTF} {
		f, err := opentype.Parse(file)
		if err != nil {
			return types{}, fmt.Errorf("sharecard: read a typeface: %w", err)
		}
		fonts[i] = f
	}
	return types{serif: []*sfnt.Font{fonts[0], fonts[3]}, italic: []*sfnt.Font{fonts[1], fonts[4]}, sans: []*sfnt.Font{fonts[2], fonts[3]}}, nil
}

// pens are what one card is written with.
type pens struct{ artist, title, facts, price, name, nameItalic *pen }

func (t types) pens() pens {
	return pens{
		artist: newPen(t.serif, 36), title: newPen(t.italic, 36), facts: newPen(t.sans, 25), price: newPen(t.sans, 29),
		name: newPen(t.serif, 32), nameItalic: newPen(t.italic, 32),
	}
}

// A pen writes in one size. It must not be used at the same time.
type pen struct {
	faces  []face
	buffer sfnt.Buffer
}

type face struct {
	font.Face
	font *sfnt.Font
}

// newPen writes pixels high, with the first of the fonts that has a letter.
func newPen(fonts []*sfnt.Font, pixels float64) *pen {
	p := &pen{}
	for _, f := range fonts {
		// It fails for no options.
		drawn, _ := opentype.NewFace(f, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingNone})
		p.faces = append(p.faces, face{drawn, f})
	}
	return p
}

// has returns the number of the face that has a letter, -1 for none.
func (p *pen) has(r rune) int {
	for i, f := range p.faces {
		if g, err := f.font.GlyphIndex(&p.buffer, r); err == nil && g != 0 {
			return i
		}
	}
	return -1
}

// legible is a text without the letters that cannot be written.
func (p *pen) legible(s string) string {
	s = strings.Map(func(r rune) rune {
		if p.has(r) < 0 {
			return ' '
		}
		return r
	}, norm.NFC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// walk calls f with every letter of a line and its place from the line's
// beginning, and returns the line's length.
func (p *pen) walk(line string, f func(face font.Face, r rune, x fixed.Int26_6)) fixed.Int26_6 {
	var x fixed.Int26_6
	before, last := -1, rune(0)
	for _, r := range line {
		i := p.has(r)
		if i < 0 {
			continue
		}
		if i == before {
			x += p.faces[i].Kern(last, r)
		}
		f(p.faces[i], r, x)
		advance, _ := p.faces[i].GlyphAdvance(r)
		x += advance
		before, last = i, r
	}
	return x
}

// length is that of a line in pixels.
func (p *pen) length(line string) int {
	return p.walk(line, func(font.Face, rune, fixed.Int26_6) {}).Ceil()
}

// write writes a line from a point on its baseline.
func (p *pen) write(canvas draw.Image, at image.Point, line string, c color.Color) {
	source := image.NewUniform(c)
	p.walk(line, func(f font.Face, r rune, x fixed.Int26_6) {
		place, mask, from, _, ok := f.Glyph(fixed.Point26_6{X: fixed.I(at.X) + x, Y: fixed.I(at.Y)}, r)
		if ok {
			draw.DrawMask(canvas, place, source, image.Point{}, mask, from, draw.Over)
		}
	})
}

// wrap breaks a text into at most so many lines of a length in pixels. The last
// line leaves room for a tail, and ends with an ellipsis when more was to come.
func (p *pen) wrap(text string, length, most, tail int) []string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	var lines []string
	line := ""
	for i, word := range words {
		room := length
		if i == len(words)-1 {
			room -= tail
		}
		if longer := strings.TrimSpace(line + " " + word); p.length(longer) <= room {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; p.length(line) > room; { // a word that is longer than a line
			n := p.fits(line, room)
			lines, line = append(lines, line[:n]), line[n:]
		}
	}
	lines = append(lines, line)
	if len(lines) <= most {
		return lines
	}
	lines = lines[:most]
	const more = "…"
	last := lines[most-1]
	if n := p.fits(last, length-tail-p.length(more)); n < len(last) {
		if space := strings.LastIndexByte(last[:n], ' '); space > n/2 {
			n = space // rather a whole word
		}
		last = last[:n]
	}
	last = strings.TrimRight(last, " ,.;:–—-")
	lines[most-1] = last + more
	return lines
}

// fits is how many bytes of a line are at most so long; one letter at least.
func (p *pen) fits(line string, length int) int {
	n := 0
	for i, r := range line {
		end := i + len(string(r))
		if n > 0 && p.length(line[:end]) > length {
			break
		}
		n = end
	}
	return n
}
