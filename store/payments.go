package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// Payment is one try to pay an order.
type Payment struct {
	ID       string    `db:"id"` // a UUID, told to the gateway
	OrderID  int64     `db:"order_id"`
	Amount   Pence     `db:"amount"`
	Fee      Pence     `db:"fee"` // of the amount, what the market keeps
	Currency string    `db:"currency"`
	Gateway  string    `db:"gateway"`
	State    string    `db:"state"` // open, settled, declined, or released: closed before the gateway had answered
	Title    string    `db:"title"`
	OpenedAt time.Time `db:"opened_at"`
	Until    time.Time `db:"until"` // nothing should be taken later
	SellerID int64     `db:"seller_id"`
	Session  string    `db:"session"`  // the gateway's name for its page; "" while there is none, or nothing to close
	Page     string    `db:"page"`     // where that is
	Charge   string    `db:"charge"`   // the gateway's name for the money, of a settled one
	Refunded Pence     `db:"refunded"` // what goes back or has gone
	Late     bool      `db:"late"`     // the hold is over: the page is to be closed
}

const paymentColumns = `p.id, p.order_id, p.amount, p.fee, p.currency, p.gateway, p.state, o.title, p.opened_at, p.until, o.seller_id,
	COALESCE(p.session, '') AS session, COALESCE(p.page, '') AS page, COALESCE(p.charge, '') AS charge, p.refunded`

// errHoldOver is what a collector reads who comes to pay when the hold has ended.
var errHoldOver = &Conflict{"The hold has ended, so this cannot be paid any more. Nothing was charged. Ask again if the work is still for sale."}

// BeginPayment opens a try to pay, or returns the one that is open already: two
// tabs pay the same thing once. number is the piece of a limited edition that the
// collector chose, 0 to leave it at the one that is held. A hold that would end
// before the payment does is made longer, once. BeginPayment fails with a
// *Conflict when the order does not wait for payment or its hold is over, and with
// *Invalid for the field "number" when somebody else has that piece.
func (s *Store) BeginPayment(ctx context.Context, collector Member, id int64, gateway string, number int) (Payment, error) {
	// When a crowd comes for the last piece, those who hold none need no lock to be
	// told so.
	seen, err := s.glance(ctx, id, collector.ID)
	if err == nil {
		err = s.mayPay(seen, collector)
	}
	if err != nil {
		return Payment{}, err
	}
	var p Payment
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, id, collector.ID)
		if err != nil {
			return err
		}
		if err := s.mayPay(o, collector); err != nil {
			return err
		}
		if number != 0 && number != o.EditionNumber {
			if err := chooseNumber(ctx, tx, o, number); err != nil {
				return err
			}
		}
		if err := s.stretch(ctx, tx, o); err != nil {
			return err
		}
		err = tx.GetContext(ctx, &p, `
			SELECT `+paymentColumns+` FROM payments p JOIN orders o ON o.id = p.order_id
			WHERE p.order_id = $1 AND p.state = 'open' AND p.gateway = $2`, id, gateway)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		fee := o.Commission
		if gateway == directGateway { // the market has none of it in its hands
			fee = 0
		}
		err = tx.GetContext(ctx, &p, `
			WITH p AS (
				INSERT INTO payments (id, order_id, amount, fee, currency, gateway, state, opened_at, until)
				VALUES ($1, $2, $3, $4, 'GBP', $5, 'open', $6, $7) RETURNING *)
			SELECT `+paymentColumns+` FROM p JOIN orders o ON o.id = p.order_id`,
			newUUID(), id, o.Total, fee, gateway, s.now(), s.now().Add(s.deadlines.Attempt))
		if err != nil {
			return fmt.Errorf("open a payment of order %d: %w", id, err)
		}
		if o.Direct == (gateway == directGateway) {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE orders SET direct = $2, version = version + 1 WHERE id = $1`, id, gateway == directGateway); err != nil {
			return fmt.Errorf("keep how order %d is paid: %w", id, err)
		}
		return tellParties(ctx, tx, o)
	})
	return p, err
}

// mayPay fails unless an order waits for the collector's payment.
func (s *Store) mayPay(o Order, collector Member) error {
	part, _ := o.part(collector.ID)
	switch {
	case part != theCollector:
		return ErrForbidden
	case o.Status != Accepted:
		return o.notNow()
	case !o.HoldUntil.After(s.now()):
		return errHoldOver
	}
	return nil
}

// chooseNumber gives a locked order another piece of its limited edition.
func chooseNumber(ctx context.Context, tx *sqlx.Tx, o Order, number int) error {
	w, err := lockStock(ctx, tx, o.ArtworkID)
	if err != nil {
		return err
	}
	l, err := w.ledger(ctx, tx)
	if err != nil {
		return err
	}
	if w.Edition != LimitedEdition || !slices.Contains(l.Free, number) {
		return &Invalid{Fields: []FieldError{{"number", fmt.Sprintf("Number %d is not free any more. Choose another.", number)}}}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE orders SET edition_number = $2, version = version + 1 WHERE id = $1`, o.ID, number); err != nil {
		return fmt.Errorf("choose number %d for order %d: %w", number, o.ID, err)
	}
	if err := tellParties(ctx, tx, o); err != nil {
		return err
	}
	return tell(ctx, tx, Signal{Market: true})
}

