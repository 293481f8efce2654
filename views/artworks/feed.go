package artworks

import "openstudio/store"

// EntryProps are what a feed shows of a work. All addresses are absolute.
type EntryProps struct {
	Card          store.Card
	Note          string // a curator's reason
	Image         string // or ""
	Width, Height int    // of the image, in pixels
	Alt           string
}

func (p EntryProps) priceLine() string {
	if p.Card.SoldOut() {
		return p.Card.SoldWords()
	}
	return p.Card.PriceLine()
}
