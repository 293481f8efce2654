package handlers

import (
	"hash/fnv"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
)

// purchases are the collector's orders.
func (s *Server) purchases(c echo.Context) error {
	ctx := c.Request().Context()
	p := orders.PurchasesProps{Group: store.PurchaseGroup(c.QueryParam("show"))}
	if p.Group != store.CompletedPurchases && p.Group != store.CancelledPurchases {
		p.Group = store.OpenPurchases
	}
	after := c.QueryParam("after")
	page, err := s.Store.Purchases(ctx, member(c), p.Group, after)
	if err != nil {
		return err
	}
	for _, o := range page.Items {
		p.Orders = append(p.Orders, s.orderProps(c, o, orders.InList))
	}
	if page.Next != "" {
		p.More = "/purchases?show=" + string(p.Group) + "&after=" + page.Next
	}
	if wantsFragment(c) && after != "" {
		return s.part(c, http.StatusOK, orders.MoreOrders(p.List))
	}
	p.Stamp = stamp(page.Items)
	if wantsFragment(c) && c.QueryParam("stamp") == p.Stamp {
		return c.NoContent(http.StatusNoContent)
	}
	if p.Counts, err = s.Store.PurchaseCounts(ctx, member(c)); err != nil {
		return err
	}
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, orders.PurchaseList(p))
	}
	return s.show(c, http.StatusOK, view{Title: "Purchases", NoIndex: true, Page: orders.Purchases(p)})
}

// stamp is a short text that changes when a list of orders does: another order,
// or another version of one.
func stamp(list []store.Order) string {
	h := fnv.New64a()
	for _, o := range list {
		h.Write(strconv.AppendInt(nil, o.ID, 36))
		h.Write([]byte("." + o.Stamp()))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
