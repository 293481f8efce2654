package handlers

import (
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/views/layout"
	"openstudio/views/orders"
)

// popoverMost is how many notifications the bell shows.
const popoverMost = 6

// notifications are what the member was told: a page, the inside of the bell's
// popover, or the next part of the page.
func (s *Server) notifications(c echo.Context) error {
	after := c.QueryParam("after")
	p, err := s.notificationsProps(c, after)
	if err != nil {
		return err
	}
	switch {
	case wantsFragment(c) && after != "":
		return s.part(c, http.StatusOK, orders.MoreNotes(p))
	case wantsFragment(c):
		return s.part(c, http.StatusOK, popover(p))
	}
	return s.show(c, http.StatusOK, view{Title: "Notifications", NoIndex: true, Page: orders.NotificationsPage(p)})
}

func (s *Server) notificationsProps(c echo.Context, after string) (orders.NotificationsProps, error) {
	p := orders.NotificationsProps{Unseen: viewer(c).Unseen, Now: time.Now()}
	page, err := s.Store.Notifications(c.Request().Context(), member(c), after)
	if err != nil {
		return p, err
	}
	p.Notes = page.Items
	if page.Next != "" {
		p.More = "/notifications?after=" + page.Next
	}
	return p, nil
}

func popover(p orders.NotificationsProps) templ.Component {
	p.Notes = p.Notes[:min(popoverMost, len(p.Notes))]
	return orders.Popover(p)
}

// notificationsBadge is the bell anew.
func (s *Server) notificationsBadge(c echo.Context) error {
	return s.part(c, http.StatusOK, layout.Badge(viewer(c).Unseen, false))
}

// seeNotifications marks all as seen.
func (s *Server) seeNotifications(c echo.Context) error {
	if err := s.Store.SeeAll(c.Request().Context(), member(c)); err != nil {
		return err
	}
	if !wantsFragment(c) {
		return s.redirect(c, "/notifications")
	}
	viewer(c).Unseen = 0
	p, err := s.notificationsProps(c, "")
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, templ.Join(popover(p), layout.Badge(0, true)))
}
