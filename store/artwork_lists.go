package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
)

// Sort is the order of a list of works.
type Sort string

// The orders. Whatever is none of them is Newest.
const (
	Newest    Sort = "newest"
	PriceUp   Sort = "price"
	PriceDown Sort = "-price"
)

// Filter says which listed works are looked for, and in which order.
type Filter struct {
	Query   string // words, the last of them perhaps only begun, and "phrases"
	ForSale bool   // only works that can be asked for now
	Mediums []Medium
	Sort    Sort
	After   string // the cursor of a page
}

// QueryMost is how many characters of a query are looked for.
const QueryMost = 100

// artworksPage is how many works a page of a list shows.
const artworksPage = 24

// Artworks returns a page of the listed works. viewer is the id of the member
// who asks, 0 for a visitor. A cursor that is not of this list begins it anew.
func (s *Store) Artworks(ctx context.Context, viewer int64, f Filter) (Page[Card], error) {
	query, args := f.list(viewer)
	var rows []Card
	if err := s.search(ctx, f, &rows, query, args...); err != nil {
		return Page[Card]{}, fmt.Errorf("list artworks: %w", err)
	}
	return cut(rows, artworksPage, orderOf(f.Sort).cursor), nil
}

// list is the query of a page and its arguments.
func (f Filter) list(viewer int64) (string, []any) {
	if f.Sort == Best && f.query() != "" {
		return f.best(viewer)
	}
	o := orderOf(f.Sort)
	where, args := f.where([]any{viewer})
	if keys, ok := o.after(f.After); ok {
		args = append(args, keys...)
		where += fmt.Sprintf(" AND (a.%s, a.id) %s ($%d, $%d)", o.column, o.beyond, len(args)-1, len(args))
	}
	// Each medium has its own index, so each is read in order, and no further
	// than the page goes.
	from := ` FROM artworks a WHERE ` + where
	if len(f.mediums()) > 0 {
		args = append(args, pq.Array(f.mediums()))
		from = fmt.Sprintf(` FROM unnest($%d::text[]) AS f (medium) CROSS JOIN LATERAL (
			SELECT a.id, a.%s FROM artworks a WHERE a.medium = f.medium AND %s ORDER BY %s LIMIT %d) a`,
			len(args), o.column, where, o.by("a"), artworksPage+1)
	}
	return fmt.Sprintf(`SELECT %s FROM %s
		JOIN (SELECT a.id%s ORDER BY %s LIMIT %d) page ON page.id = a.id ORDER BY %s`,
		cardColumns, cardTables, from, o.by("a"), artworksPage+1, o.by("a")), args
}

// CountMost is where the works that a filter finds are no longer counted.
func (f Filter) CountMost() int {
	if f.query() != "" {
		return SearchCountMost
	}
	return CountMost
}

// CountArtworks counts the listed works that a filter finds, up to one more than
// the filter's CountMost.
func (s *Store) CountArtworks(ctx context.Context, f Filter) (int, error) {
	query, args := f.tally()
	var n []int
	if err := s.search(ctx, f, &n, query, args...); err != nil {
		return 0, fmt.Errorf("count artworks: %w", err)
	}
	return n[0], nil
}

// tally is the query that counts and its arguments.
func (f Filter) tally() (string, []any) {
	where, args := f.where(nil)
	if len(f.mediums()) > 0 {
		args = append(args, pq.Array(f.mediums()))
		where += fmt.Sprintf(" AND a.medium = ANY ($%d)", len(args))
	}
	return fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM artworks a WHERE %s LIMIT %d) found`, where, f.CountMost()+1), args
}

// search reads the works that a filter finds. A text is looked for by a plan of
// its own: how best to find it hangs on how often it occurs.
func (s *Store) search(ctx context.Context, f Filter, dest any, query string, args ...any) error {
	if f.query() != "" {
		return s.db.SelectContext(ctx, dest, query, args...)
	}
	return s.selectRows(ctx, dest, query, args...)
}

// where is the condition on artworks a, without the mediums, and its arguments.
func (f Filter) where(args []any) (string, []any) {
	where := `a.state = 'listed'`
	if f.ForSale {
		where += ` AND a.for_sale`
	}
	if q := f.query(); q != "" {
		args = append(args, tsquery(q))
		where += " AND " + holds(len(args))
	}
	return where, args
}

// query is what is looked for, cleaned; "" when there is no word in it.
func (f Filter) query() string {
	q := strings.Join(strings.Fields(written(f.Query)), " ")
	if runes := []rune(q); len(runes) > QueryMost {
		q = string(runes[:QueryMost])
	}
	if len(terms(q)) == 0 {
		return ""
	}
	return q
}

// mediums are those of the eight that the filter names, in the order of menus.
func (f Filter) mediums() []Medium {
	return slices.DeleteFunc(Mediums(), func(m Medium) bool { return !slices.Contains(f.Mediums, m) })
}

// Clean is the filter without what means nothing: junk in the address of a list
// is ignored.
func (f Filter) Clean() Filter {
	f.Query, f.Mediums = f.query(), f.mediums()
	switch {
	case f.Sort == PriceUp, f.Sort == PriceDown, f.Sort == Newest && f.Query != "":
	case f.Query != "":
		f.Sort = Best
	default:
		f.Sort = Newest
	}
	return f
}

// order is how a list is sorted: by a column of artworks and then by id, both up
// or both down.
type order struct {
	column, beyond, direction string
}

func orderOf(s Sort) order {
	switch s {
	case PriceUp:
		return order{"price", ">", "ASC"}
	case PriceDown:
		return order{"price", "<", "DESC"}
	case Best:
		return order{"rank", "<", "DESC"}
	}
	return order{"listed_at", "<", "DESC"}
}

func (o order) by(table string) string {
	return fmt.Sprintf("%[1]s.%[2]s %[3]s, %[1]s.id %[3]s", table, o.column, o.direction)
}

// cursor is the place of a card in the list.
func (o order) cursor(c Card) string {
	switch o.column {
	case "price":
		return cursor(int64(c.Price), c.ID)
	case "rank":
		return cursor(c.Rank, c.ID)
	}
	return cursor(c.ListedAt.UnixMicro(), c.ID)
}

// after is the place that a cursor names, as arguments of a query.
func (o order) after(cursor string) ([]any, bool) {
	keys, ok := parseCursor(cursor, 2)
	if !ok {
		return nil, false
	}
	if o.column == "price" {
		return []any{Pence(min(max(keys[0], 0), 1<<31-1)), keys[1]}, true
	}
	return []any{moment(keys[0]), keys[1]}, true
}

// moment is a time of a cursor, in microseconds since 1970. Times that
// PostgreSQL does not know become the nearest that everybody does.
func moment(micros int64) time.Time {
	const year9999 = 253402300799999999
	return time.UnixMicro(min(max(micros, 0), year9999)).UTC()
}

// ArtistArtworks returns a page of an artist's listed works, newest first: those
// that are sold out, or the others.
func (s *Store) ArtistArtworks(ctx context.Context, viewer, artistID int64, sold bool, after string) (Page[Card], error) {
	o := orderOf(Newest)
	args := []any{viewer, artistID}
	where := `a.artist_id = $2 AND a.state = 'listed' AND (a.quantity = 0 AND a.sold > 0) = ` + fmt.Sprint(sold)
	if keys, ok := o.after(after); ok {
		args = append(args, keys...)
		where += ` AND (a.listed_at, a.id) < ($3, $4)`
	}
	var rows []Card
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d`,
		cardColumns, cardTables, where, o.by("a"), artworksPage+1), args...)
	if err != nil {
		return Page[Card]{}, fmt.Errorf("list artist %d's artworks: %w", artistID, err)
	}
	return cut(rows, artworksPage, o.cursor), nil
}

