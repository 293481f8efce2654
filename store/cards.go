package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/lib/pq"
)

// cardColumns and cardTables read a Card; $1 is the id of the member who asks,
// 0 for a visitor. A list adds its own WHERE, ORDER BY and LIMIT.
const cardColumns = sameColumns + `,
	EXISTS (SELECT FROM gallery_artworks ga JOIN galleries g ON g.id = ga.gallery_id
	        WHERE ga.artwork_id = a.id AND g.collector_id = $1) AS saved`

// sameColumns are what a card is to everybody. Whatever they read is watched by
// the triggers of 00030_changed_cards.sql.
const sameColumns = `
	a.id, a.artist_id, m.first_name || ' ' || m.last_name AS artist_name, m.username AS artist_username,
	a.state, a.title, a.year, a.medium, a.material, a.width, a.height, COALESCE(a.depth, 0) AS depth,
	a.price, a.quantity, a.for_sale, a.edition, COALESCE(a.edition_size, 0) AS edition_size, a.sold, a.held, a.listed_at,
	COALESCE(i.id, 0) AS "cover.id", COALESCE(i.state, '') AS "cover.state",
	CASE WHEN i.state = 'ready' THEN i.key ELSE '' END AS "cover.key", COALESCE(i.host, '') AS "cover.host",
	COALESCE(i.name, '') AS "cover.name", COALESCE(i.alt, '') AS "cover.alt", COALESCE(i.part, '') AS "cover.part",
	COALESCE(i.width, 0) AS "cover.width", COALESCE(i.height, 0) AS "cover.height",
	COALESCE(i.ground, '') AS "cover.ground", COALESCE(i.avif_width, 0) AS "cover.avif_width"`

const cardTables = `
	artworks a
	JOIN members m ON m.id = a.artist_id
	LEFT JOIN images i ON i.artwork_id = a.id AND i.position = 0`

// cards are the cards of those of some works that are listed, in their order, as
// viewer sees them, 0 for a visitor. Where an outward postcode is given they say
// what they cost there.
func (s *Store) cards(ctx context.Context, viewer int64, ids []int64, to string) ([]Card, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	cards, ok, err := s.mirroredCards(ctx, ids, to)
	if err != nil {
		return nil, err
	}
	if ok {
		return cards, s.markSaved(ctx, viewer, cards)
	}
	columns, args := Filter{To: to}.columns([]any{viewer})
	args = append(args, pq.Array(ids))
	err = s.selectRows(ctx, &cards, fmt.Sprintf(`
		SELECT %s FROM %s JOIN unnest($%d::bigint[]) WITH ORDINALITY AS page (id, place) ON page.id = a.id
		WHERE a.state = 'listed' ORDER BY page.place`, columns, cardTables, len(args)), args...)
	return cards, err
}

// markSaved says of some cards whether they hang in a gallery of viewer.
func (s *Store) markSaved(ctx context.Context, viewer int64, cards []Card) error {
	if viewer == 0 {
		return nil
	}
	ids := make([]int64, len(cards))
	for i := range cards {
		ids[i] = cards[i].ID
	}
	var saved []int64
	if err := s.selectRows(ctx, &saved, savedQuery, viewer, pq.Array(ids)); err != nil {
		return fmt.Errorf("look which works are saved: %w", err)
	}
	for i := range cards {
		cards[i].Saved = slices.Contains(saved, cards[i].ID)
	}
	return nil
}

const savedQuery = `
	SELECT DISTINCT ga.artwork_id FROM gallery_artworks ga JOIN galleries g ON g.id = ga.gallery_id
	WHERE g.collector_id = $1 AND ga.artwork_id = ANY ($2)`
