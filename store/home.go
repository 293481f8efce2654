package store

import (
	"context"
	"time"
)

// Home is what the first page shows of the market.
type Home struct {
	Newest  []Fresh      // the newest listed works, newest first
	Artists []ArtistCard // those who hung something last, at most four
}

// Fresh is a work on the first page.
type Fresh struct {
	Card
	ThisWeek bool `db:"this_week"` // listed in the last seven days
}

const week = 7 * 24 * time.Hour

// Home reads the first page for a viewer, 0 for a visitor.
func (s *Store) Home(ctx context.Context, viewer int64) (Home, error) {
	var h Home
	err := s.selectRows(ctx, &h.Newest, `
		SELECT `+cardColumns+`, a.listed_at > $2 AS this_week FROM `+cardTables+`
		WHERE a.state = 'listed' ORDER BY a.listed_at DESC, a.id DESC LIMIT 24`, viewer, s.now().Add(-week))
	if err != nil {
		return Home{}, err
	}
	err = s.selectRows(ctx, &h.Artists, `
		WITH busy AS (
			SELECT artist_id, max(listed_at) AS last FROM (
				SELECT artist_id, listed_at FROM artworks WHERE state = 'listed' ORDER BY listed_at DESC, id DESC LIMIT 200) newest
			GROUP BY artist_id ORDER BY last DESC, artist_id LIMIT 4)
		SELECT `+artistColumns+` FROM members m `+artistWorks+` JOIN busy ON busy.artist_id = m.id ORDER BY busy.last DESC, m.id`)
	if err != nil {
		return Home{}, err
	}
	return h, s.hangStrips(ctx, h.Artists)
}

// NewestHung returns the newest listed work that has a photograph. It fails
// with ErrNotFound in a market without one.
func (s *Store) NewestHung(ctx context.Context) (Card, error) {
	var c Card
	err := s.getRow(ctx, &c, `
		SELECT `+cardColumns+` FROM `+cardTables+`
		WHERE a.state = 'listed' AND i.id IS NOT NULL ORDER BY a.listed_at DESC, a.id DESC LIMIT 1`, 0)
	return c, err
}

// Hangs reports whether the work belongs on a wall: pots and sculptures stand.
func (f Fresh) Hangs() bool { return f.Medium != Sculpture && f.Medium != Ceramics }
