package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// compareLater remembers, with their listing, works that are hung for the first time,
// for MatchListings to compare with the searches.
func (s *Store) compareLater(ctx context.Context, tx *sqlx.Tx, artworks ...int64) error {
	if len(artworks) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO new_listings (artwork_id, listed_at) SELECT id, $2 FROM unnest($1::bigint[]) AS w (id)
		ON CONFLICT (artwork_id) DO NOTHING`, pq.Array(artworks), s.now())
	if err != nil {
		return fmt.Errorf("keep new works for later: %w", err)
	}
	return nil
}

// How many searches are looked at in one transaction, and how many filters in one
// query of it.
const (
	searchesAtOnce = 1000
	filtersAtOnce  = 100
)

// MatchListings tells members of new works that their searches find, and returns
// how many it told. Any number of instances may call it at once; what one leaves
// unfinished, another goes on with.
func (s *Store) MatchListings(ctx context.Context) (told int, err error) {
	for more := true; more; {
		var n int
		err := s.inTx(ctx, func(tx *sqlx.Tx) (err error) {
			n, more, err = s.matchSome(ctx, tx)
			return err
		})
		if err != nil {
			return told, fmt.Errorf("match a new work: %w", err)
		}
		told += n
	}
	return told, nil
}

// matchSome compares a new work with the next searches. more is false when no work
// is left, or all that are left are in other hands.
func (s *Store) matchSome(ctx context.Context, tx *sqlx.Tx) (told int, more bool, err error) {
	var job struct {
		ArtworkID int64     `db:"artwork_id"`
		ListedAt  time.Time `db:"listed_at"`
		LookedAt  int64     `db:"looked_at"`
	}
	err = found(tx.GetContext(ctx, &job, `
		SELECT artwork_id, listed_at, looked_at FROM new_listings ORDER BY artwork_id LIMIT 1 FOR UPDATE SKIP LOCKED`))
	if errors.Is(err, ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	var work listing
	err = found(tx.GetContext(ctx, &work, `
		SELECT a.id AS artwork_id, a.artist_id, a.medium,
			concat_ws(' ', a.title, m.first_name, m.last_name, a.description, a.material, a.medium, m.town) AS words
		FROM artworks a JOIN members m ON m.id = a.artist_id
		WHERE a.id = $1 AND a.state = 'listed' FOR KEY SHARE OF a`, job.ArtworkID))
	var looked []candidate
	if err == nil {
		err = tx.SelectContext(ctx, &looked, `
			SELECT id, filter FROM saved_searches
			WHERE keys && $1 AND id > $2 AND member_id <> $3 AND created_at <= $4 AND (notify OR letter <> 'off')
			ORDER BY id LIMIT $5`, pq.Array(work.keys()), job.LookedAt, work.ArtistID, job.ListedAt, searchesAtOnce)
	}
	if err != nil && !errors.Is(err, ErrNotFound) { // not found: taken down, or deleted
		return 0, false, err
	}
	matches, err := matchingSearches(ctx, tx, job.ArtworkID, looked)
	if err != nil {
		return 0, false, err
	}
	if told, err = s.tellFound(ctx, tx, job.ArtworkID, matches); err != nil {
		return 0, false, err
	}
	if len(looked) < searchesAtOnce {
		_, err = tx.ExecContext(ctx, `DELETE FROM new_listings WHERE artwork_id = $1`, job.ArtworkID)
	} else {
		_, err = tx.ExecContext(ctx, `UPDATE new_listings SET looked_at = $2 WHERE artwork_id = $1`, job.ArtworkID, looked[len(looked)-1].ID)
	}
	return told, true, err
}

// candidate is a search that may match.
type candidate struct {
	ID   int64  `db:"id"`
	Kept string `db:"filter"`
}

// matchingSearches returns the ids of the candidates that find the work. Each
// filter is asked once, by its own condition, however many keep it.
func matchingSearches(ctx context.Context, tx *sqlx.Tx, artwork int64, candidates []candidate) ([]int64, error) {
	var filters []string
	by := map[string][]int64{}
	for _, c := range candidates {
		if by[c.Kept] == nil {
			filters = append(filters, c.Kept)
		}
		by[c.Kept] = append(by[c.Kept], c.ID)
	}
	var matches []int64
	for len(filters) > 0 {
		some := filters[:min(filtersAtOnce, len(filters))]
		filters = filters[len(some):]
		parts, args := make([]string, len(some)), []any{artwork}
		for i, kept := range some {
			f, err := filterOf(kept)
			if err != nil {
				return nil, err
			}
			var where string
			where, args = f.matching(args)
			parts[i] = fmt.Sprintf(`SELECT %d WHERE EXISTS (SELECT FROM artworks a WHERE a.id = $1 AND %s)`, i, where)
		}
		var which []int
		if err := tx.SelectContext(ctx, &which, strings.Join(parts, " UNION ALL "), args...); err != nil {
			return nil, fmt.Errorf("ask %d filters: %w", len(some), err)
		}
		for _, i := range which {
			matches = append(matches, by[some[i]]...)
		}
	}
	return matches, nil
}

// tellFound tells the members of searches of a work that these have found, and
// keeps it for their letters. It returns how many notifications that made.
func (s *Store) tellFound(ctx context.Context, tx *sqlx.Tx, artwork int64, searches []int64) (int, error) {
	if len(searches) == 0 {
		return 0, nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO search_matches (search_id, artwork_id, found_at)
		SELECT id, $2, $3 FROM saved_searches WHERE id = ANY ($1) AND letter <> 'off'
		ON CONFLICT (search_id, artwork_id) DO NOTHING`, pq.Array(searches), artwork, s.now())
	if err != nil {
		return 0, fmt.Errorf("keep what was found: %w", err)
	}
	var told []int64
	err = tx.SelectContext(ctx, &told, `
		INSERT INTO notifications (recipient_id, found_artwork_id, found_by, created_at)
		SELECT DISTINCT ON (member_id) member_id, $2, name, $3 FROM saved_searches
		WHERE id = ANY ($1) AND notify ORDER BY member_id, id
		ON CONFLICT (found_artwork_id, recipient_id) WHERE found_artwork_id IS NOT NULL DO NOTHING
		RETURNING recipient_id`, pq.Array(searches), artwork, s.now())
	if err != nil {
		return 0, fmt.Errorf("tell what was found: %w", err)
	}
	signals := make([]string, len(told))
	for i, member := range told {
		signal, err := json.Marshal(Signal{Member: member, Told: true})
		if err != nil {
			return 0, err
		}
		signals[i] = string(signal)
	}
	if _, err := tx.ExecContext(ctx, `SELECT pg_notify($1, signal) FROM unnest($2::text[]) AS s (signal)`, channel, pq.Array(signals)); err != nil {
		return 0, fmt.Errorf("tell: %w", err)
	}
	return len(told), nil
}

