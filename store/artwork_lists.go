package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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
	SizeUp    Sort = "size" // by the longest side
	SizeDown  Sort = "-size"
	Nearest   Sort = "near" // to the filter's colours, of which it needs one
)

// Filter says which listed works are looked for, and in which order.
type Filter struct {
	Query   string // words, the last of them perhaps only begun, and "phrases"
	ForSale bool   // only works that can be asked for now
	Mediums []Medium

	Price         Range[Pence]
	Sizes         []Size
	Width, Height Range[Hundredths]
	Shapes        []Shape
	Colours       []Colour // works with one of them
	Editions      []Edition
	Years         Range[int]
	Towns         []string // where the artist lives, in any case
	Described     bool     // only works whose cover has a text
	Wall          Wall     // that the work is to hang on
	Most          Pence    // that one piece may cost, delivered to To
	To            string   // see ParseOutward; works say what they cost there

	Sort  Sort
	After string // the cursor of a page
}

// QueryMost is how many characters of a query are looked for.
const QueryMost = 100

// artworksPage is how many works a page of a list shows.
const artworksPage = 24

// Artworks returns a page of the listed works. viewer is the id of the member
// who asks, 0 for a visitor. A cursor that is not of this list begins it anew.
func (s *Store) Artworks(ctx context.Context, viewer int64, f Filter) (Page[Card], error) {
	f = f.Clean()
	if f.query() != "" || !f.plain() {
		if found, ok, err := s.look(ctx, f); err != nil {
			return Page[Card]{}, err
		} else if ok {
			return s.shown(ctx, viewer, f, found.firstOf(f))
		}
	}
	if f.Sort == Best {
		best, err := s.best(ctx, f)
		if err != nil {
			return Page[Card]{}, err
		}
		return s.SearchPage(ctx, viewer, f, Hits{first: best, whole: true})
	}
	var rows []Card
	if f.walks() {
		query, args := f.walk(viewer)
		if err := s.search(ctx, f, &rows, query, args...); err != nil {
			return Page[Card]{}, fmt.Errorf("list the first artworks: %w", err)
		}
	}
	if len(rows) <= artworksPage {
		rows = nil
		query, args := f.list(viewer)
		if few, err := s.few(ctx, f); err != nil {
			return Page[Card]{}, err
		} else if few {
			query, args = f.listFew(viewer)
		}
		if err := s.search(ctx, f, &rows, query, args...); err != nil {
			return Page[Card]{}, fmt.Errorf("list artworks: %w", err)
		}
	}
	return cut(rows, artworksPage, orderOf(f.Sort).cursor), nil
}

// fewMost is how many works are found by the indexes of the facets and sorted
// for a page. A list of more is read in its order. The newest of some years are
// found in their index alone, without a look at the works.
const (
	fewMost  = 30_000
	fewYears = 200_000
)

// few reports whether a list that is not plain has few works, as the database
// guesses.
func (s *Store) few(ctx context.Context, f Filter) (bool, error) {
	if f.plain() && f.query() == "" {
		return false, nil
	}
	n, err := s.guess(ctx, f)
	switch {
	case f.query() != "":
		return n <= fewFound, err
	case f.Sort == Newest && slices.Equal(f.On(), []Facet{ByYear}):
		return n <= fewYears, err
	}
	return n <= fewMost, err
}

// guess is how many works a list has, as the database guesses.
func (s *Store) guess(ctx context.Context, f Filter) (int, error) {
	where, args := f.textual(nil)
	conditions, args := f.conditions(args)
	for _, c := range conditions {
		if c.facet == ByColour { // it has no guess but that of its index
			where += " AND " + c.found()
			continue
		}
		where += " AND " + c.sql
	}
	var plan []string
	if err := s.db.SelectContext(ctx, &plan, `EXPLAIN SELECT FROM artworks a WHERE `+where, args...); err != nil {
		return 0, fmt.Errorf("guess the number of artworks: %w", err)
	}
	_, guess, _ := strings.Cut(plan[0], " rows=")
	guess, _, _ = strings.Cut(guess, " ")
	n, err := strconv.Atoi(guess)
	if err != nil {
		return 0, fmt.Errorf("guess the number of artworks from %q: %w", plan[0], err)
	}
	return n, nil
}

// walkMost is how far a page is looked for in the order of the list before the
// indexes of the facets are asked: what is not rare is found sooner so.
const walkMost = 4000

// plain reports whether a list has an index that brings it in order.
func (f Filter) plain() bool {
	for _, facet := range f.On() {
		if facet != ByQuery && facet != BySale && facet != ByMedium {
			return false
		}
	}
	return f.Sort != Nearest && (f.Sort != SizeUp && f.Sort != SizeDown || len(f.Mediums) == 0)
}

// walks reports whether a page is looked for in the order of the list first.
func (f Filter) walks() bool { return !f.plain() && f.Sort != Nearest && f.query() == "" }

