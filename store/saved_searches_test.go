package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/storetest"
)

func keep(t *testing.T, m *storetest.Market, who store.Member, f store.Filter, letter store.LetterPace) int64 {
	t.Helper()
	search, _, err := m.Store.SaveSearch(context.Background(), who, f, "Blue paintings")
	if err == nil {
		err = m.Store.UpdateSearch(context.Background(), who, search.ID, store.SearchForm{Name: search.Name, Notify: true, Letter: letter})
	}
	if err != nil {
		t.Fatal(err)
	}
	return search.ID
}

// hangNew hangs a draft for the first time.
func hangNew(t *testing.T, m *storetest.Market, artist store.Member, w storetest.Work) int64 {
	t.Helper()
	w.State = store.Draft
	id := m.Work(t, artist, w)
	if err := m.Store.SetListed(context.Background(), artist, id, true); err != nil {
		t.Fatal(err)
	}
	return id
}

func match(t *testing.T, s *store.Store) int {
	t.Helper()
	n, err := s.TellOfNewWorks(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func write(t *testing.T, s *store.Store) int {
	t.Helper()
	n, err := s.WriteDigests(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// found are the titles that a letter tells of.
func found(l store.Letter) (titles []string) {
	for _, search := range l.Digest.Searches {
		for _, w := range search.Works {
			titles = append(titles, w.Title)
		}
	}
	return titles
}

func titlesTold(t *testing.T, m *storetest.Market, who store.Member) string {
	t.Helper()
	page, err := m.Store.Notifications(context.Background(), who, "")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, n := range page.Items {
		said = append(said, n.Words().Before+n.Title+n.Words().After)
	}
	return strings.Join(said, "|")
}

func TestASearchIsKeptOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	one, fresh, err := m.Store.SaveSearch(ctx, m.Ben, store.Filter{Query: " north  light ", Mediums: []store.Medium{store.Ceramics, store.Painting}}, " North ")
	if err != nil || !fresh || one.Name != "North" || !one.Notify || one.Letter != store.NoLetter {
		t.Fatalf("%+v, %t, %v", one, fresh, err)
	}
	again, fresh, err := m.Store.SaveSearch(ctx, m.Ben, store.Filter{Query: "north light", Mediums: []store.Medium{store.Painting, store.Ceramics},
		Sort: store.PriceUp, After: "junk"}, "Another")
	if err != nil || fresh || again.ID != one.ID || again.Name != "North" {
		t.Errorf("the same filters: %+v, %t, %v", again, fresh, err)
	}
	if _, fresh, err := m.Store.SaveSearch(ctx, m.Cleo, store.Filter{Query: "north light", Mediums: []store.Medium{store.Painting, store.Ceramics}}, "North"); err != nil || !fresh {
		t.Errorf("somebody else's: %t, %v", fresh, err)
	}
	for name, filter := range map[string]store.Filter{"": {ForSale: true}, strings.Repeat("é", 101): {ForSale: true}, "all": {Sort: store.PriceUp}} {
		var invalid *store.Invalid
		if _, _, err := m.Store.SaveSearch(ctx, m.Ben, filter, name); !errors.As(err, &invalid) {
			t.Errorf("%q, %+v: %v", name, filter, err)
		}
	}
	m.Work(t, m.Ana, storetest.Work{Title: "North Light"})
	m.Work(t, m.Ana, storetest.Work{Title: "North Light II", State: store.Draft})
	list, err := m.Store.SavedSearches(ctx, m.Ben)
	if err != nil || len(list) != 1 || list[0].Count != 1 || list[0].Filter.Query != "north light" || len(list[0].Filter.Mediums) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestFiftySearchesAreTheMost(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	var all sync.WaitGroup
	for i := range 55 { // at once, as from many windows
		all.Go(func() {
			_, _, err := m.Store.SaveSearch(context.Background(), m.Ben, store.Filter{Query: fmt.Sprint("word", i)}, "A word")
			var invalid *store.Invalid
			if err != nil && (!errors.As(err, &invalid) || !strings.Contains(invalid.Get(""), "50")) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, err := m.Store.SavedSearches(context.Background(), m.Ben)
	if err != nil || len(list) != store.SearchesMost {
		t.Errorf("%d, %v", len(list), err)
	}
	if _, fresh, err := m.Store.SaveSearch(context.Background(), m.Ben, list[3].Filter, "Again"); fresh || err != nil {
		t.Errorf("one that is kept: %t, %v", fresh, err)
	}
}

func TestASearchIsItsMembersAlone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	id := keep(t, m, m.Ben, store.Filter{ForSale: true}, store.NoLetter)
	if err := m.Store.UpdateSearch(ctx, m.Cleo, id, store.SearchForm{Name: "Mine", Letter: store.DailyLetter}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("change: %v", err)
	}
	if err := m.Store.DeleteSearch(ctx, m.Cleo, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("delete: %v", err)
	}
	var invalid *store.Invalid
	if err := m.Store.UpdateSearch(ctx, m.Ben, id, store.SearchForm{Letter: "hourly"}); !errors.As(err, &invalid) || invalid.Get("name") == "" || invalid.Get("letter") == "" {
		t.Errorf("junk: %v", err)
	}
	if list, err := m.Store.SavedSearches(ctx, m.Cleo); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if err := m.Store.DeleteSearch(ctx, m.Ben, id); err != nil {
		t.Error(err)
	}
}

func TestANewWorkIsToldOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	keep(t, m, m.Ben, store.Filter{Mediums: []store.Medium{store.Painting}}, store.NoLetter)
	keep(t, m, m.Ben, store.Filter{Query: "NORTH lig"}, store.NoLetter) // finds it too
	keep(t, m, m.Cleo, store.Filter{Mediums: []store.Medium{store.Ceramics}}, store.NoLetter)
	keep(t, m, m.Dora, store.Filter{Query: "james", ForSale: true}, store.NoLetter) // an artist, by the artist's name
	keep(t, m, m.Ana, store.Filter{Query: "north"}, store.NoLetter)                 // its own artist
	work := hangNew(t, m, m.Ana, storetest.Work{Title: "North Light"})
	if n := match(t, m.Store); n != 2 {
		t.Errorf("%d were told, want Ben and Dora", n)
	}
	const said = "New for “Blue paintings”: North Light by Ana James."
	if got := titlesTold(t, m, m.Ben); got != said {
		t.Errorf("Ben: %q", got)
	}
	if got := titlesTold(t, m, m.Dora); got != said {
		t.Errorf("Dora: %q", got)
	}
	for _, who := range []store.Member{m.Cleo, m.Ana} {
		if got := titlesTold(t, m, who); got != "" {
			t.Errorf("%s: %q", who.FirstName, got)
		}
	}
	for _, listed := range []bool{false, true} { // it is no new one
		if err := m.Store.SetListed(ctx, m.Ana, work, listed); err != nil {
			t.Fatal(err)
		}
	}
	if n := match(t, m.Store); n != 0 {
		t.Errorf("%d were told again", n)
	}
	if err := m.Store.SetListed(ctx, m.Ana, work, false); err != nil {
		t.Fatal(err)
	}
	if got := titlesTold(t, m, m.Ben); !strings.Contains(got, "does not hang any more") {
		t.Errorf("taken down: %q", got)
	}
	m.Clock.Advance(time.Minute)
	keep(t, m, m.Cleo, store.Filter{Query: "later"}, store.NoLetter)
	gone := hangNew(t, m, m.Ana, storetest.Work{Title: "Later"})
	if _, err := m.Store.DeleteArtwork(ctx, m.Ana, gone); err != nil {
		t.Fatal(err)
	}
	if n := match(t, m.Store); n != 0 {
		t.Errorf("%d were told of a deleted work", n)
	}
	if _, err := m.Store.DeleteArtwork(ctx, m.Ana, work); err != nil {
		t.Errorf("a work that was told of cannot be deleted: %v", err)
	}
}

func TestEveryWayToHangANewWorkIsTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	keep(t, m, m.Ben, store.Filter{Mediums: []store.Medium{store.Painting}}, store.NoLetter)
	img := addPhotograph(t, m)
	f := store.ArtworkForm{Title: "Sill", Year: "2025", Medium: "painting", Material: "oil", Height: "60", Width: "80", Weight: "3",
		Edition: store.UniqueEdition, Quantity: "1", Price: "900", ForSale: true, Hang: true, Images: []store.FormImage{{ID: img, Alt: "A field."}}}
	id, err := m.Store.CreateArtwork(ctx, m.Ana, f)
	if err != nil {
		t.Fatal(err)
	}
	if n := match(t, m.Store); n != 1 {
		t.Errorf("hung when made: %d", n)
	}
	if _, err := m.DB.Exec(`DELETE FROM notifications; DELETE FROM announced_works; DELETE FROM announcements; UPDATE artworks SET state = 'draft', listed_at = NULL`); err != nil {
		t.Fatal(err)
	}
	f.Version = 1
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, f); err != nil {
		t.Fatal(err)
	}
	if n := match(t, m.Store); n != 1 {
		t.Errorf("hung by an edit: %d", n)
	}
}

func addPhotograph(t *testing.T, m *storetest.Market) (id int64) {
	t.Helper()
	err := m.DB.Get(&id, `
		INSERT INTO images (artist_id, key, name, alt, width, height, ground, created_at)
		VALUES ($1, 'loose', 'front.jpg', '', 1600, 1200, '#aeb39e', $2) RETURNING id`, m.Ana.ID, m.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestTwoInstancesTellOnce lets instances match and write at once, one of them
// with a connection that breaks after a commit.
func TestTwoInstancesTellOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	for _, who := range []store.Member{m.Ben, m.Cleo, m.Dora} {
		keep(t, m, who, store.Filter{Mediums: []store.Medium{store.Painting}}, store.DailyLetter)
		keep(t, m, who, store.Filter{ForSale: true}, store.WeeklyLetter)
	}
	for i := range 6 {
		hangNew(t, m, m.Ana, storetest.Work{Title: fmt.Sprint("Work ", i)})
	}
	lossy, wire := m.Lossy(t)
	wire.LoseNextCommit()
	together := func(do func(*store.Store) error) {
		var all sync.WaitGroup
		for _, s := range []*store.Store{m.Store, lossy, m.Open(t)} {
			all.Go(func() {
				if err := do(s); err != nil && s != lossy {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := do(m.Store); err != nil { // what the broken one left
			t.Error(err)
		}
	}
	together(func(s *store.Store) error { _, err := s.TellOfNewWorks(ctx); return err })
	m.Clock.Advance(8 * 24 * time.Hour)
	wire.LoseNextCommit()
	together(func(s *store.Store) error { _, err := s.WriteDigests(ctx); return err })
	var told, letters, waiting, rest int
	err := m.DB.QueryRow(`SELECT (SELECT count(*) FROM notifications), (SELECT count(*) FROM outbox WHERE kind = 'searches'),
		(SELECT count(*) FROM search_matches WHERE digest_id IS NULL), (SELECT count(*) FROM announced_works) + (SELECT count(*) FROM announcements WHERE done_at IS NULL)`).Scan(&told, &letters, &waiting, &rest)
	if err != nil || told != 18 || letters != 3 || waiting != 0 || rest != 0 {
		t.Errorf("told %d, letters %d, waiting %d, rest %d, %v; want 18, 3, 0, 0", told, letters, waiting, rest, err)
	}
	if wire.Lost.Load() == 0 {
		t.Error("no reply was lost")
	}
}

// TestAMatchBrokenOffGoesOn loses an instance between the batches of one work.
func TestAMatchBrokenOffGoesOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	if _, err := m.DB.Exec(`
		INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
			SELECT 'collector', 'c' || n, 'c' || n || '@example.org', '', 'C', 'C', '1 Mill Lane', 'York', 'YO1 7HH', now(), now() FROM generate_series(1, 2500) n;
		INSERT INTO saved_searches (member_id, name, filter, keys, notify, letter, created_at)
			SELECT id, 'All paintings', '{"Mediums": ["painting"]}', '{painting/}', true, 'daily', '2026-06-01' FROM members WHERE username LIKE 'c%' AND first_name = 'C'`); err != nil {
		t.Fatal(err)
	}
	hangNew(t, m, m.Ana, storetest.Work{})
	if _, err := m.DB.Exec(`UPDATE announcements SET followers_told = true`); err != nil { // there are none
		t.Fatal(err)
	}
	dying, wire := m.Lossy(t)
	wire.LoseNextCommit()
	if _, err := dying.TellOfNewWorks(ctx); err == nil {
		t.Error("the loss went by unnoticed")
	}
	var told int
	if err := m.DB.Get(&told, `SELECT count(*) FROM notifications`); err != nil || told != 1000 {
		t.Errorf("the first batch told %d, %v", told, err)
	}
	if n := match(t, m.Store); n != 1500 {
		t.Errorf("the rest told %d, want 1500", n)
	}
	if err := m.DB.Get(&told, `SELECT count(DISTINCT recipient_id) FROM notifications`); err != nil || told != 2500 {
		t.Errorf("%d members were told, %v", told, err)
	}
}

func TestLettersOfSearchesComeOnceADay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t) // Monday, nine o'clock
	daily := keep(t, m, m.Ben, store.Filter{Mediums: []store.Medium{store.Painting}}, store.DailyLetter)
	keep(t, m, m.Ben, store.Filter{Mediums: []store.Medium{store.Ceramics}}, store.WeeklyLetter)
	hangNew(t, m, m.Ana, storetest.Work{Title: "Sill"})
	hangNew(t, m, m.Ana, storetest.Work{Title: "Jar", Medium: store.Ceramics})
	down := hangNew(t, m, m.Ana, storetest.Work{Title: "Regret"})
	match(t, m.Store)
	if n := write(t, m.Store); n != 0 {
		t.Errorf("%d letters the same day", n)
	}
	m.Clock.Advance(22 * time.Hour) // Tuesday, seven
	if n := write(t, m.Store) + write(t, m.Store); n != 1 {
		t.Errorf("%d letters on Tuesday", n)
	}
	if err := m.Store.SetListed(ctx, m.Ana, down, false); err != nil {
		t.Fatal(err)
	}
	letters, err := m.Store.ClaimLetters(ctx, 9)
	if err != nil || len(letters) != 1 || fmt.Sprint(found(letters[0])) != "[Sill]" {
		t.Fatalf("Tuesday: %+v, %v", letters, err)
	}
	hangNew(t, m, m.Ana, storetest.Work{Title: "Late"})
	match(t, m.Store)
	m.Clock.Advance(6 * 24 * time.Hour) // Monday, seven
	if n := write(t, m.Store) + write(t, m.Store); n != 1 {
		t.Errorf("%d letters on Monday", n)
	}
	recent, err := m.Store.RecentLetters(ctx, 1)
	if err != nil || fmt.Sprint(found(recent[0])) != "[Late Jar]" {
		t.Fatalf("Monday: %+v, %v", recent, err)
	}
	if err := m.Store.StopDigest(ctx, recent[0].Digest.StopToken+"x", false); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a junk token: %v", err)
	}
	if err := m.Store.StopDigest(ctx, recent[0].Digest.StopToken, false); err != nil {
		t.Fatal(err)
	}
	if left, err := m.Store.ClaimLetters(ctx, 9); err != nil || len(left) != 0 {
		t.Errorf("after the stop: %+v, %v", left, err)
	}
	list, err := m.Store.SavedSearches(ctx, m.Ben)
	if err != nil || list[0].Letter != store.NoLetter || list[1].Letter != store.NoLetter || !list[1].Notify || list[1].ID != daily {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestAListingLooksSearchesUp checks that the searches that a work may match come
// by the index.
func TestAListingLooksSearchesUp(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	fillSearches(t, m, 20_000)
	keys := []string{"/", "/word sal", "/word oom", "textile/", "textile/word sal", "textile/104", "/104", "/town york", "textile/town york"}
	plan := m.Explain(t, store.CandidatesQuery, pq.Array(keys), 0, m.Ana.ID, time.Now(), 1000)
	if !strings.Contains(plan, "saved_searches_keys") || strings.Contains(plan, "Seq Scan") {
		t.Error(plan)
	}
}

// fillSearches keeps n searches of many kinds, a hundred a member, with words,
// towns, prices, sizes, colours and mediums.
func fillSearches(t testing.TB, m *storetest.Market, n int) {
	t.Helper()
	if _, err := m.DB.Exec(`
		INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
		SELECT 'collector', 'k' || n, 'k' || n || '@example.org', '', 'K', 'K', '1 Mill Lane', 'York', 'YO1 7HH', now(), now() FROM generate_series(1, $1::integer / 100) n`, n); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	filters, keys := make([]string, n), make([]string, n)
	for i := range n {
		f := store.Filter{ForSale: random.IntN(2) == 0}
		if random.IntN(10) > 0 {
			f.Mediums = []store.Medium{store.Mediums()[random.IntN(8)]}
		}
		switch random.IntN(5) {
		case 0:
			f.Query = pick("abbey", "sea", "north light", "blue door", "portrait of my mother", "window", "tide", "hare", "winter trees", "ash glaze") + pick("", "", " study", " II", " at dusk")
		case 1:
			f.Towns = []string{pick("York", "Leeds", "Glasgow", "Bristol", "St Ives", "Cardiff", "Margate", "Hull")}
			f.Years = store.Range[int]{Least: 2000 + random.IntN(24)}
		case 2:
			from := store.Pence(random.IntN(1500) * 100)
			f.Price = store.Range[store.Pence]{Least: from, Most: from + store.Pence(1+random.IntN(1000))*100}
		case 3:
			f.Colours = []store.Colour{store.Swatches()[random.IntN(10)].Name}
			f.Sizes = []store.Size{store.Sizes()[random.IntN(4)]}
		case 4:
			f.Wall = store.Wall{Width: store.Hundredths(2000 + 100*random.IntN(200))}
			f.Most, f.To = store.Pence(5000+random.IntN(2000)*100), pick("LS6", "BT9", "N1", "AB1")
		}
		kept, its, err := f.Kept()
		if err != nil {
			t.Fatal(err)
		}
		filters[i], keys[i] = kept, strings.Join(its, "|")
	}
	if _, err := m.DB.Exec(`
		INSERT INTO saved_searches (member_id, name, filter, keys, notify, letter, created_at)
		SELECT m.id, 'A search', f.filter::jsonb, string_to_array(f.keys, '|'), true, 'off', '2026-05-01'
		FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS f (filter, keys, n)
		JOIN members m ON m.username = 'k' || ((f.n - 1) / 100 + 1)
		ON CONFLICT DO NOTHING`, pq.Array(filters), pq.Array(keys)); err != nil {
		t.Fatal(err)
	}
	if _, err := m.DB.Exec(`ANALYZE saved_searches`); err != nil {
		t.Fatal(err)
	}
}

// TestASearchTellsWhatItsListFinds keeps searches of every facet and of words, and
// hangs works of all kinds.
func TestASearchTellsWhatItsListFinds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	fillVaried(t, m, 200)
	for i, title := range []string{"Überfahrt nach Łódź", "L’Été: St. Ives", "Ab 12", "3D print № 7", "Привет, море", "Boats"} {
		m.Work(t, m.Ana, storetest.Work{Title: title})
		if i == 5 {
			if _, err := m.DB.Exec(`UPDATE artworks SET subjects = 'Æolian harps, low tide' WHERE title = 'Boats'`); err != nil {
				t.Fatal(err)
			}
		}
	}
	filters := []store.Filter{}
	for _, f := range eachFacet() {
		filters = append(filters, f)
	}
	for _, q := range []string{"lodz", "ÜBERF", `"nach łódź"`, "ete st ives", "ab", "ab 12", "3d", "3d print", "привет", "мор", "aeolian", "low tid", "ines work", "ana james sill", "oil", "paintings", "painting oil"} {
		filters = append(filters, store.Filter{Query: q}, store.Filter{Query: q, ForSale: true, Mediums: []store.Medium{store.Painting, store.Textile}})
	}
	random := rand.New(rand.NewPCG(7, 11))
	for len(filters) < 150 {
		if f := randomFilter(random); len(f.On()) > 0 {
			filters = append(filters, f)
		}
	}
	members := m.Collectors(t, len(filters))
	for i, f := range filters {
		if _, _, err := m.Store.SaveSearch(ctx, members[i], f, "A search"); err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
	}
	if _, err := m.DB.Exec(`
		WITH a AS (
			INSERT INTO announcements (key, artist_id, artwork_id, works, created_at)
			SELECT 'artwork-' || id, artist_id, id, 1, $1 FROM artworks WHERE state = 'listed' RETURNING id, artwork_id)
		INSERT INTO announced_works (announcement_id, artwork_id, listed_at) SELECT id, artwork_id, $1 FROM a`, m.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	match(t, m.Store)
	for i, f := range filters {
		var told []int64
		if err := m.DB.Select(&told, `SELECT found_artwork_id FROM notifications WHERE recipient_id = $1 ORDER BY 1`, members[i].ID); err != nil {
			t.Fatal(err)
		}
		want := listed(t, m, f.Clean())
		slices.Sort(want)
		if !slices.Equal(told, want) {
			t.Errorf("%+v\ntold %d works %v\nwant %d works %v", f, len(told), told, len(want), want)
		}
	}
	var found int
	if err := m.DB.Get(&found, `SELECT count(DISTINCT recipient_id) FROM notifications`); err != nil || found < 100 {
		t.Errorf("only %d of the searches found anything, %v", found, err)
	}
}

// TestAFollowerIsToldOnceOfAWork lets Ben follow Ana and keep a search that finds
// her new work: he has one notification of it, and is told what the search finds in
// an import.
func TestAFollowerIsToldOnceOfAWork(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	if _, err := m.Store.Follow(ctx, m.Ben, "ana"); err != nil {
		t.Fatal(err)
	}
	search := keep(t, m, m.Ben, store.Filter{Query: "sill"}, store.DailyLetter)
	hangNew(t, m, m.Ana, storetest.Work{Title: "Sill"})
	if n := match(t, m.Store); n != 1 {
		t.Errorf("told %d times", n)
	}
	if got := titlesTold(t, m, m.Ben); got != "Ana James hung a new work: Sill." {
		t.Errorf("Ben: %q", got)
	}
	var finds int
	if err := m.DB.Get(&finds, `SELECT count(*) FROM search_matches WHERE search_id = $1`, search); err != nil || finds != 1 {
		t.Errorf("%d finds for the letter, %v", finds, err)
	}
	// Alerts that are off, and searches that are deleted, tell nothing.
	if err := m.Store.UpdateSearch(ctx, m.Ben, search, store.SearchForm{Name: "Off", Letter: store.NoLetter}); err != nil {
		t.Fatal(err)
	}
	gone := keep(t, m, m.Cleo, store.Filter{Query: "sill"}, store.DailyLetter)
	if err := m.Store.DeleteSearch(ctx, m.Cleo, gone); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store.Unfollow(ctx, m.Ben, "ana"); err != nil {
		t.Fatal(err)
	}
	hangNew(t, m, m.Ana, storetest.Work{Title: "Sill, again"})
	if n := match(t, m.Store); n != 0 {
		t.Errorf("told %d by searches that are off or gone", n)
	}
	if err := m.DB.Get(&finds, `SELECT count(*) FROM search_matches`); err != nil || finds != 1 {
		t.Errorf("%d finds, %v", finds, err)
	}
}

// TestAWorkWaitsForItsColours hangs a work whose photograph is being made.
func TestAWorkWaitsForItsColours(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	if _, err := m.Store.Follow(context.Background(), m.Cleo, "ana"); err != nil {
		t.Fatal(err)
	}
	keep(t, m, m.Ben, store.Filter{Colours: []store.Colour{"blue"}}, store.NoLetter)
	work := hangNew(t, m, m.Ana, storetest.Work{Title: "Blue"})
	if _, err := m.DB.Exec(`UPDATE images SET state = 'preparing' WHERE artwork_id = $1`, work); err != nil {
		t.Fatal(err)
	}
	if n := match(t, m.Store); n != 1 || titlesTold(t, m, m.Cleo) == "" {
		t.Errorf("told %d while the colours are not known, want Cleo alone", n)
	}
	hangNew(t, m, m.Dora, storetest.Work{Title: "Another"})
	match(t, m.Store)
	if _, err := m.DB.Exec(`UPDATE images SET state = 'ready', palette = '{45.0,-5.3,-24.6,0.9}' WHERE artwork_id = $1`, work); err != nil {
		t.Fatal(err)
	}
	if n := match(t, m.Store); n != 1 || titlesTold(t, m, m.Ben) != "New for “Blue paintings”: Blue by Ana James." {
		t.Errorf("told %d: %q", n, titlesTold(t, m, m.Ben))
	}
	var rest int
	if err := m.DB.Get(&rest, `SELECT count(*) FROM announcements WHERE done_at IS NULL`); err != nil || rest != 0 {
		t.Errorf("%d are not done, %v", rest, err)
	}
}
