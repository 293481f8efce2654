package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
)

// Picture is a work in a strip of small pictures: its cover and where it leads.
type Picture struct {
	ArtworkID int64  `db:"artwork_id"`
	Title     string `db:"title"`
	Image     Image  `db:"image"`
}

// ArtistCard is what a list shows of an artist. Towns are public, addresses and
// postcodes never.
type ArtistCard struct {
	ID       int64     `db:"id"`
	Username string    `db:"username"`
	Name     string    `db:"name"`
	Town     string    `db:"town"`
	Medium   Medium    `db:"medium"` // the one most works are of; "" before the first
	Works    int       `db:"works"`  // listed ones, counted up to one more than RowCountMost
	Sold     int       `db:"sold"`   // pieces of them sold here
	Strip    []Picture `db:"-"`      // the newest works, at most three
}

// Where counting ends, so that a page costs the same in a market of any size: a
// count of one more means "more than".
const (
	CountMost    = 10_000 // on the first page and on an artist's own
	RowCountMost = 1000   // in a list of artists
)

// artistsPage is how many artists a page of the list shows.
const artistsPage = 20

// artistColumns and artistWorks read an ArtistCard of members m. They count one work beyond
// RowCountMost.
const (
	artistColumns = `
	m.id, m.username, m.first_name || ' ' || m.last_name AS name, m.town,
	COALESCE(w.medium, '') AS medium, w.works, w.sold`

	artistWorks = `
	CROSS JOIN LATERAL (
		SELECT mode() WITHIN GROUP (ORDER BY medium) AS medium, count(*) AS works, COALESCE(sum(sold), 0) AS sold
		FROM (SELECT medium, sold FROM artworks WHERE artist_id = m.id AND state = 'listed' LIMIT 1001) listed) w`
)

// ArtistFilter says which artists are looked for.
type ArtistFilter struct {
	Query  string // words of the name, the username or the town; accents and case do not matter
	Letter string // that the last name begins with, "a" to "z"; anything else is all
}

// Clean is the filter without what means nothing.
func (f ArtistFilter) Clean() ArtistFilter {
	f.Query = tidied(f.Query)
	if f.Letter = strings.ToLower(f.Letter); len(f.Letter) != 1 || f.Letter < "a" || f.Letter > "z" {
		f.Letter = ""
	}
	return f
}

// where is the condition on members m and its arguments. Every word must occur.
func (f ArtistFilter) where() (string, []any) {
	f = f.Clean()
	where, args := `m.role = 'artist'`, []any(nil)
	words := strings.Fields(f.Query)
	for _, word := range words[:min(len(words), wordsMost)] {
		word = foldWords(word)
		if word == "" {
			where += ` AND false` // nobody is called by signs alone
			continue
		}
		args = append(args, word)
		where += fmt.Sprintf(` AND m.found_by LIKE '%%' || $%d || '%%'`, len(args))
	}
	if f.Letter != "" {
		args = append(args, f.Letter, string(f.Letter[0]+1))
		where += fmt.Sprintf(` AND m.sort_name >= $%d AND m.sort_name < $%d`, len(args)-1, len(args))
	}
	return where, args
}

// Artists returns a page of the artists by name.
func (s *Store) Artists(ctx context.Context, f ArtistFilter, after string) (Page[ArtistCard], error) {
	where, args := f.where()
	if keys, ok := parseCursor(after, 1); ok {
		args = append(args, keys[0])
		where += fmt.Sprintf(` AND (m.sort_name, m.id) > (SELECT sort_name, id FROM members WHERE id = $%d)`, len(args))
	}
	var rows []ArtistCard
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT `+artistColumns+` FROM (
			SELECT m.id, m.username, m.first_name, m.last_name, m.town, m.sort_name FROM members m
			WHERE %s ORDER BY m.sort_name, m.id LIMIT %d) m `+artistWorks+`
		ORDER BY m.sort_name, m.id`, where, artistsPage+1), args...)
	if err != nil {
		return Page[ArtistCard]{}, fmt.Errorf("list artists: %w", err)
	}
	page := cut(rows, artistsPage, func(a ArtistCard) string { return cursor(a.ID) })
	return page, s.hangStrips(ctx, page.Items)
}

// CountArtists counts the artists that a filter finds, up to one more than
// CountMost.
func (s *Store) CountArtists(ctx context.Context, f ArtistFilter) (int, error) {
	where, args := f.where()
	var n int
	err := s.getRow(ctx, &n, fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM members m WHERE %s LIMIT %d) found`, where, CountMost+1), args...)
	return n, err
}

