package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
	"openstudio/views/studio"
)

// studioOrders is what waits for the artist, and all orders.
func (s *Server) studioOrders(c echo.Context) error {
	ctx := c.Request().Context()
	p := studio.OrdersProps{Status: store.Status(c.QueryParam("status"))}
	if !slices.Contains(store.Statuses(), p.Status) {
		p.Status = ""
	}
	after := c.QueryParam("after")
	page, err := s.Store.StudioOrders(ctx, member(c), p.Status, after)
	if err != nil {
		return err
	}
	for _, o := range page.Items {
		row := studio.OrderRow{Order: o, Thumb: s.orderPhoto(o)}
		row.State, row.Word = orders.StateOf(o)
		p.Rows = append(p.Rows, row)
	}
	if page.Next != "" {
		p.More = studio.Orders + "?" + url.Values{"status": {string(p.Status)}, "after": {page.Next}}.Encode()
	}
	if wantsFragment(c) && after != "" {
		return s.part(c, http.StatusOK, studio.MoreRows(p))
	}
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, studio.AllOrders(p))
	}
	if err := s.waiting(c, &p); err != nil {
		return err
	}
	if p.Away, err = s.Store.Holiday(ctx, member(c)); err != nil {
		return err
	}
	var invalid *store.Invalid
	if err := s.till.MayAccept(ctx, member(c)); errors.As(err, &invalid) {
		p.Unpaid = true
	} else if err != nil {
		return err
	}
	if _, ok := s.till.accounts(); ok {
		p.Paid = studio.Payments
	}
	if s.direct() {
		p.Paid, p.Unpaid = studio.Bank, s.lacksBank(c)
	}
	p.Tabs = studio.Tabs(studio.Orders, p.Answer+p.Ship, artistPath(member(c).Username))
	return s.show(c, http.StatusOK, view{Title: "Orders", NoIndex: true, Page: studio.OrdersPage(p)})
}

// waiting fills in the orders that wait for the artist.
func (s *Server) waiting(c echo.Context, p *studio.OrdersProps) error {
	list, err := s.Store.StudioWaiting(c.Request().Context(), member(c))
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Status == store.Pending {
			p.Answer++
		} else {
			p.Ship++
		}
		p.Waiting = append(p.Waiting, orders.Panel(s.orderProps(c, o, orders.InList)))
	}
	p.Stamp = stamp(list)
	return nil
}

// studioWaiting is what waits for the artist, when that has changed.
func (s *Server) studioWaiting(c echo.Context) error {
	var p studio.OrdersProps
	if err := s.waiting(c, &p); err != nil {
		return err
	}
	if p.Stamp == c.QueryParam("stamp") {
		return c.NoContent(http.StatusNoContent)
	}
	return s.part(c, http.StatusOK, studio.Waiting(p))
}