// columns are those of a Card, and what the work costs where it goes.
func (f Filter) columns(args []any) (string, []any) {
	if f.To == "" {
		return cardColumns, args
	}
	args = append(args, zone(f.To+" "))
	return cardColumns + fmt.Sprintf(`,
	COALESCE(`+deliveredTo("$%d")+`, 0) AS delivered`, len(args)), args
}

// list is the query of a page and its arguments.
func (f Filter) list(viewer int64) (string, []any) {
	columns, args := f.columns([]any{viewer})
	o := orderOf(f.Sort)
	if f.Sort == Nearest {
		return f.nearest(columns, args, false)
	}
	if f.plain() {
		return f.inOrder(columns, args)
	}
	where, args := f.where(args)
	where, args = o.beyondCursor(where, args, f.After)
	return fmt.Sprintf(`SELECT %[1]s FROM %[2]s
		JOIN (SELECT a.id FROM artworks a WHERE %[3]s ORDER BY %[4]s LIMIT %[5]d) page ON page.id = a.id ORDER BY %[4]s`,
		columns, cardTables, where, o.by("a"), artworksPage+1), args
}

// listFew is the query of a page of a list of few works, and its arguments: all
// are found before they are sorted.
func (f Filter) listFew(viewer int64) (string, []any) {
	columns, args := f.columns([]any{viewer})
	o := orderOf(f.Sort)
	if f.Sort == Nearest {
		return f.nearest(columns, args, true)
	}
	where, args := f.where(args)
	where, args = o.beyondCursor(where, args, f.After)
	return fmt.Sprintf(`WITH found AS MATERIALIZED (SELECT a.id, a.%[6]s FROM artworks a WHERE %[3]s)
		SELECT %[1]s FROM %[2]s
		JOIN (SELECT a.id FROM found a ORDER BY %[4]s LIMIT %[5]d) page ON page.id = a.id ORDER BY %[4]s`,
		columns, cardTables, where, o.by("a"), artworksPage+1, o.column), args
}

// walk is the query of a page that looks at the next walkMost works, and its
// arguments.
func (f Filter) walk(viewer int64) (string, []any) {
	columns, args := f.columns([]any{viewer})
	o := orderOf(f.Sort)
	next, args := o.beyondCursor(`a.state = 'listed'`, args, f.After)
	conditions, args := f.conditions(args)
	where := "true"
	for _, c := range conditions {
		where += " AND " + c.sql
	}
	return fmt.Sprintf(`SELECT %[1]s FROM %[2]s
		JOIN (SELECT a.id FROM (SELECT %[3]s FROM artworks a WHERE %[4]s ORDER BY %[5]s LIMIT %[6]d) a
			WHERE %[7]s ORDER BY %[5]s LIMIT %[8]d) page ON page.id = a.id ORDER BY %[5]s`,
		columns, cardTables, narrowed, next, o.by("a"), walkMost, where, artworksPage+1), args
}

// nearMost is among how many works, the newest that the filter finds, the
// nearest in colour are looked for when they are not few.
const nearMost = 2000

