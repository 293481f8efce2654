package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// StoredPicture is a picture at a host.
type StoredPicture struct {
	Host string `db:"host"`
	Key  string `db:"key"`
}

const (
	// intentAge is how long a picture may lie at its host before a photograph has
	// it: longer than anybody who puts one takes.
	intentAge = time.Hour
	// deletionLease is how long a claimed deletion is left to the one who claimed
	// it.
	deletionLease = 5 * time.Minute
)

// IntendPicture announces that a picture is about to be put at a host. Unless
// FinishImage or AddImage takes it within an hour, it is deleted there. It fails
// with a *Conflict while it is being deleted.
func (s *Store) IntendPicture(ctx context.Context, p StoredPicture) error {
	var announced int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO picture_deletions (host, key, due_at) VALUES ($1, $2, $3)
			ON CONFLICT (host, key) DO UPDATE SET due_at = excluded.due_at WHERE NOT picture_deletions.claimed`,
			p.Host, p.Key, s.now().Add(intentAge))
		if err == nil {
			announced, err = result.RowsAffected()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("announce picture %s: %w", p.Key, err)
	}
	if announced == 0 {
		return &Conflict{"This picture is being deleted. Try again in a few minutes."}
	}
	return nil
}

// takeIntended takes back the announcement of a picture that is kept for good
// now.
func takeIntended(ctx context.Context, tx *sqlx.Tx, host, key string) error {
	result, err := tx.ExecContext(ctx, `DELETE FROM picture_deletions WHERE host = $1 AND key = $2 AND NOT claimed`, host, key)
	if err != nil {
		return fmt.Errorf("take picture %s: %w", key, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(&Conflict{"The picture was not kept in time. Try again."}, err)
	}
	return nil
}

// ClaimDeletions takes up to n pictures that are to be deleted at their hosts. For
// each, the caller deletes the picture there and then calls PictureDeleted. What
// is not reported within five minutes is due again.
func (s *Store) ClaimDeletions(ctx context.Context, n int) ([]StoredPicture, error) {
	var pictures []StoredPicture
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		// A picture that a photograph has is never deleted, whatever stands here.
		return tx.SelectContext(ctx, &pictures, `
			UPDATE picture_deletions SET claimed = true, due_at = $2
			WHERE (host, key) IN (SELECT host, key FROM picture_deletions d WHERE due_at <= $1
				AND NOT EXISTS (SELECT FROM images i WHERE i.key = d.key AND i.host = d.host AND i.state = 'ready')
				ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
			RETURNING host, key`, s.now(), s.now().Add(deletionLease), n)
	})
	if err != nil {
		return nil, fmt.Errorf("claim deletions: %w", err)
	}
	return pictures, nil
}

// PictureDeleted says that the host does not keep the picture any more.
func (s *Store) PictureDeleted(ctx context.Context, p StoredPicture) error {
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM picture_deletions WHERE host = $1 AND key = $2 AND claimed`, p.Host, p.Key)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget picture %s: %w", p.Key, err)
	}
	return nil
}

// StoredPictures returns every picture that a host may keep, with whether a
// photograph has it; the others are to be deleted, or are about to be a
// photograph's.
func (s *Store) StoredPictures(ctx context.Context) (map[StoredPicture]bool, error) {
	var rows []struct {
		StoredPicture
		Wanted bool `db:"wanted"`
	}
	err := s.selectRows(ctx, &rows, `
		SELECT host, key, false AS wanted FROM picture_deletions
		UNION ALL
		SELECT host, key, true FROM images WHERE state = 'ready'`)
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	pictures := make(map[StoredPicture]bool, len(rows))
	for _, r := range rows {
		pictures[r.StoredPicture] = pictures[r.StoredPicture] || r.Wanted
	}
	return pictures, nil
}
