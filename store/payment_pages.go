package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// PageOpened keeps where a collector pays, so that a second tab is sent there too
// and the page can be closed.
func (s *Store) PageOpened(ctx context.Context, payment, session, page string) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE payments SET session = NULLIF($2, ''), page = $3 WHERE id = $1`, payment, session, page)
		if err != nil {
			return fmt.Errorf("keep the page of a payment: %w", err)
		}
		return nil
	})
}

// A gateway is asked so often of a payment that it has not answered. One that was
// given up is asked of more seldom: its page should be closed.
const lookEvery, lookSeldom = time.Minute, 10 * time.Minute

// ClaimUnsettled takes up to n payments with a page at the gateway that it has not
// spoken of, for the caller to ask it. Each is returned once a minute, or once in
// ten when it was given up; what was given up more than a day ago is left alone.
func (s *Store) ClaimUnsettled(ctx context.Context, gateway string, n int) ([]Payment, error) {
	var list []Payment
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		now := s.now()
		return tx.SelectContext(ctx, &list, `
			WITH p AS (
				UPDATE payments SET looked_at = $2
				WHERE id IN (
					SELECT id FROM payments WHERE gateway = $1 AND state IN ('open', 'released') AND session IS NOT NULL
						AND (looked_at IS NULL OR looked_at <= CASE state WHEN 'open' THEN $3::timestamptz ELSE $4 END)
						AND (state = 'open' OR closed_at > $5)
					ORDER BY looked_at NULLS FIRST LIMIT $6 FOR UPDATE SKIP LOCKED)
				RETURNING *)
			SELECT `+paymentColumns+`, p.state = 'released' OR COALESCE(o.hold_until <= $2, true) AS late FROM p JOIN orders o ON o.id = p.order_id`,
			gateway, now, now.Add(-lookEvery), now.Add(-lookSeldom), now.Add(-day), n)
	})
	if err != nil {
		return nil, fmt.Errorf("find payments to ask the gateway of: %w", err)
	}
	return list, nil
}

// OpenPayment returns the try to pay of an order that is under way, to one of its
// parties. It fails with ErrNotFound when there is none.
func (s *Store) OpenPayment(ctx context.Context, m Member, order int64) (Payment, error) {
	var p Payment
	err := s.getRow(ctx, &p, `
		SELECT `+paymentColumns+` FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE o.id = $1 AND $2 IN (o.buyer_id, o.seller_id) AND p.state = 'open'`, order, m.ID)
	return p, err
}

// PageClosed says that a gateway's page is closed and nothing was taken on it: the
// order can be paid anew while its hold lasts. It fails with ErrNotFound for a
// payment that is not the gateway's.
func (s *Store) PageClosed(ctx context.Context, gateway, payment string) error {
	if !validUUID(payment) {
		return ErrNotFound
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var order int64
		if err := found(tx.GetContext(ctx, &order, `SELECT order_id FROM payments WHERE id = $1 AND gateway = $2`, payment, gateway)); err != nil {
			return err
		}
		o, err := lockOrder(ctx, tx, order, 0)
		if err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, `
			UPDATE payments SET state = 'released', closed_at = $2 WHERE id = $1 AND state = 'open'`, payment, s.now()))
		if err != nil {
			return fmt.Errorf("close the page of a payment: %w", err)
		}
		if n == 0 {
			return nil
		}
		return tellParties(ctx, tx, o)
	})
}
