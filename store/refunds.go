package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// RefundReason is why money goes back.
type RefundReason string

// The reasons.
const (
	NotSettled    RefundReason = "not settled"   // it came for an order that was over, or was not what was asked
	CannotSupply  RefundReason = "cannot supply" // the artist's word
	CancelledPaid RefundReason = "cancelled"     // the collector asked before it was shipped
	NeverSent     RefundReason = "never sent"    // the collector's choice when it was not shipped in time
	PartOf        RefundReason = "part"          // the artist gives a part back
	MadeByHand    RefundReason = "by hand"       // somebody gave it back on the gateway's own pages
)

// Refund is a sum that goes back to a collector.
type Refund struct {
	ID        string       `db:"id"` // a UUID, told to the gateway
	PaymentID string       `db:"payment_id"`
	OrderID   int64        `db:"order_id"`
	Gateway   string       `db:"gateway"`
	Charge    string       `db:"charge"` // the gateway's name for the money
	Amount    Pence        `db:"amount"`
	Currency  string       `db:"currency"`
	Fee       Pence        `db:"fee"` // of the amount, from the market's commission
	Why       RefundReason `db:"why"`
	Words     string       `db:"words"` // the artist's own, of a part
	State     string       `db:"state"` // waiting, asked of the gateway, done, or failed: then a new one was made
	Tries     int          `db:"tries"`
	Try       int          `db:"try"`
	CreatedAt time.Time    `db:"created_at"`
	ClosedAt  *time.Time   `db:"closed_at"`
}

const refundColumns = `r.id, r.payment_id, r.order_id, r.gateway, r.charge, r.amount, r.currency, r.fee, r.why, r.words, r.state, r.tries, r.try, r.created_at, r.closed_at`

// settled reports whether the artist had had the money.
func (r Refund) settled() bool { return r.Why != NotSettled }

// Settled is whether the artist had had the money, for the gateway.
func (r Refund) Settled() bool { return r.settled() }

// Done reports whether the money is back.
func (r Refund) Done() bool { return r.State == "done" }

// returnMoney lets money that was taken and did not settle go back, and tells both
// parties: once, whatever how often it is heard of.
func (s *Store) returnMoney(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, e PaymentEvent) error {
	n, err := affected(tx.ExecContext(ctx, `
		INSERT INTO refunds (id, payment_id, order_id, gateway, charge, amount, currency, fee, why, state, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'not settled', 'waiting', $8, $8)
		ON CONFLICT (gateway, charge) WHERE why = 'not settled' AND state <> 'failed' DO NOTHING`,
		newUUID(), p.ID, o.ID, e.Gateway, e.charge(), e.Amount, e.Currency, s.now()))
	if err != nil {
		return fmt.Errorf("return the money of order %d: %w", o.ID, err)
	}
	if n == 0 {
		return nil
	}
	return s.recordMoney(ctx, tx, o, EventMoneyBack, []int64{o.BuyerID, o.SellerID})
}

// affected is how many rows a statement changed.
func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// refund lets a sum of an order's settled payment go back, 0 for all that is left
// of it, which may be nothing. The order is locked, and so is its artwork where stock changes with it.
func (s *Store) refund(ctx context.Context, tx *sqlx.Tx, o Order, amount Pence, why RefundReason, words string) error {
	var p Payment
	err := tx.GetContext(ctx, &p, `
		SELECT id, order_id, amount, currency, gateway, state, fee, refunded, charge FROM payments
		WHERE order_id = $1 AND state = 'settled' FOR UPDATE`, o.ID)
	if err != nil {
		return fmt.Errorf("lock the payment of order %d: %w", o.ID, err)
	}
	left := p.Amount - p.Refunded
	if amount == 0 && left == 0 {
		return nil
	}
	if amount == 0 {
		amount = left
	}
	if amount <= 0 || amount > left {
		return &Invalid{Fields: []FieldError{{"amount", "Enter an amount up to " + left.String() + ": that is left of what was paid."}}}
	}
	r := Refund{ID: newUUID(), PaymentID: p.ID, OrderID: o.ID, Gateway: p.Gateway, Charge: p.Charge, Amount: amount, Currency: p.Currency, Why: why, Words: words,
		Fee: feeShare(p, p.Refunded+amount) - feeShare(p, p.Refunded)}
	if _, err := tx.ExecContext(ctx, `UPDATE payments SET refunded = refunded + $2 WHERE id = $1`, p.ID, amount); err != nil {
		return fmt.Errorf("refund order %d: %w", o.ID, err)
	}
	if err := s.askRefund(ctx, tx, r, s.now()); err != nil {
		return err
	}
	return s.bookRefund(ctx, tx, o, r)
}