// ArtistLetters returns the letters, "a" to "z", that the last name of an artist
// begins with.
func (s *Store) ArtistLetters(ctx context.Context) ([]string, error) {
	var letters []string
	err := s.selectRows(ctx, &letters, `
		SELECT chr(l) FROM generate_series(ascii('a'), ascii('z')) l WHERE EXISTS (
			SELECT FROM members m WHERE m.role = 'artist' AND m.sort_name >= chr(l) AND m.sort_name < chr(l + 1)) ORDER BY l`)
	if err != nil {
		return nil, fmt.Errorf("list the letters of artists: %w", err)
	}
	return letters, nil
}

// ArtistPage is what an artist's own page shows of them.
type ArtistPage struct {
	ID        int64    `db:"id"`
	Username  string   `db:"username"` // as it was chosen: the page's one address
	Name      string   `db:"name"`
	Town      string   `db:"town"`
	Bio       string   `db:"bio"`
	Statement string   `db:"statement"` // a longer text
	Website   string   `db:"website"`
	Mediums   []Medium `db:"-"` // of the listed works, most first
	ForSale   int      `db:"-"` // listed works that can be asked for
	Available int      `db:"-"` // listed works of which a piece is left
	SoldOut   int      `db:"-"` // listed works of which none is
	Sold      int      `db:"-"` // pieces sold here

	NoLearning bool `db:"no_learning"` // machines are asked not to learn from the pictures

	AwayUntil *time.Time `db:"away_until"` // the day on which they are back; nil: never were away
	AwayWords string     `db:"away_words"`
}

// Away reports whether the artist takes no requests at a moment.
func (a ArtistPage) Away(now time.Time) bool { return away(a.AwayUntil, now) }

// ArtistByUsername returns an artist by their username, in any case. It fails
// with ErrNotFound when no artist has it.
func (s *Store) ArtistByUsername(ctx context.Context, username string) (ArtistPage, error) {
	var a ArtistPage
	err := s.getRow(ctx, &a, `
		SELECT id, username, first_name || ' ' || last_name AS name, town, bio, statement, website, no_learning, away_until, away_words
		FROM members WHERE lower(username) = lower($1) AND role = 'artist'`, written(username))
	if err != nil {
		return ArtistPage{}, err
	}
	var rows []struct {
		Medium  Medium `db:"medium"`
		Works   int    `db:"works"`
		ForSale int    `db:"for_sale"`
		SoldOut int    `db:"sold_out"`
		Sold    int    `db:"sold"`
	}
	err = s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT medium, count(*) AS works, count(*) FILTER (WHERE for_sale) AS for_sale,
			count(*) FILTER (WHERE quantity = 0 AND sold > 0) AS sold_out, sum(sold) AS sold
		FROM (SELECT medium, for_sale, quantity, sold FROM artworks WHERE artist_id = $1 AND state = 'listed' LIMIT %d) listed
		GROUP BY medium ORDER BY works DESC, medium`, CountMost+1), a.ID)
	for _, r := range rows {
		a.Mediums = append(a.Mediums, r.Medium)
		a.ForSale += r.ForSale
		a.SoldOut += r.SoldOut
		a.Available += r.Works - r.SoldOut
		a.Sold += r.Sold
	}
	return a, err
}

// hangStrips fills in the artists' newest works.
func (s *Store) hangStrips(ctx context.Context, artists []ArtistCard) error {
	ids := make([]int64, len(artists))
	for i, a := range artists {
		ids[i] = a.ID
	}
	strips, err := s.strips(ctx, `
		JOIN LATERAL (
			SELECT id, title, row_number() OVER () AS position FROM (
				SELECT id, title FROM artworks WHERE artist_id = o.id AND state = 'listed'
				ORDER BY listed_at DESC, id DESC LIMIT 3) newest) a ON true`, ids)
	if err != nil {
		return err
	}
	for i := range artists {
		artists[i].Strip = strips[artists[i].ID]
	}
	return nil
}

// strips reads the covers of a few works for each owner o, an artist or a
// gallery. works joins o.id to the works as a(id, title, position).
func (s *Store) strips(ctx context.Context, works string, owners []int64) (map[int64][]Picture, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	var rows []struct {
		Owner int64 `db:"owner"`
		Picture
	}
	err := s.selectRows(ctx, &rows, `
		SELECT o.id AS owner, a.id AS artwork_id, a.title, i.id AS "image.id", i.key AS "image.key", i.host AS "image.host",
			i.name AS "image.name", i.alt AS "image.alt", i.width AS "image.width", i.height AS "image.height",
			i.ground AS "image.ground", i.avif_width AS "image.avif_width"
		FROM unnest($1::bigint[]) AS o (id) `+works+`
		JOIN images i ON i.artwork_id = a.id AND i.position = 0 AND i.state = 'ready'
		ORDER BY o.id, a.position`, pq.Int64Array(owners))
	strips := make(map[int64][]Picture, len(owners))
	for _, r := range rows {
		strips[r.Owner] = append(strips[r.Owner], r.Picture)
	}
	return strips, err
}
