package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// stock is a locked work with its pieces.
type stock struct {
	ID          int64        `db:"id"`
	State       ArtworkState `db:"state"`
	ForSale     bool         `db:"for_sale"`
	Quantity    int          `db:"quantity"` // not sold
	Held        int          `db:"held"`     // of them
	Edition     Edition      `db:"edition"`
	EditionSize int          `db:"edition_size"`
}

// free is how many pieces nobody holds.
func (w stock) free() int { return w.Quantity - w.Held }

const stockQuery = `
	SELECT id, state, for_sale, quantity, held, edition, COALESCE(edition_size, 0) AS edition_size
	FROM artworks WHERE id = $1`

// lockStock keeps everybody else from the pieces of a work until tx ends. The
// order that asks is locked before: locks are taken in the order of the house,
// order, artwork, payment.
func lockStock(ctx context.Context, tx *sqlx.Tx, artworkID int64) (stock, error) {
	var w stock
	err := tx.GetContext(ctx, &w, stockQuery+` FOR UPDATE`, artworkID)
	if err != nil {
		return stock{}, fmt.Errorf("lock artwork %d: %w", artworkID, err)
	}
	return w, nil
}

// ahead counts those in line for the work of an order who come before it.
func ahead(ctx context.Context, tx *sqlx.Tx, o Order) (int, error) {
	var n int
	err := tx.GetContext(ctx, &n, `
		SELECT count(*) FROM orders l
		WHERE l.artwork_id = $1 AND l.status = 'pending' AND l.line_at IS NOT NULL AND ($2::timestamptz IS NULL OR (l.line_at, l.id) < ($2, $3))`,
		o.ArtworkID, o.LineAt, o.ID)
	if err != nil {
		return 0, fmt.Errorf("count the line for artwork %d: %w", o.ArtworkID, err)
	}
	return n, nil
}

// AcceptOrder is the artist's yes: a piece is held for the collector. It fails
// with a *Conflict when no piece is left, or none that is not held for somebody
// else or waited for in line, and with *Invalid for the field "delivery" when the
// order is Unquoted.
func (s *Store) AcceptOrder(ctx context.Context, artist Member, id int64) error {
	return s.AcceptQuoting(ctx, artist, id, "")
}

// AcceptQuoting is the artist's yes to an order that may be Unquoted, with what
// delivery costs, in pounds as people type them. It fails as AcceptOrder does. What
// is typed for an order that has a price of delivery is not looked at.
func (s *Store) AcceptQuoting(ctx context.Context, artist Member, id int64, delivery string) error {
	// When many are accepted at once, those for whom nothing is left do not keep each
	// other waiting.
	var seen struct {
		Order
		Stock stock `db:"stock"`
	}
	err := s.getRow(ctx, &seen, `
		SELECT o.status, o.seller_id, o.line_at, o.turn_at, a.quantity AS "stock.quantity", a.held AS "stock.held"
		FROM orders o JOIN artworks a ON a.id = o.artwork_id WHERE o.id = $1 AND $2 IN (o.buyer_id, o.seller_id)`, id, artist.ID)
	if err == nil && seen.Can(artist, Accept) {
		err = seen.Stock.nothingFor(seen.Order)
	}
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, Accept, func(o Order) (change, error) {
			w, err := lockStock(ctx, tx, o.ArtworkID)
			if err != nil {
				return change{}, err
			}
			if err := w.nothingFor(o); err != nil {
				return change{}, err
			}
			before, err := ahead(ctx, tx, o)
			switch {
			case err != nil:
				return change{}, err
			case w.free() <= before:
				return change{}, &Conflict{"The next in line has the piece that has become free. This request comes after it."}
			}
			c, err := s.hold(ctx, tx, w, s.deadlines.Hold)
			if err != nil || !o.Unquoted {
				return c, err
			}
			var inv Invalid
			price := parseDelivery(&inv, "delivery", delivery)
			c.set += `, unquoted = false, delivery = $6, total = price + $6 + cover`
			c.args = append(c.args, price)
			return c, inv.Err()
		})
	})
}

// nothingFor fails with a *Conflict when no piece is free that could be held for an
// order.
func (w stock) nothingFor(o Order) error {
	switch {
	case w.Quantity == 0:
		return &Conflict{"No piece of this work is left, so there is nothing to accept. Decline the request with a word to the collector."}
	case w.free() == 0 && o.InLine():
		return &Conflict{"Every piece is on hold for somebody else. This request is in line already."}
	case w.free() == 0:
		return &Conflict{"Every piece is on hold for somebody else, so nothing was accepted. Put this request in line, or decline it."}
	}
	return nil
}

// payable fails with a *Conflict when the artist of a work could not be paid for it:
// then nothing is held.
func (s *Store) payable(ctx context.Context, tx *sqlx.Tx, artwork int64) error {
	switch {
	case s.direct:
		return s.hasBank(ctx, tx, artwork)
	case s.accounts != "":
		return s.hasAccount(ctx, tx, artwork)
	}
	return nil
}