// feeShare is the commission in so much of a payment, rounded down.
func feeShare(p Payment, of Pence) Pence {
	return p.Fee * of / p.Amount
}

func (s *Store) askRefund(ctx context.Context, tx *sqlx.Tx, r Refund, due time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO refunds (id, payment_id, order_id, gateway, charge, amount, currency, fee, why, words, state, try, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, $12, $13)`,
		r.ID, r.PaymentID, r.OrderID, r.Gateway, r.Charge, r.Amount, r.Currency, r.Fee, r.Why, r.Words, max(1, r.Try), due, s.now())
	if err != nil {
		return fmt.Errorf("ask for a refund of order %d: %w", r.OrderID, err)
	}
	return nil
}

// refundLease is how long a claimed refund is left to the one who claimed it.
const refundLease = 2 * time.Minute

// ClaimRefunds takes up to n refunds that are due, for the caller to ask of the
// gateway. What is not reported within two minutes is due again: a gateway gives
// back once, however often it is asked with one id.
func (s *Store) ClaimRefunds(ctx context.Context, gateway string, n int) ([]Refund, error) {
	var due []Refund
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &due, `
			UPDATE refunds r SET due_at = $3, tries = tries + 1
			WHERE id IN (SELECT id FROM refunds WHERE gateway = $1 AND state IN ('waiting', 'asked') AND due_at <= $2 ORDER BY due_at LIMIT $4
			             FOR UPDATE SKIP LOCKED)
			RETURNING `+refundColumns, gateway, s.now(), s.now().Add(refundLease), n)
	})
	if err != nil {
		return nil, fmt.Errorf("claim refunds: %w", err)
	}
	return due, nil
}

// RefundAsked says that the gateway has been asked for a refund and answers later.
// It is asked again after a day without an answer.
func (s *Store) RefundAsked(ctx context.Context, id string) error {
	return s.refundDue(ctx, id, "asked", s.now().Add(day))
}

// RefundPutOff says that the gateway did not hear the request for a refund; it is
// tried again, later each time, at last every hour.
func (s *Store) RefundPutOff(ctx context.Context, r Refund) error {
	return s.refundDue(ctx, r.ID, r.State, s.now().Add(min(time.Hour, 5*time.Second<<min(r.Tries, 10))))
}

func (s *Store) refundDue(ctx context.Context, id, state string, due time.Time) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE refunds SET state = $2, due_at = $3 WHERE id = $1 AND state IN ('waiting', 'asked')`, id, state, due)
		if err != nil {
			return fmt.Errorf("keep what became of refund %s: %w", id, err)
		}
		return nil
	})
}

// RefundEvent is a gateway's verified word about a refund.
type RefundEvent struct {
	Gateway string
	Refund  string // ours
	Done    bool   // else it failed
}

// refundAgain is when a refund that failed is tried again.
const refundAgain = day

