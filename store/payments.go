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
	var p Payment
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, id, collector.ID)
		if err != nil {
			return err
		}
		if part, _ := o.part(collector.ID); part != theCollector {
			return ErrForbidden
		}
		if o.Status != Accepted {
			return o.notNow()
		}
		if !o.HoldUntil.After(s.now()) {
			return errHoldOver
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
	var outcome Outcome
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var orderID int64
		err := found(tx.GetContext(ctx, &orderID, `SELECT order_id FROM payments WHERE id = $1 AND gateway = $2`, e.Payment, e.Gateway))
		if err != nil {
			return err
		}
		// Whatever changes a payment has locked its order.
		o, err := lockOrder(ctx, tx, orderID, 0)
		if err != nil {
			return err
		}
		err = tx.GetContext(ctx, &outcome, `SELECT outcome FROM payment_events WHERE gateway = $1 AND event_id = $2`, e.Gateway, e.ID)
		if !errors.Is(err, sql.ErrNoRows) {
			return err // heard before: the same answer
		}
		var p Payment
		err = tx.GetContext(ctx, &p, `
			SELECT id, order_id, amount, fee, currency, state, COALESCE(charge, '') AS charge FROM payments WHERE id = $1`, e.Payment)
		if err != nil {
			return fmt.Errorf("read the payment: %w", err)
		}

		// Who has asked again since pays that request.
		var askedAgain bool
		err = tx.GetContext(ctx, &askedAgain, `
			SELECT EXISTS (SELECT FROM orders WHERE buyer_id = $1 AND artwork_id = $2 AND status IN ('pending', 'accepted') AND id <> $3)`,
			o.BuyerID, o.ArtworkID, o.ID)
		if err != nil {
			return fmt.Errorf("look for a later request: %w", err)
		}
		var w stock
		if outcome, w, err = decide(ctx, tx, o, p, e, askedAgain); err != nil {
			return err
		}
		if e.Taken && e.Currency == p.Currency {
			if err := s.bookTaken(ctx, tx, o, p.ID, e.charge(), e.Amount); err != nil {
				return err
			}
		}
		if err := s.close(ctx, tx, o, p, w, e, outcome); err != nil {
			return err
		}
		if e.Taken && outcome != Settled && (p.State != "settled" || p.Charge != e.charge()) {
			if err := s.returnMoney(ctx, tx, o, p, e); err != nil {
				return err
			}
		}
		kind := "declined"
		if e.Taken {
			kind = "taken"
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO payment_events (gateway, event_id, kind, payment_id, outcome, received_at)
			VALUES ($1, $2, $3, $4, $5, $6)`, e.Gateway, e.ID, kind, e.Payment, outcome, s.now())
		if err != nil {
			return fmt.Errorf("keep the gateway's message: %w", err)
		}
		return nil
	})
	return outcome, err
}

// decide says what a message means, and locks the work where a piece of it is sold.
// Those who come too late for a work that many pay for at once do not keep each
// other waiting: they look at the stock first, and let go of it when the last piece
// has gone to the one before them.
func decide(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, e PaymentEvent, askedAgain bool) (outcome Outcome, w stock, err error) {
	late := p.State == "released" && o.holdLapsed()
	if late {
		if err := tx.GetContext(ctx, &w, stockQuery, o.ArtworkID); err != nil {
			return "", w, fmt.Errorf("look at the stock of artwork %d: %w", o.ArtworkID, err)
		}
	}
	outcome = settlement(o, p, w, e, askedAgain)
	if outcome != Settled {
		return outcome, w, nil
	}
	if late {
		if _, err := tx.ExecContext(ctx, `SAVEPOINT stock`); err != nil {
			return "", w, err
		}
	}
	if w, err = lockStock(ctx, tx, o.ArtworkID); err != nil {
		return "", w, err
	}
	outcome = settlement(o, p, w, e, askedAgain)
	if outcome != Settled {
		_, err = tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT stock`)
	}
	return outcome, w, err
}

// settlement decides what a message means for a locked order, work and payment.
func settlement(o Order, p Payment, w stock, e PaymentEvent, askedAgain bool) Outcome {
	late := p.State == "released" && o.holdLapsed()
	// The page was closed a moment too late, and the piece is still held.
	crossed := p.State == "released" && o.Status == Accepted && e.Taken
	switch {
	case p.State != "open" && !late && !crossed:
		return AlreadyClosed
	case !e.Taken:
		return NotPaid
	case e.Amount != p.Amount || e.Currency != p.Currency || p.Amount != o.Total:
		return AmountMismatch
	case !late && o.Status != Accepted:
		return OrderClosed
	case late && (askedAgain || w.State != Listed || w.Quantity > 0 && !w.ForSale):
		return OrderClosed
	case late && w.free() == 0:
		return SoldOut
	}
	return Settled
}

// close writes an outcome: the payment's state, and what follows for the order
// and the artwork. Money that goes back counts as declined, so that a second
// message about it is not heard again.
func (s *Store) close(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, w stock, e PaymentEvent, outcome Outcome) error {
	late := p.State == "released" && o.Status != Accepted
	state := map[Outcome]string{Settled: "settled", NotPaid: "declined", SoldOut: "declined", OrderClosed: "declined", AmountMismatch: "declined"}[outcome]
	if state == "" {
		return nil
	}
	if outcome == Settled { // on another page, where the first was closed
		if err := s.closePayment(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	var charge sql.NullString
	if outcome == Settled {
		charge = sql.NullString{String: e.charge(), Valid: true}
	}
	_, err := tx.ExecContext(ctx, `UPDATE payments SET state = $2, closed_at = $3, charge = $4 WHERE id = $1`, p.ID, state, s.now(), charge)
	switch {
	case err != nil:
		return fmt.Errorf("close payment: %w", err)
	case outcome == NotPaid:
		return s.record(ctx, tx, o, EventPaymentDeclined, 0, []int64{o.BuyerID})
	case outcome != Settled:
		return nil
	}
	number := sql.NullInt64{Int64: int64(o.EditionNumber), Valid: o.EditionNumber > 0}
	if !number.Valid {
		if number, err = lowestFree(ctx, tx, w); err != nil {
			return err
		}
	}
	pay := Pay
	if late {
		pay = payLate
	}
	err = s.advance(ctx, tx, o.ID, o.BuyerID, pay, func(Order) (change, error) {
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
	if err := s.bookSale(ctx, tx, o, p); err != nil {
		return err
	}
	if err := tell(ctx, tx, Signal{Market: true, Line: w.Quantity == 1}); err != nil {
		return err
	}
	return s.issuePapers(ctx, tx, o, p.ID)
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
