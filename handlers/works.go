package handlers

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gosimple/slug"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/views/ui"
)

// hangSizes is how wide a work of a hang is shown.
const hangSizes = "(width < 40rem) 90vw, 30vw"

// works are cards as lists of pages show them.
func (s *Server) works(c echo.Context, cards []store.Card) []ui.Work {
	works := make([]ui.Work, len(cards))
	for i, card := range cards {
		works[i] = s.work(c, card)
	}
	return works
}

// work is a card with its wall label, its photograph and its save button.
func (s *Server) work(c echo.Context, card store.Card) ui.Work {
	w := ui.Work{
		ID: card.ID, URL: artworkPath(card.ID, card.Title), Title: card.Title, Year: card.Year,
		Artist: card.ArtistName, ArtistURL: artistPath(card.ArtistUsername),
		Facts1: card.Medium.Label() + ", " + card.Material, Facts2: card.Dimensions(),
		Width: centimetres(card.Width), Height: centimetres(card.Height), PriceLine: card.LineNow(), Sold: card.SoldOut(), SoldWords: card.SoldWords(),
		Photo: s.photo(card.Cover, hangSizes), Save: s.save(c, card),
	}
	if card.Edition != store.UniqueEdition {
		w.Facts2 += " · " + card.EditionLabel()
	}
	if w.Photo.Alt == "" {
		w.Photo.Alt = card.Title + " by " + card.ArtistName
	}
	return w
}

// save is the button that keeps the work: for collectors, for visitors a way to
// the door and back, for artists nothing.
func (s *Server) save(c echo.Context, card store.Card) *ui.Save {
	save := &ui.Save{ArtworkID: card.ID, Title: card.Title, Saved: card.Saved, Next: here(c)}
	switch session := viewer(c); {
	case session == nil:
		save.Visitor = true
	case session.Member.IsCollector() && (card.State == store.Listed || card.Saved):
		save.GalleryID = session.GalleryID
	default:
		return nil
	}
	return save
}

// photo is a photograph of a work in the sizes that are kept of it. sizes says
// how wide it is shown, as in HTML; "" asks for a thumbnail. Without a picture,
// or before it is made, only its place is known.
func (s *Server) photo(img store.Image, sizes string) ui.Photo {
	p := ui.Photo{Alt: img.Alt, Ground: img.Ground, Sizes: sizes, Width: img.Width, Height: img.Height}
	if img.Key == "" {
		return p
	}
	kept := imagehost.Sizes(img.Width, img.Height)
	main := kept[0]
	if sizes != "" {
		main = kept[min(1, len(kept)-1)]
		p.Srcset = srcset(img.Key, kept, imagehost.JPEG)
		p.AVIF = srcset(img.Key, asAVIF(img, kept, sizes), imagehost.AVIF)
	}
	p.Src, p.Width, p.Height = imagePath(img.Key, main.Step, imagehost.JPEG), main.Width, main.Height
	return p
}

// asAVIF are the sizes to be offered as AVIF. A browser that knows AVIF takes no
// other, so a large place is offered all sizes or none; a hang needs the small
// ones only.
func asAVIF(img store.Image, kept []imagehost.Size, sizes string) []imagehost.Size {
	n := 0
	for n < len(kept) && kept[n].Step <= img.AVIFWidth {
		n++
	}
	if n < len(kept) && (sizes != hangSizes || kept[max(0, n-1)].Width < hangNeeds) {
		return nil
	}
	return kept[:n]
}

// hangNeeds is the width in pixels with which a work of a hang is sharp enough on
// any screen.
const hangNeeds = 960

func srcset(key string, sizes []imagehost.Size, format imagehost.Format) string {
	set := make([]string, len(sizes))
	for i, size := range sizes {
		set[i] = fmt.Sprintf("%s %dw", imagePath(key, size.Step, format), size.Width)
	}
	return strings.Join(set, ", ")
}

// viewerID is the id of the member who asks, 0 for a visitor.
func viewerID(c echo.Context) int64 {
	if session := viewer(c); session != nil {
		return session.Member.ID
	}
	return 0
}

// here is the page that the person is on: that of the request or, when HTMX
// asks for a part of it, the one that it stands on.
func here(c echo.Context) string {
	uri := c.Request().URL.RequestURI()
	if wantsFragment(c) {
		return localPath(pathOf(c.Request().Header.Get("HX-Current-URL")), uri)
	}
	return uri
}

// artworkPath is the address of a work's page: its id, and its title in the
// letters of an address where it has any. Without the title it is the short
// address, which leads there.
func artworkPath(id int64, title string) string {
	path := "/artworks/" + strconv.FormatInt(id, 10)
	if words := slug.Make(title); words != "" {
		path += "-" + words
	}
	return path
}
