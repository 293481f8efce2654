package store

import (
	"context"
	"database/sql"
	"fmt"
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
