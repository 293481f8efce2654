package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
)

// Following is what came of a click on the button that follows an artist.
type Following struct {
	ArtistID int64  `db:"id"`
	Username string `db:"username"`
	Name     string `db:"name"`
	Changed  bool   `db:"-"` // false: it was so before
}

// Follow lets the member be told of the artist's new works from now on. Asked
// twice it changes nothing. It fails with ErrNotFound when nobody of that
// username is an artist, and with a *Conflict when that is the member.
func (s *Store) Follow(ctx context.Context, m Member, username string) (Following, error) {
	return s.follow(ctx, m, username, func(tx *sqlx.Tx, artist int64) (sql.Result, error) {
		return tx.ExecContext(ctx, `
			INSERT INTO follows (artist_id, member_id, followed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, artist, m.ID, s.now())
	})
}

// Unfollow ends what Follow began. Asked twice it changes nothing.
func (s *Store) Unfollow(ctx context.Context, m Member, username string) (Following, error) {
	return s.follow(ctx, m, username, func(tx *sqlx.Tx, artist int64) (sql.Result, error) {
		return tx.ExecContext(ctx, `DELETE FROM follows WHERE artist_id = $1 AND member_id = $2`, artist, m.ID)
	})
}

func (s *Store) follow(ctx context.Context, m Member, username string, f func(tx *sqlx.Tx, artist int64) (sql.Result, error)) (Following, error) {
	var w Following
	err := s.getRow(ctx, &w, `
		SELECT id, username, first_name || ' ' || last_name AS name FROM members WHERE lower(username) = lower($1) AND role = 'artist'`, written(username))
	if err != nil {
		return Following{}, err
	}
	if w.ArtistID == m.ID {
		return Following{}, &Conflict{"This is your own page. You know of your new works."}
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		result, err := f(tx, w.ArtistID)
		if err != nil {
			return fmt.Errorf("follow artist %d: %w", w.ArtistID, err)
		}
		n, err := result.RowsAffected()
		w.Changed = n > 0
		return err
	})
	return w, err
}

// Follows reports whether the member follows the artist.
func (s *Store) Follows(ctx context.Context, m Member, artistID int64) (bool, error) {
	var follows bool
	err := s.getRow(ctx, &follows, `SELECT EXISTS (SELECT FROM follows WHERE artist_id = $1 AND member_id = $2)`, artistID, m.ID)
	return follows, err
}

// Followers counts the members who follow the artist and the confirmed addresses
// that do, each up to one more than CountMost. Who they are is told to nobody.
func (s *Store) Followers(ctx context.Context, artist Member) (members, addresses int, err error) {
	var n struct {
		Members   int `db:"members"`
		Addresses int `db:"addresses"`
	}
	err = s.getRow(ctx, &n, fmt.Sprintf(`
		SELECT (SELECT count(*) FROM (SELECT FROM follows WHERE artist_id = $1 LIMIT %[1]d) f) AS members,
			(SELECT count(*) FROM (SELECT FROM subscriptions WHERE artist_id = $1 AND confirmed_at IS NOT NULL LIMIT %[1]d) p) AS addresses`, CountMost+1), artist.ID)
	return n.Members, n.Addresses, err
}

// Followed returns a page of the artists that the member follows, the last
// followed first, with their newest works.
func (s *Store) Followed(ctx context.Context, m Member, after string) (Page[ArtistCard], error) {
	args := []any{m.ID}
	where := `f.member_id = $1`
	if keys, ok := parseCursor(after, 2); ok {
		args = append(args, moment(keys[0]), keys[1])
		where += ` AND (f.followed_at, f.artist_id) < ($2, $3)`
	}
	var rows []struct {
		ArtistCard
		FollowedAt time.Time `db:"followed_at"`
	}
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT `+artistColumns+`, m.followed_at
		FROM (SELECT a.id, a.username, a.first_name, a.last_name, a.town, f.followed_at FROM follows f JOIN members a ON a.id = f.artist_id
			WHERE %s ORDER BY f.followed_at DESC, f.artist_id DESC LIMIT %d) m `+artistWorks+`
		ORDER BY m.followed_at DESC, m.id DESC`, where, artistsPage+1), args...)
	if err != nil {
		return Page[ArtistCard]{}, fmt.Errorf("list whom member %d follows: %w", m.ID, err)
	}
	cards := make([]ArtistCard, len(rows))
	places := make(map[int64]string, len(rows))
	for i, r := range rows {
		cards[i] = r.ArtistCard
		places[r.ID] = cursor(r.FollowedAt.UnixMicro(), r.ID)
	}
	page := cut(cards, artistsPage, func(a ArtistCard) string { return places[a.ID] })
	return page, s.hangStrips(ctx, page.Items)
}

// announceBatch is how many followers are told in one transaction.
const announceBatch = 500

// announce writes, with the listing of works, that the artist's followers are to
// be told of them. key names the listing: what was announced once is not again,
// but an import goes on counting while it is hung. artworkID is the work that is
// named.
func (s *Store) announce(ctx context.Context, tx *sqlx.Tx, key string, artistID, artworkID int64, works int) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO announcements (key, artist_id, artwork_id, works, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE SET works = announcements.works + excluded.works WHERE $6`,
		key, artistID, artworkID, works, s.now(), works > 1 || key != artworkKey(artworkID))
	if err != nil {
		return fmt.Errorf("announce %s: %w", key, err)
	}
	return nil
}

func artworkKey(id int64) string { return "artwork-" + strconv.FormatInt(id, 10) }

func importKey(id int64) string { return "import-" + strconv.FormatInt(id, 10) }

// TellFollowers tells those who follow an artist of works that were listed, and
// returns how many were told. Followers are told in the order of their ids, a few
// hundred in a transaction, which also keeps the place: what a killed instance
// left is brought to its end by another, and nobody is told twice.
func (s *Store) TellFollowers(ctx context.Context) (told int, err error) {
	for {
		n, more, err := s.tellSome(ctx)
		told += n
		if err != nil || !more {
			return told, err
		}
	}
}

// tellSome goes on with the oldest announcement that nobody else has at hand.
func (s *Store) tellSome(ctx context.Context) (told int, more bool, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		var a struct {
			ID        int64     `db:"id"`
			ArtistID  int64     `db:"artist_id"`
			ToldTo    int64     `db:"told_to"`
			CreatedAt time.Time `db:"created_at"`
			Hangs     bool      `db:"hangs"`
		}
		err := found(tx.GetContext(ctx, &a, `
			SELECT a.id, a.artist_id, a.told_to, a.created_at,
				EXISTS (SELECT FROM artworks w WHERE w.id = a.artwork_id AND w.state = 'listed') AS hangs
			FROM announcements a WHERE a.done_at IS NULL ORDER BY a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED`))
		if err == ErrNotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find an announcement: %w", err)
		}
		more = true
		var batch struct {
			Followers int   `db:"followers"`
			Told      int   `db:"told"`
			Last      int64 `db:"last"`
		}
		if a.Hangs { // of a work that was taken down meanwhile nobody is told
			err = tx.GetContext(ctx, &batch, `
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
				a.ID, a.ArtistID, a.ToldTo, a.CreatedAt, s.now(), announceBatch, channel)
			if err != nil {
				return fmt.Errorf("tell followers: %w", err)
			}
		}
		told = batch.Told
		_, err = tx.ExecContext(ctx, `
			UPDATE announcements SET told_to = GREATEST(told_to, $2), done_at = CASE WHEN $3 THEN $4::timestamptz END WHERE id = $1`,
			a.ID, batch.Last, batch.Followers < announceBatch, s.now())
		if err != nil {
			return fmt.Errorf("keep the place of an announcement: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	return told, more, nil
}
