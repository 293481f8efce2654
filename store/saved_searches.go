package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// LetterPace says how often a letter tells of what a saved search has found.
type LetterPace string

// The paces of letters.
const (
	NoLetter     LetterPace = "off"
	DailyLetter  LetterPace = "daily"
	WeeklyLetter LetterPace = "weekly"
)

// LetterPaces lists them in the order of menus.
func LetterPaces() []LetterPace { return []LetterPace{NoLetter, DailyLetter, WeeklyLetter} }

// Label is the pace as people read it.
func (p LetterPace) Label() string {
	switch p {
	case DailyLetter:
		return "Every day there is something new"
	case WeeklyLetter:
		return "Once a week, on Mondays"
	}
	return "Never"
}

// SavedSearch is a search that a member keeps.
type SavedSearch struct {
	ID        int64      `db:"id"`
	Name      string     `db:"name"`
	Notify    bool       `db:"notify"` // new works that match are told on the site
	Letter    LetterPace `db:"letter"`
	CreatedAt time.Time  `db:"created_at"`
	Filter    Filter     `db:"-"` // cleaned, in the order Newest
	Count     int        `db:"-"` // listed works that match, up to one more than SearchCountMost
}

// What a member may keep, and how far the works of each search are counted.
const (
	SearchesMost    = 50
	SearchNameMost  = 100 // characters
	SearchCountMost = 100
)

// filterMost bounds how long a kept filter is, in bytes.
const filterMost = 4000

// canonical is the filter as it is kept: JSON without what is left open, so that
// the same filters are the same text, also once filters know more. Order, place in
// the list, and where works go when nothing hangs on it are no part of it.
func (f Filter) canonical() (string, error) {
	f = f.Clean()
	f.Sort, f.After = "", ""
	if !f.delivers() {
		f.To = ""
	}
	slices.SortFunc(f.Towns, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	slices.Sort(f.Colours)
	b, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("write a filter: %w", err)
	}
	var whole any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&whole); err != nil {
		return "", fmt.Errorf("write a filter: %w", err)
	}
	b, err = json.Marshal(closed(whole))
	return string(b), err
}

