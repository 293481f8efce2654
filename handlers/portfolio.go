package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gosimple/slug"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artists"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// series shows works of an artist that belong together.
func (s *Server) series(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := leadingID(c.Param("id"))
	if err != nil {
		return err
	}
	a, err := s.Store.ArtistByUsername(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	series, err := s.Store.SeriesByID(ctx, a.ID, id)
	if err != nil {
		return err
	}
	home := seriesPath(a.Username, series.ID, series.Name)
	if c.Request().URL.EscapedPath() != home && !wantsFragment(c) {
		return s.moved(c, home)
	}
	page, err := s.Store.SeriesArtworks(ctx, viewerID(c), series, c.QueryParam("after"))
	if err != nil {
		return err
	}
	p := artists.SeriesProps{Artist: a, Series: series, ArtistPath: artistPath(a.Username), Count: capital(ui.Count(series.Works, store.RowCountMost, "work")),
		Part: artists.Part{Works: s.works(c, page.Items)}}
	for i := range p.Part.Works {
		p.Part.Works[i].HideArtist = true
	}
	p.Part.Scale = scale(c, p.Part.Works)
	p.Switch = scaleSwitch(home, p.Part.Scale, "")
	if page.Next != "" {
		p.Part.More = moreAtScale(withQuery(home, "after", page.Next), p.Part.Scale)
	}
	return s.show(c, http.StatusOK, view{Title: series.Name + " by " + a.Name, Description: series.About, Canonical: home,
		Page: artists.SeriesPage(p), Fragment: artists.Works(artists.SeriesID, p.Part)})
}

// seriesPath is the address of a series: its id, and its name in the letters of
// an address.
func seriesPath(username string, id int64, name string) string {
	path := artistPath(username) + "/series/" + strconv.FormatInt(id, 10)
	if words := slug.Make(name); words != "" {
		path += "-" + words
	}
	return path
}

// portfolio is the room of the studio for what an artist says of their practice.
func (s *Server) portfolio(c echo.Context) error {
	return s.showPortfolio(c, http.StatusOK, func(*studio.PortfolioProps) {})
}

// showPortfolio shows the room as it is kept, but for what was typed.
func (s *Server) showPortfolio(c echo.Context, status int, typed func(*studio.PortfolioProps)) error {
	ctx := c.Request().Context()
	var p studio.PortfolioProps
	var err error
	if p.Statement, err = s.Store.Statement(ctx, member(c)); err != nil {
		return err
	}
	kept, err := s.Store.Exhibitions(ctx, member(c).ID)
	if err != nil {
		return err
	}
	for _, e := range kept {
		p.Exhibitions = append(p.Exhibitions, e.Form())
	}
	if p.Series, err = s.Store.OwnSeries(ctx, member(c)); err != nil {
		return err
	}
	members, addresses, err := s.Store.Followers(ctx, member(c))
	if err != nil {
		return err
	}
	p.Followers = ui.Count(members, store.CountMost, "member") + " and " + ui.Count(addresses, store.CountMost, "reader") + " of letters"
	tabs, err := s.studioTabs(c, studio.Portfolio)
	if err != nil {
		return err
	}
	p.Title = studio.Title(member(c).FirstName)
	p.Tabs = tabs
	typed(&p)
	if len(p.Exhibitions) == 0 {
		p.Exhibitions = []store.ExhibitionForm{{}}
	}
	return s.show(c, status, view{Title: "Portfolio", NoIndex: true, Page: studio.PortfolioPage(p)})
}

// keepStatement keeps what an artist says of their practice.
func (s *Server) keepStatement(c echo.Context) error {
	statement := c.FormValue("statement")
	err := s.Store.UpdateStatement(c.Request().Context(), member(c), statement)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showPortfolio(c, http.StatusUnprocessableEntity, func(p *studio.PortfolioProps) { p.Statement, p.Invalid = statement, invalid })
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your statement is kept.")
	return s.redirect(c, studio.Portfolio+"#statement-h")
}

// keepExhibitions keeps the lines of an artist's curriculum vitae. Its other
// buttons add, remove and move a line of the form, and keep nothing yet.
func (s *Server) keepExhibitions(c echo.Context) error {
	lines, err := exhibitions(c)
	if err != nil {
		return err
	}
	if do := c.FormValue("do"); do != "" {
		lines = rearranged(lines, do)
		return s.showPortfolio(c, http.StatusOK, func(p *studio.PortfolioProps) { p.Exhibitions, p.Unsaved = lines, true })
	}
	err = s.Store.SaveExhibitions(c.Request().Context(), member(c), lines)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showPortfolio(c, http.StatusUnprocessableEntity, func(p *studio.PortfolioProps) { p.Exhibitions, p.Invalid = lines, invalid })
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your exhibitions are kept.")
	return s.redirect(c, studio.Portfolio+"#exhibitions-h")
}

// exhibitions reads the lines of the form, as many as were sent.
func exhibitions(c echo.Context) ([]store.ExhibitionForm, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	var lines []store.ExhibitionForm
	for n := 0; n < 2*store.ExhibitionsMost && form.Has(store.ExhibitionField("what", n)); n++ {
		value := func(input string) string { return form.Get(store.ExhibitionField(input, n)) }
		lines = append(lines, store.ExhibitionForm{Year: value("year"), What: value("what"), Place: value("place")})
	}
	return lines, nil
}

// rearranged does what a button of the form says: "add", or "remove", "up" or
// "down" and the line that is meant. Anything else does nothing.
func rearranged(lines []store.ExhibitionForm, do string) []store.ExhibitionForm {
	what, line, _ := strings.Cut(do, "-")
	n, err := strconv.Atoi(line)
	known := err == nil && n >= 0 && n < len(lines)
	switch {
	case what == "add" && len(lines) < store.ExhibitionsMost:
		return append([]store.ExhibitionForm{{}}, lines...)
	case what == "remove" && known:
		return slices.Delete(lines, n, n+1)
	case what == "up" && known && n > 0:
		lines[n-1], lines[n] = lines[n], lines[n-1]
	case what == "down" && known && n+1 < len(lines):
		lines[n+1], lines[n] = lines[n], lines[n+1]
	}
	return lines
}

// createSeries makes a series.
func (s *Server) createSeries(c echo.Context) error {
	name, about := c.FormValue("name"), c.FormValue("about")
	id, err := s.Store.SaveSeries(c.Request().Context(), member(c), 0, name, about)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showPortfolio(c, http.StatusUnprocessableEntity, func(p *studio.PortfolioProps) { p.Name, p.About, p.Invalid = name, about, invalid })
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your series is there. Now put works into it.")
	return s.redirect(c, studio.SeriesPath(id))
}

// editSeries is where an artist says what a series is and what is in it.
func (s *Server) editSeries(c echo.Context) error {
	return s.showOwnSeries(c, http.StatusOK, func(*studio.SeriesProps) {})
}

func (s *Server) showOwnSeries(c echo.Context, status int, typed func(*studio.SeriesProps)) error {
	ctx := c.Request().Context()
	series, err := id(c, "id")
	if err != nil {
		return err
	}
	var p studio.SeriesProps
	if p.Series, err = s.Store.OwnSeriesByID(ctx, member(c), series); err != nil {
		return err
	}
	p.Name, p.About = p.Series.Name, p.Series.About
	within, err := s.Store.SeriesStudioArtworks(ctx, member(c), series, c.QueryParam("after"))
	if err != nil {
		return err
	}
	loose, err := s.Store.LooseArtworks(ctx, member(c), c.QueryParam("loose"))
	if err != nil {
		return err
	}
	for _, w := range within.Items {
		p.Within = append(p.Within, s.workRow(w))
	}
	for _, w := range loose.Items {
		p.Loose = append(p.Loose, s.workRow(w))
	}
	if within.Next != "" {
		p.MoreWithin = withQuery(studio.SeriesPath(series), "after", within.Next)
	}
	if loose.Next != "" {
		p.MoreLoose = withQuery(studio.SeriesPath(series), "loose", loose.Next) + "#loose-h"
	}
	typed(&p)
	return s.show(c, status, view{Title: "Series: " + p.Series.Name, NoIndex: true, Page: studio.SeriesPage(p)})
}

// updateSeries keeps a series' name and text.
func (s *Server) updateSeries(c echo.Context) error {
	series, err := id(c, "id")
	if err != nil {
		return err
	}
	name, about := c.FormValue("name"), c.FormValue("about")
	if _, err := s.Store.OwnSeriesByID(c.Request().Context(), member(c), series); err != nil {
		return err
	}
	_, err = s.Store.SaveSeries(c.Request().Context(), member(c), series, name, about)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showOwnSeries(c, http.StatusUnprocessableEntity, func(p *studio.SeriesProps) { p.Name, p.About, p.Invalid = name, about, invalid })
	}
	return s.seriesChanged(c, series, err, "The series is kept.")
}

