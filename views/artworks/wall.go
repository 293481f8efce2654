package artworks

import (
	"net/url"
	"strings"

	"openstudio/store"
	"openstudio/views/ui"
)

// Paint is the colour of the wall that a work is drawn on.
type Paint string

// The paints. Chalk is that of a wall nobody chose.
const (
	Chalk Paint = "chalk"
	Clay  Paint = "clay"
	Ink   Paint = "ink"
)

// The widths that an own wall may have.
const (
	WallLeast store.Hundredths = 50_00
	WallMost  store.Hundredths = 2000_00
)

// Wall is the wall that a work is drawn on, as its visitor describes it.
type Wall struct {
	Paint Paint
	Width store.Hundredths // of their own wall; 0: it does not matter, or cannot be read
	Typed string           // the width as it was typed
	Error string           // what to do about it, or ""
}

// ReadWall understands what an address says of the wall. A paint that is not
// known is chalk.
func ReadWall(paint, width string) Wall {
	w := Wall{Paint: Chalk, Typed: strings.TrimSpace(width)}
	if p := Paint(paint); p == Clay || p == Ink {
		w.Paint = p
	}
	if w.Typed == "" {
		return w
	}
	cm, ok := store.ParseHundredths(strings.TrimSpace(strings.TrimSuffix(strings.ToLower(w.Typed), "cm")))
	switch {
	case !ok:
		w.Error = "Write the width of your wall as a number of centimetres, such as 320."
	case cm < WallLeast || cm > WallMost:
		w.Error = "Give a width between " + WallLeast.String() + " and " + WallMost.String() + " cm."
	default:
		w.Width = cm
	}
	return w
}

// Fits says in words what is left on each side of a work of this width on the
// visitor's own wall, or how much is lacking. Without such a wall it says
// nothing.
func (w Wall) Fits(work store.Hundredths) string {
	const millimetre = 10
	if w.Width == 0 {
		return ""
	}
	if work > w.Width {
		return "It is " + (work - w.Width).String() + " cm wider than your wall."
	}
	left := (w.Width - work) / 2
	left -= left % millimetre
	switch left {
	case 0:
		return "It fits exactly: your wall is as wide as the work."
	case 1_00:
		return "It fits: 1 cm is left on each side."
	}
	return "It fits: " + left.String() + " cm are left on each side."
}

// query is what an address says of the wall, which is nothing about one that
// nobody described.
func (w Wall) query() url.Values {
	q := url.Values{}
	if w.Paint != Chalk {
		q.Set("wall", string(w.Paint))
	}
	if w.Typed != "" {
		q.Set("width", w.Typed)
	}
	return q
}

func (w Wall) class() string { return "wall wall--scale wall--" + string(w.Paint) }

func paints() []ui.Option {
	return []ui.Option{{Value: string(Chalk), Label: "Chalk"}, {Value: string(Clay), Label: "Clay"}, {Value: string(Ink), Label: "Ink"}}
}
