package artworks

import (
	"fmt"
	"strconv"
	"strings"

	"openstudio/store"
	"openstudio/views/ui"
)

// Typed is what stands in the fields of the filters that are written on.
type Typed struct {
	Min, Max               string // prices, in pounds
	WMin, WMax, HMin, HMax string // sizes, in cm
	From, Until            string // years
	WallWidth, WallHeight  string // in cm
	Most, To               string // pounds, and a postcode
}

// TypedField is one of the fields, by the name of its parameter.
type TypedField struct {
	Name  string
	Value *string
}

// Fields are all fields.
func (t *Typed) Fields() []TypedField {
	return []TypedField{{"min", &t.Min}, {"max", &t.Max}, {"wmin", &t.WMin}, {"wmax", &t.WMax}, {"hmin", &t.HMin}, {"hmax", &t.HMax},
		{"from", &t.From}, {"until", &t.Until}, {"wallw", &t.WallWidth}, {"wallh", &t.WallHeight}, {"most", &t.Most}, {"to", &t.To}}
}

// Read is what the fields say of a filter.
func Read(f store.Filter) Typed {
	return Typed{
		Min: pounds(f.Price.Least), Max: pounds(f.Price.Most),
		WMin: cm(f.Width.Least), WMax: cm(f.Width.Most), HMin: cm(f.Height.Least), HMax: cm(f.Height.Most),
		From: figures(f.Years.Least), Until: figures(f.Years.Most),
		WallWidth: cm(f.Wall.Width), WallHeight: cm(f.Wall.Height), Most: pounds(f.Most), To: f.To,
	}
}

func pounds(p store.Pence) string {
	if p == 0 {
		return ""
	}
	return p.Plain()
}

func cm(h store.Hundredths) string {
	if h == 0 {
		return ""
	}
	return h.String()
}

