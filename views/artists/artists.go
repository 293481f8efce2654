// Package artists shows artists: the list of them, and the page of one.
package artists

import (
	"net/url"
	"strconv"
	"strings"

	"openstudio/store"
	"openstudio/views/ui"
)

// IndexProps are what the list of artists shows.
type IndexProps struct {
	Query   string // what was looked for
	Letter  string // that last names begin with, or ""
	Letters []string
	Count   string // "52 artists"
	Artists []ui.Row
	More    string // the address of the next page, or ""
}

// Props are what an artist's page shows.
type Props struct {
	Artist      store.ArtistPage
	Away        string // "Ana is away until 4 June 2026", or ""
	Exhibitions []store.Exhibition
	Series      []ui.Row
	Follow      *Follow      // nil on one's own page
	Letter      *LetterProps // for those without an account
	Feed        string
	Available   Part
	Sold        Part
	Switch      ui.ScaleSwitch
}

// The ids of the two hangs on an artist's page.
const (
	AvailableID = "available-works"
	SoldID      = "sold-works"
)

// Part is a page of an artist's works.
type Part struct {
	Works []ui.Work
	More  string // the address of the next page, or ""
	Scale ui.Scale
}

// about is what stands under the artist's name: "Painting and printmaking, Glasgow".
func about(a store.ArtistPage) string {
	mediums := a.Mediums
	if len(mediums) > 3 {
		mediums = mediums[:3]
	}
	words := ""
	for i, m := range mediums {
		switch {
		case i == 0:
			words = m.Label()
		case i == len(mediums)-1:
			words += " and " + strings.ToLower(m.Label())
		default:
			words += ", " + strings.ToLower(m.Label())
		}
	}
	if words == "" {
		return a.Town
	}
	return words + ", " + a.Town
}

// tabs lead to the artist's two hangs.
func tabs(p Props) []ui.Tab {
	tabs := []ui.Tab{{Href: "#available", Label: "Available", Count: strconv.Itoa(p.Artist.Available), Current: true}}
	if len(p.Sold.Works) > 0 {
		tabs = append(tabs, ui.Tab{Href: "#sold", Label: "Sold", Count: strconv.Itoa(p.Artist.SoldOut)})
	}
	if len(p.Series) > 0 {
		tabs = append(tabs, ui.Tab{Href: "#series", Label: "Series", Count: strconv.Itoa(len(p.Series))})
	}
	if p.Artist.Statement != "" || len(p.Exhibitions) > 0 {
		tabs = append(tabs, ui.Tab{Href: "#practice", Label: "About the work"})
	}
	return tabs
}

// site is a website as people say it: its host, without "www.".
func site(website string) string {
	u, err := url.Parse(website)
	if err != nil || u.Host == "" {
		return website
	}
	return strings.TrimPrefix(u.Host, "www.")
}
