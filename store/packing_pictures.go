package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// PackedMost is how many photographs of a packed work an order keeps.
const PackedMost = 4

var errPackedFull = &Conflict{"Four photographs are here already. Remove one first."}

// MayPack says whether the artist of an order may pack it now. It fails with
// ErrForbidden for its collector, with ErrNotFound for everybody else, and with a
// *Conflict at the wrong moment.
func (s *Store) MayPack(ctx context.Context, artist Member, order int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return lockToPack(ctx, tx, artist, order) })
}

// BeginPackedPicture makes a place for a file of so many bytes that is to show the
// work of an order, packed. It fails like MayPack, and with a *Conflict when four
// photographs are here or the file is too large.
func (s *Store) BeginPackedPicture(ctx context.Context, artist Member, order int64, name string, size int) (Upload, error) {
	if err := s.MayPack(ctx, artist, order); err != nil {
		return Upload{}, err
	}
	kept, err := s.packedPictures(ctx, artist, order)
	if err != nil {
		return Upload{}, err
	}
	if len(kept) >= PackedMost {
		return Upload{}, errPackedFull
	}
	return s.beginUpload(ctx, artist, name, size)
}

// KeepPackedPicture keeps one of the artist's photographs with an order that is to
// be shipped. It fails like MayPack, and with a *Conflict when four are here or this
// one is elsewhere. One that is kept already stays.
func (s *Store) KeepPackedPicture(ctx context.Context, artist Member, order, image int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockToPack(ctx, tx, artist, order); err != nil {
			return err
		}
		var kept, place int
		err := tx.QueryRowContext(ctx, `
			SELECT count(*) FILTER (WHERE i.id = $2),
				COALESCE((SELECT min(n) FROM generate_series(0, $3 - 1) n WHERE n NOT IN (SELECT position FROM images WHERE order_id = $1)), $3)
			FROM images i WHERE i.order_id = $1`, order, image, PackedMost).Scan(&kept, &place)
		switch {
		case err != nil:
			return fmt.Errorf("count the photographs of order %d: %w", order, err)
		case kept > 0:
			return nil
		case place >= PackedMost:
			return errPackedFull
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE images SET order_id = $1, position = $4
			WHERE id = $2 AND artist_id = $3 AND artwork_id IS NULL AND message_id IS NULL AND order_id IS NULL AND state <> 'refused'`,
			order, image, artist.ID, place)
		if err != nil {
			return fmt.Errorf("keep a photograph with order %d: %w", order, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return &Conflict{"The photograph is no longer here or cannot be opened. Choose it again."}
		}
		return nil
	})
}

// RemovePackedPicture takes a photograph from an order that is not shipped yet. It
// is no error when it is not there. It fails like MayPack.
func (s *Store) RemovePackedPicture(ctx context.Context, artist Member, order, image int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockToPack(ctx, tx, artist, order); err != nil {
			return err
		}
		// It is loose now, and swept after a day.
		_, err := tx.ExecContext(ctx, `UPDATE images SET order_id = NULL, position = 0 WHERE id = $1 AND order_id = $2`, image, order)
		if err != nil {
			return fmt.Errorf("take a photograph from order %d: %w", order, err)
		}
		return nil
	})
}

// lockToPack locks an order that its artist may pack now.
func lockToPack(ctx context.Context, tx *sqlx.Tx, artist Member, order int64) error {
	o, err := lockOrder(ctx, tx, order, artist.ID)
	switch {
	case err != nil:
		return err
	case o.SellerID != artist.ID:
		return ErrForbidden
	case !o.Can(artist, Ship):
		return o.notNow()
	}
	return nil
}

// mayReadPacked is the condition that $1 may see the packed work of the order o:
// its artist, and its collector once it is dispatched.
const mayReadPacked = `(o.seller_id = $1 OR o.buyer_id = $1 AND o.shipped_at IS NOT NULL)`

// packedPictures are the photographs of a packed work that a member may see.
func (s *Store) packedPictures(ctx context.Context, m Member, order int64) ([]Image, error) {
	var list []Image
	err := s.selectRows(ctx, &list, `
		SELECT `+imageColumns+` FROM images i JOIN orders o ON o.id = i.order_id
		WHERE i.order_id = $2 AND `+mayReadPacked+` ORDER BY i.position`, m.ID, order)
	if err != nil {
		return nil, fmt.Errorf("list the photographs of order %d: %w", order, err)
	}
	return list, nil
}

// PackedPicture returns a photograph of a packed work to those who may see it.
func (s *Store) PackedPicture(ctx context.Context, m Member, order, image int64) (Image, error) {
	var img Image
	err := s.getRow(ctx, &img, `
		SELECT `+imageColumns+` FROM images i JOIN orders o ON o.id = i.order_id
		WHERE i.id = $3 AND i.order_id = $2 AND `+mayReadPacked, m.ID, order, image)
	return img, err
}
