package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestHomeOfAnEmptyMarket(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	page := site.Visitor(t).Get("/")
	shows(t, "an empty market", page, http.StatusOK, "Work by living artists", "Nothing hangs here yet", `href="/register">Open a studio`, `id="how"`, "£1,200.00")
	hides(t, "an empty market", page, "On the wall this week", "New this week", "Browse 0")
	shows(t, "to an artist", site.SignedIn(t, site.Ana).Get("/"), http.StatusOK, `href="/artworks/new">Hang a new work`)
	shows(t, "to a collector", site.SignedIn(t, site.Ben).Get("/"), http.StatusOK, `href="/gallery">Your gallery`)
}

func TestHomeOfAMarket(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Work(t, site.Dora, storetest.Work{Title: "Old Work"})
	site.Clock.Advance(8 * 24 * time.Hour)
	for _, w := range []storetest.Work{{Title: "Jar", Medium: store.Ceramics}, {Title: "Sold Sill", SoldOut: true}, {Title: "Sketch", State: store.Draft},
		{Title: "A"}, {Title: "B"}, {Title: "C"}, {Title: "D"}, {Title: "E"}, {Title: "F"}, {Title: "G"}, {Title: "H"}, {Title: "I"}} {
		site.Clock.Advance(time.Minute)
		site.Work(t, site.Ana, w)
	}
	page := site.Visitor(t).Get("/")
	shows(t, "the first page", page, http.StatusOK, "Browse 12 works", "On the wall this week", "Newest works", "All 2 artists", `href="/artists/ana"`, "Painting, Leeds", "11 works",
		"Seven works hung at true scale", `width="80" height="60"`)
	hides(t, "the first page", page, "Sketch", "New this week")
	wall, _, _ := strings.Cut(page.Body, `class="page sections"`)
	if strings.Contains(wall, "Jar,") || !strings.Contains(wall, `aria-label="I, Ana James, £1,450"`) {
		t.Errorf("the wall:\n%s", wall)
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	shows(t, "about", site.Visitor(t).Get("/about"), http.StatusOK, "£2 for each kilogram", "1% of the price", "Guernsey", "Listing is free")
}
