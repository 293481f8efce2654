package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Recovery is the artist's part of a payment that the collector's bank has charged
// back. The gateway is asked to take it out of the artist's account and, when the
// bank decides for the artist, to pass it on again.
type Recovery struct {
	ID       string `db:"id"` // a UUID, told to the gateway
	OrderID  int64  `db:"order_id"`
	Charge   string `db:"charge"` // the gateway's name for the money
	Amount   Pence  `db:"amount"`
	Taken    Pence  `db:"taken"` // of it, what the gateway has taken
	Currency string `db:"currency"`
	State    string `db:"state"` // due, looking, taken, returning, returned or dropped
	Tries    int    `db:"tries"`
	Try      int    `db:"try"` // one more with each refusal

	PaymentID string `db:"payment_id"`
}

const recoveryColumns = `v.id, v.payment_id, v.order_id, v.charge, v.amount, v.taken, v.currency, v.state, v.tries, v.try`

// Returning reports whether what was taken is to be passed on to the artist again.
func (r Recovery) Returning() bool { return r.State == "returning" }

// Looking reports whether nothing is to be taken any more: the gateway is only
// asked whether it had been.
func (r Recovery) Looking() bool { return r.State == "looking" }

// recover lets the artist's part of a charge-back be taken, once a payment.
func (s *Store) recover(ctx context.Context, tx *sqlx.Tx, p Payment, amount Pence) error {
	if amount <= 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO recoveries (id, payment_id, order_id, gateway, charge, amount, currency, state, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'due', $8, $8) ON CONFLICT (payment_id) DO NOTHING`,
		newUUID(), p.ID, p.OrderID, p.Gateway, p.Charge, amount, p.Currency, s.now())
	if err != nil {
		return fmt.Errorf("ask to recover the money of order %d: %w", p.OrderID, err)
	}
	return nil
}

// recoverNoMore ends a recovery when the charge-back is won: what was taken is
// passed on again, and what was not is dropped. Where the gateway has been asked
// and has not answered, it is asked once more, when that request must be over.
func (s *Store) recoverNoMore(ctx context.Context, tx *sqlx.Tx, p Payment) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE recoveries SET
			state = CASE WHEN taken > 0 THEN 'returning' WHEN state = 'due' AND tries > 0 THEN 'looking' ELSE 'dropped' END,
			due_at = CASE WHEN taken > 0 THEN $2::timestamptz ELSE $3 END, tries = 0
		WHERE payment_id = $1 AND state IN ('due', 'taken')`, p.ID, s.now(), s.now().Add(refundLease))
	if err != nil {
		return fmt.Errorf("end the recovery of order %d: %w", p.OrderID, err)
	}
	return nil
}

// ClaimRecoveries takes up to n recoveries that are due, for the caller to ask of
// the gateway. What is not reported within two minutes is due again: a gateway does
// each once, however often it is asked with one id.
func (s *Store) ClaimRecoveries(ctx context.Context, gateway string, n int) ([]Recovery, error) {
	var due []Recovery
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &due, `
			UPDATE recoveries v SET due_at = $3, tries = tries + 1
			WHERE id IN (SELECT id FROM recoveries WHERE gateway = $1 AND state IN ('due', 'looking', 'returning') AND due_at <= $2
			             ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
			RETURNING `+recoveryColumns, gateway, s.now(), s.now().Add(refundLease), n)
	})
	if err != nil {
		return nil, fmt.Errorf("claim recoveries: %w", err)
	}
	return due, nil
}

// RecoveryPutOff says that the gateway did not do what a recovery asks. It is
// tried again: what was refused in a day, else later each time, at last every hour.
func (s *Store) RecoveryPutOff(ctx context.Context, r Recovery, refused bool) error {
	wait, again := min(time.Hour, 5*time.Second<<min(r.Tries, 10)), 0
	if refused {
		wait, again = day, 1
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE recoveries SET due_at = $3, try = try + $4 WHERE id = $1 AND state = $2`, r.ID, r.State, s.now().Add(wait), again)
		if err != nil {
			return fmt.Errorf("put recovery %s off: %w", r.ID, err)
		}
		return nil
	})
}

// Recovered takes in how much the gateway has taken out of the artist's account for
// a recovery: once, whatever how often it is repeated. What it did not take the
// artist owes. Where the charge-back has been won since, the money is due to be
// passed on again.
func (s *Store) Recovered(ctx context.Context, r Recovery, taken Pence) error {
	return s.settleRecovery(ctx, r, func(tx *sqlx.Tx, o Order, now Recovery) (state string, err error) {
		switch {
		case now.State == "due":
			state = "taken"
		case (now.State == "looking" || now.State == "dropped") && taken > 0:
			state = "returning"
		case now.State == "looking":
			state = "dropped"
		default:
			return "", nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE recoveries SET taken = $2 WHERE id = $1`, r.ID, taken); err != nil {
			return "", err
		}
		return state, s.bookRecovered(ctx, tx, o, now.PaymentID, taken, true)
	})
}

// PassedOn says that what was taken for a recovery is in the artist's account again.
func (s *Store) PassedOn(ctx context.Context, r Recovery) error {
	return s.settleRecovery(ctx, r, func(tx *sqlx.Tx, o Order, now Recovery) (string, error) {
		if !now.Returning() {
			return "", nil
		}
		return "returned", s.bookRecovered(ctx, tx, o, now.PaymentID, now.Taken, false)
	})
}

// settleRecovery brings a recovery, as it stands now, into another state; "" leaves
// it.
func (s *Store) settleRecovery(ctx context.Context, r Recovery, settle func(*sqlx.Tx, Order, Recovery) (string, error)) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, r.OrderID, 0)
		if err != nil {
			return err
		}
		var now Recovery
		if err := tx.GetContext(ctx, &now, `SELECT `+recoveryColumns+` FROM recoveries v WHERE id = $1 FOR UPDATE`, r.ID); err != nil {
			return fmt.Errorf("lock recovery: %w", err)
		}
		state, err := settle(tx, o, now)
		if err != nil || state == "" {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE recoveries SET state = $2, due_at = $3, tries = 0 WHERE id = $1`, r.ID, state, s.now()); err != nil {
			return fmt.Errorf("keep what became of recovery %s: %w", r.ID, err)
		}
		return nil
	})
}