// SettleRefund takes in what became of a refund: once, whatever how often it is
// repeated. Both parties are told when the money is back and, the first time, when
// it could not be given back: then it is tried again in a day, as a new refund.
// It fails with ErrNotFound for a refund that is not of this market.
func (s *Store) SettleRefund(ctx context.Context, e RefundEvent) error {
	if !validUUID(e.Refund) {
		return ErrNotFound
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var orderID int64
		err := found(tx.GetContext(ctx, &orderID, `SELECT order_id FROM refunds WHERE id = $1 AND gateway = $2`, e.Refund, e.Gateway))
		if err != nil {
			return err
		}
		o, err := lockOrder(ctx, tx, orderID, 0)
		if err != nil {
			return err
		}
		var r Refund
		if err := tx.GetContext(ctx, &r, `SELECT `+refundColumns+` FROM refunds r WHERE id = $1 FOR UPDATE`, e.Refund); err != nil {
			return fmt.Errorf("lock refund: %w", err)
		}
		if r.ClosedAt != nil {
			return nil
		}
		state := "failed"
		if e.Done {
			state = "done"
		}
		if _, err := tx.ExecContext(ctx, `UPDATE refunds SET state = $2, closed_at = $3 WHERE id = $1`, r.ID, state, s.now()); err != nil {
			return fmt.Errorf("close refund: %w", err)
		}
		both := []int64{o.BuyerID, o.SellerID}
		if e.Done {
			if r.Currency == "GBP" {
				if err := s.bookGivenBack(ctx, tx, o, r, true); err != nil {
					return err
				}
			}
			if err := s.recordMoney(ctx, tx, o, EventRefunded, both); err != nil || !r.settled() {
				return err
			}
			return s.issueCreditNote(ctx, tx, o.ID, r.ID, r.Amount)
		}
		again := r
		again.ID, again.Try = newUUID(), r.Try+1
		if err := s.askRefund(ctx, tx, again, s.now().Add(refundAgain)); err != nil {
			return err
		}
		if r.Try > 1 {
			return tellParties(ctx, tx, o)
		}
		return s.recordMoney(ctx, tx, o, EventRefundFailed, both)
	})
}

// RefundByHand is a gateway's verified word that somebody gave money back on its own
// pages.
type RefundByHand struct {
	Gateway  string
	Name     string // the gateway's for the refund, repeated when the message is
	Charge   string
	Amount   Pence
	Reversed bool // it came out of the artist's account; else the artist owes it
}

// SettleRefundByHand takes in a refund that was not asked for here: once, whatever
// how often it is repeated. It counts as one that was, and both parties are told. An
// order that waits to be shipped and of which nothing is paid any more is called
// off. It returns how much of the refund it counted: no more than was left of the
// payment. It fails with ErrNotFound for money that is not of this market.
func (s *Store) SettleRefundByHand(ctx context.Context, e RefundByHand) (Pence, error) {
	var counted Pence
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var p Payment
		err := found(tx.GetContext(ctx, &p, `SELECT id, order_id FROM payments WHERE gateway = $1 AND charge = $2 AND state = 'settled'`, e.Gateway, e.Charge))
		if errors.Is(err, ErrNotFound) {
			// Money that goes back by itself: that refund will be said to be done.
			counted = e.Amount
			return found(tx.GetContext(ctx, &p.OrderID, `
				SELECT order_id FROM refunds WHERE gateway = $1 AND charge = $2 AND why = 'not settled' AND state <> 'failed'`, e.Gateway, e.Charge))
		}
		if err != nil {
			return err
		}
		o, err := lockOrder(ctx, tx, p.OrderID, 0)
		if err != nil {
			return err
		}
		err = tx.GetContext(ctx, &counted, `SELECT amount FROM refunds WHERE gateway = $1 AND name = $2`, e.Gateway, e.Name)
		if !errors.Is(err, sql.ErrNoRows) {
			return err // heard before: the same answer
		}
		err = tx.GetContext(ctx, &p, `SELECT id, order_id, amount, currency, gateway, fee, refunded, charge FROM payments WHERE id = $1`, p.ID)
		if err != nil {
			return fmt.Errorf("read the payment of order %d: %w", o.ID, err)
		}
		if counted = min(e.Amount, p.Amount-p.Refunded); counted <= 0 {
			return nil
		}
		return s.refundByHand(ctx, tx, o, p, counted, e)
	})
	return counted, err
}

