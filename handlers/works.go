package handlers

import (
	"fmt"
	"strconv"
	"strings"

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
		ID: card.ID, URL: artworkPath(card.ID), Title: card.Title, Year: card.Year,
		Artist: card.ArtistName, ArtistURL: artistPath(card.ArtistUsername),
		Facts1: card.Medium.Label() + ", " + card.Material, Facts2: card.Dimensions(),
		Width: centimetres(card.Width), Height: centimetres(card.Height), PriceLine: card.PriceLine(), Sold: card.SoldOut(), SoldWords: card.SoldWords(),
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
// how wide it is shown, as in HTML; "" asks for a thumbnail.
func (s *Server) photo(img store.Image, sizes string) ui.Photo {
	p := ui.Photo{Alt: img.Alt, Ground: img.Ground, Sizes: sizes}
	if img.Key == "" {
		return p
	}
	kept := imagehost.Sizes(img.Width, img.Height)
	main := kept[0]
	if sizes != "" {
		var set []string
		for i, size := range kept {
			if i < 2 {
				main = size
			}
			set = append(set, fmt.Sprintf("%s %dw", imagePath(img.Key, size.Step), size.Width))
		}
		p.Srcset = strings.Join(set, ", ")
	}
	p.Src, p.Width, p.Height = imagePath(img.Key, main.Step), main.Width, main.Height
	return p
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

func artworkPath(id int64) string { return "/artworks/" + strconv.FormatInt(id, 10) }

func imagePath(key string, step int) string {
	return "/images/" + key + "/" + strconv.Itoa(step) + ".jpg"
}
