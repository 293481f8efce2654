package artworks

import (
	"openstudio/static"
	"openstudio/store"
	"openstudio/views/ui"
)

// CardProps are what the card of a work shows in the pages of others.
type CardProps struct {
	Card       store.Card
	Link       string // the address of the work, absolute
	Photo      ui.Photo
	NoLearning bool // machines are asked not to learn from it
	Assets     *static.Assets
}

func (p CardProps) title() string { return p.Card.Title + " by " + p.Card.ArtistName }

// FrameProps are the place of a card in the page of others, in pixels.
type FrameProps struct {
	Src, Title    string
	Width, Height int
}
