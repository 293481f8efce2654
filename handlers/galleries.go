package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/galleries"
	"openstudio/views/layout"
	"openstudio/views/ui"
)

// galleries lists the public galleries.
func (s *Server) galleries(c echo.Context) error {
	page, err := s.Store.Galleries(c.Request().Context(), c.QueryParam("after"))
	if err != nil {
		return err
	}
	p := galleries.IndexProps{Galleries: make([]ui.Row, len(page.Items))}
	for i, g := range page.Items {
		strip := s.strip(g.Strip)
		for j := range strip {
			strip[j].Href = fromGallery(strip[j].Href, g.ID)
		}
		p.Galleries[i] = ui.Row{Href: galleryPath(g.ID), Name: g.Title, Strip: strip, Lines: []string{
			"A gallery by " + g.CuratorName, ui.Count(g.Count, 0, "work") + ". Last rehung " + ui.Day(g.RehungAt)}}
	}
	if page.Next != "" {
		p.More = "/galleries?after=" + page.Next
	}
	return s.show(c, http.StatusOK, view{Title: "Galleries", Description: "Works that collectors chose, and why they chose them.",
		Page: galleries.Index(p), Fragment: galleries.Rows(p)})
}

// gallery shows a gallery to those who may see it.
func (s *Server) gallery(c echo.Context) error {
	gallery, err := id(c, "id")
	if err != nil {
		return err
	}
	viewing, key := viewerID(c), c.QueryParam("key")
	g, err := s.Store.Gallery(c.Request().Context(), viewing, gallery, key, c.QueryParam("after"))
	if err != nil {
		return err
	}
	p := galleries.Props{Gallery: g, Mine: g.CuratorID == viewing, Visitor: viewing == 0, Plates: make([]galleries.Plate, len(g.Works.Items))}
	works := make([]ui.Work, len(p.Plates))
	for i, h := range g.Works.Items {
		w := s.work(c, h.Card)
		alt := w.Photo.Alt
		w.Photo = s.photo(h.Cover, "(width < 62rem) 92vw, 56vw")
		w.Photo.Alt = alt
		if g.Visibility == store.PublicGallery {
			w.URL = fromGallery(w.URL, g.ID)
		}
		p.Plates[i] = galleries.Plate{Work: w, Note: h.Note}
		works[i] = w
	}
	home := galleryPath(g.ID)
	if key != "" {
		home = withQuery(home, "key", key)
	}
	p.Scale = scale(c, works)
	p.Switch = scaleSwitch(home, p.Scale, "")
	if g.Works.Next != "" {
		p.More = moreAtScale(withQuery(home, "after", g.Works.Next), p.Scale)
	}
	title := g.Title + ", a gallery by " + g.CuratorName
	return s.show(c, http.StatusOK, view{Title: title, Description: g.Intro, Head: s.galleryHead(g, title),
		NoIndex: g.Visibility != store.PublicGallery, Page: galleries.Show(p), Fragment: galleries.Plates(p)})
}

// galleryHead is what those who link to a public gallery show of it.
func (s *Server) galleryHead(g store.Gallery, title string) templ.Component {
	if g.Visibility != store.PublicGallery {
		return nil
	}
	return templ.Join(layout.Feed(g.Title, galleryPath(g.ID)+"/feed"), layout.Preview(s.cardPreview("website", title, g.Intro, galleryPath(g.ID), g.Cover)))
}

// myGallery is the collector's own.
func (s *Server) myGallery(c echo.Context) error {
	p, err := s.mine(c)
	if err != nil {
		return err
	}
	return s.showMine(c, http.StatusOK, p, galleries.Curation(p))
}

// mine reads the collector's own gallery, on the page of it that the request
// names.
func (s *Server) mine(c echo.Context) (galleries.MineProps, error) {
	after := c.FormValue("after")
	g, err := s.Store.MyGallery(c.Request().Context(), member(c), after)
	if err != nil {
		return galleries.MineProps{}, err
	}
	p := galleries.MineProps{Gallery: g, Title: g.Title, Intro: g.Intro, After: after}
	switch g.Visibility {
	case store.PublicGallery:
		p.Link = s.BaseURL + galleryPath(g.ID)
	case store.LinkGallery:
		p.Link = s.BaseURL + galleryPath(g.ID) + "?key=" + url.QueryEscape(g.LinkToken)
	}
	p.Works = make([]galleries.Item, len(g.Works.Items))
	works := make([]ui.Work, len(p.Works))
	for i, h := range g.Works.Items {
		works[i] = s.work(c, h.Card)
		p.Works[i] = galleries.Item{Work: works[i], Gallery: g.ID, After: after, Note: h.Note,
			Cover: h.IsCover, TakenDown: h.TakenDown(), First: h.First, Last: h.Last}
		if c.QueryParam("scale") == "" {
			p.Works[i].Work.Photo = s.photo(h.Cover, "")
		}
	}
	p.Scale = scale(c, works)
	p.First = atScale("/gallery", p.Scale)
	p.Switch = scaleSwitch("/gallery", p.Scale, "#hung")
	if g.Works.Next != "" {
		p.More = moreAtScale(withQuery("/gallery", "after", g.Works.Next), p.Scale)
	}
	return p, nil
}

