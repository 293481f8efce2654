package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/views/artworks"
	"openstudio/views/layout"
	"openstudio/views/ui"
)

// The sizes at which the photographs of a work's own page are shown.
const viewerSizes = "(width < 62rem) 92vw, 56vw"

// artwork shows one work. A page that is asked for by another address than the
// work's own is moved there; the parts that HTMX asks for are answered at any.
func (s *Server) artwork(c echo.Context) error {
	artwork, err := leadingID(c.Param("id"))
	if err != nil {
		return err
	}
	a, err := s.Store.Artwork(c.Request().Context(), viewerID(c), artwork)
	if err != nil {
		return err
	}
	if a.Gaps() { // of the artist who asks
		return s.redirect(c, artworks.Path(a.ID)+"/edit")
	}
	if wantsFragment(c) {
		return s.artworkPart(c, s.artworkProps(c, a))
	}
	if home := artworkPath(a.ID, a.Title); c.Request().URL.Path != home {
		return s.moved(c, home)
	}
	offer, err := s.offer(c, a)
	if err != nil {
		return err
	}
	return s.showArtwork(c, wallStatus(wall(looking(c))), a, offer)
}

// artworkPart answers HTMX with the part of a work's page that it is to swap,
// the viewer or the wall, and with the address of the whole.
func (s *Server) artworkPart(c echo.Context, p artworks.Props) error {
	h := c.Response().Header()
	h.Add("Vary", "HX-Target")
	h.Set("HX-Replace-Url", p.Address())
	if c.Request().Header.Get("HX-Target") == wallTarget {
		return s.part(c, wallStatus(p.Wall), artworks.OnTheWall(p))
	}
	return s.part(c, http.StatusOK, artworks.Viewer(p))
}

// wallTarget is the part of a work's page that shows it on the wall.
const wallTarget = "to-scale"