// Letters about searches are written from this hour of the day on, UTC.
const searchLetterHour = 7

// lettersWritten is for how many members letters are written in one transaction.
const lettersWritten = 100

// keepFinds is how long a find waits for its letter at most. What waits longer
// was taken down, or its letters were stopped.
const keepFinds = 30 * 24 * time.Hour

// WriteSearchLetters posts the letters about searches that are due, and returns
// how many. A member gets at most one a day for all of their searches together.
// Any number of instances may call it at once.
func (s *Store) WriteSearchLetters(ctx context.Context) (posted int, err error) {
	for {
		n := 0
		err := s.inTx(ctx, func(tx *sqlx.Tx) (err error) {
			n, err = s.writeSome(ctx, tx)
			return err
		})
		if err != nil {
			return posted, fmt.Errorf("write letters about searches: %w", err)
		}
		if posted += n; n < lettersWritten {
			return posted, nil
		}
	}
}

// letterDays are the last moments before now at which daily and weekly letters
// fell due.
func letterDays(now time.Time) (daily, weekly time.Time) {
	daily = time.Date(now.Year(), now.Month(), now.Day(), searchLetterHour, 0, 0, 0, time.UTC)
	if daily.After(now) {
		daily = daily.AddDate(0, 0, -1)
	}
	return daily, daily.AddDate(0, 0, -(int(daily.Weekday())+6)%7)
}