func (s *Server) showMine(c echo.Context, status int, p galleries.MineProps, part templ.Component) error {
	return s.show(c, status, view{Title: p.Gallery.Title, NoIndex: true, Page: galleries.Mine(p), Fragment: part})
}

// describeGallery keeps the gallery's title and introduction.
func (s *Server) describeGallery(c echo.Context) error {
	title, intro := c.FormValue("title"), c.FormValue("intro")
	err := s.Store.UpdateGallery(c.Request().Context(), member(c), title, intro)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		p, err := s.mine(c)
		if err != nil {
			return err
		}
		p.Title, p.Intro, p.TitleError, p.IntroError = title, intro, invalid.Get("title"), invalid.Get("intro")
		return s.showMine(c, http.StatusUnprocessableEntity, p, galleries.Describe(p))
	}
	if err != nil {
		return err
	}
	return s.kept(c, "describe-said", "Your gallery’s title and introduction are kept.", "/gallery")
}

// showGallery says who may see the gallery.
func (s *Server) showGallery(c echo.Context) error {
	to := store.Visibility(c.FormValue("visibility"))
	err := s.Store.ShowGallery(c.Request().Context(), member(c), to)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		p, err := s.mine(c)
		if err != nil {
			return err
		}
		p.SeeError = invalid.Get("visibility")
		return s.showMine(c, http.StatusUnprocessableEntity, p, galleries.Sharing(p))
	}
	if err != nil {
		return err
	}
	words := map[store.Visibility]string{
		store.PrivateGallery: "Only you can see your gallery.",
		store.LinkGallery:    "Whoever has the link can see your gallery.",
		store.PublicGallery:  "Your gallery is open to everyone.",
	}
	return s.shared(c, words[to])
}

// renewGalleryLink closes the old link and makes a new one.
func (s *Server) renewGalleryLink(c echo.Context) error {
	if err := s.Store.RenewGalleryLink(c.Request().Context(), member(c)); err != nil {
		return err
	}
	return s.shared(c, "Your gallery has a new link. The old one opens nothing any more.")
}

// shared answers after a change of who may see the gallery.
func (s *Server) shared(c echo.Context, sentence string) error {
	s.flash(c, ui.Done, sentence)
	if !wantsFragment(c) {
		return s.redirect(c, "/gallery")
	}
	p, err := s.mine(c)
	if err != nil {
		return err
	}
	return s.showMine(c, http.StatusOK, p, galleries.Sharing(p))
}

// noteArtwork keeps the collector's reason for a work.
func (s *Server) noteArtwork(c echo.Context) error {
	artwork, err := id(c, "artwork")
	if err != nil {
		return err
	}
	note := c.FormValue("note")
	err = s.Store.NoteArtwork(c.Request().Context(), member(c), artwork, note)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showNoteError(c, artwork, note, invalid.Get("note"))
	}
	if err != nil {
		return err
	}
	n := strconv.FormatInt(artwork, 10)
	return s.kept(c, "said-"+n, "Your note is kept.", curationPath(c)+"#hung-"+n)
}

// showNoteError shows a note that cannot be kept, as it was typed.
func (s *Server) showNoteError(c echo.Context, artwork int64, note, sentence string) error {
	p, err := s.mine(c)
	if err != nil {
		return err
	}
	part := galleries.Curation(p)
	for i := range p.Works {
		if p.Works[i].Work.ID == artwork {
			p.Works[i].Note, p.Works[i].NoteError = note, sentence
			part = galleries.Note(p.Works[i])
		}
	}
	return s.showMine(c, http.StatusUnprocessableEntity, p, part)
}

