package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/storetest"
)

// plannedWorks is how many works the plans are made for.
const plannedWorks = 100_000

func TestNoListReadsTheWholeMarket(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a market of 100,000 works")
	}
	m := storetest.New(t)
	m.Fill(t, plannedWorks)
	two := []store.Medium{store.Painting, store.Textile}
	for _, f := range []store.Filter{
		{}, {Sort: store.PriceUp}, {Sort: store.PriceDown}, {ForSale: true},
		{Mediums: two[:1]}, {Mediums: two}, {Mediums: two, Sort: store.PriceDown, ForSale: true},
		{Sort: store.SizeUp}, {Sort: store.SizeDown, Mediums: two},
		{Query: "ab12c"}, {Query: "ab12c", Sort: store.Best}, {Query: "work", Sort: store.Best}, {Query: "painting oil", Sort: store.Best}, {Query: "ines number 7"}, {Query: "work"}, {Query: "nothing like it"}, {Query: "ab12c", Mediums: two, Sort: store.PriceUp},
	} {
		first, err := m.Store.Artworks(context.Background(), 0, f)
		if err != nil {
			t.Fatal(err)
		}
		later := f
		later.After = first.Next
		for _, f := range []store.Filter{f, later} {
			query, args := f.List(0)
			if plan := m.Explain(t, query, args...); strings.Contains(plan, "Seq Scan on artworks") {
				t.Errorf("%+v reads all:\n%s", f, plan)
			}
		}
	}
	for name, f := range eachFacet() {
		for _, sort := range everySort() {
			f.Sort = sort
			f := f.Clean()
			for which, list := range map[string]func(int64) (string, []any){"few": f.ListFew, "walk": f.Walk} {
				if which == "walk" && f.Sort == store.Nearest {
					continue // is found, not walked
				}
				query, args := list(0)
				if plan := m.Explain(t, query, args...); which == "walk" && strings.Contains(plan, "Seq Scan on artworks") {
					t.Errorf("%s by %s, %s, reads all:\n%s", name, sort, which, plan)
				} else if rareFacets[name] && strings.Contains(plan, "Seq Scan on artworks") {
					t.Errorf("%s by %s, %s, reads all:\n%s", name, sort, which, plan)
				}
			}
		}
	}
	for _, f := range []store.Filter{{Query: "ab12c"}, {Query: "work"}, {Query: "painting oil"}, {Query: "ab12c", Mediums: two}, {Query: "nothing like it"}, {}, {Mediums: two, ForSale: true}} {
		query, args := f.Clean().Searched()
		if plan := m.Explain(t, query, args...); strings.Contains(plan, "Seq Scan on artworks") {
			t.Errorf("a search for %+v reads all:\n%s", f, plan)
		}
	}
	for what, q := range store.SearchQueries("ab12c fa34") {
		for _, table := range []string{"artworks", "members", "galleries"} {
			if plan := m.Explain(t, q.SQL, q.Args...); strings.Contains(plan, "Seq Scan on "+table) && !(table == "galleries" && what == "galleries") {
				t.Errorf("%s: all %s are read:\n%s", what, table, plan)
			}
		}
	}
	var now string
	if err := m.DB.Get(&now, `SELECT pg_current_snapshot()::text`); err != nil {
		t.Fatal(err)
	}
	if plan := m.Explain(t, store.ChangedQuery, now); strings.Contains(plan, "Seq Scan on artwork_changes ") {
		t.Errorf("what changed is looked for in all changes:\n%s", plan)
	}
	// Counting ends soon where much is found; what is rare is found by an index.
	query, args := store.Filter{Query: "ab12c"}.Tally()
	if plan := m.Explain(t, query, args...); strings.Contains(plan, "Seq Scan on artworks") {
		t.Errorf("counting reads all:\n%s", plan)
	}
}

// rareFacets are those of eachFacet that find so little of the market of Fill that
// an index is to be asked.
var rareFacets = map[string]bool{"town": true, "towns": true, "own colour": true, "colour": true, "colours": true, "wide wall": true, "height": true, "little": true}

