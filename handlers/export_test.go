package handlers

import "github.com/labstack/echo/v4"

// Routes lets tests walk every address.
func (s *Server) Routes() []*echo.Route { return s.echo.Routes() }
