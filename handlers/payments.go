package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/views/orders"
	"openstudio/views/ui"
)

// payOrder begins a payment and sends the collector to the gateway.
func (s *Server) payOrder(c echo.Context) error {
	ctx := c.Request().Context()
	order, err := id(c, "id")
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(c.FormValue("number"))
	page, err := s.till.Begin(ctx, member(c), order, number)
	var conflict *store.Conflict
	var invalid *store.Invalid
	switch {
	case errors.As(err, &conflict):
		s.flash(c, ui.Alert, conflict.Sentence)
		return s.notPayable(c, http.StatusConflict, nil)
	case errors.As(err, &invalid):
		return s.notPayable(c, http.StatusUnprocessableEntity, invalid)
	case err != nil:
		return err
	}
	return s.redirect(c, page)
}

// notPayable shows the order of the address as it stands, with what is wrong.
func (s *Server) notPayable(c echo.Context, status int, invalid *store.Invalid) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	p := s.orderProps(c, o, c.FormValue("in"))
	p.Errors = invalid
	return s.showOrder(c, status, p)
}

// paid is where the gateway sends a collector back to. What that says proves
// nothing, so the gateway is asked; then the order says how it stands.
func (s *Server) paid(c echo.Context) error {
	ctx := c.Request().Context()
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	p, err := s.Store.OpenPayment(ctx, member(c), o.ID)
	switch {
	case errors.Is(err, store.ErrNotFound): // it has spoken already
	case err != nil:
		return err
	default:
		if err := s.till.Ask(ctx, p); err != nil {
			s.Log.WarnContext(ctx, "the gateway does not say how a payment stands", "request", requestID(c), "error", err)
			s.flash(c, ui.News, "The payment service has not answered yet. This page changes as soon as it does.")
		}
	}
	return s.redirect(c, orderPath(o.ID))
}

// testGateway is the page of the test gateway, where the collector pays or not.
func (s *Server) testGateway(c echo.Context) error {
	p, err := s.Store.Payment(c.Request().Context(), member(c), c.Param("attempt"))
	if err != nil {
		return err
	}
	if p.State != "open" {
		return s.redirect(c, orderPath(p.OrderID))
	}
	return s.show(c, http.StatusOK, view{Title: "Test gateway", NoIndex: true, Page: orders.Gateway(p)})
}

// answerTestGateway lets the test gateway report what the collector chose, by
// the signed message that a real one would send, and goes back to the order.
func (s *Server) answerTestGateway(c echo.Context) error {
	ctx := c.Request().Context()
	gateway, ok := s.Gateway.(*payment.Test)
	if !ok {
		return store.ErrNotFound
	}
	p, err := s.Store.Payment(ctx, member(c), c.Param("attempt"))
	if err != nil {
		return err
	}
	kind := payment.Declined
	if c.FormValue("answer") == "pay" {
		kind = payment.Taken
	}
	body, signature := gateway.Message(kind, s.till.attempt(p))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/webhooks/payments", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set(payment.SignatureHeader, signature)
	answer := delivery{header: http.Header{}}
	s.ServeHTTP(&answer, r)
	if answer.status != http.StatusOK {
		return fmt.Errorf("the test gateway's message was answered with %d", answer.status)
	}
	switch store.Outcome(answer.body.String()) {
	case store.Settled:
		s.flash(c, ui.Done, "Paid. The sale is made, and the artist has been told.")
	case store.SoldOut:
		s.flash(c, ui.Alert, "The last piece was sold to somebody else a moment ago. Your money goes back by itself.")
	case store.NotPaid:
		s.flash(c, ui.Alert, "The payment was declined. Nothing was charged; you can try again.")
	default:
		s.flash(c, ui.News, "This payment was closed already. The order shows how it stands.")
	}
	return s.redirect(c, orderPath(p.OrderID))
}

// delivery is the answer to a message that the test gateway delivers.
type delivery struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (d *delivery) Header() http.Header         { return d.header }
func (d *delivery) WriteHeader(status int)      { d.status = status }
func (d *delivery) Write(b []byte) (int, error) { return d.body.Write(b) }

// hearPayment takes in a gateway's message. It answers 200 to every message
// that has been dealt with, repeated ones too, and anything else when the gateway
// should send it again.
func (s *Server) hearPayment(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	e, err := s.Gateway.Verify(body, c.Request().Header.Get)
	switch {
	case errors.Is(err, payment.ErrNotOurs):
		return c.String(http.StatusOK, "not ours\n")
	case err != nil:
		s.Log.WarnContext(c.Request().Context(), "payment message refused", "request", requestID(c), "error", err)
		return c.String(http.StatusBadRequest, "refused\n")
	}
	outcome, err := s.till.Hear(c.Request().Context(), e)
	if errors.Is(err, store.ErrNotFound) {
		return c.String(http.StatusNotFound, "unknown payment\n")
	}
	if err != nil {
		return err
	}
	s.Log.InfoContext(c.Request().Context(), "payment message", "request", requestID(c), "event", e.ID, "outcome", outcome)
	return c.String(http.StatusOK, string(outcome))
}