// nearest is the query of a page of those nearest in colour, and its arguments.
// Of a list of few works all are looked at.
func (f Filter) nearest(columns string, args []any, few bool) (string, []any) {
	where, args := f.where(args)
	next := "true"
	if keys, ok := parseCursor(f.After, 2); ok {
		next = fmt.Sprintf("(c.near, c.id) > ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, keys[0], keys[1])
	}
	among := fmt.Sprintf(" ORDER BY %s LIMIT %d", orderOf(Newest).by("a"), nearMost)
	if few {
		among = ""
	}
	return fmt.Sprintf(`WITH found AS MATERIALIZED (SELECT a.id, %[3]s AS near FROM artworks a WHERE %[4]s%[5]s)
		SELECT %[1]s, page.near FROM %[2]s
		JOIN (SELECT c.id, c.near FROM found c WHERE %[6]s ORDER BY c.near, c.id LIMIT %[7]d) page ON page.id = a.id
		ORDER BY page.near, a.id`,
		columns, cardTables, f.nearness(), where, among, next, artworksPage+1), args
}

// inOrder is the query of a page of a plain list and its arguments.
func (f Filter) inOrder(columns string, args []any) (string, []any) {
	o := orderOf(f.Sort)
	mediums := f.mediums()
	f.Mediums = nil
	where, args := f.where(args)
	where, args = o.beyondCursor(where, args, f.After)
	// Each medium has its own index, so each is read in order, and no further
	// than the page goes.
	from := ` FROM artworks a WHERE ` + where
	if len(mediums) > 0 {
		args = append(args, pq.Array(mediums))
		from = fmt.Sprintf(` FROM unnest($%d::text[]) AS f (medium) CROSS JOIN LATERAL (
			SELECT a.id, a.%s FROM artworks a WHERE a.medium = f.medium AND %s ORDER BY %s LIMIT %d) a`,
			len(args), o.column, where, o.by("a"), artworksPage+1)
	}
	return fmt.Sprintf(`SELECT %s FROM %s
		JOIN (SELECT a.id%s ORDER BY %s LIMIT %d) page ON page.id = a.id ORDER BY %s`,
		columns, cardTables, from, o.by("a"), artworksPage+1, o.by("a")), args
}

// CountArtworks counts the listed works that a filter finds, up to one more than
// CountMost.
func (s *Store) CountArtworks(ctx context.Context, f Filter) (int, error) {
	if (f.query() != "" || len(f.On()) > 1) && !marked(f.query()) {
		works, release, err := s.mirrored(ctx)
		if err != nil {
			return 0, err
		}
		if works != nil {
			defer release()
			return min(works.find(f).count(), CountMost+1), nil
		}
	}
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
	return fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM artworks a WHERE %s LIMIT %d) found`, where, CountMost+1), args
}

// search reads the works that a filter finds. A text, and all but a plain list,
// is looked for by a plan of its own: how best to find it hangs on how often it
// occurs.
func (s *Store) search(ctx context.Context, f Filter, dest any, query string, args ...any) error {
	if f.query() != "" || !f.plain() {
		return s.db.SelectContext(ctx, dest, query, args...)
	}
	return s.selectRows(ctx, dest, query, args...)
}

// where is the condition on artworks a and its arguments.
func (f Filter) where(args []any) (string, []any) {
	where, args := f.textual(args)
	conditions, args := f.conditions(args)
	for _, c := range conditions {
		where += " AND " + c.found()
	}
	return where, args
}

// textual is the condition that a work is listed and that the text is found, and
// its arguments.
func (f Filter) textual(args []any) (string, []any) {
	where := `a.state = 'listed'`
	if q := f.query(); q != "" {
		args = append(args, tsquery(q))
		where += " AND " + holds(len(args))
	}
	return where, args
}

// query is what is looked for, cleaned; "" when there is no word in it.
func (f Filter) query() string {
	q := tidied(f.Query)
	if len(terms(q)) == 0 {
		return ""
	}
	return q
}

// tidied is what was typed into a search, less what is too much.
func tidied(typed string) string {
	q := strings.Join(strings.Fields(written(typed)), " ")
	if runes := []rune(q); len(runes) > QueryMost {
		q = string(runes[:QueryMost])
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
	f.Price, f.Width, f.Height, f.Years = f.Price.clean(), f.Width.clean(), f.Height.clean(), f.Years.clean()
	f.Sizes, f.Shapes, f.Editions = kept(Sizes(), f.Sizes), kept(Shapes(), f.Shapes), kept(Editions(), f.Editions)
	f.Colours, f.Towns = colours(f.Colours), towns(f.Towns)
	f.Wall.Width, f.Wall.Height = Range[Hundredths]{Most: f.Wall.Width}.clean().Most, Range[Hundredths]{Most: f.Wall.Height}.clean().Most
	f.To, _ = ParseOutward(f.To)
	f.Most = Range[Pence]{Most: f.Most}.clean().Most
	if f.To == "" {
		f.Most = 0
	}
	switch {
	case f.Sort == PriceUp, f.Sort == PriceDown, f.Sort == SizeUp, f.Sort == SizeDown, f.Sort == Newest && f.Query != "":
	case f.Sort == Nearest && len(f.Colours) > 0:
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
	case SizeUp:
		return order{"longest", ">", "ASC"}
	case SizeDown:
		return order{"longest", "<", "DESC"}
	case Nearest:
		return order{"near", ">", "ASC"}
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
	case "longest":
		return cursor(int64(max(c.Width, c.Height)), c.ID)
	case "near":
		return cursor(c.Near, c.ID)
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
	if o.column == "price" || o.column == "longest" {
		return []any{min(max(keys[0], 0), 1<<31-1), keys[1]}, true
	}
	return []any{moment(keys[0]), keys[1]}, true
}

// beyondCursor adds to a condition that a work comes after a cursor.
func (o order) beyondCursor(where string, args []any, cursor string) (string, []any) {
	keys, ok := o.after(cursor)
	if !ok {
		return where, args
	}
	args = append(args, keys...)
	return where + fmt.Sprintf(" AND (a.%s, a.id) %s ($%d, $%d)", o.column, o.beyond, len(args)-1, len(args)), args
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
	where, args := o.beyondCursor(`a.artist_id = $1 AND a.state = 'listed' AND (a.quantity = 0 AND a.sold > 0) = `+fmt.Sprint(sold), []any{artistID}, after)
	var rows []hitRow
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT a.id, (extract(epoch FROM a.listed_at) * 1000000)::bigint AS rank FROM artworks a
		WHERE %s ORDER BY %s LIMIT %d`, where, o.by("a"), artworksPage+1), args...)
	if err != nil {
		return Page[Card]{}, fmt.Errorf("list artist %d's artworks: %w", artistID, err)
	}
	return s.shown(ctx, viewer, Filter{Sort: Newest}, hits(rows))
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
