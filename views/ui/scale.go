package ui

import (
	"math"
	"strconv"
)

// Scale is one scale for all works of a page: how many centimetres take nine
// tenths of its width on a phone and fewer elsewhere. At 0 there is none, and
// each work has the size that suits its row.
type Scale int

// The bounds of a scale. A work of a centimetre is still seen at the nearest,
// and not everything vanishes beside a giant at the farthest.
const (
	ScaleLeast Scale = 24
	ScaleMost  Scale = 600
)

// ScaleFor is the scale at which the largest of the works is large, in steps of
// ten centimetres.
func ScaleFor(lists ...[]Work) Scale {
	largest := 0.0
	for _, works := range lists {
		for _, w := range works {
			largest = max(largest, w.Width, w.Height)
		}
	}
	return Scale(min(10*math.Ceil(largest/10), float64(ScaleMost))).Bounded()
}

// Bounded is the nearest scale within the bounds.
func (s Scale) Bounded() Scale { return min(max(s, ScaleLeast), ScaleMost) }

// An em of a scaled box is a tenth of the page's width on a phone.
const (
	largestEm = 9.0  // of a work as large as the scale
	mostEm    = 10.0 // what a page holds
)

// shrunk is by how much a work has to be drawn smaller than the scale says for
// the page to hold it: 1 for all but giants.
func (s Scale) shrunk(w Work) float64 {
	return min(1, mostEm/(max(w.Width, w.Height)/float64(s)*largestEm))
}

// loose reports whether the photograph of a work has another shape than the work,
// or is not there.
func (w Work) loose() bool {
	return w.Photo.Src == "" || math.Abs(w.Photo.ratio()*w.Height/w.Width-1) > 0.03
}

func (s Scale) em(cm float64) string {
	return strconv.FormatFloat(cm/float64(s)*largestEm, 'f', 4, 64) + "em"
}

// box is the size of a work, in ems of its box.
func (s Scale) box(w Work) (width, height string) {
	shrunk := s.shrunk(w)
	return s.em(w.Width * shrunk), s.em(w.Height * shrunk)
}

// sizes says how wide the photograph of a work is shown, as in HTML.
func (s Scale) sizes(w Work) string {
	part := w.Width * s.shrunk(w) / float64(s) * largestEm * 10 // per cent of a phone
	return "(width < 48rem) " + strconv.Itoa(int(math.Ceil(part))) + "vw, " + strconv.Itoa(int(math.Ceil(part/2))) + "vw"
}

// personFrom is the scale from which on a person of 170 cm finds room; nearer
// by, a rule is laid beside the works.
const personFrom Scale = 120

// rule is the length of the rule, in centimetres.
func (s Scale) rule() int {
	if s < 60 {
		return 10
	}
	return 50
}

// ScaleSwitch leads to the same works at one scale, or back.
type ScaleSwitch struct {
	On     bool
	Href   string // the list the other way
	Target string // selector of the list to replace; a plain link when empty
}

func (p ScaleSwitch) words() string {
	if p.On {
		return "Show each work large"
	}
	return "Show at true scale"
}