func figures(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// RangeWords says a range in words: "£100 to £4,000", "From 1990", "Up to 60 cm".
func RangeWords[T ~int | ~int64](r store.Range[T], say func(T) string) string {
	switch {
	case r.Most == 0:
		return "From " + say(r.Least)
	case r.Least == 0:
		return "Up to " + say(r.Most)
	}
	return say(r.Least) + " to " + say(r.Most)
}

// QueryWords is what is searched for in quotation marks, unless it brings some with
// it: “cobalt”, "north light".
func QueryWords(q string) string {
	if strings.Contains(q, `"`) {
		return q
	}
	return "“" + q + "”"
}

// FacetWords says what a facet asks for, where that is one thing: "For sale now",
// "£100 to £4,000".
func FacetWords(f store.Filter, facet store.Facet) string {
	switch facet {
	case store.ByQuery:
		return QueryWords(f.Query)
	case store.BySale:
		return "For sale now"
	case store.ByPrice:
		return RangeWords(f.Price, store.Pence.Short)
	case store.ByYear:
		return RangeWords(f.Years, strconv.Itoa)
	case store.ByDescribed:
		return "With a description"
	case store.ByWall:
		return "Fits " + wallWords(f.Wall)
	case store.ByDelivered:
		return "Up to " + f.Most.Short() + ", delivered to " + f.To
	}
	return ""
}

func wallWords(w store.Wall) string {
	switch {
	case w.Height == 0:
		return "a wall " + w.Width.String() + " cm wide"
	case w.Width == 0:
		return "a wall " + w.Height.String() + " cm high"
	}
	return "a wall of " + w.Width.String() + " × " + w.Height.String() + " cm"
}

// FacetName names a facet that could be taken away: "“cobalt”", "the choice of
// medium".
func FacetName(f store.Filter, facet store.Facet) string {
	switch facet {
	case store.ByQuery:
		return QueryWords(f.Query)
	case store.ByMedium:
		return "the choice of medium"
	case store.BySize:
		return "the choice of size"
	case store.ByMeasure:
		return "the width and height"
	case store.ByShape:
		return "the choice of orientation"
	case store.ByColour:
		return "the choice of colour"
	case store.ByEdition:
		return "the choice of edition"
	case store.ByTown:
		return "the choice of town"
	}
	return "“" + FacetWords(f, facet) + "”"
}

// count says how many works a choice has, if that is known.
func (p IndexProps) count(n int) string {
	if n == store.Unknown {
		return ""
	}
	words, _, _ := strings.Cut(ui.Count(n, 0, ""), " ")
	return words
}

func (p IndexProps) error(field string) string { return p.Errors.Get(field) }

// errors are the sentences about some fields, in their order.
func (p IndexProps) errors(fields ...string) []store.FieldError {
	var list []store.FieldError
	for _, f := range fields {
		if sentence := p.error(f); sentence != "" {
			list = append(list, store.FieldError{Field: f, Sentence: sentence})
		}
	}
	return list
}

// groups are the fields that share a place for what is wrong with them.
func groups() [][]string {
	return [][]string{{"wallw", "wallh"}, {"most", "to"}, {"min", "max"}, {"wmin", "wmax"}, {"hmin", "hmax"}, {"from", "until"}}
}

// errorsID names the place of the group that begins with a field.
func errorsID(field string) string { return field + "-errors" }

func on[T comparable](chosen []T, v T) bool {
	for _, c := range chosen {
		if c == v {
			return true
		}
	}
	return false
}

// own is the colour that was chosen beside the swatches, and whether there is
// one.
func (p IndexProps) own() (store.Colour, bool) {
	for _, c := range p.Filter.Colours {
		if c.Own() {
			return c, true
		}
	}
	return "#3f6f93", false
}

// others are further own colours: the form has a place for one.
func (p IndexProps) others() []store.Colour {
	var list []store.Colour
	for _, c := range p.Filter.Colours {
		if c.Own() {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[1:]
}

// townsShown is how many towns the menu shows beside those that are chosen.
const townsShown = 8

// town is a line of the menu of towns.
type town struct {
	Name  string
	Works int
	On    bool
}

func (p IndexProps) towns() []town {
	works := map[string]int{}
	for _, t := range p.Counts.Towns {
		works[strings.ToLower(t.Town)] = t.Works
	}
	var list []town
	listed := map[string]bool{}
	for _, name := range p.Filter.Towns {
		list, listed[strings.ToLower(name)] = append(list, town{name, works[strings.ToLower(name)], true}), true
	}
	for _, t := range p.Counts.Towns[:min(townsShown, len(p.Counts.Towns))] {
		if !listed[strings.ToLower(t.Town)] {
			list = append(list, town{t.Town, t.Works, false})
		}
	}
	return list
}

// bar is one of the bars of the prices.
type bar struct {
	X, Width, Y, Height string
	Faint               bool // outside the range
}

// barsHeight is how high the highest bar is, in pixels.
const barsHeight = 36

func (p IndexProps) bars() []bar {
	n, bins := p.Counts.Prices(), store.PriceBins()
	most := 1
	for _, works := range n {
		most = max(most, works)
	}
	bars := make([]bar, len(n))
	step := 100 / float64(len(n))
	for i, works := range n {
		height := (works*(barsHeight-1) + most - 1) / most
		outside := p.Filter.Price.Most > 0 && bins[i] > p.Filter.Price.Most || i+1 < len(bins) && p.Filter.Price.Least >= bins[i+1]
		bars[i] = bar{fmt.Sprintf("%.2f%%", float64(i)*step), fmt.Sprintf("%.2f%%", step*.86),
			strconv.Itoa(barsHeight - height), strconv.Itoa(height), outside}
	}
	return bars
}

// prices says what the bars show.
func (p IndexProps) prices() string {
	n, bins := p.Counts.Prices(), store.PriceBins()
	all, middle, seen := 0, 0, 0
	for _, works := range n {
		all += works
	}
	if all == 0 {
		return "No prices to show."
	}
	first, last := -1, 0
	for i, works := range n {
		if works == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		if seen*2 < all {
			middle = i
		}
		seen += works
	}
	to := "more"
	if last+1 < len(bins) {
		to = bins[last+1].Short()
	}
	half := "more"
	if middle+1 < len(bins) {
		half = bins[middle+1].Short()
	}
	return "Prices from " + bins[first].Short() + " to " + to + ". Half of the works cost " + half + " or less."
}

// shape is how a shape is drawn in its tile of 20 by 18.
func shape(s store.Shape) (x, y, width, height string) {
	switch s {
	case store.Portrait:
		return "5.5", "2", "9", "14"
	case store.Landscape:
		return "2", "3.5", "16", "11"
	}
	return "3.5", "2.5", "13", "13"
}