func BenchmarkLists(b *testing.B) {
	for _, n := range []int{10_000, 200_000} {
		m := storetest.New(b)
		m.Fill(b, n)
		for name, f := range map[string]store.Filter{
			"newest": {}, "price": {Sort: store.PriceUp}, "mediums": {Mediums: []store.Medium{store.Painting, store.Textile}},
			"rare": {Query: "ab12c"}, "common": {Query: "work"},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := m.Store.Artworks(context.Background(), 0, f); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("%d/%s/count", n, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := m.Store.CountArtworks(context.Background(), f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// What tells of new works, writes digests and shows how a price changed looks up what it needs:
// in a market of many followers and works it reads no table through.
func TestTellingReadsNoTableThrough(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a market of 20,000 works")
	}
	ctx := context.Background()
	m := storetest.New(t)
	m.Fill(t, 20_000)
	m.Collectors(t, 3000)
	old := m.Work(t, m.Ana, storetest.Work{Title: "Cheaper"})
	for _, q := range []string{
		`INSERT INTO follows (artist_id, member_id, followed_at)
			SELECT a.id, c.id, now() - interval '1 year' FROM members a JOIN members c ON c.role = 'collector' AND (a.id + c.id) % 40 = 0 WHERE a.role = 'artist'`,
		`INSERT INTO follows (artist_id, member_id, followed_at) SELECT a.id, c.id, now() - interval '1 year' FROM members a, members c
			WHERE a.username = 'ana' AND c.role = 'collector' AND c.id % 10 = 0 ON CONFLICT DO NOTHING`,
		`INSERT INTO subscribers (id, member_id, told_until, next_at, touched_at)
			SELECT gen_random_uuid(), id, now() - interval '1 year', now() - interval '1 year' + interval '2 years' * (id % 100 > 0)::integer, now() FROM members WHERE role = 'collector'`,
		`INSERT INTO artwork_prices (artwork_id, price, since) SELECT id, price + 100 * n, listed_at + n * interval '1 second' FROM artworks, generate_series(1, 3) n`,
	} {
		if _, err := m.DB.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	fresh := m.Work(t, m.Ana, storetest.Work{Title: "Fresh", State: store.Draft})
	if _, err := m.DB.Exec(`ANALYZE`); err != nil {
		t.Fatal(err)
	}
	type reads struct {
		Table string `db:"relname"`
		Rows  int    `db:"read"`
	}
	through := func() map[string]int {
		t.Helper()
		var rows []reads
		if err := m.DB.Select(&rows, `SELECT relname, seq_tup_read + COALESCE(idx_tup_fetch, 0) AS read FROM pg_stat_user_tables
			WHERE relname IN ('artworks', 'artwork_prices', 'follows', 'members', 'images', 'subscribers', 'notifications')`); err != nil {
			t.Fatal(err)
		}
		read := map[string]int{}
		for _, r := range rows {
			read[r.Table] = r.Rows
		}
		return read
	}
	var others pq.Int64Array // the connections beside those of the store that is looked at
	connected := `SELECT COALESCE(array_agg(pid), '{}') FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`
	if err := m.DB.Get(&others, connected); err != nil {
		t.Fatal(err)
	}
	// A connection says what it has read when it ends.
	settle := func(s *store.Store) map[string]int {
		t.Helper()
		s.Close()
		for late := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			var now pq.Int64Array
			if err := m.DB.Get(&now, connected); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(now, func(pid int64) bool { return !slices.Contains(others, pid) }) {
				return through()
			}
			if time.Now().After(late) {
				t.Fatal("its connections do not end")
			}
		}
	}
	before := settle(m.Open(t))
	s := m.Open(t)
	if err := s.SetListed(ctx, m.Ana, fresh, true); err != nil {
		t.Fatal(err)
	}
	if told, err := s.TellOfNewWorks(ctx); err != nil || told < 300 {
		t.Fatalf("%d were told, %v", told, err)
	}
	m.Clock.Advance(time.Hour)
	if written, err := s.WriteDigests(ctx); err != nil || written == 0 {
		t.Fatalf("%d digests, %v", written, err)
	}
	if letters, err := s.ClaimLetters(ctx, 20); err != nil || len(letters) == 0 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	work, err := s.Artwork(ctx, 0, old)
	if err != nil {
		t.Fatal(err)
	}
	if prices, err := s.PriceHistory(ctx, work); err != nil || len(prices) == 0 {
		t.Fatalf("%d prices, %v", len(prices), err)
	}
	for table, rows := range settle(s) {
		var all int
		if err := m.DB.Get(&all, `SELECT count(*) FROM `+table); err != nil {
			t.Fatal(err)
		}
		if n := rows - before[table]; n > all/4 {
			t.Errorf("%d rows of %d in %s were read", n, all, table)
		}
	}
}