func wallStatus(w artworks.Wall) int {
	if w.Error != "" {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// wall is the wall that an address describes.
func wall(q url.Values) artworks.Wall { return artworks.ReadWall(q.Get("wall"), q.Get("width")) }

// looking is how a work is looked at: which view, on which wall. A part that
// HTMX asks for takes the rest from the page that it stands on, which may have
// changed since the link was written.
func looking(c echo.Context) url.Values {
	q := url.Values{}
	for _, name := range []string{"view", "wall", "width"} {
		q.Set(name, c.QueryParam(name))
	}
	on, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	if err != nil || !sameWork(on.Path, c.Param("id")) || !wantsFragment(c) {
		return q
	}
	rest := []string{"wall", "width"}
	if c.Request().Header.Get("HX-Target") == wallTarget {
		rest = []string{"view"}
	}
	for _, name := range rest {
		q.Set(name, on.Query().Get(name))
	}
	return q
}

// sameWork reports whether a path is that of the page of a work, by whichever of
// its addresses.
func sameWork(path, param string) bool {
	name, ok := strings.CutPrefix(path, "/artworks/")
	one, err := leadingID(name)
	other, otherErr := leadingID(param)
	return ok && err == nil && otherErr == nil && one == other
}

func (s *Server) artworkProps(c echo.Context, a store.Artwork) artworks.Props {
	q := looking(c)
	all := a.Images
	a.Images = slices.DeleteFunc(slices.Clone(all), func(img store.Image) bool { return img.State != store.Ready })
	home := artworkPath(a.ID, a.Title)
	p := artworks.Props{Artwork: a, Home: home, Link: s.BaseURL + home, Owner: a.ArtistID == viewerID(c), View: viewOf(q.Get("view"), a), Wall: wall(q)}
	p.Scale = artworks.Draw(a.Width, a.Height, a.Medium.Stands(), p.Wall.Width)
	if a.SeriesID != 0 && a.State == store.Listed {
		p.Series = seriesPath(a.ArtistUsername, a.SeriesID, a.SeriesName)
	}
	for _, img := range a.Images {
		p.Photos = append(p.Photos, s.views(a, img))
	}
	for _, img := range all {
		if img.State == store.Preparing {
			p.Coming = append(p.Coming, s.photo(img, ""))
		}
	}
	return p
}

// showArtwork shows the page of a work with an offer to its viewer.
func (s *Server) showArtwork(c echo.Context, status int, a store.Artwork, offer templ.Component) error {
	p := s.artworkProps(c, a)
	more, err := s.Store.MoreByArtist(c.Request().Context(), viewerID(c), a)
	if err != nil {
		return err
	}
	p.More = s.works(c, more)
	for i := range p.More {
		p.More[i].HideArtist, p.More[i].Save = true, nil
	}
	p.Label = s.work(c, a.Card)
	p.Label.PriceLine = a.PriceLine() // whether it is on hold is said beside it, and until when
	if p.Label.Save != nil {
		p.Label.Save.Large = true
	}
	if viewer(c) == nil && a.Buyable() && !a.OnHold() && !a.Away(s.Store.Now()) {
		p.Door = "/login?next=" + url.QueryEscape(p.Home)
	}
	p.Offer = offer
	if a.State == store.Listed && !p.Owner {
		p.Ask = artworks.Path(a.ID) + "/question"
	}
	if p.Numbers, err = s.Store.Ledger(c.Request().Context(), a); err != nil {
		return err
	}
	if p.Prices, err = s.Store.PriceHistory(c.Request().Context(), a); err != nil {
		return err
	}
	if p.Owner {
		if p.Dearer, err = s.Store.DearerRequests(c.Request().Context(), member(c), a.ID); err != nil {
			return err
		}
	}
	return s.show(c, status, view{Title: a.Title + " by " + a.ArtistName, Description: describe(a), NoIndex: a.State != store.Listed, NoLearning: a.NoLearning, Canonical: p.Home,
		Head: s.artworkHead(a, p.Home), Page: artworks.Show(p)})
}

// viewOf is which photograph is looked at, from 0.
func viewOf(view string, a store.Artwork) int {
	n, err := strconv.Atoi(view)
	if err != nil || n < 1 || n > len(a.Images) {
		return 0
	}
	return n - 1
}

// views are a photograph in its three places.
func (s *Server) views(a store.Artwork, img store.Image) artworks.Photo {
	if img.Alt == "" {
		img.Alt = a.Title + " by " + a.ArtistName + ", view " + strconv.Itoa(img.Position+1)
	}
	p := artworks.Photo{Large: s.photo(img, viewerSizes), Thumb: s.photo(img, ""), Part: img.Part}
	p.Zoom = p.Large
	p.Zoom.Src, p.Zoom.Width, p.Zoom.Height = largest(img)
	return p
}

// describe is a work in one line.
func describe(a store.Artwork) string {
	line := a.Medium.Label() + ", " + a.Material + ", " + a.Dimensions() + ". " + a.PriceLine() + "."
	if a.SoldOut() {
		line = a.Medium.Label() + ", " + a.Material + ", " + a.Dimensions() + ". " + a.SoldWords() + "."
	}
	if a.Description != "" {
		line += " " + a.Description
	}
	return line
}

// artworkHead brings the page's scripts, and what those who link to a listed
// work show of it. home is the page's path.
func (s *Server) artworkHead(a store.Artwork, home string) templ.Component {
	script := artworks.Scripts(s.Assets.URL("js/viewer.js"), s.Assets.URL("js/share.js"))
	if a.State != store.Listed {
		return script
	}
	artist := artistPath(a.ArtistUsername)
	return templ.Join(script,
		layout.Preview(s.cardPreview("website", a.Title+" by "+a.ArtistName, describe(a), home, a.Card)),
		artworks.Discovery(a.Title, s.BaseURL+withQuery("/oembed", "url", s.BaseURL+home, "format", "json")),
		linked(s.schemaOfWork(a, s.BaseURL+home), s.trail("Artists", "/artists", a.ArtistName, artist, a.Title, home)))
}

// preview is what others show of a page of this path, with the picture of a work
// if there is one.
func (s *Server) preview(kind, title, description, path string, pictured store.Card) layout.PreviewProps {
	p := layout.PreviewProps{Type: kind, Title: title, Description: description, URL: s.BaseURL + path, Alt: pictured.Cover.Alt}
	if pictured.Cover.Key == "" {
		return p
	}
	sizes := imagehost.Sizes(pictured.Cover.Width, pictured.Cover.Height)
	size := sizes[min(previewSize, len(sizes)-1)]
	p.Image, p.Width, p.Height = s.BaseURL+imagePath(pictured.Cover.Key, size.Step, imagehost.JPEG), size.Width, size.Height
	if p.Alt == "" {
		p.Alt = pictured.Title + " by " + pictured.ArtistName
	}
	return p
}

// previewSize is which of the kept sizes others show: 1280 pixels wide.
const previewSize = 3

// listArtwork hangs a work or takes it down.
func (s *Server) listArtwork(c echo.Context) error {
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	listed := c.FormValue("listed") == "1"
	if err := s.Store.SetListed(c.Request().Context(), member(c), artwork, listed); err != nil {
		return err
	}
	sentence := "It is taken down. Only you can see it."
	if listed {
		sentence = "It hangs. Everybody can see it."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, artworkPath(artwork, ""))
}

// lowerRequests gives the price of a work to the open requests that were made at
// a higher one.
func (s *Server) lowerRequests(c echo.Context) error {
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	n, err := s.Store.LowerRequests(c.Request().Context(), member(c), artwork)
	if err != nil {
		return err
	}
	sentence := "No open request has a higher price."
	if n > 0 {
		sentence = ui.Count(n, n, "request") + " at the lower price now. Whoever asked has been told."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, artworkPath(artwork, ""))
}

// askToDeleteArtwork asks before a work is deleted.
func (s *Server) askToDeleteArtwork(c echo.Context) error {
	a, err := s.ownArtwork(c)
	if err != nil {
		return err
	}
	question := artworks.Removal(artworks.RemovalProps{ID: a.ID, Title: a.Title, Back: artworkPath(a.ID, a.Title)})
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, question)
	}
	return s.show(c, http.StatusOK, view{Title: "Delete “" + a.Title + "”?", NoIndex: true, Page: question})
}

// deleteArtwork deletes a work.
func (s *Server) deleteArtwork(c echo.Context) error {
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	archived, err := s.Store.DeleteArtwork(c.Request().Context(), member(c), artwork)
	if err != nil {
		return err
	}
	sentence := "The work is deleted."
	if archived {
		sentence = "The work is gone from the market. It is kept for those who asked for it."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, "/studio")
}

// ownArtwork is the artwork of the address, if it is the artist's own and not
// archived.
func (s *Server) ownArtwork(c echo.Context) (store.Artwork, error) {
	artwork, err := id(c, "id")
	if err != nil {
		return store.Artwork{}, err
	}
	a, err := s.Store.Artwork(c.Request().Context(), member(c).ID, artwork)
	if err == nil && (a.ArtistID != member(c).ID || a.State == store.Archived) {
		err = store.ErrNotFound
	}
	return a, err
}
