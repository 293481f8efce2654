package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Payment is one try to pay an order.
type Payment struct {
	ID       string    `db:"id"` // a UUID, told to the gateway
	OrderID  int64     `db:"order_id"`
	Amount   Pence     `db:"amount"`
	Currency string    `db:"currency"`
	Gateway  string    `db:"gateway"`
	State    string    `db:"state"` // open, settled, declined, released
	Title    string    `db:"title"`
	OpenedAt time.Time `db:"opened_at"`
}

const paymentColumns = `p.id, p.order_id, p.amount, p.currency, p.gateway, p.state, o.title, p.opened_at`

// errSoldOut is what a collector reads whose piece went to somebody else.
var errSoldOut = &Conflict{"The last piece was sold to somebody else a moment ago. Nothing was charged."}

// BeginPayment opens a try to pay, or returns the one that is open already: two
// tabs pay the same thing once. It fails with a *Conflict when the order does
// not wait for payment or no piece is left.
func (s *Store) BeginPayment(ctx context.Context, collector Member, id int64, gateway string) (Payment, error) {
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
		var left int
		if err := tx.GetContext(ctx, &left, `SELECT quantity FROM artworks WHERE id = $1`, o.ArtworkID); err != nil {
			return fmt.Errorf("count pieces: %w", err)
		}
		if left == 0 {
			return errSoldOut
		}
		err = tx.GetContext(ctx, &p, `
			SELECT `+paymentColumns+` FROM payments p JOIN orders o ON o.id = p.order_id
			WHERE p.order_id = $1 AND p.state = 'open' AND p.gateway = $2`, id, gateway)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		err = tx.GetContext(ctx, &p, `
			WITH p AS (
				INSERT INTO payments (id, order_id, amount, currency, gateway, state, opened_at)
				VALUES ($1, $2, $3, 'GBP', $4, 'open', $5) RETURNING *)
			SELECT `+paymentColumns+` FROM p JOIN orders o ON o.id = p.order_id`,
			newUUID(), id, o.Total, gateway, s.now())
		if err != nil {
			return fmt.Errorf("open a payment of order %d: %w", id, err)
		}
		return nil
	})
	return p, err
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
	Gateway    string
	ID         string // the gateway's own, repeated when the message is
	Authorised bool   // else declined
	Payment    string
	Amount     Pence
	Currency   string
}

// Outcome is what became of a gateway's message.
type Outcome string

// The outcomes. Whatever is not settled takes no money: a held amount is
// released.
const (
	Settled        Outcome = "settled"
	NotPaid        Outcome = "declined"
	SoldOut        Outcome = "sold out"
	OrderClosed    Outcome = "order closed"
	AmountMismatch Outcome = "amount mismatch"
	AlreadyClosed  Outcome = "already closed"
)

// SettlePayment takes in a gateway's message: once, whatever how often it is
// repeated. A payment settles when its order waits for it, the amount is the
// order's, and a piece is left under the artwork's lock; then stock falls by
// one and the edition number is fixed, all in one transaction.
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
		// Locks in the order of the house: order, artwork, payment.
		o, err := lockOrder(ctx, tx, orderID, 0)
		if err != nil {
			return err
		}
		var work struct {
			Quantity int `db:"quantity"`
			Sold     int `db:"sold"`
		}
		if err := tx.GetContext(ctx, &work, `SELECT quantity, sold FROM artworks WHERE id = $1 FOR UPDATE`, o.ArtworkID); err != nil {
			return fmt.Errorf("lock artwork %d: %w", o.ArtworkID, err)
		}
		var p Payment
		err = tx.GetContext(ctx, &p, `SELECT id, order_id, amount, currency, state FROM payments WHERE id = $1 FOR UPDATE`, e.Payment)
		if err != nil {
			return fmt.Errorf("lock payment: %w", err)
		}

		err = tx.GetContext(ctx, &outcome, `SELECT outcome FROM payment_events WHERE gateway = $1 AND event_id = $2`, e.Gateway, e.ID)
		if !errors.Is(err, sql.ErrNoRows) {
			return err // heard before: the same answer
		}
		outcome = settlement(o, p, work.Quantity, e)
		if err := s.close(ctx, tx, o, p, work.Sold, outcome); err != nil {
			return err
		}
		kind := "declined"
		if e.Authorised {
			kind = "authorised"
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

// settlement decides what a message means for a locked order and payment.
func settlement(o Order, p Payment, left int, e PaymentEvent) Outcome {
	switch {
	case p.State != "open":
		return AlreadyClosed
	case !e.Authorised:
		return NotPaid
	case e.Amount != p.Amount || e.Currency != p.Currency || p.Amount != o.Total:
		return AmountMismatch
	case o.Status != Accepted:
		return OrderClosed
	case left == 0:
		return SoldOut
	}
	return Settled
}

// close writes an outcome: the payment's state, and what follows for the order
// and the artwork.
func (s *Store) close(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, sold int, outcome Outcome) error {
	state := map[Outcome]string{Settled: "settled", NotPaid: "declined", SoldOut: "released", OrderClosed: "released", AmountMismatch: "released"}[outcome]
	if state == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE payments SET state = $2, closed_at = $3 WHERE id = $1`, p.ID, state, s.now()); err != nil {
		return fmt.Errorf("close payment: %w", err)
	}
	switch outcome {
	case NotPaid, AmountMismatch:
		return s.record(ctx, tx, o, EventPaymentDeclined, 0, []int64{o.BuyerID})
	case SoldOut:
		return s.record(ctx, tx, o, EventSoldOut, 0, []int64{o.BuyerID})
	case OrderClosed:
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE artworks SET quantity = quantity - 1, sold = sold + 1, for_sale = for_sale AND quantity > 1,
			version = version + 1, updated_at = $2
		WHERE id = $1`, o.ArtworkID, s.now())
	if err != nil {
		return fmt.Errorf("take a piece from artwork %d: %w", o.ArtworkID, err)
	}
	number := sql.NullInt64{Int64: int64(sold) + 1, Valid: o.Edition == LimitedEdition}
	err = s.advance(ctx, tx, o.ID, o.BuyerID, Pay, func(Order) (change, error) {
		return change{`paid_at = $3, edition_number = $4`, []any{s.now(), number}}, nil
	})
	if err != nil {
		return err
	}
	return tell(ctx, tx, Signal{Market: true})
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
