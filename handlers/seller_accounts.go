package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// accounts is the gateway, where it pays artists into accounts of their own.
func (t *Till) accounts() (payment.Accounts, bool) {
	a, ok := t.gateway.(payment.Accounts)
	return a, ok
}

// MayAccept fails with *store.Invalid for the field "account" when the artist
// could not be paid for what they accept.
func (t *Till) MayAccept(ctx context.Context, artist store.Member) error {
	if _, ok := t.accounts(); !ok || !artist.IsArtist() {
		return nil
	}
	a, err := t.store.SellerAccount(ctx, artist, t.gateway.Name())
	if err != nil || a.Ready {
		return err
	}
	return &store.Invalid{Fields: []store.FieldError{{Field: "account", Sentence: "Nothing was accepted: you cannot be paid yet. The request waits."}}}
}

// payInto is the account into which an order is paid, where the gateway has them.
// It fails with a *store.Conflict when the artist cannot be paid.
func (t *Till) payInto(ctx context.Context, collector store.Member, order int64) (string, error) {
	if _, ok := t.accounts(); !ok {
		return "", nil
	}
	account, err := t.store.PayInto(ctx, collector, order, t.gateway.Name())
	switch {
	case errors.Is(err, store.ErrNotFound): // then there is nothing to pay, and why is said elsewhere
		return "", nil
	case err == nil && account == "":
		t.log.WarnContext(ctx, "an order cannot be paid: its artist has no account that is ready", "order", order)
		return "", &store.Conflict{Sentence: "The artist cannot be paid at the moment, so nothing was charged. Write to the artist, and try again later."}
	}
	return account, err
}

// openAccount returns the page of the gateway where the artist sets up how they are
// paid.
func (t *Till) openAccount(ctx context.Context, artist store.Member) (string, error) {
	gateway, ok := t.accounts()
	if !ok {
		return "", store.ErrNotFound
	}
	a, err := t.store.BeginSellerAccount(ctx, artist, gateway.Name())
	if err != nil {
		return "", err
	}
	if a.Account == "" {
		opened, err := gateway.OpenAccount(ctx, a.Key, artist.Email)
		if err != nil {
			return "", err
		}
		if err := t.store.SellerAccountOpened(ctx, artist, gateway.Name(), opened.ID); err != nil {
			return "", err
		}
		a.Account = opened.ID
		if err := t.store.SellerAccountStands(ctx, gateway.Name(), opened.ID, opened.Ready, opened.Wanting, t.store.Now()); err != nil {
			return "", err
		}
	}
	return gateway.AccountPage(ctx, payment.Account{ID: a.Account, Ready: a.Ready}, t.base+studio.Payments+"/return", t.base+studio.Payments+"/refresh")
}

// lookAtAccount asks the gateway how an account stands and keeps the answer.
func (t *Till) lookAtAccount(ctx context.Context, account string) error {
	gateway, ok := t.accounts()
	if !ok {
		return nil
	}
	asked := t.store.Now()
	a, err := gateway.LookAtAccount(ctx, account)
	if err != nil {
		return err
	}
	return t.store.SellerAccountStands(ctx, gateway.Name(), account, a.Ready, a.Wanting, asked)
}

// payments is where an artist sees whether they can be paid.
func (s *Server) payments(c echo.Context) error {
	ctx := c.Request().Context()
	p := studio.PaymentsProps{}
	var err error
	if _, ok := s.till.accounts(); ok {
		p.Accounts = true
		if p.Account, err = s.Store.SellerAccount(ctx, member(c), s.Gateway.Name()); err != nil {
			return err
		}
	}
	tabs, err := s.studioTabs(c, studio.Orders)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, http.StatusOK, view{Title: "Being paid", NoIndex: true, Page: studio.PaymentsPage(p)})
}

// setUpPayments sends an artist to the gateway's own pages.
func (s *Server) setUpPayments(c echo.Context) error {
	page, err := s.till.openAccount(c.Request().Context(), member(c))
	switch {
	case errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrForbidden):
		return err
	case err != nil:
		s.Log.ErrorContext(c.Request().Context(), "an artist's account could not be opened", "request", requestID(c), "error", err)
		s.flash(c, ui.Alert, "Stripe does not answer as it should, so nothing was changed. Try again in a minute.")
		page = studio.Payments
	}
	return s.redirect(c, page)
}

// backFromSetup is where an artist comes back to from the gateway's pages. What has
// become of the account, the gateway is asked.
func (s *Server) backFromSetup(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := s.Store.SellerAccount(ctx, member(c), s.Gateway.Name())
	if err != nil {
		return err
	}
	if a.Account != "" {
		if err := s.till.lookAtAccount(ctx, a.Account); err != nil {
			s.Log.WarnContext(ctx, "the gateway does not say how an account stands", "request", requestID(c), "error", err)
			s.flash(c, ui.News, "Stripe has not answered yet. What you see is what it said last.")
		}
	}
	return s.redirect(c, studio.Payments)
}

// setupOver is where an artist comes to whose page at the gateway is no longer good.
func (s *Server) setupOver(c echo.Context) error {
	s.flash(c, ui.News, "That page of Stripe’s was no longer good. Go on from here; it keeps what you entered.")
	return s.redirect(c, studio.Payments)
}
