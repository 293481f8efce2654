package handlers

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/views/studio"
	"openstudio/views/ui"
)

// holiday is where an artist pauses requests.
func (s *Server) holiday(c echo.Context) error {
	return s.showHoliday(c, http.StatusOK, studio.HolidayProps{})
}

// goOnHoliday pauses requests until a day.
func (s *Server) goOnHoliday(c echo.Context) error {
	p := studio.HolidayProps{Until: c.FormValue("until"), Words: c.FormValue("words")}
	err := s.Store.GoOnHoliday(c.Request().Context(), member(c), p.Until, p.Words)
	if errors.As(err, &p.Invalid) {
		return s.showHoliday(c, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Requests are paused. Your works say until when.")
	return s.redirect(c, studio.Orders)
}

// endHoliday lets requests come in again.
func (s *Server) endHoliday(c echo.Context) error {
	if err := s.Store.EndHoliday(c.Request().Context(), member(c)); err != nil {
		return err
	}
	s.flash(c, ui.Done, "Welcome back. Your works take requests again.")
	return s.redirect(c, studio.Orders)
}

// showHoliday shows the form with what was typed or, when nothing was, with what
// stands.
func (s *Server) showHoliday(c echo.Context, status int, p studio.HolidayProps) error {
	ctx := c.Request().Context()
	var err error
	if p.Now, err = s.Store.Holiday(ctx, member(c)); err != nil {
		return err
	}
	if p.Invalid == nil && p.Now.Until != nil {
		p.Until, p.Words = p.Now.Until.Format(time.DateOnly), p.Now.Words
	}
	tabs, err := s.studioTabs(c, studio.Orders)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, status, view{Title: "Holiday", NoIndex: true, Page: studio.HolidayPage(p)})
}
