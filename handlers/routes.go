package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
)

// routes is every address of the market on one screen.
func (s *Server) routes() {
	e := s.echo
	e.Pre(override())
	e.Use(s.identify, s.headers, s.cached, s.compress, s.sameOrigin(), s.limitWrites(), s.loadMember)
	form := limitBody(formLimit)
	upload := limitBody(uploadLimit)

	// Machines.
	e.GET("/healthz", s.alive)
	e.GET("/readyz", s.ready)
	e.GET("/robots.txt", s.robots)
	e.GET("/static/*", echo.WrapHandler(s.Assets))
	e.HEAD("/static/*", echo.WrapHandler(s.Assets))

	// Everybody.
	public := e.Group("", form)
	public.POST("/light", s.setLight)

	// Members.
	members := e.Group("", form, s.members)
	members.GET("/events", s.events)

	// Artists.
	artists := e.Group("", s.only(store.Artist))
	_, _ = artists, upload

	// Collectors.
	collectors := e.Group("", form, s.only(store.Collector))
	_ = collectors

	e.RouteNotFound("/*", func(c echo.Context) error { return echo.NewHTTPError(http.StatusNotFound) })
}
