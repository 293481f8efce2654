package home

import (
	"openstudio/store"
	"openstudio/views/ui"
)

// Hung is a work and the size that it has in the room.
type Hung struct {
	Work          ui.Work
	Width, Height store.Hundredths // of a centimetre
}

// Wall is a wall drawn to scale: works on one eye-line, lit each by its own
// lamp, before a bench and a visitor. All lengths are hundredths of a
// centimetre, from the left and from the top.
type Wall struct {
	Width   store.Hundredths
	Works   []Place
	Bench   store.Hundredths // its left edge
	Visitor store.Hundredths // the left edge of the visitor's place
}

// Place is where a work hangs, and where its card and its light are.
type Place struct {
	Hung
	X, Y           store.Hundredths
	Card           store.Hundredths // the card's left edge
	LightX, LightR store.Hundredths // the middle and the half width of its light
}

// The room: 262 cm from the top of the drawing to its foot, the floor from 238
// down, so that the eye-line at 150 cm lies 88 below the top.
const (
	roomHeight = 262_00
	floor      = 238_00
	eyeLine    = floor - 150_00

	tallest  = 2 * (eyeLine - 8_00) // a work that reaches to 8 cm below the top
	widest   = 300_00
	farthest = 1100_00 // where the last work may end
	most     = 7

	margin     = 40_00
	cardGap    = 6_00 // between a work and its card
	cardWidth  = 11_00
	dotFrom    = 15_00 // from the left edge of a card to the middle of its dot
	between    = 44_00 // from a work to the next: room for a card and a dot
	visitor    = 60_00
	bench      = 130_00
	bare       = 420_00 // the width of a wall on which nothing hangs
	lightReach = 38_00  // how far a lamp shines beyond a work
)

// Hang hangs the works from left to right in their order. Those without a
// picture, those too large for the wall and those for which no room is left
// stay away, at most seven hang. The bench is before the first work, the
// visitor stands after it; they are there when nothing hangs.
func Hang(works []Hung) Wall {
	w := Wall{Width: bare, Bench: margin, Visitor: margin + bench + cardGap}
	x := store.Hundredths(margin)
	for _, h := range works {
		if len(w.Works) == most {
			break
		}
		if h.Work.Photo.Src == "" || h.Width <= 0 || h.Height <= 0 || h.Width > widest || h.Height > tallest || x+h.Width > farthest {
			continue
		}
		end := x + h.Width
		w.Works = append(w.Works, Place{Hung: h, X: x, Y: eyeLine - h.Height/2, Card: end + cardGap,
			LightX: x + h.Width/2, LightR: h.Width/2 + lightReach})
		w.Width = end + margin
		x = end + between
		if len(w.Works) == 1 {
			w.Bench = max(margin/2, margin+h.Width/2-bench/2)
			w.Visitor = max(end+cardGap+cardWidth, w.Bench+bench) + cardGap
			x = w.Visitor + visitor + cardGap
			w.Width = x + margin
		}
	}
	return w
}
