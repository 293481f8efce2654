package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// KeepTime does all that is due to orders by the market's clock, and returns how
// many it moved on: shipped ones complete, unanswered requests and unpaid holds
// lapse, requests for what is sold are closed, the next in line come up, artists are
// reminded to ship, and paid orders are called off as their collectors asked. Each is a transaction of its own that looks again
// under the order's lock, so any number of instances may call it at once, and
// calling it again changes nothing.
func (s *Store) KeepTime(ctx context.Context) (int, error) {
	done := 0
	for _, task := range []func(context.Context) (int, error){
		s.CompleteOverdueOrders, s.lapseRequests, s.lapseHolds, s.closeSoldOut, s.promoteNext, s.remindToShip, s.approveCancellations,
	} {
		n, err := task(ctx)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// each runs do in a transaction of its own for every id that a query returns, and
// returns how many that did. Those that somebody else was quicker with are passed
// over.
func (s *Store) each(ctx context.Context, do func(tx *sqlx.Tx, id int64) error, query string, args ...any) (int, error) {
	var ids []int64
	if err := s.selectRows(ctx, &ids, query, args...); err != nil {
		return 0, fmt.Errorf("find what is due: %w", err)
	}
	done := 0
	for _, id := range ids {
		err := s.inTx(ctx, func(tx *sqlx.Tx) error { return do(tx, id) })
		switch {
		case err == nil:
			done++
		case !errors.Is(err, ErrConflict):
			return done, err
		}
	}
	return done, nil
}

// errNotDue is the answer to a clock that came too early or too late.
var errNotDue = &Conflict{"This is not due."}

// CompleteOverdueOrders completes orders that were shipped CompletesAfter ago
// or earlier, up to a hundred a call, and returns how many it completed. Those that
// are collected complete when they are.
func (s *Store) CompleteOverdueOrders(ctx context.Context) (int, error) {
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error { return s.complete(ctx, tx, id, 0) }, `
		SELECT id FROM orders WHERE status = 'shipped' AND NOT collection AND shipped_at <= $1 AND payment <> 'charged_back' ORDER BY shipped_at LIMIT 100`,
		s.now().Add(-CompletesAfter))
}

// lapseRequests ends requests that were not answered in time, and those in line
// for a work that its artist has removed.
func (s *Store) lapseRequests(ctx context.Context) (int, error) {
	lapse := func(tx *sqlx.Tx, id int64) error {
		return s.advance(ctx, tx, id, 0, lapseRequest, func(o Order) (change, error) {
			var due bool
			err := tx.GetContext(ctx, &due, `
				SELECT CASE WHEN o.line_at IS NULL OR o.turn_at IS NOT NULL THEN `+replyBy+` <= $2 ELSE work.state = 'archived' END
				FROM `+orderTables+` WHERE o.id = $1`, id, s.now())
			if err == nil && !due {
				err = errNotDue
			}
			return change{`cancelled_at = $3, cancelled_by = $4, reason = $5`, []any{s.now(), byClock, noAnswer}}, err
		})
	}
	unanswered, err := s.each(ctx, lapse, `
		SELECT o.id FROM orders o JOIN members seller ON seller.id = o.seller_id
		WHERE o.status = 'pending' AND (o.line_at IS NULL OR o.turn_at IS NOT NULL) AND o.reply_by <= $1 AND `+replyBy+` <= $1 ORDER BY o.reply_by LIMIT 100`, s.now())
	if err != nil {
		return unanswered, err
	}
	removed, err := s.each(ctx, lapse, `
		SELECT o.id FROM orders o JOIN artworks a ON a.id = o.artwork_id
		WHERE o.status = 'pending' AND o.line_at IS NOT NULL AND a.state = 'archived' LIMIT 100`)
	return unanswered + removed, err
}

// pageGrace is how long a hold waits for the gateway to close a page on which it
// could still be paid. A page that nobody could close in that time has ended by
// itself; what is paid on it all the same goes back.
const pageGrace = time.Hour

// lapseHolds ends holds that were not paid in time. Those with a gateway's page
// wait until that is closed.
func (s *Store) lapseHolds(ctx context.Context) (int, error) {
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error {
		return s.advance(ctx, tx, id, 0, lapseHold, func(o Order) (change, error) {
			if o.HoldUntil.After(s.now()) {
				return change{}, errNotDue
			}
			return change{`cancelled_at = $3, cancelled_by = $4, reason = $5`, []any{s.now(), byClock, notPaid}}, nil
		})
	}, `
		SELECT id FROM orders o
		WHERE status = 'accepted' AND hold_until <= $1
			AND NOT EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.state = 'open' AND p.session IS NOT NULL AND o.hold_until > $2)
		ORDER BY hold_until LIMIT 100`, s.now(), s.now().Add(-pageGrace))
}

