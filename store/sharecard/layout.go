package sharecard

import (
	"image"
	"image/color"
	"image/draw"
	"strconv"
)

// The measures of a card in pixels.
const (
	edge      = 48  // free all around
	gap       = 44  // between the work and its label
	column    = 330 // a label beside the work
	leading   = 46  // of artist and title
	factsLine = 34
	priceLine = 48
	dotSize   = 20
	maxTitle  = 3 // lines
)

// A text is one line to be written.
type text struct {
	pen  *pen
	line string
	at   image.Point // of its baseline's beginning
	ink  color.RGBA
}

func (t text) paint(canvas draw.Image) { t.pen.write(canvas, t.at, t.line, t.ink) }

// A place is where everything of a card is.
type place struct {
	work  image.Rectangle
	texts []text
	dot   image.Rectangle
}

// arrange hangs a work of so many pixels where it is shown larger: with its label
// beside it, or below.
func arrange(p pens, l Label, width, height int) place {
	l.Artist, l.Title, l.Price = p.artist.legible(l.Artist), p.title.legible(l.Title), p.price.legible(l.Price)
	who := p.who(l, column)
	what := p.what(l, column)
	beside := fit(width, height, Width-2*edge-gap-column, Height-2*edge)

	const whoWide, whatWide, between = 480, 330, 24
	whoBelow, whatBelow := p.who(l, whoWide), p.what(l, whatWide)
	labelHigh := max(whoBelow.high, whatBelow.high)
	below := fit(width, height, Width-2*edge, Height-2*edge-gap-labelHigh)

	open, studio := "Open", "Studio"
	nameWide := p.name.length(open) + p.nameItalic.length(studio)
	name := func(baseline int) []text {
		at := image.Pt(Width-edge-nameWide, baseline)
		return []text{{p.name, open, at, ink}, {p.nameItalic, studio, at.Add(image.Pt(p.name.length(open), 0)), ink}}
	}
	if below.X*below.Y > beside.X*beside.Y {
		// Work and label stand in the middle of the wall.
		top := (Height - below.Y - gap - labelHigh) / 2
		left := (Width - below.X) / 2
		at := place{work: image.Rectangle{Max: below}.Add(image.Pt(left, top))}
		under := at.work.Max.Y + gap
		left = min(left, Width-edge-nameWide-between-whatWide-between-whoWide)
		at.add(whoBelow, image.Pt(left, under))
		at.add(whatBelow, image.Pt(left+whoWide+between, under))
		at.texts = append(at.texts, name(under+labelHigh-12)...)
		return at
	}
	labelHigh = who.high + what.high
	left := (Width - beside.X - gap - column) / 2
	top := (Height - beside.Y) / 2
	at := place{work: image.Rectangle{Max: beside}.Add(image.Pt(left, top))}
	label := image.Pt(at.work.Max.X+gap, at.work.Max.Y-labelHigh)
	if labelHigh > beside.Y {
		label.Y = (Height - labelHigh) / 2
	}
	at.add(who, label)
	at.add(what, label.Add(image.Pt(0, who.high)))
	at.texts = append(at.texts, name(edge+24)...)
	return at
}

// fit is the largest size of a work of so many pixels that has room. No work is
// enlarged.
func fit(width, height, roomWide, roomHigh int) image.Point {
	scale := min(1, float64(roomWide)/float64(width), float64(roomHigh)/float64(height))
	return image.Pt(max(1, int(float64(width)*scale+.5)), max(1, int(float64(height)*scale+.5)))
}

// A block is a part of a label, from its own corner.
type block struct {
	texts []text
	dot   image.Rectangle
	high  int
}

func (b *block) write(p *pen, line string, ink color.RGBA, leading int) {
	b.texts = append(b.texts, text{p, line, image.Pt(0, b.high+leading*3/4), ink})
	b.high += leading
}

// who is the part of a label that names artist, title and year.
func (p pens) who(l Label, wide int) block {
	var b block
	for _, line := range p.artist.wrap(l.Artist, wide, 2, 0) {
		b.write(p.artist, line, ink, leading)
	}
	year := strconv.Itoa(l.Year)
	if l.Title == "" {
		b.write(p.artist, year, ink, leading)
		return b
	}
	year = ", " + year
	lines := p.title.wrap(l.Title, wide, maxTitle, p.artist.length(year))
	for _, line := range lines {
		b.write(p.title, line, ink, leading)
	}
	last := b.texts[len(b.texts)-1]
	b.texts = append(b.texts, text{p.artist, year, last.at.Add(image.Pt(p.title.length(last.line), 0)), ink})
	return b
}

// what is the part of a label that says what the work is and costs.
func (p pens) what(l Label, wide int) block {
	b := block{high: 6}
	for _, fact := range l.Facts {
		for _, line := range p.facts.wrap(p.facts.legible(fact), wide, 2, 0) {
			b.write(p.facts, line, mute, factsLine)
		}
	}
	indent := 0
	if l.Sold {
		indent = dotSize + 12
	}
	for i, line := range p.price.wrap(l.Price, wide-indent, 2, 0) {
		b.write(p.price, line, ink, priceLine)
		last := &b.texts[len(b.texts)-1]
		if i == 0 && l.Sold {
			b.dot = image.Rect(0, 0, dotSize, dotSize).Add(image.Pt(0, last.at.Y-dotSize))
		}
		last.at.X = indent
	}
	return b
}

func (at *place) add(b block, corner image.Point) {
	for _, t := range b.texts {
		t.at = t.at.Add(corner)
		at.texts = append(at.texts, t)
	}
	if !b.dot.Empty() {
		at.dot = b.dot.Add(corner)
	}
}
