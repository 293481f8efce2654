package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/views/orders"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// direct reports whether collectors pay artists directly in this market.
func (s *Server) direct() bool { return s.Gateway.Name() == payment.DirectName }

// bankDetails is where an artist says where to be paid directly.
func (s *Server) bankDetails(c echo.Context) error {
	return s.showBankDetails(c, http.StatusOK, studio.BankProps{})
}

// setBankDetails keeps what was typed there.
func (s *Server) setBankDetails(c echo.Context) error {
	p := studio.BankProps{Typed: store.BankDetails{AccountName: c.FormValue("account_name"), SortCode: c.FormValue("sort_code"),
		AccountNumber: c.FormValue("account_number"), IBAN: c.FormValue("iban")}}
	err := s.Store.SetBankDetails(c.Request().Context(), member(c), p.Typed, c.FormValue("current_password"))
	if errors.As(err, &p.Invalid) {
		return s.showBankDetails(c, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your bank details are kept. Collectors whose requests you accept see them.")
	return s.redirect(c, studio.Bank)
}

func (s *Server) showBankDetails(c echo.Context, status int, p studio.BankProps) error {
	ctx := c.Request().Context()
	var err error
	if p.Now, err = s.Store.BankDetails(ctx, member(c)); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	tabs, err := s.studioTabs(c, studio.Orders)
	if err != nil {
		return err
	}
	p.Direct = s.direct()
	p.Tabs = tabs
	return s.show(c, status, view{Title: "Bank details", NoIndex: true, Page: studio.BankPage(p)})
}

// transfer is the page on which a collector finds where to send the money.
func (s *Server) transfer(c echo.Context) error {
	t, err := s.Store.Transfer(c.Request().Context(), member(c), c.Param("attempt"))
	var conflict *store.Conflict
	if errors.As(err, &conflict) {
		s.flash(c, ui.News, conflict.Sentence)
		return s.redirect(c, orderPath(t.ID))
	}
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, view{Title: "Pay " + t.ArtistName, NoIndex: true,
		Page: orders.TransferPage(orders.TransferProps{Transfer: t, Props: s.orderProps(c, t.Order, orders.OnPage)})})
}

// sayTransferSent is the collector's word that the money is on its way.
func (s *Server) sayTransferSent(c echo.Context) error {
	order, err := s.Store.SayTransferSent(c.Request().Context(), member(c), c.Param("attempt"))
	var conflict *store.Conflict
	switch {
	case errors.As(err, &conflict):
		s.flash(c, ui.Alert, conflict.Sentence)
	case err != nil:
		return err
	default:
		s.flash(c, ui.Done, "The artist has been told to look for it. The work is held for you meanwhile.")
	}
	return s.redirect(c, orderPath(order))
}

// sayTransferCame is the artist's word that the money has come.
func (s *Server) sayTransferCame(c echo.Context) error {
	var outcome store.Outcome
	err := s.act(c, "The sale is made, and the collector has been told. Pack it and hand it over.", func(ctx context.Context, m store.Member, order int64) (err error) {
		if outcome, err = s.Store.SayTransferCame(ctx, m, order); err != nil || outcome == store.Settled {
			return err
		}
		return &store.Conflict{Sentence: "The money came when the order could not be paid any more. Send it back by hand: the order says how much."}
	})
	if outcome != "" {
		s.Log.InfoContext(c.Request().Context(), "direct payment", "request", requestID(c), "outcome", outcome)
	}
	return err
}

// sayTransferMissing is the artist's word that it has not.
func (s *Server) sayTransferMissing(c echo.Context) error {
	return s.act(c, "The collector has been told. The hold goes on until it ends.", s.Store.SayTransferMissing)
}

// sayRefundSent is the artist's word that money was sent back by hand.
func (s *Server) sayRefundSent(c echo.Context) error {
	refund := c.FormValue("refund")
	return s.act(c, "Thank you. The collector has been told.", func(ctx context.Context, m store.Member, order int64) error {
		return s.Store.SayRefundSent(ctx, m, order, refund)
	})
}

// lacksBank reports whether the reader is an artist who cannot accept yet. It is
// asked once a request; when nobody can say, the button stands, and the store looks
// again.
func (s *Server) lacksBank(c echo.Context) bool {
	const key = "lacks bank details"
	lacks, known := c.Get(key).(bool)
	if !known {
		var err error
		lacks, err = s.Store.LacksBankDetails(c.Request().Context(), member(c))
		lacks = lacks && err == nil
		c.Set(key, lacks)
	}
	return lacks
}
