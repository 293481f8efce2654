package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Ledger is the numbers of a limited edition, each in one of three lists, in
// rising order. Pieces that were sold elsewhere have the lowest of the numbers
// that nobody has here.
type Ledger struct{ Free, Held, Sold []int }

// Ledger returns the numbers of a work's edition; those of a work that is no
// limited edition are none.
func (s *Store) Ledger(ctx context.Context, a Artwork) (Ledger, error) {
	if a.Edition != LimitedEdition {
		return Ledger{}, nil
	}
	var taken []numbered
	if err := s.selectRows(ctx, &taken, numberedQuery, a.ID); err != nil {
		return Ledger{}, fmt.Errorf("read the numbers of artwork %d: %w", a.ID, err)
	}
	return ledger(a.EditionSize, a.Quantity-a.Held, taken), nil
}

// freeNumbers returns the numbers that the holder of a piece of a limited edition
// can choose from, at most a hundred: its own, and the lowest that are free.
func (s *Store) freeNumbers(ctx context.Context, o Order) ([]int, error) {
	if o.Edition != LimitedEdition || o.Status != Accepted {
		return nil, nil
	}
	var taken []numbered
	if err := s.selectRows(ctx, &taken, numberedQuery, o.ArtworkID); err != nil {
		return nil, fmt.Errorf("read the numbers of artwork %d: %w", o.ArtworkID, err)
	}
	var size int
	if err := s.getRow(ctx, &size, `SELECT COALESCE(edition_size, 0) FROM artworks WHERE id = $1`, o.ArtworkID); err != nil {
		return nil, err
	}
	free := ledger(size, o.Free, taken).Free
	return append([]int{o.EditionNumber}, free[:min(len(free), 99)]...), nil
}

// numbered is a number that an order has.
type numbered struct {
	Number int  `db:"number"`
	Held   bool `db:"held"` // else sold
}

const numberedQuery = `
	SELECT edition_number AS number, status = 'accepted' AS held FROM orders
	WHERE artwork_id = $1 AND edition_number IS NOT NULL ORDER BY edition_number`

// ledger is that of a locked work.
func (w stock) ledger(ctx context.Context, tx *sqlx.Tx) (Ledger, error) {
	var taken []numbered
	if err := tx.SelectContext(ctx, &taken, numberedQuery, w.ID); err != nil {
		return Ledger{}, fmt.Errorf("read the numbers of artwork %d: %w", w.ID, err)
	}
	return ledger(w.EditionSize, w.free(), taken), nil
}

// ledger puts the numbers up to size into their lists. As many as there are free
// pieces are free: the highest of those that no order has.
func ledger(size, free int, taken []numbered) Ledger {
	var l Ledger
	elsewhere := size - len(taken) - free
	for n, next := 1, 0; n <= size; n++ {
		switch {
		case next < len(taken) && taken[next].Number == n:
			if taken[next].Held {
				l.Held = append(l.Held, n)
			} else {
				l.Sold = append(l.Sold, n)
			}
			next++
		case elsewhere > 0:
			l.Sold = append(l.Sold, n)
			elsewhere--
		default:
			l.Free = append(l.Free, n)
		}
	}
	return l
}
