package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
)

// readyForCollection says that a work can be fetched.
func (s *Server) readyForCollection(c echo.Context) error {
	return s.act(c, "Ready. The collector has been told, and has the code that they show you.", s.Store.ReadyForCollection)
}

// handOver says that a collector has fetched the work, by the code that they
// showed.
func (s *Server) handOver(c echo.Context) error {
	code := c.FormValue("code")
	err := s.act(c, "Handed over. The sale is made.", func(ctx context.Context, m store.Member, order int64) error {
		return s.Store.HandOrderOver(ctx, m, order, code)
	})
	return s.refused(c, err, func(p *orders.Props) { p.Code = code })
}