// deleteSeries takes a series apart.
func (s *Server) deleteSeries(c echo.Context) error {
	series, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Store.DeleteSeries(c.Request().Context(), member(c), series); err != nil {
		return err
	}
	s.flash(c, ui.Done, "The series is taken apart. Its works hang as before.")
	return s.redirect(c, studio.Portfolio+"#series-h")
}

// moveSeries lets a series change places with its neighbour.
func (s *Server) moveSeries(c echo.Context) error {
	series, err := id(c, "id")
	if err != nil {
		return err
	}
	by := number(c, "by")
	if by != -1 && by != 1 {
		return &store.Invalid{Fields: []store.FieldError{{Field: "by", Sentence: "A series moves one place earlier or later."}}}
	}
	if err := s.Store.MoveSeries(c.Request().Context(), member(c), series, by); err != nil {
		return err
	}
	return s.redirect(c, studio.Portfolio+"#series-h")
}

// putInSeries puts a work into a series.
func (s *Server) putInSeries(c echo.Context) error {
	series, err := id(c, "id")
	if err != nil {
		return err
	}
	err = s.Store.PutInSeries(c.Request().Context(), member(c), series, int64(number(c, "artwork")))
	return s.seriesChanged(c, series, err, "The work is in the series.")
}

// takeOutOfSeries takes a work out of a series.
func (s *Server) takeOutOfSeries(c echo.Context) error {
	series, err := id(c, "id")
	if err != nil {
		return err
	}
	artwork, err := id(c, "artwork")
	if err != nil {
		return err
	}
	err = s.Store.TakeOutOfSeries(c.Request().Context(), member(c), series, artwork)
	return s.seriesChanged(c, series, err, "The work is out of the series. It hangs as before.")
}

// seriesChanged leads back to the series after a change of it.
func (s *Server) seriesChanged(c echo.Context, series int64, err error, sentence string) error {
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, studio.SeriesPath(series))
}