// refundByHand writes a refund of a locked order that has been made already.
func (s *Store) refundByHand(ctx context.Context, tx *sqlx.Tx, o Order, p Payment, amount Pence, e RefundByHand) error {
	if o.Status == ReadyToShip && !o.Frozen() && p.Refunded+amount == p.Amount {
		if _, err := s.cancelSale(ctx, tx, o.ID, 0, callOffUnpaid, MadeByHand, byClock, PieceUnsure, "", nil); err != nil {
			return err
		}
		o.Status = Cancelled
	}
	r := Refund{ID: newUUID(), PaymentID: p.ID, OrderID: o.ID, Amount: amount, Why: MadeByHand,
		Fee: feeShare(p, p.Refunded+amount) - feeShare(p, p.Refunded)}
	if _, err := tx.ExecContext(ctx, `UPDATE payments SET refunded = refunded + $2 WHERE id = $1`, p.ID, amount); err != nil {
		return fmt.Errorf("refund order %d: %w", o.ID, err)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO refunds (id, payment_id, order_id, gateway, charge, amount, currency, fee, why, name, state, due_at, created_at, closed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'done', $11, $11, $11)`,
		r.ID, p.ID, o.ID, p.Gateway, p.Charge, amount, p.Currency, r.Fee, r.Why, e.Name, s.now())
	if err != nil {
		return fmt.Errorf("keep a refund by hand of order %d: %w", o.ID, err)
	}
	if err := s.bookRefund(ctx, tx, o, r); err != nil {
		return err
	}
	if err := s.bookGivenBack(ctx, tx, o, r, e.Reversed); err != nil {
		return err
	}
	if err := s.recordMoney(ctx, tx, o, EventRefunded, []int64{o.BuyerID, o.SellerID}); err != nil {
		return err
	}
	return s.issueCreditNote(ctx, tx, o.ID, r.ID, amount)
}

// recordMoney records what happened to an order's money, not to its status.
func (s *Store) recordMoney(ctx context.Context, tx *sqlx.Tx, o Order, kind EventKind, told []int64) error {
	t := telling{versions: 1}
	t.of(o, kind, told)
	return s.recordAll(ctx, tx, t, kind, o.Status, 0)
}

// undo calls a paid order off and gives all the money back.
func (s *Store) undo(ctx context.Context, tx *sqlx.Tx, id, member int64, a Action, why RefundReason, by Role, piece Piece, words string, guard func(Order) error) error {
	o, err := s.cancelSale(ctx, tx, id, member, a, why, by, piece, words, guard)
	if err != nil {
		return err
	}
	return s.refund(ctx, tx, o, 0, why, "")
}

// cancelSale calls a paid order off. piece is what becomes of the piece: back on
// sale, gone, or unsure until the artist says. It returns the order as it was.
func (s *Store) cancelSale(ctx context.Context, tx *sqlx.Tx, id, member int64, a Action, why RefundReason, by Role, piece Piece, words string, guard func(Order) error) (Order, error) {
	var o Order
	err := s.advance(ctx, tx, id, member, a, func(locked Order) (change, error) {
		o = locked
		if guard != nil {
			if err := guard(o); err != nil {
				return change{}, err
			}
		}
		if err := s.unsell(ctx, tx, o, piece); err != nil {
			return change{}, err
		}
		return change{`cancelled_at = $3, cancelled_by = $4, reason = $5, reason_words = $6, piece = $7`, []any{s.now(), by, why, words, piece}}, nil
	})
	return o, err
}

// Piece says what becomes of the piece of a sale that was undone.
type Piece string

// What becomes of it.
const (
	PieceUnsure Piece = "unsure" // the artist has not said
	PieceBack   Piece = "back"   // it is for sale again
	PieceGone   Piece = "gone"   // it is not there any more
)

// unsell takes a sale out of the stock of its work.
func (s *Store) unsell(ctx context.Context, tx *sqlx.Tx, o Order, piece Piece) error {
	if _, err := lockStock(ctx, tx, o.ArtworkID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE artworks SET sold = sold - 1, version = version + 1, updated_at = $2 WHERE id = $1`, o.ArtworkID, s.now()); err != nil {
		return fmt.Errorf("take back the sale of artwork %d: %w", o.ArtworkID, err)
	}
	if piece == PieceBack {
		return s.backOnSale(ctx, tx, o)
	}
	return tell(ctx, tx, Signal{Market: true})
}

