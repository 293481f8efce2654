package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/views/conversations"
	"openstudio/views/orders"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

func orderPath(id int64) string { return "/orders/" + strconv.FormatInt(id, 10) }

// order shows an order to one of its parties. What they were told of it counts
// as seen from here on.
func (s *Server) order(c echo.Context) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	seen, err := s.Store.SeeOrder(c.Request().Context(), member(c), o.ID)
	if err != nil {
		return err
	}
	viewer(c).Unseen = max(0, viewer(c).Unseen-seen)
	p := s.orderProps(c, o, orders.OnPage)
	p.Carrier, p.Tracking = c.QueryParam("carrier"), c.QueryParam("tracking")
	return s.showOrder(c, http.StatusOK, p)
}

// orderOf is the order of the address, with its history.
func (s *Server) orderOf(c echo.Context) (store.Order, error) {
	order, err := id(c, "id")
	if err != nil {
		return store.Order{}, err
	}
	return s.Store.Order(c.Request().Context(), member(c), order)
}

// orderProps is an order for the place where its panel stands.
func (s *Server) orderProps(c echo.Context, o store.Order, in string) orders.Props {
	if in != orders.InList {
		in = orders.OnPage
	}
	p := orders.Props{Order: o, Member: member(c), In: in, Photo: s.orderPhoto(o), Now: s.Store.Now(),
		Direct: s.direct(), NoBank: o.Status == store.Pending && s.lacksBank(c)}
	for _, img := range o.Packed {
		p.Packed = append(p.Packed, s.packedPicture(o, img))
	}
	return p
}

// orderPhoto is the photograph that the order was made with, small.
func (s *Server) orderPhoto(o store.Order) ui.Photo {
	if o.ImageKey == "" {
		return ui.Photo{}
	}
	size := imagehost.Sizes(o.ImageWidth, o.ImageHeight)[0]
	return ui.Photo{Src: imagePath(o.ImageKey, size.Step, imagehost.JPEG), Width: size.Width, Height: size.Height}
}

// showOrder shows an order as a page, or its panel as it stood.
func (s *Server) showOrder(c echo.Context, status int, p orders.Props) error {
	page := p
	page.In = orders.OnPage
	if page.Talk == nil && !wantsFragment(c) {
		var err error
		if page.Talk, err = s.orderTalk(c, p.Order.ID); err != nil {
			return err
		}
	}
	return s.show(c, status, view{Title: p.Order.Title + ", order " + strconv.FormatInt(p.Order.ID, 10), NoIndex: true,
		Head: conversations.Head(s.Assets.URL("js/talk.js")), Page: orders.Page(page), Fragment: orders.Panel(p)})
}

// orderPanel is the panel anew, when it has changed.
func (s *Server) orderPanel(c echo.Context) error {
	order, err := id(c, "id")
	if err != nil {
		return err
	}
	now, err := s.Store.OrderStamp(c.Request().Context(), member(c), order)
	if err != nil {
		return err
	}
	if now == c.QueryParam("version") {
		return c.NoContent(http.StatusNoContent)
	}
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	p := s.orderProps(c, o, c.QueryParam("in"))
	p.Renewed = true
	return s.part(c, http.StatusOK, orders.Panel(p))
}

// act does something to the order of the address and shows what became of it:
// the panel as it stood, or the order's page. At a wrong moment that is the
// order as it stands now, with a sentence.
func (s *Server) act(c echo.Context, done string, verb func(ctx context.Context, m store.Member, order int64) error) error {
	order, err := id(c, "id")
	if err != nil {
		return err
	}
	err = verb(c.Request().Context(), member(c), order)
	status := http.StatusOK
	var conflict *store.Conflict
	switch {
	case errors.As(err, &conflict):
		status = http.StatusConflict
		s.flash(c, ui.Alert, conflict.Sentence)
	case err != nil:
		return err
	default:
		s.flash(c, ui.Done, done)
	}
	if status == http.StatusOK && !wantsFragment(c) {
		return s.redirect(c, orderPath(order))
	}
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	return s.showOrder(c, status, s.orderProps(c, o, c.FormValue("in")))
}