// soldOutAtOnce is how many requests for a work are ended together.
const soldOutAtOnce = 500

// closeSoldOut ends requests for works of which the last piece has been sold: all
// those for a work together, so that a crowd that waited for it hears at once.
func (s *Store) closeSoldOut(ctx context.Context) (int, error) {
	closed := 0
	_, err := s.each(ctx, func(tx *sqlx.Tx, artwork int64) error {
		var list []Order
		err := tx.SelectContext(ctx, &list, orderForUpdate+`
			WHERE o.artwork_id = $1 AND o.status = 'pending' ORDER BY o.id LIMIT $2 FOR UPDATE`, artwork, soldOutAtOnce)
		if err != nil {
			return fmt.Errorf("lock the requests for artwork %d: %w", artwork, err)
		}
		w, err := lockStock(ctx, tx, artwork)
		if err != nil {
			return err
		}
		if w.Quantity > 0 || len(list) == 0 {
			return errNotDue
		}
		_, err = s.move(ctx, tx, list, stepOf(sellOut), theClock, 0,
			change{`cancelled_at = $3, cancelled_by = $4, reason = $5`, []any{s.now(), byClock, soldToAll}})
		if err != nil {
			return err
		}
		closed += len(list)
		return tell(ctx, tx, Signal{Market: true})
	}, `
		SELECT DISTINCT artwork_id FROM orders o
		WHERE status = 'pending' AND (SELECT quantity = 0 AND sold > 0 FROM artworks WHERE id = o.artwork_id) ORDER BY artwork_id LIMIT 100`)
	return closed, err
}

// promoteNext holds pieces that have become free for those who are next in line.
// A work that is not for sale now keeps its line waiting, and a request whose
// artist has yet to quote delivery keeps its place until they do, or have not in
// time.
func (s *Store) promoteNext(ctx context.Context) (int, error) {
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error {
		o, err := lockOrder(ctx, tx, id, 0)
		if err != nil {
			return err
		}
		what := promote
		if o.Unquoted {
			what = turn
		}
		return s.advanceLocked(ctx, tx, o, 0, what, func(o Order) (change, error) {
			w, err := lockStock(ctx, tx, o.ArtworkID)
			if err != nil {
				return change{}, err
			}
			before, err := ahead(ctx, tx, o)
			if err == nil && (!o.InLine() || w.free() <= before || !w.ForSale || w.State != Listed) {
				err = errNotDue
			}
			if err != nil {
				return change{}, err
			}
			if what == turn {
				return change{`turn_at = $3, reply_by = $4`, []any{s.now(), s.now().Add(s.deadlines.Reply)}}, nil
			}
			return s.hold(ctx, tx, w, s.deadlines.LineHold)
		})
	}, `
		SELECT id FROM (
			SELECT o.id, o.turn_at, row_number() OVER (PARTITION BY o.artwork_id ORDER BY o.line_at, o.id) AS place, a.quantity - a.held AS free
			FROM orders o JOIN artworks a ON a.id = o.artwork_id
			WHERE o.status = 'pending' AND o.line_at IS NOT NULL AND a.quantity > a.held AND a.for_sale AND a.state = 'listed') line
		WHERE place <= free AND turn_at IS NULL ORDER BY place, id LIMIT 100`)
}

// remindToShip says that paid orders wait to be shipped: twice to the artist, and
// at last to both. Of reminders that became due together only the last is sent.
func (s *Store) remindToShip(ctx context.Context) (int, error) {
	times := s.deadlines.reminders()
	due := func(o Order) (n int) {
		for n < len(times) && !o.PaidAt.Add(times[n]).After(s.now()) {
			n++
		}
		return n
	}
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error {
		o, err := lockOrder(ctx, tx, id, 0)
		if err != nil {
			return err
		}
		if o.Status != ReadyToShip || due(o) <= o.Reminded {
			return errNotDue
		}
		what := remind
		if due(o) == len(times) {
			what = overdue
		}
		return s.advanceLocked(ctx, tx, o, 0, what, func(o Order) (change, error) { return change{`reminded = $3`, []any{due(o)}}, nil })
	}, `
		SELECT id FROM orders WHERE status = 'ready to ship' AND paid_at <= $1 AND payment <> 'charged_back'
			AND reminded < CASE WHEN paid_at <= $3 THEN 3 WHEN paid_at <= $2 THEN 2 ELSE 1 END ORDER BY paid_at LIMIT 100`,
		s.now().Add(-times[0]), s.now().Add(-times[1]), s.now().Add(-times[2]))
}
