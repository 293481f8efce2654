// Package home shows the first page and what this market is.
package home

import (
	"strconv"

	"openstudio/store"
	"openstudio/views/ui"
)

// Props are what the first page shows.
type Props struct {
	Works    string // "212 works"; "" in a market where nothing hangs yet
	Wall     Wall
	Fresh    []ui.Work // beside those on the wall
	ThisWeek bool      // all of Fresh are from the last seven days
	Artists  []ui.Row
	Studios  string // "41 artists"
	Viewer   Viewer

	Commission store.Commission
}

// Viewer is who looks: nobody we know, an artist or a collector.
type Viewer int

// The viewers.
const (
	Visitor Viewer = iota
	Artist
	Collector
)

// door is where a viewer goes on to from the first page, beside the works.
func (v Viewer) door() (href, words string) {
	switch v {
	case Artist:
		return "/artworks/new", "Hang a new work"
	case Collector:
		return "/gallery", "Your gallery"
	}
	return "/register", "Open a studio"
}

func (p Props) freshTitle() string {
	if p.ThisWeek {
		return "New this week"
	}
	return "Newest works"
}

// words describes the wall to those who do not see it.
func (w Wall) words() string {
	numbers := [...]string{"", "One work", "Two works", "Three works", "Four works", "Five works", "Six works", "Seven works"}
	if len(w.Works) == 0 {
		return "A bare wall, with a bench and a visitor 170 cm tall"
	}
	return numbers[len(w.Works)] + " hung at true scale on one eye-line, with a bench and a visitor 170 cm tall"
}

// pixels is the drawing's natural size, one pixel a centimetre.
func pixels(h store.Hundredths) string { return strconv.FormatInt(int64(h+99)/100, 10) }

func viewBox(w Wall) string {
	return "0 0 " + w.Width.String() + " " + store.Hundredths(roomHeight).String()
}

// words names a work on the wall: title, artist, price or that it is sold.
func (p Place) words() string {
	w := p.Work
	if w.Sold {
		return w.Title + ", " + w.Artist + ", sold"
	}
	return w.Title + ", " + w.Artist + ", " + w.PriceLine
}
