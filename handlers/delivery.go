package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// delivery is where an artist says how works reach their collectors.
func (s *Server) delivery(c echo.Context) error {
	terms, err := s.Store.DeliveryTerms(c.Request().Context(), member(c))
	if err != nil {
		return err
	}
	return s.showDelivery(c, http.StatusOK, studio.DeliveryProps{Form: terms.Form()})
}

// keepDelivery keeps what an artist says of it.
func (s *Server) keepDelivery(c echo.Context) error {
	p := studio.DeliveryProps{Form: store.DeliveryForm{Collection: c.FormValue("collection") == "1", Words: c.FormValue("words")}}
	for i, zone := range store.Zones() {
		p.Form.Rates[i] = c.FormValue(store.RateField(zone))
	}
	err := s.Store.SetDeliveryTerms(c.Request().Context(), member(c), p.Form)
	if errors.As(err, &p.Invalid) {
		return s.showDelivery(c, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Kept. Your works say so from now on; what was asked for before stays as it was.")
	return s.redirect(c, studio.Delivery)
}

func (s *Server) showDelivery(c echo.Context, status int, p studio.DeliveryProps) error {
	tabs, err := s.studioTabs(c, studio.Orders)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, status, view{Title: "Delivery and collection", NoIndex: true, Page: studio.DeliveryPage(p)})
}

// deliveredTo says in a list what a work costs where it goes.
func deliveredTo(price store.Pence, to string) string {
	if price == 0 {
		return "The artist quotes delivery"
	}
	return price.Short() + " delivered to " + to
}