// kept answers after something written was kept: with a word beside its button
// or, without HTMX, with a sentence on the page.
func (s *Server) kept(c echo.Context, said, sentence, path string) error {
	if wantsFragment(c) {
		c.Response().Header().Set("HX-Reswap", "none")
		return s.part(c, http.StatusOK, galleries.Said(said))
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, path)
}

// moveArtwork lets a work change places with its neighbour.
func (s *Server) moveArtwork(c echo.Context) error {
	artwork, err := id(c, "artwork")
	if err != nil {
		return err
	}
	by := number(c, "by")
	if by != -1 && by != 1 {
		return &store.Invalid{Fields: []store.FieldError{{Field: "by", Sentence: "A work moves one place earlier or later."}}}
	}
	if err := s.Store.MoveArtwork(c.Request().Context(), member(c), artwork, by); err != nil {
		return err
	}
	if wantsFragment(c) {
		return s.myGallery(c)
	}
	return s.redirect(c, curationPath(c)+"#hung-"+strconv.FormatInt(artwork, 10))
}

// coverGallery lets a work stand for the gallery where others show it, or no
// longer.
func (s *Server) coverGallery(c echo.Context) error {
	artwork, err := id(c, "artwork")
	if err != nil {
		return err
	}
	if err := s.Store.CoverGallery(c.Request().Context(), member(c), artwork, c.FormValue("cover") == "1"); err != nil {
		return err
	}
	if wantsFragment(c) {
		return s.myGallery(c)
	}
	return s.redirect(c, curationPath(c)+"#hung-"+strconv.FormatInt(artwork, 10))
}

// saveArtwork hangs a work in the collector's gallery.
func (s *Server) saveArtwork(c echo.Context) error {
	gallery, err := id(c, "id")
	if err != nil {
		return err
	}
	artwork, err := strconv.ParseInt(c.FormValue("artwork"), 10, 64)
	if err != nil || artwork <= 0 {
		return store.ErrNotFound
	}
	saving, err := s.Store.SaveArtwork(c.Request().Context(), member(c), gallery, artwork)
	if err != nil {
		return err
	}
	sentence := "“" + saving.Title + "” now hangs in your gallery."
	if !saving.Changed {
		sentence = "“" + saving.Title + "” is already in your gallery."
	}
	return s.toggled(c, ui.Save{ArtworkID: artwork, GalleryID: gallery, Title: saving.Title, Saved: true}, sentence)
}

// unsaveArtwork takes a work down from the collector's gallery.
func (s *Server) unsaveArtwork(c echo.Context) error {
	gallery, err := id(c, "id")
	if err != nil {
		return err
	}
	artwork, err := id(c, "artwork")
	if err != nil {
		return err
	}
	saving, err := s.Store.UnsaveArtwork(c.Request().Context(), member(c), gallery, artwork)
	if err != nil {
		return err
	}
	sentence := "“" + saving.Title + "” is taken down from your gallery."
	if !saving.Changed {
		sentence = "“" + saving.Title + "” is not in your gallery."
	}
	return s.toggled(c, ui.Save{ArtworkID: artwork, GalleryID: gallery, Title: saving.Title}, sentence)
}

// toggled answers a click on a save button with the button as it is now, and a
// click in one's own gallery with what hangs there now. Without HTMX it leads
// back to where one was, with a sentence.
func (s *Server) toggled(c echo.Context, save ui.Save, sentence string) error {
	save.Large = c.FormValue("large") != ""
	save.Next = localPath(c.FormValue("next"), localPath(pathOf(c.Request().Referer()), "/gallery"))
	if !wantsFragment(c) {
		s.flash(c, ui.Done, sentence)
		return s.redirect(c, save.Next)
	}
	if c.Request().Header.Get("HX-Target") == "hung" {
		s.flash(c, ui.Done, sentence)
		return s.myGallery(c)
	}
	return s.part(c, http.StatusOK, ui.SaveToggle(save))
}

// curationPath is the page of one's own gallery that a form stands on.
func curationPath(c echo.Context) string {
	if after := c.FormValue("after"); after != "" {
		return "/gallery?after=" + url.QueryEscape(after)
	}
	return "/gallery"
}

// fromGallery is the address of a work for those who open it from a public
// gallery, which their order is to remember.
func fromGallery(path string, gallery int64) string {
	return withQuery(path, "from", strconv.FormatInt(gallery, 10))
}

func galleryPath(id int64) string { return "/galleries/" + strconv.FormatInt(id, 10) }
