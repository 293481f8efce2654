package handlers

import (
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
)

// offer is what the viewer can do about buying a work, for the panel under its
// price.
func (s *Server) offer(c echo.Context, a store.Artwork) (templ.Component, error) {
	return templ.NopComponent, nil
}
