package store

import (
	"context"

	"github.com/jmoiron/sqlx"
)

// dearer are the open requests for the artist's work that were made at a higher
// price than it has now.
const dearer = `
	FROM orders o JOIN artworks a ON a.id = o.artwork_id
	WHERE o.artwork_id = $1 AND o.seller_id = $2 AND o.status IN ('pending', 'accepted') AND a.price > 0 AND o.price > a.price`

// DearerRequests counts the open requests for the artist's work that were made at
// a higher price than it has now.
func (s *Store) DearerRequests(ctx context.Context, artist Member, artworkID int64) (int, error) {
	var n int
	err := s.getRow(ctx, &n, `SELECT count(*) `+dearer, artworkID, artist.ID)
	return n, err
}

// LowerRequests gives the present price of the artist's work to every open request
// that was made at a higher one, and returns how many that were. Delivery stays as
// it was agreed. A payment page that is open for the higher price is closed. Other
// people's works are ErrNotFound.
func (s *Store) LowerRequests(ctx context.Context, artist Member, artworkID int64) (int, error) {
	if err := s.own(ctx, artist, artworkID); err != nil {
		return 0, err
	}
	return s.each(ctx, func(tx *sqlx.Tx, id int64) error {
		err := s.advance(ctx, tx, id, artist.ID, lowerPrice, func(o Order) (change, error) {
			var price Pence
			if err := tx.GetContext(ctx, &price, `SELECT price FROM artworks WHERE id = $1 FOR SHARE`, o.ArtworkID); err != nil {
				return change{}, err
			}
			if price <= 0 || price >= o.Price || o.TransferSentAt != nil { // that was sent at the old price
				return change{}, errNotDue
			}
			cover := cover(price, o.Medium)
			if o.Collection {
				cover = 0
			}
			return change{`price = $3, cover = $4, total = $5, commission = $6`, []any{price, cover, price + o.Delivery + cover, o.Rate.Of(price)}}, nil
		})
		if err != nil {
			return err
		}
		if err := sayGiven(ctx, tx, artworkID); err != nil {
			return err
		}
		return s.closePayments(ctx, tx, []int64{id})
	}, `SELECT o.id `+dearer+` ORDER BY o.id`, artworkID, artist.ID)
}
