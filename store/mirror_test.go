package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"openstudio/store"
	"openstudio/store/storetest"
)

// However the works change, every instance lists them as they are.
func TestListsFollowEveryChange(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	fillVaried(t, m, 400)
	stores := []*store.Store{m.Store, m.Open(t)}
	random := rand.New(rand.NewPCG(11, 4))
	check := func(after string) {
		t.Helper()
		works := plainWorks(t, m)
		for range 4 {
			f := randomFilter(random)
			f.Query = ""
			f = f.Clean()
			want := plainList(works, f)
			for i, s := range stores {
				instance := *m
				instance.Store = s
				if got := listed(t, &instance, f); !slices.Equal(got, want) {
					t.Fatalf("after %s instance %d has for %+v\n%d works %v\nwant\n%d works %v", after, i, f, len(got), got, len(want), want)
				}
			}
		}
	}
	check("nothing")
	for n := range 30 {
		for _, q := range []string{
			`UPDATE artworks SET price = 1000 + 37 * id, version = version + 1 WHERE id % 13 = $1 % 13`,
			`UPDATE artworks SET state = CASE WHEN state = 'listed' THEN 'unlisted' ELSE 'listed' END WHERE id % 11 = $1 % 11`,
			`UPDATE artworks SET width = 1000 + $1 * 100, height = 4000, year = 1900 + $1 WHERE id % 17 = $1 % 17`,
			`UPDATE artworks SET for_sale = NOT for_sale WHERE id % 7 = $1 % 7`,
			`UPDATE artworks SET listed_at = listed_at + interval '1 hour' WHERE id % 19 = $1 % 19`,
			`UPDATE artworks SET medium = 'digital_art', weight = NULL WHERE id % 23 = $1 % 23`,
			`UPDATE images SET alt = CASE WHEN alt = '' THEN 'Words.' ELSE '' END WHERE id % 5 = $1 % 5`,
			`UPDATE images SET palette = ARRAY[50, 10 - $1, $1, 0.9, 30, 0, 0, 0.1]::real[] WHERE id % 9 = $1 % 9`,
			`UPDATE members SET town = 'Town ' || $1 % 3, postcode = 'LS6 3QT', rates = '{100, 200, 300, 400, 500}' WHERE id % 4 = $1 % 4 AND role = 'artist'`,
			`DELETE FROM images WHERE artwork_id % 41 = $1 % 41`,
			`DELETE FROM artworks a WHERE a.id % 41 = $1 % 41 AND NOT EXISTS (SELECT FROM images i WHERE i.artwork_id = a.id)`,
		} {
			if random.IntN(5) > 0 {
				continue
			}
			if _, err := m.DB.Exec(q, n); err != nil {
				t.Fatal(err)
			}
		}
		if n%10 == 3 {
			m.Work(t, m.Ana, storetest.Work{Title: fmt.Sprint("Fresh ", n)})
		}
		check(fmt.Sprint("change ", n))
	}
}