// acceptOrder is the artist's yes, with what delivery costs where they quote it.
func (s *Server) acceptOrder(c echo.Context) error {
	delivery := c.FormValue("delivery")
	err := s.act(c, "Accepted. The collector has been told, and a piece is held for them.", func(ctx context.Context, m store.Member, order int64) error {
		if err := s.till.MayAccept(ctx, m); err != nil {
			return err
		}
		return s.Store.AcceptQuoting(ctx, m, order, delivery)
	})
	return s.refused(c, err, func(p *orders.Props) { p.Delivery = delivery })
}

// refused shows the order of the address again when err says what is wrong with
// what was typed, which typed puts back. Any other err it returns.
func (s *Server) refused(c echo.Context, err error, typed func(*orders.Props)) error {
	var invalid *store.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	p := s.orderProps(c, o, c.FormValue("in"))
	p.Errors = invalid
	typed(&p)
	return s.showOrder(c, http.StatusUnprocessableEntity, p)
}

// putInLine lets a request wait for a piece that is held.
func (s *Server) putInLine(c echo.Context) error {
	return s.act(c, "In line. The collector has been told.", s.Store.PutInLine)
}

// putOthersInLine lets every request for a work wait that has no answer yet, and
// goes back to the order from which that was asked.
func (s *Server) putOthersInLine(c echo.Context) error {
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	n, err := s.Store.PutOthersInLine(c.Request().Context(), member(c), artwork)
	if err != nil {
		return err
	}
	sentence := "No request was put in line."
	if n > 0 {
		sentence = ui.Count(n, n, "request") + " put in line. Whoever asked has been told."
	}
	s.flash(c, ui.Done, sentence)
	if order, err := strconv.ParseInt(c.FormValue("order"), 10, 64); err == nil && order > 0 {
		return s.redirect(c, orderPath(order))
	}
	return s.redirect(c, studio.Orders)
}

// askToDecline asks the artist for a reason.
func (s *Server) askToDecline(c echo.Context) error {
	return s.ask(c, store.Decline, orders.Decline)
}

// declineOrder is the artist's no.
func (s *Server) declineOrder(c echo.Context) error {
	reason, words := c.FormValue("reason"), c.FormValue("words")
	return s.answered(c, store.Decline, "Declined. The collector has been told.", orders.Decline, orders.Question{Reason: reason, Words: words},
		func(ctx context.Context, m store.Member, order int64) error {
			return s.Store.DeclineOrder(ctx, m, order, reason, words)
		})
}

// ask shows a question about the order of the address, if it may be asked now.
func (s *Server) ask(c echo.Context, a store.Action, dialog func(orders.Question) templ.Component) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	if !o.Can(member(c), a) {
		return s.redirect(c, orderPath(o.ID))
	}
	question := dialog(orders.Question{Props: s.orderProps(c, o, c.QueryParam("in"))})
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, question)
	}
	return s.show(c, http.StatusOK, view{Title: o.Title, NoIndex: true, Page: question})
}

// shipOrder says that the work has been handed over. Photographs of the packed work
// that come with it are kept first.
func (s *Server) shipOrder(c echo.Context) error {
	p, err := s.readPacked(c)
	if err != nil {
		return s.act(c, "", func(context.Context, store.Member, int64) error { return err })
	}
	if len(p.Refused) > 0 {
		return s.showOrder(c, http.StatusUnprocessableEntity, p)
	}
	err = s.act(c, "Shipped. The collector has been told.", func(ctx context.Context, m store.Member, order int64) error {
		return s.Store.ShipOrder(ctx, m, order, p.Carrier, p.Tracking)
	})
	if !errors.As(err, &p.Errors) {
		return err
	}
	return s.showOrder(c, http.StatusUnprocessableEntity, p)
}

// completeOrder says that the work has arrived.
func (s *Server) completeOrder(c echo.Context) error {
	return s.act(c, "Thank you. The artist has been told that it arrived.", s.Store.CompleteOrder)
}
