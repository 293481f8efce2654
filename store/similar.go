package store

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// similarMost is how many works like another a letter shows.
const similarMost = 3

// fillSimilar gives letters of a request that was declined works like the one that
// was asked for: of its kind, for sale now, and nearest in price.
func (s *Store) fillSimilar(ctx context.Context, letters []Letter) error {
	byID := map[int64]*Letter{}
	var ids []int64
	for i := range letters {
		if l := &letters[i]; l.Event == EventDeclined {
			byID[l.ID], ids = l, append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	const near = `(SELECT a.id, a.price FROM artworks a WHERE a.state = 'listed' AND a.medium = o.medium AND a.for_sale AND a.quantity > a.held AND a.id <> o.artwork_id
		AND a.price %s ORDER BY a.price %s, a.id LIMIT %d)`
	var rows []struct {
		LetterID int64 `db:"letter_id"`
		DigestWork
	}
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT b.id AS letter_id, a.id, a.title, a.year, a.medium, a.material, a.price, m.first_name || ' ' || m.last_name AS artist_name
		FROM outbox b JOIN order_events e ON e.id = b.event_id JOIN orders o ON o.id = e.order_id
		CROSS JOIN LATERAL (
			SELECT id FROM (`+near+` UNION ALL `+near+`) n ORDER BY abs(n.price - o.price), n.id LIMIT %d) n
		JOIN artworks a ON a.id = n.id
		JOIN members m ON m.id = a.artist_id
		WHERE b.id = ANY ($1) ORDER BY b.id, abs(a.price - o.price), a.id`,
		">= o.price", "", similarMost, "< o.price", "DESC", similarMost, similarMost), pq.Array(ids))
	if err != nil {
		return fmt.Errorf("find works like those declined: %w", err)
	}
	for _, r := range rows {
		l := byID[r.LetterID]
		l.Similar = append(l.Similar, r.DigestWork)
	}
	return nil
}