// dueFinds are the finds of listed works that belong into a letter written now.
const dueFinds = `
	search_matches f
	JOIN saved_searches s ON s.id = f.search_id
	JOIN artworks a ON a.id = f.artwork_id AND a.state = 'listed'
	WHERE f.letter_id IS NULL AND (s.letter = 'daily' AND f.found_at < $1 OR s.letter = 'weekly' AND f.found_at < $2)`

func (s *Store) writeSome(ctx context.Context, tx *sqlx.Tx) (int, error) {
	daily, weekly := letterDays(s.now())
	if _, err := tx.ExecContext(ctx, `DELETE FROM search_matches WHERE letter_id IS NULL AND found_at < $1`, s.now().Add(-keepFinds)); err != nil {
		return 0, fmt.Errorf("forget old finds: %w", err)
	}
	// Whoever writes the row of a member's day writes the letter; another
	// instance waits for it, and writes none.
	var letters []int64
	err := tx.SelectContext(ctx, &letters, fmt.Sprintf(`
		INSERT INTO search_letters (member_id, day, created_at)
		SELECT DISTINCT s.member_id, ($1::timestamptz AT TIME ZONE 'UTC')::date, $3::timestamptz FROM %s
			AND NOT EXISTS (SELECT FROM search_letters l WHERE l.member_id = s.member_id AND l.day = ($1::timestamptz AT TIME ZONE 'UTC')::date)
		ORDER BY 1 LIMIT %d
		ON CONFLICT ON CONSTRAINT search_letters_once_key DO NOTHING
		RETURNING id`, dueFinds, lettersWritten), daily, weekly, s.now())
	if err != nil || len(letters) == 0 {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE search_matches t SET letter_id = l.id FROM search_letters l, `+dueFinds+`
			AND l.id = ANY ($3) AND l.member_id = s.member_id AND t.search_id = f.search_id AND t.artwork_id = f.artwork_id`,
		daily, weekly, pq.Array(letters))
	if err != nil {
		return 0, fmt.Errorf("fill letters: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO outbox (letter_key, kind, recipient_id, search_letter_id, state, due_at, created_at)
		SELECT 'searches-' || l.id, $2, l.member_id, l.id, 'waiting', $3, $3 FROM search_letters l WHERE l.id = ANY ($1)
		ON CONFLICT (letter_key) DO NOTHING`, pq.Array(letters), SearchLetter, s.now())
	if err != nil {
		return 0, fmt.Errorf("post letters: %w", err)
	}
	return len(letters), nil
}

// Find is a work in a letter about searches.
type Find struct {
	LetterID   int64  `db:"letter_id"`
	Search     string `db:"search"` // the name of the search that found it
	ArtworkID  int64  `db:"artwork_id"`
	Title      string `db:"title"`
	ArtistName string `db:"artist_name"`
	ForSale    bool   `db:"for_sale"`
	Price      Pence  `db:"price"`
}

// withFinds adds to letters about searches what they tell of: works that are
// listed still, found by searches whose letters nobody has stopped since.
func (s *Store) withFinds(ctx context.Context, letters []Letter) error {
	var ids []int64
	for _, l := range letters {
		if l.Kind == SearchLetter {
			ids = append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var finds []Find
	err := s.selectRows(ctx, &finds, `
		SELECT DISTINCT ON (b.id, a.id) b.id AS letter_id, s.name AS search, a.id AS artwork_id, a.title,
			m.first_name || ' ' || m.last_name AS artist_name, a.for_sale, a.price
		FROM outbox b
		JOIN search_matches f ON f.letter_id = b.search_letter_id
		JOIN saved_searches s ON s.id = f.search_id AND s.letter <> 'off'
		JOIN artworks a ON a.id = f.artwork_id AND a.state = 'listed'
		JOIN members m ON m.id = a.artist_id
		WHERE b.id = ANY ($1) ORDER BY b.id, a.id, s.id`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("read what searches found: %w", err)
	}
	for i := range letters {
		if letters[i].Kind != SearchLetter {
			continue
		}
		letters[i].StopToken = s.stopToken(letters[i].Recipient)
		for _, f := range finds {
			if f.LetterID == letters[i].ID {
				letters[i].Finds = append(letters[i].Finds, f)
			}
		}
	}
	return nil
}