// What was not committed when others were is seen when it is.
func TestAListSeesWhatEndsLater(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	early, late := m.Work(t, m.Ana, storetest.Work{Title: "Early"}), m.Work(t, m.Ana, storetest.Work{Title: "Late"})
	finds := func(when string, price store.Pence, want ...int64) {
		t.Helper()
		got := listed(t, m, store.Filter{Price: store.Range[store.Pence]{Least: price, Most: price}})
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	const price = 98765
	finds("before", price)
	first, err := m.DB.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Rollback()
	if _, err := first.Exec(`UPDATE artworks SET price = $2 WHERE id = $1`, early, price); err != nil {
		t.Fatal(err)
	}
	finds("with one under way", price)
	if _, err := m.DB.Exec(`UPDATE artworks SET price = $2 WHERE id = $1`, late, price); err != nil {
		t.Fatal(err)
	}
	finds("with a later one committed", price, late)
	if _, err := m.Store.SweepChangedWorks(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	finds("with both committed", price, early, late)
}

// An instance that has not looked for so long that the changes were swept reads
// all works anew.
func TestAListOutlivesASweep(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	late := time.Now().Add(time.Minute)
	work := m.Work(t, m.Ana, storetest.Work{Title: "Sill"})
	asleep := m.Open(t)
	f := store.Filter{Price: store.Range[store.Pence]{Least: 98765, Most: 98765}}
	if n, err := asleep.CountArtworks(ctx, f); err != nil || n != 0 {
		t.Fatalf("%d works, %v", n, err)
	}
	for _, q := range []string{`UPDATE artworks SET price = 98765 WHERE id = $1`, `UPDATE artwork_changes SET at = at - interval '2 hours' WHERE artwork_id = $1`} {
		if _, err := m.DB.Exec(q, work); err != nil {
			t.Fatal(err)
		}
	}
	// While a transaction of before is open, in another test's market too, nothing
	// is swept.
	for swept := 0; swept == 0; {
		var err error
		if swept, err = m.Store.SweepChangedWorks(ctx); err != nil {
			t.Fatal(err)
		}
		if swept == 0 && time.Now().After(late) {
			t.Fatal("nothing is swept")
		}
	}
	var left int
	if err := m.DB.Get(&left, `SELECT count(*) FROM artwork_changes WHERE artwork_id = $1`, work); err != nil || left != 0 {
		t.Fatalf("%d changes left, %v", left, err)
	}
	if n, err := asleep.CountArtworks(ctx, f); err != nil || n != 1 {
		t.Errorf("%d works, want 1; %v", n, err)
	}
	if n, err := m.Store.SweepChangedWorks(ctx); err != nil || n != 0 {
		t.Errorf("%d changes swept again, %v", n, err)
	}
}

// Many who look and many who change works at the same time see works that there are, and in
// the end all see the same.
func TestListsWhileWorksChange(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	fillVaried(t, m, 300)
	bySQL := *m
	bySQL.Store = m.Open(t)
	bySQL.Store.Blind()
	ctx := context.Background()
	var busy errgroup.Group
	for who := range 4 {
		busy.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(who), 1))
			for n := range 40 {
				id := random.IntN(60)
				for _, q := range []string{
					`UPDATE artworks SET title = 'Work ' || $2::integer, price = 1000 + 100 * $2::integer WHERE id % 60 = $1`,
					`UPDATE artworks SET state = CASE WHEN state = 'listed' THEN 'unlisted' ELSE 'listed' END WHERE id % 60 = $1 AND $2::integer >= 0`,
					`UPDATE images SET ground = CASE WHEN $2::integer % 2 = 0 THEN '#000000' ELSE '#ffffff' END WHERE artwork_id % 60 = $1 AND position = 0`,
				} {
					if _, err := m.DB.Exec(q, id, n); err != nil && !deadlocked(err) {
						return err
					}
				}
			}
			return nil
		})
		busy.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(who), 2))
			for range 60 {
				f := randomFilter(random)
				if random.IntN(2) == 0 {
					f.Query = "work"
				}
				f = f.Clean()
				found, err := m.Store.Search(ctx, f)
				if err != nil {
					return err
				}
				page, err := m.Store.SearchPage(ctx, m.Cleo.ID, f, found)
				if err != nil {
					return err
				}
				for _, card := range page.Items {
					if card.State != store.Listed || !strings.HasPrefix(card.Title, "Work ") || card.Cover.ID == 0 {
						return fmt.Errorf("a card %+v", card)
					}
				}
			}
			return nil
		})
	}
	if err := busy.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []store.Filter{{Query: "work"}, {Years: store.Range[int]{Least: 1}}, {Described: true, Sort: store.PriceUp}} {
		f = f.Clean()
		if got, want := listed(t, m, f), listed(t, &bySQL, f); !slices.Equal(got, want) {
			t.Errorf("%+v: %d works %v, want %d works %v", f, len(got), got, len(want), want)
		}
	}
}

// deadlocked reports whether the database has broken off one of two who wait for each other.
func deadlocked(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == "40P01"
}

// What has grown, or has left much behind, is read into memory anew.
func TestAWornMarketIsReadAnew(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	f := store.Filter{Query: "work"}.Clean()
	sweep := func(after string, worn bool, works int) {
		t.Helper()
		if n, err := m.Store.CountArtworks(ctx, f); err != nil || n != works || m.Store.Worn() != worn {
			t.Errorf("after %s: %d works, %v, worn %v, want %d, %v", after, n, err, m.Store.Worn(), works, worn)
		}
		if _, err := m.Store.SweepChangedWorks(ctx); err != nil {
			t.Fatal(err)
		}
		if n, err := m.Store.CountArtworks(ctx, f); err != nil || n != works || m.Store.Worn() {
			t.Errorf("after %s and a sweep: %d works, %v, worn %v, want %d", after, n, err, m.Store.Worn(), works)
		}
	}
	change := func(q string) {
		t.Helper()
		if _, err := m.DB.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	sweep("nothing", false, 0)
	m.Fill(t, 1100)
	sweep("many works", true, 1100)
	change(`UPDATE artworks SET subjects = 'boats' WHERE id % 10 = 0`)
	sweep("other words of some", false, 1100)
	change(`UPDATE artworks SET subjects = 'low tide'`)
	sweep("other words of all", true, 1100)
	change(`UPDATE artworks SET held = 1 - held WHERE id % 10 = 0`)
	sweep("some cards", false, 1100)
	change(`UPDATE artworks SET held = 1 - held`)
	sweep("all cards", true, 1100)
}

// What changes nothing that a filter or a text asks leaves no trace.
func TestOnlyWhatFiltersNeedIsWrittenDown(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	work := m.Work(t, m.Ana, storetest.Work{Title: "Sill"})
	draft := m.Work(t, m.Ana, storetest.Work{Title: "Drawer", State: store.Draft})
	for q, want := range map[string]int{
		`UPDATE artworks SET notes = 'Other words.', held = held WHERE id = $1`: 0,
		`UPDATE artworks SET description = 'Other words.' WHERE id = $1`:        1,
		`UPDATE artworks SET year = year + 1 WHERE id = $1`:                     1,
	} {
		for id, times := range map[int64]int{work: 1, draft: 0} {
			var before, after int
			for _, step := range []func() error{
				func() error { return m.DB.Get(&before, `SELECT count(*) FROM artwork_changes`) },
				func() error { _, err := m.DB.Exec(q, id); return err },
				func() error { return m.DB.Get(&after, `SELECT count(*) FROM artwork_changes`) },
			} {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			if after-before != want*times {
				t.Errorf("%s of %d leaves %d changes, want %d", q, id, after-before, want*times)
			}
		}
	}
}
