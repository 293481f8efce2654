package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// announce writes, with the listing of works, that members are to be told of them:
// the artist's followers, and those whose searches find one. key names the
// listing: what was announced once is not again, but an import goes on while it is
// hung. The first work is the one that is named.
func (s *Store) announce(ctx context.Context, tx *sqlx.Tx, key string, artistID int64, works ...int64) error {
	var ids []int64
	err := tx.SelectContext(ctx, &ids, `
		INSERT INTO announcements (key, artist_id, artwork_id, works, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE SET works = announcements.works + excluded.works, done_at = NULL WHERE $6
		RETURNING id`, key, artistID, works[0], len(works), s.now(), key != artworkKey(works[0]))
	if err != nil {
		return fmt.Errorf("announce %s: %w", key, err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO announced_works (announcement_id, artwork_id, listed_at)
		SELECT a.id, w.id, $3 FROM unnest($1::bigint[]) AS a (id), unnest($2::bigint[]) AS w (id)
		ON CONFLICT DO NOTHING`, pq.Array(ids), pq.Array(works), s.now())
	if err != nil {
		return fmt.Errorf("announce the works of %s: %w", key, err)
	}
	return nil
}

func artworkKey(id int64) string { return "artwork-" + strconv.FormatInt(id, 10) }

func importKey(id int64) string { return "import-" + strconv.FormatInt(id, 10) }

// announcement is one that is not yet done.
type announcement struct {
	ID            int64     `db:"id"`
	ArtistID      int64     `db:"artist_id"`
	Works         int       `db:"works"`
	ToldTo        int64     `db:"told_to"`
	CreatedAt     time.Time `db:"created_at"`
	FollowersTold bool      `db:"followers_told"`
	Hangs         bool      `db:"hangs"`
}

// readyToCompare is the condition that a work w of an announcement can be compared with
// searches: not while its cover is being made, which has no colours before that.
const readyToCompare = `NOT EXISTS (SELECT FROM images i WHERE i.artwork_id = w.artwork_id AND i.position = 0 AND i.state = 'preparing')`

// TellOfNewWorks tells members of works that were listed, and returns how many it
// told: first those who follow the artist, then those whose searches find one. It
// goes a few hundred members at a time, in the order of their ids or of those of
// their searches, in transactions that also keep the place: what a killed instance
// left is brought to its end by another, and nobody is told twice.
func (s *Store) TellOfNewWorks(ctx context.Context) (told int, err error) {
	for more := true; more; {
		var n int
		err := s.inTx(ctx, func(tx *sqlx.Tx) (err error) {
			n, more, err = s.tellSome(ctx, tx)
			return err
		})
		if err != nil {
			return told, fmt.Errorf("tell of a new work: %w", err)
		}
		told += n
	}
	return told, nil
}

// tellSome goes on with the oldest announcement that nobody else has at hand. more
// is false when there is none.
func (s *Store) tellSome(ctx context.Context, tx *sqlx.Tx) (told int, more bool, err error) {
	var a announcement
	err = found(tx.GetContext(ctx, &a, `
		SELECT a.id, a.artist_id, a.works, a.told_to, a.created_at, a.followers_told,
			EXISTS (SELECT FROM artworks w WHERE w.id = a.artwork_id AND w.state = 'listed') AS hangs
		FROM announcements a
		WHERE a.done_at IS NULL AND (NOT a.followers_told
			OR EXISTS (SELECT FROM announced_works w WHERE w.announcement_id = a.id AND `+readyToCompare+`)
			OR NOT EXISTS (SELECT FROM announced_works w WHERE w.announcement_id = a.id))
		ORDER BY a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED`))
	if errors.Is(err, ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("find an announcement: %w", err)
	}
	if !a.FollowersTold {
		told, err = s.tellFollowers(ctx, tx, a)
		return told, true, err
	}
	var w announcedWork
	err = found(tx.GetContext(ctx, &w, `
		SELECT artwork_id, listed_at, looked_at FROM announced_works w
		WHERE announcement_id = $1 AND `+readyToCompare+` ORDER BY artwork_id LIMIT 1`, a.ID))
	if errors.Is(err, ErrNotFound) {
		_, err = tx.ExecContext(ctx, `
			UPDATE announcements SET done_at = $2 WHERE id = $1 AND NOT EXISTS (SELECT FROM announced_works WHERE announcement_id = $1)`, a.ID, s.now())
		return 0, true, err
	}
	if err != nil {
		return 0, false, fmt.Errorf("find an announced work: %w", err)
	}
	told, err = s.tellSearchers(ctx, tx, a, w)
	return told, true, err
}

// followersAtOnce is how many followers are told in one transaction.
const followersAtOnce = 500

// tellFollowers tells the next of those who follow the artist.
func (s *Store) tellFollowers(ctx context.Context, tx *sqlx.Tx, a announcement) (int, error) {
	var batch struct {
		Followers int   `db:"followers"`
		Told      int   `db:"told"`
		Last      int64 `db:"last"`
	}
	if a.Hangs { // of a work that was taken down meanwhile nobody is told
		err := tx.GetContext(ctx, &batch, `
			WITH next AS (
				SELECT member_id FROM follows WHERE artist_id = $2 AND member_id > $3 AND followed_at <= $4 ORDER BY member_id LIMIT $6
			), told AS (
				INSERT INTO notifications (recipient_id, announcement_id, created_at) SELECT member_id, $1, $5 FROM next
				ON CONFLICT (announcement_id, recipient_id) DO NOTHING RETURNING recipient_id
			), signals AS (
				SELECT pg_notify($7, json_build_object('m', recipient_id, 't', true)::text) FROM told
			)
			SELECT (SELECT count(*) FROM next) AS followers, (SELECT count(*) FROM signals) AS told,
				COALESCE((SELECT max(member_id) FROM next), 0) AS last`,
			a.ID, a.ArtistID, a.ToldTo, a.CreatedAt, s.now(), followersAtOnce, channel)
		if err != nil {
			return 0, fmt.Errorf("tell followers: %w", err)
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE announcements SET told_to = GREATEST(told_to, $2), followers_told = $3 WHERE id = $1`,
		a.ID, batch.Last, batch.Followers < followersAtOnce)
	if err != nil {
		return 0, fmt.Errorf("keep the place of an announcement: %w", err)
	}
	return batch.Told, nil
}

// announcedWork is a work that is compared with searches.
type announcedWork struct {
	ArtworkID int64     `db:"artwork_id"`
	ListedAt  time.Time `db:"listed_at"`
	LookedAt  int64     `db:"looked_at"` // the searches up to this id
}

// searchesAtOnce is how many searches are compared with a work in one transaction.
const searchesAtOnce = 1000

// tellSearchers compares a work with the next searches, and tells the members of
// those that find it.
func (s *Store) tellSearchers(ctx context.Context, tx *sqlx.Tx, a announcement, w announcedWork) (told int, err error) {
	keys, err := keysOfWork(ctx, tx, w.ArtworkID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	var looked []candidate
	if err == nil { // else it was taken down
		if looked, err = candidates(ctx, tx, keys, w, a.ArtistID); err != nil {
			return 0, err
		}
	}
	matches, err := matching(ctx, tx, w.ArtworkID, looked)
	if err != nil {
		return 0, err
	}
	if told, err = s.tellFound(ctx, tx, a, w.ArtworkID, matches); err != nil {
		return 0, err
	}
	query, args := `DELETE FROM announced_works WHERE announcement_id = $1 AND artwork_id = $2`, []any{a.ID, w.ArtworkID}
	if len(looked) == searchesAtOnce {
		query, args = `UPDATE announced_works SET looked_at = $3 WHERE announcement_id = $1 AND artwork_id = $2`, append(args, looked[len(looked)-1].ID)
	}
	if _, err := tx.ExecContext(ctx, query, args...); err != nil {
		return 0, fmt.Errorf("keep the place of an announced work: %w", err)
	}
	return told, nil
}

// tellFound tells the members of searches of a work that these have found, and
// keeps it for their letters. Who follows the artist has been told of a single work
// before. It returns how many members were told.
func (s *Store) tellFound(ctx context.Context, tx *sqlx.Tx, a announcement, artwork int64, searches []int64) (told int, err error) {
	if len(searches) == 0 {
		return 0, nil
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO search_matches (search_id, artwork_id, found_at)
		SELECT id, $2, $3 FROM saved_searches WHERE id = ANY ($1) AND letter <> 'off'
		ON CONFLICT (search_id, artwork_id) DO NOTHING`, pq.Array(searches), artwork, s.now())
	if err != nil {
		return 0, fmt.Errorf("keep what was found: %w", err)
	}
	err = tx.GetContext(ctx, &told, `
		WITH told AS (
			INSERT INTO notifications (recipient_id, found_artwork_id, found_by, created_at)
			SELECT DISTINCT ON (k.member_id) k.member_id, $2, k.name, $3 FROM saved_searches k
			WHERE k.id = ANY ($1) AND k.notify AND NOT ($4 AND EXISTS (
				SELECT FROM notifications n WHERE n.announcement_id = $5 AND n.recipient_id = k.member_id))
			ORDER BY k.member_id, k.id
			ON CONFLICT (found_artwork_id, recipient_id) WHERE found_artwork_id IS NOT NULL DO NOTHING
			RETURNING recipient_id
		), signals AS (
			SELECT pg_notify($6, json_build_object('m', recipient_id, 't', true)::text) FROM told
		)
		SELECT count(*) FROM signals`, pq.Array(searches), artwork, s.now(), a.Works == 1, a.ID, channel)
	if err != nil {
		return 0, fmt.Errorf("tell what was found: %w", err)
	}
	return told, nil
}
