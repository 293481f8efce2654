package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
)

// askToCancel asks the collector whether they mean it: to take a request back, or
// to call a paid order off.
func (s *Server) askToCancel(c echo.Context) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	if o.Can(member(c), store.AskToCancel) {
		return s.ask(c, store.AskToCancel, orders.AskToCancel)
	}
	return s.ask(c, store.Cancel, orders.Cancel)
}

// cancelOrder takes a request back, or asks the artist to call a paid order off.
func (s *Server) cancelOrder(c echo.Context) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	if o.Can(member(c), store.AskToCancel) {
		words := c.FormValue("words")
		return s.answered(c, store.AskToCancel, "The artist has been told, and has a day to answer.", orders.AskToCancel, orders.Question{Words: words},
			func(ctx context.Context, m store.Member, order int64) error {
				return s.Store.AskToCancel(ctx, m, order, words)
			})
	}
	return s.act(c, "The request is taken back. Nothing was charged.", func(ctx context.Context, m store.Member, order int64) error {
		if err := s.till.Shut(ctx, m, order); err != nil {
			return err
		}
		return s.Store.CancelOrder(ctx, m, order)
	})
}

// refuseToCancel says that the work has been handed over already.
func (s *Server) refuseToCancel(c echo.Context) error {
	return s.act(c, "The collector has been told. Say who carries it when you can.", s.Store.RefuseToCancel)
}

// askToCallOff asks the artist what became of the piece.
func (s *Server) askToCallOff(c echo.Context) error { return s.ask(c, store.CallOff, orders.CallOff) }

// callOff calls a paid order off.
func (s *Server) callOff(c echo.Context) error {
	piece, words := c.FormValue("piece"), c.FormValue("words")
	return s.answered(c, store.CallOff, "The order is called off. All the money goes back.", orders.CallOff, orders.Question{Piece: piece, Words: words},
		func(ctx context.Context, m store.Member, order int64) error {
			return s.Store.CallOff(ctx, m, order, store.Piece(piece), words)
		})
}

// askToWithdraw asks the collector of an order that was not shipped in time.
func (s *Server) askToWithdraw(c echo.Context) error {
	return s.ask(c, store.TakeMoneyBack, orders.Withdraw)
}

// withdraw gives the collector the money back.
func (s *Server) withdraw(c echo.Context) error {
	return s.act(c, "The order is called off. Your money goes back to you; banks take a few days.", s.Store.TakeMoneyBack)
}

// askToGiveBack asks the artist how much goes back.
func (s *Server) askToGiveBack(c echo.Context) error {
	return s.ask(c, store.GiveBackPart, orders.GiveBack)
}

// giveBack gives a part of a payment back.
func (s *Server) giveBack(c echo.Context) error {
	amount, words := c.FormValue("amount"), c.FormValue("words")
	return s.answered(c, store.GiveBackPart, "It goes back. The collector has been told.", orders.GiveBack, orders.Question{Amount: amount, Words: words},
		func(ctx context.Context, m store.Member, order int64) error {
			return s.Store.GiveBackPart(ctx, m, order, amount, words)
		})
}

// settlePiece says what became of the piece of a sale that was undone.
func (s *Server) settlePiece(c echo.Context) error {
	piece, done := store.Piece(c.FormValue("piece")), "It is for sale again."
	if piece == store.PieceGone {
		done = "It stays off the wall."
	}
	return s.act(c, done, func(ctx context.Context, m store.Member, order int64) error {
		return s.Store.SettlePiece(ctx, m, order, piece)
	})
}

// answered does what a dialog asked for. Where something in it is wrong it is
// shown again with what was typed.
func (s *Server) answered(c echo.Context, a store.Action, done string, dialog func(orders.Question) templ.Component, typed orders.Question,
	verb func(ctx context.Context, m store.Member, order int64) error) error {
	err := s.act(c, done, verb)
	var invalid *store.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	if !o.Can(member(c), a) {
		return store.ErrForbidden
	}
	typed.Props = s.orderProps(c, o, c.FormValue("in"))
	typed.Errors = invalid
	if wantsFragment(c) {
		c.Response().Header().Set("HX-Retarget", "#dialog")
		c.Response().Header().Set("HX-Reswap", "innerHTML")
		return s.part(c, http.StatusUnprocessableEntity, dialog(typed))
	}
	return s.show(c, http.StatusUnprocessableEntity, view{Title: o.Title, NoIndex: true, Page: dialog(typed)})
}
