package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// keepFinds is how long what a search found waits for its letter at most. What
// waits longer was taken down, or its letters were stopped.
const keepFinds = 30 * 24 * time.Hour

// letterDays are the last moments before now at which daily and weekly letters
// fell due.
func letterDays(now time.Time) (daily, weekly time.Time) {
	now = now.UTC()
	daily = time.Date(now.Year(), now.Month(), now.Day(), digestHour, 0, 0, 0, time.UTC)
	if daily.After(now) {
		daily = daily.AddDate(0, 0, -1)
	}
	return daily, monday(daily).Add(digestHour * time.Hour)
}

// dueFinds are the listed works, found by searches s, that belong into a letter
// written now.
const dueFinds = `
	search_matches f
	JOIN saved_searches s ON s.id = f.search_id
	JOIN artworks a ON a.id = f.artwork_id AND a.state = 'listed'
	WHERE f.digest_id IS NULL AND (s.letter = 'daily' AND f.found_at < $1 OR s.letter = 'weekly' AND f.found_at < $2)`

// writeSearchDigests posts the letters about searches that are due, to a hundred
// members in a transaction.
func (s *Store) writeSearchDigests(ctx context.Context) (written int, err error) {
	var last int64 // the member who was looked at last
	for looked := digestBatch; looked == digestBatch; {
		n := 0
		err := s.inTx(ctx, func(tx *sqlx.Tx) (err error) {
			n, looked, last, err = s.writeSomeSearches(ctx, tx, last)
			return err
		})
		if err != nil {
			return written, fmt.Errorf("write letters about searches: %w", err)
		}
		written += n
	}
	return written, nil
}

func (s *Store) writeSomeSearches(ctx context.Context, tx *sqlx.Tx, after int64) (written, looked int, last int64, err error) {
	daily, weekly := letterDays(s.now())
	var members []struct {
		ID    int64  `db:"id"`
		Email string `db:"email"`
	}
	err = tx.SelectContext(ctx, &members, fmt.Sprintf(`
		SELECT m.id, lower(m.email) AS email
		FROM (SELECT DISTINCT s.member_id FROM %s AND s.member_id > $3 ORDER BY s.member_id LIMIT %d) d
		JOIN members m ON m.id = d.member_id ORDER BY m.id`, dueFinds, digestBatch), daily, weekly, after)
	if err != nil || len(members) == 0 {
		return 0, 0, after, err
	}
	due := make([]dueDigest, len(members))
	for i, m := range members {
		due[i] = dueDigest{Address: s.tryKey(digestAddress, m.Email), Member: m.ID, Since: daily}
	}
	posted, written, err := s.postDigests(ctx, tx, aboutSearches, SearchLetter, daily.Format(time.DateOnly), due)
	if err != nil {
		return 0, 0, after, err
	}
	var to, digests []int64
	for member, digest := range posted {
		to, digests = append(to, member), append(digests, digest)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE search_matches t SET digest_id = p.digest
		FROM unnest($3::bigint[], $4::bigint[]) AS p (member, digest), `+dueFinds+`
			AND p.member = s.member_id AND t.search_id = f.search_id AND t.artwork_id = f.artwork_id`,
		daily, weekly, pq.Int64Array(to), pq.Int64Array(digests))
	if err != nil {
		return 0, 0, after, fmt.Errorf("fill letters: %w", err)
	}
	return written, len(members), members[len(members)-1].ID, nil
}

// fillSearchDigests reads what the letters about searches among the letters tell, as
// it is now: works that are listed still, found by searches whose letters nobody has
// stopped since. A work that several searches found is told by the first of them.
func (s *Store) fillSearchDigests(ctx context.Context, letters []Letter) error {
	byID := map[int64]*Letter{}
	var ids []int64
	for i := range letters {
		if l := &letters[i]; l.Kind == SearchLetter {
			l.Digest = &Digest{StopToken: s.searchStopToken(l.Recipient)}
			byID[l.ID], ids = l, append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		LetterID int64  `db:"letter_id"`
		SearchID int64  `db:"search_id"`
		Search   string `db:"search"`
		DigestWork
	}
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT letter_id, search_id, search, id, title, year, medium, material, artist_name, price FROM (
			SELECT w.*, row_number() OVER (PARTITION BY letter_id, search_id ORDER BY id DESC) AS place FROM (
				SELECT DISTINCT ON (b.id, a.id) b.id AS letter_id, s.id AS search_id, s.name AS search, a.id, a.title, a.year, a.medium, a.material,
					m.first_name || ' ' || m.last_name AS artist_name, CASE WHEN a.for_sale THEN a.price ELSE 0 END AS price
				FROM outbox b
				JOIN search_matches f ON f.digest_id = b.digest_id
				JOIN saved_searches s ON s.id = f.search_id AND s.letter <> 'off'
				JOIN artworks a ON a.id = f.artwork_id AND a.state = 'listed'
				JOIN members m ON m.id = a.artist_id
				WHERE b.id = ANY ($1) ORDER BY b.id, a.id, s.id) w) w
		WHERE place <= %d ORDER BY letter_id, search_id, place`, DigestWorksMost+1), pq.Int64Array(ids))
	if err != nil {
		return fmt.Errorf("read what searches found: %w", err)
	}
	last := map[int64]int64{} // the search that a letter tells of last
	for _, r := range rows {
		d := byID[r.LetterID].Digest
		if last[r.LetterID] != r.SearchID {
			last[r.LetterID] = r.SearchID
			d.Searches = append(d.Searches, DigestSearch{Name: r.Search})
		}
		search := &d.Searches[len(d.Searches)-1]
		if len(search.Works) == DigestWorksMost {
			search.More = true
			continue
		}
		search.Works = append(search.Works, r.DigestWork)
	}
	return nil
}