// hold is what an order has from the moment that a piece of a locked work is held
// for it.
func (s *Store) hold(ctx context.Context, tx *sqlx.Tx, w stock, how time.Duration) (change, error) {
	if err := s.payable(ctx, tx, w.ID); err != nil {
		return change{}, err
	}
	number, err := lowestFree(ctx, tx, w)
	if err != nil {
		return change{}, err
	}
	now := s.now()
	return change{`accepted_at = $3, hold_until = $4, edition_number = $5`, []any{now, now.Add(how), number}}, nil
}

// lowestFree is the number of the next piece of a limited edition; NULL for
// others.
func lowestFree(ctx context.Context, tx *sqlx.Tx, w stock) (sql.NullInt64, error) {
	if w.Edition != LimitedEdition {
		return sql.NullInt64{}, nil
	}
	l, err := w.ledger(ctx, tx)
	if err != nil || len(l.Free) == 0 {
		return sql.NullInt64{}, err
	}
	return sql.NullInt64{Int64: int64(l.Free[0]), Valid: true}, nil
}

// PutInLine lets a request wait for a piece that is held for somebody else. It
// fails with a *Conflict when a piece is there for it, or it is in line already.
func (s *Store) PutInLine(ctx context.Context, artist Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return s.putInLine(ctx, tx, artist.ID, id) })
}

func (s *Store) putInLine(ctx context.Context, tx *sqlx.Tx, artist, id int64) error {
	return s.advance(ctx, tx, id, artist, PutInLine, func(o Order) (change, error) {
		w, err := lockStock(ctx, tx, o.ArtworkID)
		if err != nil {
			return change{}, err
		}
		before, err := ahead(ctx, tx, o)
		switch {
		case err != nil:
			return change{}, err
		case o.LineAt != nil:
			return change{}, &Conflict{"This request is in line already."}
		case w.Quantity == 0:
			return change{}, &Conflict{"No piece of this work is left to wait for. Decline the request with a word to the collector."}
		case w.free() > before:
			return change{}, &Conflict{"A piece has become free: accept the request, or decline it."}
		}
		return change{`line_at = $3`, []any{s.now()}}, nil
	})
}

// PutOthersInLine puts every request for the artist's work in line that waits for
// an answer, and returns how many that were. While a piece is there for one of
// them it puts in none. Other people's works are ErrNotFound.
func (s *Store) PutOthersInLine(ctx context.Context, artist Member, artworkID int64) (int, error) {
	if err := s.own(ctx, artist, artworkID); err != nil {
		return 0, err
	}
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error { return s.putInLine(ctx, tx, artist.ID, id) }, `
		SELECT id FROM orders WHERE artwork_id = $1 AND seller_id = $2 AND status = 'pending' AND line_at IS NULL ORDER BY id`,
		artworkID, artist.ID)
}

// own fails with ErrNotFound unless the work is the artist's.
func (s *Store) own(ctx context.Context, artist Member, artworkID int64) error {
	var id int64
	return s.getRow(ctx, &id, `SELECT id FROM artworks WHERE id = $1 AND artist_id = $2`, artworkID, artist.ID)
}

// tellOthers tells those whose order of the same work now stands otherwise,
// because an action took or left a piece or a place in line. Whoever keeps the
// clock hears of a piece that is free.
func tellOthers(ctx context.Context, tx *sqlx.Tx, was Order, a Action, to Status) error {
	held, holds := was.Status == Accepted, to == Accepted
	leaves := was.Status == Pending && was.LineAt != nil && to != Pending
	if held == holds && !leaves && a != PutInLine {
		return nil
	}
	// Who holds a piece is told how many wait, not what becomes of other pieces.
	concerned := stillPending
	if was.Status == Pending {
		concerned = stillOpen
	}
	return tellWaiting(ctx, tx, was.ArtworkID, concerned, held && !holds || was.TurnAt != nil && !holds)
}

// The orders of a work that may stand otherwise.
const (
	stillPending = `o.status = 'pending'`
	stillOpen    = `o.status IN ('pending', 'accepted')`
)

// tellWaiting tells both parties of the concerned orders of a work, and everybody
// who looks at the work, that it may stand otherwise. line wakes the clock.
func tellWaiting(ctx context.Context, tx *sqlx.Tx, artworkID int64, concerned string, line bool) error {
	market, err := payloads([]Signal{{Market: true, Line: line}})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		SELECT pg_notify($2, signal) FROM (
			SELECT json_build_object('m', party.member, 'o', o.id)::text AS signal
			FROM orders o, LATERAL (VALUES (o.buyer_id), (o.seller_id)) AS party (member)
			WHERE o.artwork_id = $1 AND `+concerned+`
			UNION ALL SELECT unnest($3::text[])) waiting`, artworkID, channel, pq.Array(market))
	if err != nil {
		return fmt.Errorf("tell those who wait for artwork %d: %w", artworkID, err)
	}
	return nil
}