// NewestByArtist returns an artist's newest listed works, sold or not.
func (s *Store) NewestByArtist(ctx context.Context, artistID int64) ([]Card, error) {
	var rows []Card
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT %s FROM %s WHERE a.artist_id = $2 AND a.state = 'listed'
		ORDER BY a.listed_at DESC, a.id DESC LIMIT %d`, cardColumns, cardTables, artworksPage), 0, artistID)
	if err != nil {
		return nil, fmt.Errorf("list the newest by artist %d: %w", artistID, err)
	}
	return rows, nil
}

// moreMost is how many other works the page of a work shows.
const moreMost = 4

// MoreByArtist returns the newest listed works of a work's artist beside it.
func (s *Store) MoreByArtist(ctx context.Context, viewer int64, a Artwork) ([]Card, error) {
	var rows []Card
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT %s FROM %s WHERE a.artist_id = $2 AND a.state = 'listed' AND a.id <> $3
		ORDER BY a.listed_at DESC, a.id DESC LIMIT %d`, cardColumns, cardTables, moreMost), viewer, a.ArtistID, a.ID)
	if err != nil {
		return nil, fmt.Errorf("list more by artist %d: %w", a.ArtistID, err)
	}
	return rows, nil
}

// StudioWork is a work as its artist sees it in the studio.
type StudioWork struct {
	Card
	Saves int `db:"saves"` // galleries in which it hangs
}

// studioColumns reads a StudioWork from cardTables; $1 is its artist.
const studioColumns = cardColumns + `,
	(SELECT count(*) FROM gallery_artworks h WHERE h.artwork_id = a.id) AS saves`

// StudioArtworks returns a page of all that the artist has made here, drafts and
// unlisted works too, the last made first. It fails with ErrForbidden for
// members who are no artists.
func (s *Store) StudioArtworks(ctx context.Context, artist Member, after string) (Page[StudioWork], error) {
	if !artist.IsArtist() {
		return Page[StudioWork]{}, ErrForbidden
	}
	args := []any{artist.ID}
	where := `a.artist_id = $1 AND a.state <> 'archived'`
	if keys, ok := parseCursor(after, 1); ok {
		args = append(args, keys[0])
		where += ` AND a.id < $2`
	}
	var rows []StudioWork
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY a.id DESC LIMIT %d`,
		studioColumns, cardTables, where, artworksPage+1), args...)
	if err != nil {
		return Page[StudioWork]{}, fmt.Errorf("list the studio's artworks: %w", err)
	}
	return cut(rows, artworksPage, func(w StudioWork) string { return cursor(w.ID) }), nil
}

// StudioArtwork returns one line of the artist's list. It fails with ErrNotFound
// when it is not there.
func (s *Store) StudioArtwork(ctx context.Context, artist Member, id int64) (StudioWork, error) {
	var w StudioWork
	err := s.getRow(ctx, &w, `SELECT `+studioColumns+` FROM `+cardTables+`
		WHERE a.artist_id = $1 AND a.id = $2 AND a.state <> 'archived'`, artist.ID, id)
	return w, err
}

// StudioCount counts what StudioArtworks lists, up to one more than CountMost.
func (s *Store) StudioCount(ctx context.Context, artist Member) (int, error) {
	var n int
	err := s.getRow(ctx, &n, fmt.Sprintf(`
		SELECT count(*) FROM (SELECT FROM artworks WHERE artist_id = $1 AND state <> 'archived' LIMIT %d) made`, CountMost+1), artist.ID)
	return n, err
}