// stretch lets the hold of a locked order last until a payment that is begun now
// has had its time. That is done once.
func (s *Store) stretch(ctx context.Context, tx *sqlx.Tx, o Order) error {
	until := s.now().Add(s.deadlines.Attempt)
	if o.Stretched || !o.HoldUntil.Before(until) {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE orders SET hold_until = $2, stretched = true, version = version + 1 WHERE id = $1`, o.ID, until)
	if err != nil {
		return fmt.Errorf("stretch the hold of order %d: %w", o.ID, err)
	}
	if err := tellParties(ctx, tx, o); err != nil {
		return err
	}
	return tell(ctx, tx, Signal{Market: true})
}

// Payment returns one of the collector's own tries to pay.
func (s *Store) Payment(ctx context.Context, collector Member, id string) (Payment, error) {
	if !validUUID(id) {
		return Payment{}, ErrNotFound
	}
	var p Payment
	err := s.getRow(ctx, &p, `
		SELECT `+paymentColumns+` FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.id = $1 AND o.buyer_id = $2`, id, collector.ID)
	return p, err
}

// PaymentEvent is a gateway's verified message about a payment.
type PaymentEvent struct {
	Gateway  string
	ID       string // the gateway's own, repeated when the message is
	Taken    bool   // the money has been taken; else it was declined
	Payment  string
	Charge   string // the gateway's name for the money; "" where that is the payment
	Amount   Pence
	Currency string
}

func (e PaymentEvent) charge() string { return cmp.Or(e.Charge, e.Payment) }

// Outcome is what became of a gateway's message.
type Outcome string

// The outcomes. Money that was taken and is not settled goes back by itself.
const (
	Settled        Outcome = "settled"
	NotPaid        Outcome = "declined"
	SoldOut        Outcome = "sold out"
	OrderClosed    Outcome = "order closed"
	AmountMismatch Outcome = "amount mismatch"
	AlreadyClosed  Outcome = "already closed"
)

// SettlePayment takes in a gateway's message: once, whatever how often it is
// repeated. A payment settles when the amount is the order's and a piece is held
// for it or, when the hold ended while it was under way, is free again; then stock
// falls by one and the edition number is fixed, all in one transaction.
func (s *Store) SettlePayment(ctx context.Context, e PaymentEvent) (Outcome, error) {
	if !validUUID(e.Payment) {
		return "", ErrNotFound
	}
	var heard struct {
		Order   int64   `db:"order_id"`
		Outcome Outcome `db:"outcome"`
	}
	err := s.getRow(ctx, &heard, `
		SELECT p.order_id, COALESCE(e.outcome, '') AS outcome
		FROM payments p LEFT JOIN payment_events e ON e.gateway = p.gateway AND e.event_id = $3
		WHERE p.id = $1 AND p.gateway = $2`, e.Payment, e.Gateway, e.ID)
	if err != nil || heard.Outcome != "" { // the same answer as before
		return heard.Outcome, err
	}
	var outcome Outcome
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		// Whatever changes a payment has locked its order.
		o, err := lockOrder(ctx, tx, heard.Order, 0)
		if err != nil {
			return err
		}
		m, err := weigh(ctx, tx, o, e)
		if err != nil {
			return err
		}
		if outcome = m.Outcome; outcome != "" { // heard a moment ago
			return nil
		}
		if outcome, err = m.decide(ctx, tx, o, e); err != nil {
			return err
		}
		if err := s.keep(ctx, tx, o, m.Payment, e, outcome); err != nil {
			return err
		}
		switch outcome {
		case Settled:
			return s.sell(ctx, tx, o, m.Payment, m.Stock, e)
		case NotPaid:
			return s.record(ctx, tx, o, EventPaymentDeclined, 0, []int64{o.BuyerID})
		}
		if e.Taken && e.Currency == m.Currency {
			if err := s.book(ctx, tx, o, m.Payment.ID, taken(e)); err != nil {
				return err
			}
		}
		if e.Taken && (m.State != "settled" || m.Charge != e.charge()) {
			return s.returnMoney(ctx, tx, o, m.Payment, e)
		}
		return nil
	})
	return outcome, err
}

// message is what a gateway's message is weighed by: its payment, whose order is
// locked, and how things stand with that.
type message struct {
	Payment
	Outcome    Outcome `db:"outcome"`     // of the same message, when it was heard before
	AskedAgain bool    `db:"asked_again"` // the collector has: who has pays that request
	Stock      stock   `db:"stock"`       // of the work; locked when a piece of it is sold
}

// weigh reads what is known of a message's payment.
func weigh(ctx context.Context, tx *sqlx.Tx, o Order, e PaymentEvent) (message, error) {
	var m message
	err := tx.GetContext(ctx, &m, `
		SELECT p.id, p.order_id, p.amount, p.fee, p.currency, p.gateway, p.state, COALESCE(p.charge, '') AS charge,
			COALESCE((SELECT outcome FROM payment_events WHERE gateway = $2 AND event_id = $3), '') AS outcome,
			EXISTS (SELECT FROM orders WHERE buyer_id = $4 AND artwork_id = $5 AND status IN ('pending', 'accepted') AND id <> $6) AS asked_again,
			a.id AS "stock.id", a.state AS "stock.state", a.for_sale AS "stock.for_sale", a.quantity AS "stock.quantity", a.held AS "stock.held"
		FROM payments p JOIN artworks a ON a.id = $5 WHERE p.id = $1`, e.Payment, e.Gateway, e.ID, o.BuyerID, o.ArtworkID, o.ID)
	if err != nil {
		return message{}, fmt.Errorf("read the payment: %w", err)
	}
	return m, nil
}

// decide says what a message means, and locks the work where a piece of it is sold.
// Those who come too late for a work that many pay for at once do not keep each
// other waiting: what they have seen of the stock may tell them, and who has to look
// again has no lock when the last piece has gone to the one before them.
func (m *message) decide(ctx context.Context, tx *sqlx.Tx, o Order, e PaymentEvent) (Outcome, error) {
	if outcome := m.settlement(o, e); outcome != Settled {
		return outcome, nil
	}
	if m.late(o) {
		var free bool
		if err := tx.GetContext(ctx, &free, `SELECT lock_free_piece($1)`, o.ArtworkID); err != nil {
			return "", fmt.Errorf("lock artwork %d: %w", o.ArtworkID, err)
		}
		if !free {
			return SoldOut, nil
		}
	}
	var err error
	if m.Stock, err = lockStock(ctx, tx, o.ArtworkID); err != nil {
		return "", err
	}
	return m.settlement(o, e), nil
}

// late reports whether the hold had ended before the money came.
func (m *message) late(o Order) bool { return m.State == "released" && o.holdLapsed() }

// settlement decides what a message means for a locked order and payment and for
// the stock of the work.
func (m *message) settlement(o Order, e PaymentEvent) Outcome {
	late := m.late(o)
	// The page was closed a moment too late, and the piece is still held.
	crossed := m.State == "released" && o.Status == Accepted && e.Taken
	switch {
	case m.State != "open" && !late && !crossed:
		return AlreadyClosed
	case !e.Taken:
		return NotPaid
	case e.Amount != m.Amount || e.Currency != m.Currency || m.Amount != o.Total:
		return AmountMismatch
	case !late && o.Status != Accepted:
		return OrderClosed
	case late && (m.AskedAgain || m.Stock.State != Listed || m.Stock.Quantity > 0 && !m.Stock.ForSale):
		return OrderClosed
	case late && m.Stock.free() == 0:
		return SoldOut
	}
	return Settled
}

// keep writes a message with its outcome, once, and closes the payment: the other
// pages of the order, too, when it is sold. Money that goes back counts as
// declined, so that a second message about it is not heard again.
func (s *Store) keep(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, e PaymentEvent, outcome Outcome) error {
	kind := "declined"
	if e.Taken {
		kind = "taken"
	}
	state := map[Outcome]string{Settled: "settled", AlreadyClosed: p.State}[outcome]
	_, err := tx.ExecContext(ctx, `
		WITH heard AS (
			INSERT INTO payment_events (gateway, event_id, kind, payment_id, outcome, received_at) VALUES ($3, $4, $5, $2, $6, $7))
		UPDATE payments SET closed_at = $7, state = CASE WHEN id <> $2 THEN 'released' ELSE $8 END,
			charge = CASE WHEN id = $2 AND $8 = 'settled' THEN $9 END, looked_at = CASE WHEN id = $2 THEN looked_at END
		WHERE $6 <> 'already closed' AND (id = $2 OR $8 = 'settled' AND order_id = $1 AND state = 'open')`,
		o.ID, p.ID, e.Gateway, e.ID, kind, outcome, s.now(), cmp.Or(state, "declined"), e.charge())
	if err != nil {
		return fmt.Errorf("keep the gateway's message: %w", err)
	}
	return nil
}

// sell gives a piece of a locked work to a locked order that a payment has paid.
func (s *Store) sell(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, w stock, e PaymentEvent) (err error) {
	number := sql.NullInt64{Int64: int64(o.EditionNumber), Valid: o.EditionNumber > 0}
	if !number.Valid {
		if number, err = lowestFree(ctx, tx, w); err != nil {
			return err
		}
	}
	pay := Pay
	if o.Status != Accepted {
		pay = payLate
	}
	err = s.advanceLocked(ctx, tx, o, o.BuyerID, pay, func(Order) (change, error) {
		return change{`paid_at = $3, edition_number = $4, cancelled_at = NULL, cancelled_by = NULL, reason = ''`, []any{s.now(), number}}, nil
	})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE artworks SET quantity = quantity - 1, sold = sold + 1, for_sale = for_sale AND quantity > 1,
			version = version + 1, updated_at = $2
		WHERE id = $1`, o.ArtworkID, s.now())
	if err != nil {
		return fmt.Errorf("take a piece from artwork %d: %w", o.ArtworkID, err)
	}
	if err := s.book(ctx, tx, o, p.ID, append([]entry{taken(e)}, sale(p)...)...); err != nil {
		return err
	}
	if pay == payLate { // else advancing it has said so
		if err := tell(ctx, tx, Signal{Market: true, Line: w.Quantity == 1}); err != nil {
			return err
		}
	}
	return s.issuePapers(ctx, tx, o, p)
}

// newUUID makes a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return uuidText(b[:])
}

// validUUID reports whether s is a UUID in its plain form.
func validUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	_, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	return err == nil
}
