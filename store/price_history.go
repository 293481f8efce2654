package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// priceHistoryMost is how many prices the history of a work shows.
const priceHistoryMost = 50

// PastPrice is a price that a work has, or had, in public.
type PastPrice struct {
	Price Pence     `db:"price"`
	Since time.Time `db:"since"`
	Given bool      `db:"given"` // open requests that were made at a higher price were brought down to it
}

// PriceHistory returns the prices that a work has had in public, newest first; none
// where it never changed.
func (s *Store) PriceHistory(ctx context.Context, a Artwork) ([]PastPrice, error) {
	if !a.Repriced {
		return nil, nil
	}
	var list []PastPrice
	err := s.selectRows(ctx, &list, fmt.Sprintf(`
		SELECT price, since, given FROM artwork_prices WHERE artwork_id = $1 ORDER BY id DESC LIMIT %d`, priceHistoryMost), a.ID)
	return list, err
}

// sayGiven notes that the present price of a work was given to an open request.
func sayGiven(ctx context.Context, tx *sqlx.Tx, artworkID int64) error {
	res, err := tx.ExecContext(ctx, `
		UPDATE artwork_prices SET given = true
		WHERE NOT given AND id = (SELECT max(id) FROM artwork_prices WHERE artwork_id = $1)`, artworkID)
	if err != nil {
		return fmt.Errorf("note the price given to requests for artwork %d: %w", artworkID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return tell(ctx, tx, Signal{Market: true})
}