// backOnSale puts a piece back among those that are for sale; the next in line
// hears of it.
func (s *Store) backOnSale(ctx context.Context, tx *sqlx.Tx, o Order) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE artworks SET quantity = quantity + 1, for_sale = state = 'listed', version = version + 1, updated_at = $2 WHERE id = $1`, o.ArtworkID, s.now())
	if err != nil {
		return fmt.Errorf("put a piece of artwork %d back: %w", o.ArtworkID, err)
	}
	return tell(ctx, tx, Signal{Market: true, Line: true})
}

// CallOff is the artist's word that a paid order cannot be supplied, or the yes to
// a collector who asked to cancel it: all the money goes back. words, up to 300
// characters, are for the collector, and needed unless they asked. piece is
// PieceBack or PieceGone. It fails with *Invalid for "words" and "piece".
func (s *Store) CallOff(ctx context.Context, artist Member, id int64, piece Piece, words string) error {
	var inv Invalid
	words = written(words)
	if piece != PieceBack && piece != PieceGone {
		inv.Add("piece", "Say whether the piece is still there.")
	}
	limit(&inv, "words", words, 300)
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, id, artist.ID)
		if err != nil {
			return err
		}
		why := CannotSupply
		if o.cancelAsked() {
			why = CancelledPaid
		}
		if part, _ := o.part(artist.ID); part == theArtist && why == CannotSupply && words == "" {
			inv.Add("words", "Say why: the collector has paid and should know.")
		}
		return s.undo(ctx, tx, id, artist.ID, CallOff, why, Artist, piece, words, func(Order) error { return inv.Err() })
	})
}

// AskToCancel is a collector's wish to call off an order that is paid and not
// shipped. The artist can say, within a day, that it has been handed over; else
// it is called off.
func (s *Store) AskToCancel(ctx context.Context, collector Member, id int64, words string) error {
	var inv Invalid
	words = written(words)
	limit(&inv, "words", words, 300)
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, collector.ID, AskToCancel, func(o Order) (change, error) {
			if o.CancelAskedAt != nil {
				return change{}, &Conflict{"You have asked already."}
			}
			return change{`cancel_asked_at = $3, cancel_words = $4`, []any{s.now(), words}}, inv.Err()
		})
	})
}

// RefuseToCancel is the artist's word that the work has been handed over already.
func (s *Store) RefuseToCancel(ctx context.Context, artist Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, RefuseToCancel, func(o Order) (change, error) {
			if !o.cancelAsked() {
				return change{}, &Conflict{"Nobody asks to cancel this order."}
			}
			return change{`cancel_refused = true`, nil}, nil
		})
	})
}

// TakeMoneyBack is a collector's choice when a paid order was not shipped in time.
func (s *Store) TakeMoneyBack(ctx context.Context, collector Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.undo(ctx, tx, id, collector.ID, TakeMoneyBack, NeverSent, Collector, PieceUnsure, "", func(o Order) error {
			if !o.Overdue() {
				return &Conflict{"The artist still has time to ship it."}
			}
			return nil
		})
	})
}

// approveCancellations calls off orders whose collector asked for it and whose
// artist said nothing in time.
func (s *Store) approveCancellations(ctx context.Context) (int, error) {
	until := s.now().Add(-s.deadlines.Cancel)
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error {
		return s.undo(ctx, tx, id, 0, approveCancel, CancelledPaid, byClock, PieceUnsure, "", func(o Order) error {
			if !o.cancelAsked() || o.CancelAskedAt.After(until) {
				return errNotDue
			}
			return nil
		})
	}, `
		SELECT id FROM orders WHERE status = 'ready to ship' AND cancel_asked_at <= $1 AND NOT cancel_refused AND payment <> 'charged_back'
		ORDER BY cancel_asked_at LIMIT 100`, until)
}

// GiveBackPart gives a part of what was paid back, with words of 1 to 300
// characters that say why. It fails with *Invalid for "amount" and "words".
func (s *Store) GiveBackPart(ctx context.Context, artist Member, id int64, amount, words string) error {
	var inv Invalid
	words = written(words)
	if words == "" {
		inv.Add("words", "Say what it is for: both of you will want to know later.")
	}
	limit(&inv, "words", words, 300)
	pence, ok := ParsePence(amount)
	if !ok || pence <= 0 {
		inv.Add("amount", "Enter an amount in pounds, as in 25 or 12.50.")
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, GiveBackPart, func(o Order) (change, error) {
			if err := inv.Err(); err != nil {
				return change{}, err
			}
			return change{}, s.refund(ctx, tx, o, pence, PartOf, words)
		})
	})
}

// SettlePiece is the artist's word what became of the piece of a sale that was
// undone without them: PieceBack or PieceGone.
func (s *Store) SettlePiece(ctx context.Context, artist Member, id int64, piece Piece) error {
	a := SettlePiece
	if piece == PieceGone {
		a = pieceGone
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, a, func(o Order) (change, error) {
			if o.Piece != PieceUnsure {
				return change{}, &Conflict{"You have said already what became of the piece."}
			}
			if piece != PieceBack && piece != PieceGone {
				return change{}, &Invalid{Fields: []FieldError{{"piece", "Say whether the piece is still there."}}}
			}
			if piece == PieceBack {
				if _, err := lockStock(ctx, tx, o.ArtworkID); err != nil {
					return change{}, err
				}
				if err := s.backOnSale(ctx, tx, o); err != nil {
					return change{}, err
				}
			}
			return change{`piece = $3`, []any{piece}}, nil
		})
	})
}

// ChargeBackEvent is a gateway's verified word that a collector's bank takes money
// back.
type ChargeBackEvent struct {
	Gateway string
	Charge  string
	Amount  Pence
	State   string // open, won or lost
}

// chargeBack is one as it is kept.
type chargeBack struct {
	Amount Pence  `db:"amount"`
	Fee    Pence  `db:"fee"`   // of it, from the market's commission
	State  string `db:"state"` // "" before it is kept
}

// SettleChargeBack takes in a charge-back. While it is open, and when it is lost,
// the order stands still, and the artist's part is taken out of the artist's account;
// when it is won, it is passed on again. Messages may be repeated and may come in any order: what
// is won or lost stays so. It fails with ErrNotFound for money that no sale here
// was paid with.
func (s *Store) SettleChargeBack(ctx context.Context, e ChargeBackEvent) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var p Payment
		err := found(tx.GetContext(ctx, &p, `SELECT id, order_id FROM payments WHERE gateway = $1 AND charge = $2 AND state = 'settled'`, e.Gateway, e.Charge))
		if err != nil {
			return err
		}
		o, err := lockOrder(ctx, tx, p.OrderID, 0)
		if err != nil {
			return err
		}
		err = tx.GetContext(ctx, &p, `SELECT id, order_id, amount, currency, gateway, fee, refunded, charge FROM payments WHERE id = $1`, p.ID)
		if err != nil {
			return fmt.Errorf("read the payment of order %d: %w", o.ID, err)
		}
		c := chargeBack{Amount: e.Amount, Fee: feeShare(p, min(p.Amount, p.Refunded+e.Amount)) - feeShare(p, p.Refunded)}
		err = tx.GetContext(ctx, &c, `SELECT amount, fee, state FROM charge_backs WHERE payment_id = $1`, p.ID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read the charge-back of order %d: %w", o.ID, err)
		}
		if c.State == e.State || c.State == "won" || c.State == "lost" {
			return nil
		}
		if c.State == "" {
			if err := s.bookChargeBack(ctx, tx, o, p.ID, c, false); err != nil {
				return err
			}
		}
		switch {
		case e.State == "won":
			if err := s.bookChargeBack(ctx, tx, o, p.ID, c, true); err != nil {
				return err
			}
			err = s.recoverNoMore(ctx, tx, p)
		case c.State == "":
			err = s.recover(ctx, tx, p, min(c.Amount-c.Fee, p.Amount-p.Fee))
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO charge_backs (payment_id, order_id, amount, fee, state, opened_at, closed_at)
			VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $5 <> 'open' THEN $6::timestamptz END)
			ON CONFLICT (payment_id) DO UPDATE SET state = EXCLUDED.state, closed_at = EXCLUDED.closed_at`, p.ID, o.ID, c.Amount, c.Fee, e.State, s.now())
		if err != nil {
			return fmt.Errorf("keep the charge-back of order %d: %w", o.ID, err)
		}
		kind := map[string]EventKind{"open": EventChargedBack, "won": EventChargeBackWon, "lost": EventChargeBackLost}[e.State]
		if err := s.recordMoney(ctx, tx, o, kind, []int64{o.BuyerID, o.SellerID}); err != nil {
			return err
		}
		if e.State == "won" && o.Status == ReadyToShip && p.Refunded == p.Amount { // it went back while the order stood still
			_, err = s.cancelSale(ctx, tx, o.ID, 0, callOffUnpaid, MadeByHand, byClock, PieceUnsure, "", nil)
		}
		return err
	})
}