// closed is a JSON value without the fields that say nothing, nil if none is left.
func closed(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, field := range v {
			if v[name] = closed(field); v[name] == nil {
				delete(v, name)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	case json.Number:
		if v == "0" {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return value
}

// filterOf reads a kept filter.
func filterOf(kept string) (Filter, error) {
	var f Filter
	if err := json.Unmarshal([]byte(kept), &f); err != nil {
		return f, fmt.Errorf("read a filter: %w", err)
	}
	return f.Clean(), nil
}

// A key of a search is "medium/facet": a medium or, for all, nothing, and what few
// works have of that which the search asks for: the beginning of a word, a town, a
// colour, a price, a size, or nothing. A work that matches has one of the search's
// keys, so a new work finds by an index those searches that may match. What else a
// filter says is left to its own SQL, which is that of the lists.

// keyLength is how many letters of a word a key has.
const keyLength = 3

// keyPricesMost is how many of the PriceBins may be keys: a search that reaches
// into more of them is as well found by another facet.
const keyPricesMost = 12

// keys are those of the filter.
func (f Filter) keys() []string {
	mediums := f.mediums()
	if len(mediums) == 0 {
		mediums = []Medium{""}
	}
	var keys []string
	for _, m := range mediums {
		for _, facet := range f.rarest() {
			keys = append(keys, string(m)+"/"+facet)
		}
	}
	return keys
}

// rarest are the values of the facet of the filter by which the fewest works are
// found, "" when it has none that helps.
func (f Filter) rarest() []string {
	if word := f.beginning(); word != "" {
		return []string{"word " + word}
	}
	var list []string
	for _, town := range f.Towns {
		list = append(list, "town "+strings.ToLower(town))
	}
	if len(list) > 0 {
		return list
	}
	prices := f.Price.clean()
	if f.delivers() && (prices.Most == 0 || f.Most < prices.Most) {
		prices.Most = f.Most // nothing costs less delivered than without
	}
	bins := binsOf(prices)
	switch {
	case len(f.Colours) > 0 && !slices.ContainsFunc(f.Colours, Colour.Own):
		return tagKeys(f.swatches())
	case len(bins) > 0 && len(bins) <= keyPricesMost:
		return tagKeys(bins)
	case len(f.Sizes) > 0:
		return tagKeys(tags(sizeFirst, Sizes(), f.Sizes))
	}
	return []string{""}
}

// swatches are the numbers of the named colours of the filter.
func (f Filter) swatches() []int64 {
	list := make([]int64, len(f.Colours))
	for i, c := range f.Colours {
		list[i] = int64(swatchFirst + c.swatch())
	}
	return list
}

// tagKeys are numbers of the column facets as parts of keys.
func tagKeys(tags []int64) []string {
	keys := make([]string, len(tags))
	for i, tag := range tags {
		keys[i] = strconv.FormatInt(tag, 10)
	}
	return keys
}

// beginning is that of the longest word that is looked for, "" when none is of
// plain letters and digits: only of those it is sure that PostgreSQL keeps them
// whole.
func (f Filter) beginning() string {
	longest := ""
	for _, t := range terms(f.query()) {
		for _, word := range t.words {
			if len(word) > len(longest) && plainWord.MatchString(word) {
				longest = word
			}
		}
	}
	return longest[:min(len(longest), keyLength)]
}

var plainWord = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// keysOfWork are all keys that a search that finds a listed work may have. It holds
// the work, so that nobody deletes it meanwhile, and fails with ErrNotFound when
// it is not listed.
func keysOfWork(ctx context.Context, tx *sqlx.Tx, artwork int64) ([]string, error) {
	var w struct {
		Medium Medium         `db:"medium"`
		Town   string         `db:"town"`
		Facets pq.Int64Array  `db:"facets"`
		Begun  pq.StringArray `db:"begun"`
	}
	err := found(tx.GetContext(ctx, &w, fmt.Sprintf(`
		SELECT a.medium, a.town, a.facets, ARRAY(SELECT DISTINCT left(w, %d) FROM unnest(tsvector_to_array(a.words)) AS w) AS begun
		FROM artworks a WHERE a.id = $1 AND a.state = 'listed' FOR KEY SHARE`, keyLength), artwork))
	if err != nil {
		return nil, err
	}
	facets := append(tagKeys(w.Facets), "", "town "+strings.ToLower(w.Town))
	for _, word := range w.Begun {
		facets = append(facets, "word "+word)
	}
	keys := make([]string, 0, 2*len(facets))
	for _, facet := range facets {
		keys = append(keys, "/"+facet, string(w.Medium)+"/"+facet)
	}
	return keys, nil
}

// candidate is a search that may find a work.
type candidate struct {
	ID   int64  `db:"id"`
	Kept string `db:"filter"`
}

// candidates returns the next searches that have one of a work's keys and are to
// tell of it. Its artist's own are not.
func candidates(ctx context.Context, tx *sqlx.Tx, keys []string, w announcedWork, artist int64) ([]candidate, error) {
	var list []candidate
	err := tx.SelectContext(ctx, &list, candidatesQuery, pq.Array(keys), w.LookedAt, artist, w.ListedAt, searchesAtOnce)
	if err != nil {
		return nil, fmt.Errorf("find searches: %w", err)
	}
	return list, nil
}

const candidatesQuery = `
	WITH found AS MATERIALIZED (
		SELECT id, filter FROM saved_searches
		WHERE keys && $1 AND id > $2 AND member_id <> $3 AND created_at <= $4 AND (notify OR letter <> 'off'))
	SELECT id, filter FROM found ORDER BY id LIMIT $5`

// filtersAtOnce is how many filters are asked in one query.
const filtersAtOnce = 200

// matching returns the ids of the candidates that find the work. Each filter is
// asked once, by its own condition, however many keep it.
func matching(ctx context.Context, tx *sqlx.Tx, artwork int64, candidates []candidate) ([]int64, error) {
	var filters []string
	by := map[string][]int64{}
	for _, c := range candidates {
		if by[c.Kept] == nil {
			filters = append(filters, c.Kept)
		}
		by[c.Kept] = append(by[c.Kept], c.ID)
	}
	var matches []int64
	for some := range slices.Chunk(filters, filtersAtOnce) {
		asked, args := make([]string, len(some)), []any{artwork}
		for i, kept := range some {
			f, err := filterOf(kept)
			if err != nil {
				return nil, err
			}
			var is string
			is, args = f.is(args)
			asked[i] = fmt.Sprintf("CASE WHEN %s THEN %d END", is, i)
		}
		var which []int
		err := tx.SelectContext(ctx, &which, `
			SELECT n FROM (SELECT `+narrowed+`, a.state, a.words, ARRAY(SELECT `+deliveredTo("z")+` FROM generate_series(0, 5) AS z) AS costs
				FROM artworks a WHERE a.id = $1 OFFSET 0) a
			CROSS JOIN LATERAL unnest(ARRAY[`+strings.Join(asked, ", ")+`]) AS f (n) WHERE n IS NOT NULL`, args...)
		if err != nil {
			return nil, fmt.Errorf("ask %d filters: %w", len(some), err)
		}
		for _, i := range which {
			matches = append(matches, by[some[i]]...)
		}
	}
	return matches, nil
}

// is is the condition that the filter finds an artwork a that is at hand, with what
// it costs in each zone, and its arguments.
func (f Filter) is(args []any) (string, []any) {
	where, args := f.textual(args)
	if f.delivers() {
		args = append(args, zone(f.To+" ")+1, f.Most)
		where += fmt.Sprintf(" AND a.for_sale AND a.costs[$%d] <= $%d", len(args)-1, len(args))
		f.Most = 0
	}
	conditions, args := f.conditions(args)
	for _, c := range conditions {
		where += " AND " + c.sql
	}
	return where, args
}

// SaveSearch keeps a search for the member, who is told on the site of new works
// that match. The same filters are kept once: fresh is false for those that were
// kept before, under the name that they had. It fails with *Invalid for the field
// "name", and for "" when no filter is on or fifty searches are kept.
func (s *Store) SaveSearch(ctx context.Context, m Member, f Filter, name string) (search SavedSearch, fresh bool, err error) {
	f = f.Clean()
	f.Sort, f.After = Newest, ""
	kept, err := f.canonical()
	if err != nil {
		return SavedSearch{}, false, err
	}
	var inv Invalid
	name = checkSearchName(&inv, name)
	if len(f.On()) == 0 || len(kept) > filterMost {
		inv.Add("", "Choose one filter or more first, then save the search.")
	}
	if err := inv.Err(); err != nil {
		return SavedSearch{}, false, err
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		// One at a time, so that fifty is the most.
		if _, err := tx.ExecContext(ctx, `SELECT FROM members WHERE id = $1 FOR NO KEY UPDATE`, m.ID); err != nil {
			return fmt.Errorf("save a search: %w", err)
		}
		err := found(tx.GetContext(ctx, &search, `
			SELECT `+searchColumns+` FROM saved_searches WHERE member_id = $1 AND md5(filter::text) = md5($2::jsonb::text)`, m.ID, kept))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		fresh = true
		var n int
		if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM saved_searches WHERE member_id = $1`, m.ID); err != nil {
			return fmt.Errorf("count searches: %w", err)
		}
		if n >= SearchesMost {
			return &Invalid{Fields: []FieldError{{"", fmt.Sprintf("You keep %d searches, and that is the most. Delete one first.", SearchesMost)}}}
		}
		return tx.GetContext(ctx, &search, `
			INSERT INTO saved_searches (member_id, name, filter, keys, notify, letter, created_at)
			VALUES ($1, $2, $3, $4, true, 'off', $5) RETURNING `+searchColumns, m.ID, name, kept, pq.Array(f.keys()), s.now())
	})
	search.Filter = f
	return search, fresh, err
}

const searchColumns = `id, name, notify, letter, created_at`

func checkSearchName(inv *Invalid, name string) string {
	name = strings.Join(strings.Fields(written(name)), " ")
	if name == "" {
		inv.Add("name", "Give the search a name.")
	}
	limit(inv, "name", name, SearchNameMost)
	return name
}

// SavedSearches returns all that the member keeps, the last saved first, with how
// many works match each now.
func (s *Store) SavedSearches(ctx context.Context, m Member) ([]SavedSearch, error) {
	var rows []struct {
		SavedSearch
		Kept string `db:"filter"`
	}
	err := s.selectRows(ctx, &rows, `SELECT `+searchColumns+`, filter FROM saved_searches WHERE member_id = $1 ORDER BY id DESC`, m.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	searches := make([]SavedSearch, len(rows))
	parts := make([]string, len(rows))
	var args []any
	for i, r := range rows {
		searches[i] = r.SavedSearch
		if searches[i].Filter, err = filterOf(r.Kept); err != nil {
			return nil, err
		}
		var where string
		where, args = searches[i].Filter.where(args)
		parts[i] = fmt.Sprintf(`SELECT %d AS search, (SELECT count(*) FROM (SELECT FROM artworks a WHERE %s LIMIT %d) f) AS works`, i, where, SearchCountMost+1)
	}
	var counts []struct {
		Search, Works int
	}
	// A plan of its own: how best to find the works hangs on the filters.
	if err := s.db.SelectContext(ctx, &counts, strings.Join(parts, " UNION ALL "), args...); err != nil {
		return nil, fmt.Errorf("count what searches find: %w", err)
	}
	for _, c := range counts {
		searches[c.Search].Count = c.Works
	}
	return searches, nil
}

// SearchForm is what a member chooses about a search that they keep.
type SearchForm struct {
	Name   string
	Notify bool
	Letter LetterPace
}

// UpdateSearch changes the name and the alerts of the member's search. It fails
// with *Invalid for the fields "name" and "letter", and with ErrNotFound for
// other people's.
func (s *Store) UpdateSearch(ctx context.Context, m Member, id int64, f SearchForm) error {
	var inv Invalid
	name := checkSearchName(&inv, f.Name)
	if !slices.Contains(LetterPaces(), f.Letter) {
		inv.Add("letter", "Choose how often a letter comes.")
	}
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return changed(tx.ExecContext(ctx, `
			UPDATE saved_searches SET name = $3, notify = $4, letter = $5 WHERE id = $2 AND member_id = $1`, m.ID, id, name, f.Notify, f.Letter))
	})
}

// DeleteSearch forgets the member's search. What it has told stays told. It fails
// with ErrNotFound for other people's.
func (s *Store) DeleteSearch(ctx context.Context, m Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return changed(tx.ExecContext(ctx, `DELETE FROM saved_searches WHERE id = $2 AND member_id = $1`, m.ID, id))
	})
}
