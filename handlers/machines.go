package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// alive says that the process runs.
func (s *Server) alive(c echo.Context) error { return c.String(http.StatusOK, "alive\n") }

// ready says that the database answers and its schema is up to date.
func (s *Server) ready(c echo.Context) error {
	if err := s.Store.Ready(c.Request().Context()); err != nil {
		s.Log.WarnContext(c.Request().Context(), "not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
