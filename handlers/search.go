package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artworks"
	"openstudio/views/layout"
)

// littleFound is how many works are few enough to ask whether another word was
// meant.
const littleFound = 2

// suggest answers the search field with suggestions for what is typed so far,
// and everybody else with the list.
func (s *Server) suggest(c echo.Context) error {
	f := store.Filter{Query: c.QueryParam("q")}.Clean()
	if !wantsFragment(c) {
		if f.Query == "" && wordless(c.QueryParam("q")) != "" {
			return c.Redirect(http.StatusSeeOther, withQuery("/artworks", "q", c.QueryParam("q")))
		}
		return c.Redirect(http.StatusSeeOther, listPath(f))
	}
	box := "q"
	if c.QueryParam("box") == "q2" {
		box = "q2"
	}
	found, err := s.Store.Suggest(c.Request().Context(), f.Query)
	if err != nil {
		return err
	}
	var list []layout.Suggestion
	for _, a := range found.Artists {
		list = append(list, layout.Suggestion{Href: artistPath(a.Username), Name: a.Name, About: "Artist, " + a.Town})
	}
	for _, w := range found.Works {
		list = append(list, layout.Suggestion{Href: artworkPath(w.ID, w.Title), Name: w.Title, About: "Work by " + w.Artist})
	}
	if f.Query != "" {
		list = append(list, layout.Suggestion{Href: listPath(f), Name: "Search for " + artworks.QueryWords(f.Query)})
	}
	return s.part(c, http.StatusOK, layout.Suggestions(box, list))
}

// beside finds what a search says beside its works. When there are none, and a
// word of it is one letter from another, found becomes that of the other.
func (s *Server) beside(c echo.Context, f store.Filter, found *list) (artworks.Found, error) {
	ctx := c.Request().Context()
	p := artworks.Found{Query: f.Query}
	beside, err := s.Store.FindBeside(ctx, f.Query)
	if err != nil {
		return p, err
	}
	for _, a := range beside.Artists {
		p.Artists = append(p.Artists, artworks.Link{Name: a.Name, Href: artistPath(a.Username), About: a.Town})
	}
	for _, g := range beside.Galleries {
		p.Galleries = append(p.Galleries, artworks.Link{Name: g.Title, Href: galleryPath(g.ID), About: "by " + g.Curator})
	}
	if len(found.Items) > littleFound {
		return p, nil
	}
	corrected, ok, err := s.Store.Correct(ctx, f.Query)
	if err != nil || !ok {
		return p, err
	}
	other := f
	other.Query = corrected.Query
	if len(found.Items) > 0 || len(p.Artists)+len(p.Galleries) > 0 || !corrected.Sure {
		p.Perhaps = artworks.Link{Name: corrected.Query, Href: listPath(other)}
		return p, nil
	}
	instead, err := s.listed(c, other)
	if err == nil && len(instead.Items) > 0 {
		p.Typed, p.Query, *found = f.Query, corrected.Query, instead
	}
	return p, err
}
