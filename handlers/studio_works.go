package handlers

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// studioWorks lists all that the artist has made here.
func (s *Server) studioWorks(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := s.Store.StudioArtworks(ctx, member(c), c.QueryParam("after"))
	if err != nil {
		return err
	}
	p := studio.WorksProps{Title: studio.Title(member(c).FirstName)}
	for _, w := range page.Items {
		p.Works = append(p.Works, s.workRow(w))
	}
	if page.Next != "" {
		p.More = studio.Works + "?after=" + page.Next
	}
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, studio.MoreWorks(p))
	}
	n, err := s.Store.StudioCount(ctx, member(c))
	if err != nil {
		return err
	}
	p.Count = capital(ui.Count(n, store.CountMost, "work"))
	tabs, err := s.studioTabs(c, studio.Works)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, http.StatusOK, view{Title: p.Title, NoIndex: true, Page: studio.WorksPage(p)})
}

// studioTabs lead from room to room of the reader's studio. room is the address of
// the one that is shown.
func (s *Server) studioTabs(c echo.Context, room string) (templ.Component, error) {
	waiting, err := s.Store.WaitingCount(c.Request().Context(), member(c))
	if err != nil {
		return nil, err
	}
	return studio.Tabs(room, waiting, artistPath(member(c).Username)), nil
}

func (s *Server) workRow(w store.StudioWork) studio.WorkRow {
	return studio.WorkRow{Work: w, Page: artworkPath(w.ID, w.Title), Thumb: s.photo(w.Cover, "")}
}

// sellArtwork says whether a work is for sale.
func (s *Server) sellArtwork(c echo.Context) error {
	ctx := c.Request().Context()
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Store.SetForSale(ctx, member(c), artwork, c.FormValue("sale") == "1"); err != nil {
		return err
	}
	if !wantsFragment(c) {
		return s.redirect(c, studio.Works)
	}
	w, err := s.Store.StudioArtwork(ctx, member(c), artwork)
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, studio.Row(s.workRow(w)))
}
