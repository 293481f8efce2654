package handlers

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artists"
	"openstudio/views/layout"
	"openstudio/views/ui"
)

// artists lists the artists by name.
func (s *Server) artists(c echo.Context) error {
	ctx := c.Request().Context()
	f := store.ArtistFilter{Query: c.QueryParam("q"), Letter: c.QueryParam("letter")}.Clean()
	after := c.QueryParam("after")
	page, err := s.Store.Artists(ctx, f, after)
	if err != nil {
		return err
	}
	p := artists.IndexProps{Query: f.Query, Letter: f.Letter, Artists: s.artistRows(page.Items)}
	if page.Next != "" {
		query := url.Values{"after": {page.Next}}
		if f.Query != "" {
			query.Set("q", f.Query)
		}
		if f.Letter != "" {
			query.Set("letter", f.Letter)
		}
		p.More = "/artists?" + query.Encode()
	}
	if after != "" && wantsFragment(c) {
		return s.part(c, http.StatusOK, artists.Rows(p))
	}
	n, err := s.countArtists(c, f)
	if err != nil {
		return err
	}
	p.Count = capital(ui.Count(n, store.CountMost, "artist"))
	if p.Letters, err = s.Store.ArtistLetters(ctx); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, view{Title: "Artists", Description: "The artists who sell their work here, without commission.", Page: artists.Index(p), Fragment: artists.List(p)})
}

// artistRows are lines of a list of artists.
func (s *Server) artistRows(cards []store.ArtistCard) []ui.Row {
	rows := make([]ui.Row, len(cards))
	for i, a := range cards {
		what := a.Town
		if a.Medium != "" {
			what = a.Medium.Label() + ", " + a.Town
		}
		has := "Nothing hung yet"
		if a.Works > 0 {
			has = ui.Count(a.Works, store.RowCountMost, "work")
		}
		if a.Sold > 0 {
			has += ", " + ui.Count(a.Sold, 0, "piece") + " sold"
		}
		rows[i] = ui.Row{Href: artistPath(a.Username), Name: a.Name, Lines: []string{what, has}, Strip: s.strip(a.Strip)}
	}
	return rows
}

// strip is a row of small pictures.
func (s *Server) strip(pictures []store.Picture) []ui.Thumb {
	thumbs := make([]ui.Thumb, len(pictures))
	for i, p := range pictures {
		photo := s.photo(p.Image, "")
		if photo.Alt == "" {
			photo.Alt = p.Title
		}
		thumbs[i] = ui.Thumb{Href: artworkPath(p.ArtworkID, p.Title), Photo: photo}
	}
	return thumbs
}

// artist shows one artist and their works.
func (s *Server) artist(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := s.Store.ArtistByUsername(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	home := artistPath(a.Username)
	if c.Param("username") != a.Username {
		return s.moved(c, home)
	}
	available, cards, err := s.artistPart(c, a, false)
	if err != nil {
		return err
	}
	sold, soldCards, err := s.artistPart(c, a, true)
	if err != nil {
		return err
	}
	one := scale(c, available.Works, sold.Works)
	for _, part := range []*artists.Part{&available, &sold} {
		part.Scale, part.More = one, moreAtScale(part.More, one)
	}
	var newest store.Card
	if cards = append(cards, soldCards...); len(cards) > 0 {
		newest = cards[0]
	}
	p, err := s.portrait(c, a)
	if err != nil {
		return err
	}
	p.Available, p.Sold, p.Switch = available, sold, scaleSwitch(home, one, "")
	v := view{Title: a.Name, Description: a.Bio, NoLearning: a.NoLearning, Canonical: home,
		Head: templ.Join(layout.Feed("New works by "+a.Name, home+"/feed"), layout.Preview(s.cardPreview("profile", a.Name, a.Bio, home, newest)),
			linked(s.schemaOfPage(a), s.trail("Artists", "/artists", a.Name, home))),
		Page:     artists.Show(p),
		Fragment: artists.Works(artists.AvailableID, available)}
	if c.QueryParam("sold") != "" {
		v.Fragment = artists.Works(artists.SoldID, sold)
	}
	return s.show(c, http.StatusOK, v)
}

// portrait is what an artist's page shows beside the works: who they are, their
// series, and how the viewer may follow them.
func (s *Server) portrait(c echo.Context, a store.ArtistPage) (artists.Props, error) {
	ctx := c.Request().Context()
	home := artistPath(a.Username)
	p := artists.Props{Artist: a, Feed: home + "/feed"}
	if a.Away(s.Store.Now()) {
		p.Away = awayUntil(a.Name, *a.AwayUntil)
	}
	var err error
	if p.Exhibitions, err = s.Store.Exhibitions(ctx, a.ID); err != nil {
		return p, err
	}
	series, err := s.Store.ArtistSeries(ctx, a.ID)
	if err != nil {
		return p, err
	}
	for _, r := range series {
		p.Series = append(p.Series, ui.Row{Href: seriesPath(a.Username, r.ID, r.Name), Name: r.Name, Lines: []string{ui.Count(r.Works, store.RowCountMost, "work")}, Strip: s.strip(r.Strip)})
	}
	switch viewerID(c) {
	case 0:
		p.Follow = &artists.Follow{Path: home, Name: a.Name, Visitor: true}
		p.Letter = &artists.LetterProps{Path: home, Name: a.Name}
	case a.ID:
	default:
		p.Follow = &artists.Follow{Path: home, Name: a.Name}
		p.Follow.On, err = s.Store.Follows(ctx, member(c), a.ID)
	}
	return p, err
}

// artistPart is a page of the artist's works, those that are sold or those that
// are not: "sold" and "after" in the address say where it begins.
func (s *Server) artistPart(c echo.Context, a store.ArtistPage, sold bool) (artists.Part, []store.Card, error) {
	name := "after"
	if sold {
		name = "sold"
	}
	page, err := s.Store.ArtistArtworks(c.Request().Context(), viewerID(c), a.ID, sold, c.QueryParam(name))
	if err != nil {
		return artists.Part{}, nil, err
	}
	part := artists.Part{Works: s.works(c, page.Items)}
	for i := range part.Works {
		part.Works[i].HideArtist = true
	}
	if page.Next != "" {
		part.More = artistPath(a.Username) + "?" + name + "=" + page.Next
	}
	return part, page.Items, nil
}

// query is the query of the request with its question mark, or "".
func query(c echo.Context) string {
	if raw := c.Request().URL.RawQuery; raw != "" {
		return "?" + raw
	}
	return ""
}

func artistPath(username string) string { return "/artists/" + url.PathEscape(username) }

// countArtists counts the artists that a filter finds, up to one more than
// store.CountMost.
func (s *Server) countArtists(c echo.Context, f store.ArtistFilter) (int, error) {
	count := func() (int, error) { return s.Store.CountArtists(c.Request().Context(), f) }
	if f != (store.ArtistFilter{}) {
		return count()
	}
	return s.counts.of(s.pages, "/artists", count)
}
