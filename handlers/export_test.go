package handlers

import "github.com/labstack/echo/v4"

// Routes lets tests walk every address.
func (s *Server) Routes() []*echo.Route { return s.echo.Routes() }

// Handle adds an address for a test.
func (s *Server) Handle(path string, h echo.HandlerFunc) { s.echo.GET(path, h) }

// SpendCards uses up what an address may have painted of cards.
func (s *Server) SpendCards(address string) {
	for ok := true; ok; {
		ok, _ = s.cards.limiter.Allow(address)
	}
}
