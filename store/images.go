package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ImagesMost is how many photographs a work may have.
const ImagesMost = 10

// looseMost is how many photographs may wait in an artist's unsaved forms.
const looseMost = 100

// NewImage is a photograph that the image host keeps. Width and Height are its
// upright pixels, Ground its mean colour (#rrggbb).
type NewImage struct {
	Key, Name     string
	Width, Height int
	Ground        string
}

// AddImage keeps a photograph for a form that the artist has not saved yet. It
// belongs to the artist alone, and is swept after a day unless a work takes it.
// It fails with ErrForbidden for members who are no artists, and with a
// *Conflict when too many wait already.
func (s *Store) AddImage(ctx context.Context, artist Member, n NewImage) (Image, error) {
	if !artist.IsArtist() {
		return Image{}, ErrForbidden
	}
	img := Image{Key: n.Key, Name: fileName(n.Name), Width: n.Width, Height: n.Height, Ground: n.Ground}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var loose int
		err := tx.GetContext(ctx, &loose, `SELECT count(*) FROM images WHERE artwork_id IS NULL AND artist_id = $1`, artist.ID)
		if err != nil {
			return fmt.Errorf("count loose images: %w", err)
		}
		if loose >= looseMost {
			return &Conflict{"A hundred photographs wait in forms that you have not saved. Save one, or come back tomorrow."}
		}
		err = tx.GetContext(ctx, &img.ID, `
			INSERT INTO images (artist_id, key, name, width, height, ground, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			RETURNING id`, artist.ID, img.Key, img.Name, img.Width, img.Height, img.Ground, s.now())
		if err != nil {
			return fmt.Errorf("add image: %w", err)
		}
		return nil
	})
	return img, err
}

// fileName is the name of a sent file without its folders, at most 200
// characters of it.
func fileName(name string) string {
	name = strings.Join(strings.Fields(written(name[strings.LastIndexAny(name, `/\`)+1:])), " ")
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	return name
}

// OwnImages returns those of the artist's photographs that have the given ids,
// in the order of the ids.
func (s *Store) OwnImages(ctx context.Context, artist Member, ids []int64) ([]Image, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var images []Image
	err := s.selectRows(ctx, &images, `
		SELECT i.id, i.key, i.name, i.alt, i.width, i.height, i.ground, i.position
		FROM unnest($2::bigint[]) WITH ORDINALITY AS n (id, place) JOIN images i ON i.id = n.id
		WHERE i.artist_id = $1 ORDER BY n.place`, artist.ID, pq.Array(ids))
	return images, err
}

// hangImages gives a work its photographs in their order; those that it had
// before and that are not named come loose. It fails with *Invalid when one is
// not the artist's, or hangs in another work, or is gone.
func hangImages(ctx context.Context, tx *sqlx.Tx, artistID, artworkID int64, images []FormImage) error {
	_, err := tx.ExecContext(ctx, `UPDATE images SET artwork_id = NULL, position = 0 WHERE artwork_id = $1`, artworkID)
	if err != nil {
		return fmt.Errorf("take images from artwork %d: %w", artworkID, err)
	}
	ids, alts := make([]int64, len(images)), make([]string, len(images))
	for i, img := range images {
		ids[i], alts[i] = img.ID, img.Alt
	}
	result, err := tx.ExecContext(ctx, `
		UPDATE images i SET artwork_id = $1, position = n.place - 1, alt = n.alt
		FROM unnest($3::bigint[], $4::text[]) WITH ORDINALITY AS n (id, alt, place)
		WHERE i.id = n.id AND i.artist_id = $2 AND i.artwork_id IS NULL`, artworkID, artistID, pq.Array(ids), pq.Array(alts))
	if err != nil {
		return fmt.Errorf("give images to artwork %d: %w", artworkID, err)
	}
	if n, err := result.RowsAffected(); err != nil || int(n) != len(images) {
		return &Invalid{Fields: []FieldError{{"photographs", "One of the photographs is no longer here. Look at them again, then save."}}}
	}
	return nil
}

// ImageAccess says whether everybody may see an image, or only this viewer and
// a few others. viewer is the id of the member who asks, 0 for a visitor. An
// image is public with its listed work, else its artist's alone; the buyer and
// the seller of an order keep the picture that the order was made with. To all
// others, and when there is none, it is ErrNotFound.
func (s *Store) ImageAccess(ctx context.Context, viewer int64, key string) (public bool, err error) {
	err = s.getRow(ctx, &public, `
		SELECT COALESCE(a.state = 'listed', false)
		FROM images i LEFT JOIN artworks a ON a.id = i.artwork_id
		WHERE i.key = $2 AND (a.state = 'listed' OR i.artist_id = $1
			OR EXISTS (SELECT FROM orders o WHERE o.buyer_id = $1 AND o.image_key = $2)
			OR EXISTS (SELECT FROM orders o WHERE o.seller_id = $1 AND o.image_key = $2))`, viewer, key)
	return public, err
}

// looseAge is how long a photograph waits for its form to be saved.
const looseAge = 24 * time.Hour

// SweepImages forgets the photographs that no work took within a day and that no
// order names. It returns their keys, for the host to delete.
func (s *Store) SweepImages(ctx context.Context) ([]string, error) {
	var keys []string
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &keys, `
			DELETE FROM images i WHERE i.artwork_id IS NULL AND i.created_at < $1
				AND NOT EXISTS (SELECT FROM orders o WHERE o.image_key = i.key)
			RETURNING i.key`, s.now().Add(-looseAge))
	})
	if err != nil {
		return nil, fmt.Errorf("sweep images: %w", err)
	}
	return keys, nil
}
