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
	public.GET("/", s.home)
	public.GET("/about", s.about)
	public.GET("/artists", s.artists)
	public.GET("/artists/:username", s.artist)
	public.GET("/galleries", s.galleries)
	public.GET("/galleries/:id", s.gallery)
	public.POST("/light", s.setLight)

	// Members.
	members := e.Group("", form, s.members)
	members.GET("/events", s.events)

	// Artists.
	artists := e.Group("", s.only(store.Artist))
	_, _ = artists, upload

	// Collectors.
	collectors := e.Group("", form, s.only(store.Collector))
	collectors.GET("/gallery", s.myGallery)
	collectors.POST("/gallery", s.describeGallery)
	collectors.POST("/gallery/visibility", s.showGallery)
	collectors.POST("/gallery/link", s.renewGalleryLink)
	collectors.POST("/gallery/artworks/:artwork/note", s.noteArtwork)
	collectors.POST("/gallery/artworks/:artwork/position", s.moveArtwork)
	collectors.POST("/galleries/:id/artworks", s.saveArtwork)
	collectors.DELETE("/galleries/:id/artworks/:artwork", s.unsaveArtwork)

	e.RouteNotFound("/*", func(c echo.Context) error { return echo.NewHTTPError(http.StatusNotFound) })
}
