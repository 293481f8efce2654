package ui

import "strconv"

// Photo is a photograph of a work. Without Sizes it is a thumbnail, of one
// small size only.
type Photo struct {
	Src, Srcset, Sizes string // Src is "" when there is no picture, or not yet
	AVIF               string // a srcset of the same in fewer bytes, or ""
	Width, Height      int    // of Src, in pixels
	Alt                string
	Ground             string // its mean colour, "#c2bfae"
}

// Picture is the photograph as an image of a page, far down on it.
func (p Photo) Picture(class string) PictureProps {
	return PictureProps{Src: p.Src, Srcset: p.Srcset, AVIF: p.AVIF, Sizes: p.Sizes, Width: p.Width, Height: p.Height, Alt: p.Alt, Class: class, Lazy: true}
}

// awaited describes the place of a picture that is not made yet.
func (p Photo) awaited() string {
	if p.Alt == "" {
		return "The picture is being prepared"
	}
	return p.Alt + " The picture is being prepared."
}

// tallest is the ratio of width to height under which a label stands beside its
// work rather than under it.
const tallest = 0.5

func (p Photo) ratio() float64 {
	if p.Width == 0 || p.Height == 0 {
		return 4.0 / 3 // of the bare wall
	}
	return float64(p.Width) / float64(p.Height)
}

// Work is what a list shows of a work.
type Work struct {
	ID         int64
	URL        string
	Artist     string
	ArtistURL  string
	HideArtist bool // where all works are of one artist
	Title      string
	Year       int
	Width      float64 // of the work, in cm
	Height     float64
	Facts1     string // "Painting, oil on linen"
	Facts2     string // "120 × 150 cm", "70 × 50 cm · Edition of 40"
	PriceLine  string // "£3,400", "Not for sale", "£380, 22 of 30 left", "£3,400, on hold"
	Delivered  string // "£312 delivered to BT9", or ""
	Spare      string // "12 cm to spare each side", or ""
	Sold       bool   // the dot and SoldWords take the price's place
	SoldWords  string // "Sold", "Edition sold out"
	Photo      Photo  // Src is "" when there is none to show
	Save       *Save  // nil for those who do not collect
}

// Save is the button that hangs a work in the viewer's gallery or takes it down.
type Save struct {
	ArtworkID int64
	GalleryID int64
	Title     string
	Saved     bool
	Visitor   bool   // has to sign in first
	Large     bool   // with words
	Next      string // the page to come back to
}

func (s Save) id() string { return "save-" + strconv.FormatInt(s.ArtworkID, 10) }

func (s Save) hang() string {
	return "/galleries/" + strconv.FormatInt(s.GalleryID, 10) + "/artworks"
}

func (s Save) hung() string { return s.hang() + "/" + strconv.FormatInt(s.ArtworkID, 10) }

func (s Save) class() string {
	if s.Large {
		return "toggle"
	}
	return "save"
}

func (s Save) place() string {
	if s.Large {
		return ""
	}
	return "work__save"
}

// words name the button; a large one shows shorter words of its own.
func (s Save) words() string {
	if s.Saved {
		return "Saved: " + s.Title
	}
	return "Save " + s.Title + " to your gallery"
}

func (s Save) pressed() string { return strconv.FormatBool(s.Saved) }
