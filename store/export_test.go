package store

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
)

// List is the query of a page of works, for tests that look at its plan.
func (f Filter) List(viewer int64) (string, []any) {
	if f.Sort == Best {
		return f.best()
	}
	return f.list(viewer)
}

// Blind has lists looked for by SQL from now on, as while the works are read into
// memory.
func (s *Store) Blind() {
	s.mirror.mu.Lock()
	defer s.mirror.mu.Unlock()
	s.mirror.works, s.mirror.err, s.mirror.readAt = nil, errors.New("blind"), time.Now().Add(time.Hour)
}

// Worn reports whether the next sweep reads the works into memory anew.
func (s *Store) Worn() bool {
	s.mirror.mu.RLock()
	defer s.mirror.mu.RUnlock()
	return s.mirror.works.worn()
}

// SearchQueries are the reads of a search and of what is typed into its field,
// beside those of works.
func SearchQueries(q string) map[string]PlannedQuery {
	f := Filter{Query: q}.Clean()
	_, less, args := f.lessWords()
	begin := foldWords(q)
	return map[string]PlannedQuery{
		"artists":         {foundArtists, []any{tsqueryOf(q, 2), suggestMost}},
		"galleries":       {foundGalleries, []any{tsquery(q), besideMost}},
		"suggested works": {suggestedWorks, []any{begin, begin + string(unicode.MaxRune), suggestMost}},
		"fewer words":     {less, args},
	}
}

// ChangedQuery asks which works changed since a snapshot.
const ChangedQuery = changedQuery

// Searched is the query of the first page of a search and its counts.
func (f Filter) Searched() (string, []any) { return f.searched() }

// ListFew is the query of a page of the works when they are few.
func (f Filter) ListFew(viewer int64) (string, []any) {
	if f.Sort == Best {
		return f.best()
	}
	return f.listFew(viewer)
}

// Walk is the query of a page of the works that looks at the next ones only.
func (f Filter) Walk(viewer int64) (string, []any) { return f.walk(viewer) }

// Plain reports whether a list has an index of its own.
func (f Filter) Plain() bool { return f.plain() }

// Priced is the quote for one piece between two postcodes.
func Priced(price Pence, medium Medium, width, height, depth, weight Hundredths, from, to string, own Rates) Quote {
	return quote(price, medium, width, height, depth, weight, from, to, own)
}

// Zone is the delivery zone of a postcode.
func Zone(postcode string) int { return zone(postcode) }

// Areas are the areas of the postcodes that parcels go to.
func Areas() []string { return slices.Sorted(maps.Keys(zones)) }

// Distance is the colour difference between a colour and a place in L*a*b*.
func (c Colour) Distance(l, a, b float64) float64 {
	v := c.lab()
	return math.Sqrt((l-v.L)*(l-v.L) + (a-v.A)*(a-v.A) + (b-v.B)*(b-v.B))
}

// Lab is the colour in L*a*b*.
func (c Colour) Lab() [3]float64 { v := c.lab(); return [3]float64{v.L, v.A, v.B} }

// Cells are the cubes that the surroundings of a colour reach into.
func (c Colour) Cells() []int64 { return c.lab().cells() }

// Tally is the query that counts works, for tests that look at its plan.
func (f Filter) Tally() (string, []any) { return f.tally() }

// Queries are those of a kind's sitemaps, for tests that look at their plans.
func (k SitemapKind) Queries() (parts, pages string) { return k.parts(), k.pages() }

// FoldWords is a text as it is searched.
func FoldWords(s string) string { return foldWords(s) }

// Kept is the filter as a saved search keeps it, with its keys.
func (f Filter) Kept() (filter string, keys []string, err error) {
	filter, err = f.canonical()
	return filter, f.keys(), err
}

// CandidatesQuery finds the searches that a work may match.
const CandidatesQuery = candidatesQuery

// PlannedQuery is a query with what it asks for, for tests that look at its plan.
type PlannedQuery struct {
	SQL  string
	Args []any
}

// TalkQueries are the reads of conversations.
func TalkQueries(member, talk int64) map[string]PlannedQuery {
	return map[string]PlannedQuery{
		"a talk":     {talkQuery, []any{member, talk, alikeInterval, endOfTime, 0, 0}},
		"news":       {newsQuery, []any{member, talk, alikeInterval, 1, 1}},
		"last event": {lastEvent, []any{member, talk}},
		"list":       {conversationsQuery, []any{member, endOfTime, int64(1 << 62), 21}},
	}
}

// IssueCreditNote issues a credit note as a refund that is done does.
func (s *Store) IssueCreditNote(ctx context.Context, order int64, refund string, amount Pence) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if _, err := lockOrder(ctx, tx, order, 0); err != nil {
			return err
		}
		return s.issueCreditNote(ctx, tx, order, refund, amount)
	})
}

// WorkingDays is the moment so many working days later.
func WorkingDays(from time.Time, n int) time.Time { return workingDays(from, n) }

// ValidIBAN reports whether an IBAN without spaces can be one.
func ValidIBAN(s string) bool { return validIBAN(s) }
