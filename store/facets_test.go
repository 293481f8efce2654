package store_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/storetest"
)

// fillVaried puts n works into the market of which every facet has some, and
// among them drafts and works that are sold.
func fillVaried(t testing.TB, m *storetest.Market, n int) {
	t.Helper()
	m.Fill(t, n)
	for _, q := range []string{
		`SELECT setseed(0.5)`,
		`UPDATE members SET town = (ARRAY['York', 'york', 'Leeds', 'St Ives', 'Portree'])[1 + id % 5], postcode = (ARRAY['YO1 7HH', 'N1 1AA', 'LS6 3QT', 'BT9 5AA', 'JE2 3AB'])[1 + id % 5]
			WHERE username LIKE 'artist-%'`,
		`UPDATE artworks SET width = 500 + floor(15000 * power(random(), 2)), height = 500 + floor(15000 * power(random(), 2)),
			price = 1000 + 500 * floor(600 * power(random(), 2)), weight = CASE WHEN medium <> 'digital_art' THEN 20 + floor(2000 * random()) END,
			edition = (ARRAY['unique', 'limited', 'open'])[1 + id % 3], edition_size = CASE WHEN id % 3 = 1 THEN 30 END,
			state = CASE WHEN id % 17 = 0 THEN 'unlisted' ELSE 'listed' END`,
		`UPDATE artworks SET height = width WHERE id % 7 = 0`,
		`UPDATE artworks SET weight = 3001 WHERE id % 19 = 0 AND medium <> 'digital_art'`, // delivered at what their artists quote
		`UPDATE artworks SET width = 20001 WHERE id % 23 = 0`,
		`UPDATE members SET rates = CASE WHEN id % 2 = 0 THEN '{1000, NULL, 2500, NULL, 0}'::integer[] ELSE '{9000, 9000, 9000, 9000, 9000}' END
			WHERE username LIKE 'artist-%' AND id % 5 < 2`,
		`UPDATE images SET alt = CASE WHEN id % 4 = 0 THEN '' ELSE 'A work.' END, palette = CASE WHEN id % 11 = 0 THEN '{}' ELSE
			ARRAY[100 * random(), 60 * random() - 30, 80 * random() - 35, 0.55, 100 * random(), 60 * random() - 30, 80 * random() - 35, 0.25,
				100 * random(), 20 * random() - 10, 20 * random() - 10, 0.12, 20 * random(), 0, 0, 0.08]::real[] END`,
		`ANALYZE`,
	} {
		if _, err := m.DB.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

// plainWork is a work as it stands in the tables, without what is kept beside it
// for the filters.
type plainWork struct {
	ID       int64            `db:"id"`
	Title    string           `db:"title"`
	Price    store.Pence      `db:"price"`
	Medium   store.Medium     `db:"medium"`
	Width    store.Hundredths `db:"width"`
	Height   store.Hundredths `db:"height"`
	Depth    store.Hundredths `db:"depth"`
	Weight   store.Hundredths `db:"weight"`
	Year     int              `db:"year"`
	ForSale  bool             `db:"for_sale"`
	Edition  store.Edition    `db:"edition"`
	Town     string           `db:"town"`
	Postcode string           `db:"postcode"`
	Rates    store.Rates      `db:"rates"`
	Alt      string           `db:"alt"`
	Palette  pq.Float64Array  `db:"palette"`
	ListedAt time.Time        `db:"listed_at"`
}

func plainWorks(t testing.TB, m *storetest.Market) []plainWork {
	t.Helper()
	var works []plainWork
	err := m.DB.Select(&works, `
		SELECT a.id, a.title, a.price, a.medium, a.width, a.height, COALESCE(a.depth, 0) AS depth, COALESCE(a.weight, 0) AS weight, a.year, a.for_sale,
			a.edition, m.town, m.postcode, m.rates, COALESCE(i.alt, '') AS alt, COALESCE(i.palette, '{}') AS palette, a.listed_at
		FROM artworks a JOIN members m ON m.id = a.artist_id LEFT JOIN images i ON i.artwork_id = a.id AND i.position = 0
		WHERE a.state = 'listed'`)
	if err != nil {
		t.Fatal(err)
	}
	return works
}

func (w plainWork) has(c store.Colour) bool {
	for i := 0; i+3 < len(w.Palette); i += 4 {
		if w.Palette[i+3] >= 0.15 && c.Distance(w.Palette[i], w.Palette[i+1], w.Palette[i+2]) <= 20 {
			return true
		}
	}
	return false
}

func (w plainWork) distance(colours []store.Colour) int64 {
	least := math.Inf(1)
	for _, c := range colours {
		far := 0.0
		for i := 0; i+3 < len(w.Palette); i += 4 {
			far += c.Distance(w.Palette[i], w.Palette[i+1], w.Palette[i+2]) * w.Palette[i+3]
		}
		least = min(least, far)
	}
	return int64(math.Round(1000 * least))
}

func (w plainWork) size() store.Size {
	switch longest := max(w.Width, w.Height); {
	case longest < 4000:
		return store.Small
	case longest < 8000:
		return store.Middle
	case longest <= 12000:
		return store.Large
	}
	return store.Huge
}

func (w plainWork) shape() store.Shape {
	switch longer, shorter := max(w.Width, w.Height), min(w.Width, w.Height); {
	case (longer-shorter)*20 <= longer:
		return store.Square
	case w.Width < w.Height:
		return store.Portrait
	}
	return store.Landscape
}

func in[T store.Pence | store.Hundredths | int](r store.Range[T], v T) bool {
	return v >= r.Least && (r.Most == 0 || v <= r.Most)
}

func oneOf[T comparable](chosen []T, v T) bool { return len(chosen) == 0 || slices.Contains(chosen, v) }

// matches is the filter in plain words.
func (w plainWork) matches(f store.Filter) bool {
	if f.Query != "" && !strings.Contains(strings.ToLower(w.Title), strings.ToLower(f.Query)) {
		return false
	}
	if f.ForSale && !w.ForSale || f.Described && w.Alt == "" {
		return false
	}
	if !oneOf(f.Mediums, w.Medium) || !oneOf(f.Sizes, w.size()) || !oneOf(f.Shapes, w.shape()) || !oneOf(f.Editions, w.Edition) {
		return false
	}
	if !in(f.Price, w.Price) || !in(f.Width, w.Width) || !in(f.Height, w.Height) || !in(f.Years, w.Year) {
		return false
	}
	if len(f.Towns) > 0 && !slices.ContainsFunc(f.Towns, func(town string) bool { return strings.EqualFold(town, w.Town) }) {
		return false
	}
	if len(f.Colours) > 0 && !slices.ContainsFunc(f.Colours, w.has) {
		return false
	}
	if f.Wall != (store.Wall{}) {
		if w.Medium.Stands() || f.Wall.Width > 0 && w.Width+1000 > f.Wall.Width || f.Wall.Height > 0 && w.Height+1000 > f.Wall.Height {
			return false
		}
	}
	if f.Most == 0 {
		return true
	}
	q := w.delivered(f.To)
	return w.ForSale && !q.Unquoted && q.Total() <= f.Most
}

func (w plainWork) delivered(to string) store.Quote {
	return store.Priced(w.Price, w.Medium, w.Width, w.Height, w.Depth, w.Weight, w.Postcode, to+" 1AA", w.Rates)
}

// plainList are the ids that a filter finds, in its order.
func plainList(works []plainWork, f store.Filter) []int64 {
	var found []plainWork
	for _, w := range works {
		if w.matches(f) {
			found = append(found, w)
		}
	}
	key := func(w plainWork) int64 {
		switch f.Sort {
		case store.PriceUp:
			return int64(w.Price)
		case store.PriceDown:
			return -int64(w.Price)
		case store.SizeUp:
			return int64(max(w.Width, w.Height))
		case store.SizeDown:
			return -int64(max(w.Width, w.Height))
		case store.Nearest:
			return w.distance(f.Colours)
		}
		return -w.ListedAt.UnixMicro()
	}
	down := f.Sort == store.Newest || f.Sort == store.PriceDown || f.Sort == store.SizeDown
	slices.SortFunc(found, func(a, b plainWork) int {
		ka, kb := key(a), key(b)
		switch {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		case down:
			return int(b.ID - a.ID)
		}
		return int(a.ID - b.ID)
	})
	ids := make([]int64, len(found))
	for i, w := range found {
		ids[i] = w.ID
	}
	return ids
}

// listed are the ids of all pages of a list.
func listed(t testing.TB, m *storetest.Market, f store.Filter) (ids []int64) {
	t.Helper()
	if f := f.Clean(); f.After == "" {
		searchedAsListed(t, m, f)
	}
	for {
		page, err := m.Store.Artworks(context.Background(), 0, f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		for _, card := range page.Items {
			ids = append(ids, card.ID)
		}
		if page.Next == "" || len(ids) > 20_000 {
			return ids
		}
		f.After = page.Next
	}
}

// searchedAsListed checks that the first page is the same when it is looked for
// with its counts.
func searchedAsListed(t testing.TB, m *storetest.Market, f store.Filter) {
	t.Helper()
	ctx := context.Background()
	page, err := m.Store.Artworks(ctx, 0, f)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	found, err := m.Store.Search(ctx, f)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	if same, err := m.Store.SearchPage(ctx, 0, f, found); err != nil || !reflect.DeepEqual(same, page) {
		t.Errorf("%+v: a search finds\n%+v, and the list has\n%+v (%v)", f, same, page, err)
	}
	if counts, err := m.Store.Facets(ctx, f); err != nil || !reflect.DeepEqual(found.Facets, counts) {
		t.Errorf("%+v: a search counts\n%+v, and the list\n%+v (%v)", f, found.Facets, counts, err)
	}
}

// eachFacet are filters of one facet each.
func eachFacet() map[string]store.Filter {
	return map[string]store.Filter{
		"sale": {ForSale: true}, "medium": {Mediums: []store.Medium{store.Textile, store.Ceramics}},
		"price": {Price: store.Range[store.Pence]{Least: 10000, Most: 30000}}, "least price": {Price: store.Range[store.Pence]{Least: 250000}},
		"size": {Sizes: []store.Size{store.Large, store.Small}}, "width": {Width: store.Range[store.Hundredths]{Least: 3000, Most: 5000}},
		"height": {Height: store.Range[store.Hundredths]{Most: 2000}}, "shape": {Shapes: []store.Shape{store.Square}},
		"colour": {Colours: []store.Colour{"blue"}}, "own colour": {Colours: []store.Colour{"#706048"}}, "colours": {Colours: []store.Colour{"red", "#20305c", "pink"}},
		"edition": {Editions: []store.Edition{store.LimitedEdition}}, "year": {Years: store.Range[int]{Least: 1990, Most: 1999}},
		"town": {Towns: []string{"YORK"}}, "towns": {Towns: []string{"St Ives", "Portree"}}, "described": {Described: true},
		"wall": {Wall: store.Wall{Width: 6000, Height: 4000}}, "wide wall": {Wall: store.Wall{Width: 3000}},
		"delivered": {Most: 20000, To: "BT9"}, "little": {Most: 2500, To: "JE"},
	}
}

// randomFilter puts some facets together.
func randomFilter(random *rand.Rand) store.Filter {
	var f store.Filter
	all := eachFacet()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for range random.IntN(4) {
		x := all[names[random.IntN(len(names))]]
		f.ForSale, f.Described = f.ForSale || x.ForSale, f.Described || x.Described
		f.Mediums, f.Sizes, f.Shapes = append(f.Mediums, x.Mediums...), append(f.Sizes, x.Sizes...), append(f.Shapes, x.Shapes...)
		f.Colours, f.Editions, f.Towns = append(f.Colours, x.Colours...), append(f.Editions, x.Editions...), append(f.Towns, x.Towns...)
		if !x.Price.Open() {
			f.Price = x.Price
		}
		if !x.Width.Open() {
			f.Width = x.Width
		}
		if !x.Height.Open() {
			f.Height = x.Height
		}
		if !x.Years.Open() {
			f.Years = x.Years
		}
		if x.Wall != (store.Wall{}) {
			f.Wall = x.Wall
		}
		if x.Most > 0 {
			f.Most, f.To = x.Most, x.To
		}
	}
	if random.IntN(8) == 0 {
		f.Query = "work"
	}
	f.Sort = everySort()[random.IntN(len(everySort()))]
	return f.Clean()
}

func everySort() []store.Sort {
	return []store.Sort{store.Newest, store.PriceUp, store.PriceDown, store.SizeUp, store.SizeDown, store.Nearest}
}

func TestFacetsFindWhatAPlainLookFinds(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	fillVaried(t, m, 600)
	works := plainWorks(t, m)
	if len(works) < 500 {
		t.Fatalf("only %d works", len(works))
	}
	check := func(what string, f store.Filter) {
		t.Helper()
		got, want := listed(t, m, f), plainList(works, f)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %+v\nfound %d works %v\nwant  %d works %v", what, f, len(got), got, len(want), want)
		}
		counts, err := m.Store.Facets(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := m.Store.CountArtworks(context.Background(), f); err != nil || n != len(want) || counts.Works != len(want) || counts.About || counts.Rough {
			t.Errorf("%s: %+v: counted %d and %d (about %v, rough %v), want %d; %v", what, f, n, counts.Works, counts.About, counts.Rough, len(want), err)
		}
	}
	bothWays(m, func(way string) {
		for name, f := range eachFacet() {
			if n := len(plainList(works, f)); n == 0 || n == len(works) {
				t.Errorf("%s tells nothing: %d of %d", name, n, len(works))
			}
			for _, sort := range everySort() {
				f.Sort = sort
				check(way+", "+name+" by "+string(sort), f.Clean())
			}
		}
		random := rand.New(rand.NewPCG(3, 5))
		for range 150 {
			check(way+", at random", randomFilter(random))
		}
	})
}

// bothWays does a check with lists that are found in memory, and again with those
// that are looked for by SQL.
func bothWays(m *storetest.Market, check func(way string)) {
	check("in memory")
	m.Store.Blind()
	check("by SQL")
}

// checkChoices compares the numbers of choices with a plain count, within a part
// of it.
func checkChoices(t *testing.T, works []plainWork, f store.Filter, c store.Facets, within float64) {
	t.Helper()
	compare := func(what string, got int, facet store.Facet, with func(*store.Filter)) {
		t.Helper()
		f := f.Without(facet)
		with(&f)
		want := len(plainList(works, f))
		if math.Abs(float64(got-want)) > within*float64(want) {
			t.Errorf("%s beside %+v: %d, want %d", what, f, got, want)
		}
	}
	compare("for sale", c.ForSale(), store.BySale, func(f *store.Filter) { f.ForSale = true })
	compare("described", c.Described(), store.ByDescribed, func(f *store.Filter) { f.Described = true })
	for _, v := range store.Mediums() {
		compare(string(v), c.Of(v), store.ByMedium, func(f *store.Filter) { f.Mediums = []store.Medium{v} })
	}
	for _, v := range store.Sizes() {
		compare(string(v), c.Of(v), store.BySize, func(f *store.Filter) { f.Sizes = []store.Size{v} })
	}
	for _, v := range store.Shapes() {
		compare(string(v), c.Of(v), store.ByShape, func(f *store.Filter) { f.Shapes = []store.Shape{v} })
	}
	for _, v := range store.Editions() {
		compare(string(v), c.Of(v), store.ByEdition, func(f *store.Filter) { f.Editions = []store.Edition{v} })
	}
	for _, v := range store.Swatches() {
		compare(string(v.Name), c.Of(v.Name), store.ByColour, func(f *store.Filter) { f.Colours = []store.Colour{v.Name} })
	}
	for _, v := range c.Towns {
		compare(v.Town, v.Works, store.ByTown, func(f *store.Filter) { f.Towns = []string{v.Town} })
	}
	for _, w := range plainList(works, f.Without(store.ByTown)) { // no town is left out
		i := slices.IndexFunc(works, func(o plainWork) bool { return o.ID == w })
		town := works[i].Town
		if within == 0 && town != "" && !slices.ContainsFunc(c.Towns, func(n store.TownCount) bool { return strings.EqualFold(n.Town, town) }) {
			t.Errorf("beside %+v there is no town %s", f, town)
		}
	}
	bins := store.PriceBins()
	for i, n := range c.Prices() {
		compare(bins[i].String(), n, store.ByPrice, func(f *store.Filter) {
			f.Price = store.Range[store.Pence]{Least: max(bins[i], 1)}
			if i+1 < len(bins) {
				f.Price.Most = bins[i+1] - 1
			}
		})
	}
}

func TestChoicesAreCounted(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	fillVaried(t, m, 600)
	for n := range 3 {
		m.Work(t, m.Ana, storetest.Work{Title: fmt.Sprint("Far ", n)})
	}
	if _, err := m.DB.Exec(`UPDATE members SET town = 'Unst' WHERE id = $1`, m.Ana.ID); err != nil { // of few works
		t.Fatal(err)
	}
	works := plainWorks(t, m)
	random := rand.New(rand.NewPCG(7, 1))
	filters := []store.Filter{{}, {Towns: []string{"unst"}}, {Towns: []string{"Unst", "York"}, ForSale: true}}
	for _, f := range eachFacet() {
		filters = append(filters, f.Clean())
	}
	for range 40 {
		filters = append(filters, randomFilter(random))
	}
	bothWays(m, func(way string) {
		for _, f := range filters {
			c, err := m.Store.Facets(context.Background(), f)
			if err != nil {
				t.Fatal(err)
			}
			checkChoices(t, works, f, c, 0)
			for _, facet := range f.On() {
				n, known := c.Without(facet)
				if want := len(plainList(works, f.Without(facet))); known && n != want || way == "in memory" && !known && facet != store.ByQuery {
					t.Errorf("%s, %+v without %s: %d, known %v, want %d", way, f, facet, n, known, want)
				}
			}
		}
	})
}

// In a market of which only a part is looked at, what is rare is found and
// counted to the last work, and what is common is estimated.
func TestALargeMarketIsFoundAndCounted(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a market of 13,000 works")
	}
	m := storetest.New(t)
	fillVaried(t, m, 13_000)
	if _, err := m.DB.Exec(`VACUUM ANALYZE artworks`); err != nil { // for the size of the market
		t.Fatal(err)
	}
	works := plainWorks(t, m)
	rare := []store.Filter{
		{Price: store.Range[store.Pence]{Least: 123000, Most: 124000}},
		{Wall: store.Wall{Width: 1900, Height: 1800}, Mediums: []store.Medium{store.Painting}},
		{Towns: []string{"Portree"}, Shapes: []store.Shape{store.Square}, Editions: []store.Edition{store.OpenEdition}, Years: store.Range[int]{Least: 1960, Most: 1975}},
		{Colours: []store.Colour{"#7a3040"}, Described: true}, {Most: 2000, To: "JE"},
		{Width: store.Range[store.Hundredths]{Least: 5000, Most: 5100}, Sizes: []store.Size{store.Huge}},
	}
	bothWays(m, func(way string) {
		for _, f := range rare {
			for _, sort := range everySort() {
				f.Sort = sort
				f := f.Clean()
				want := plainList(works, f)
				if len(want) == 0 || len(want) > 800 {
					t.Errorf("%+v finds %d works, which tells nothing", f, len(want))
				}
				if got := listed(t, m, f); !slices.Equal(got, want) {
					t.Errorf("%+v finds %d works, want %d", f, len(got), len(want))
				}
			}
			c, err := m.Store.Facets(context.Background(), f)
			if want := len(plainList(works, f)); err != nil || c.Works != want || c.About {
				t.Errorf("%+v: counted %d, about %v, want %d; %v", f, c.Works, c.About, want, err)
			}
		}
		// What a facet that is on would have besides is counted without it, each work
		// once.
		small := rare[1].Clean()
		for all := small; ; small.Wall.Width, small.Wall.Height = small.Wall.Width-20, small.Wall.Height-20 {
			all.Wall, all.Mediums = small.Wall, nil
			if n := len(plainList(works, all)); n < 60 { // rare enough to be counted, whatever the newest works are
				break
			}
		}
		beside, err := m.Store.Facets(context.Background(), small)
		if err != nil {
			t.Fatal(err)
		}
		for _, medium := range []store.Medium{store.Painting, store.Textile} {
			small.Mediums = []store.Medium{medium}
			if got, want := beside.Of(medium), len(plainList(works, small)); got != want {
				t.Errorf("%d tiny works of %s, want %d", got, medium, want)
			}
		}
		// What is common by all sorts, over the border of what is walked.
		for _, sort := range []store.Sort{store.Newest, store.PriceDown, store.SizeUp} {
			f := store.Filter{Shapes: []store.Shape{store.Square}, Sizes: []store.Size{store.Huge}, Sort: sort}
			if got, want := listed(t, m, f), plainList(works, f); !slices.Equal(got, want) {
				t.Errorf("%+v finds %d works, want %d", f, len(got), len(want))
			}
		}
		c, err := m.Store.Facets(context.Background(), store.Filter{})
		if way == "in memory" {
			if err != nil || c.About || c.Rough || c.Works != len(works) {
				t.Errorf("the whole market: %d, about %v, rough %v, want %d; %v", c.Works, c.About, c.Rough, len(works), err)
			}
		} else if err != nil || !c.About || !c.Rough || c.Works < 11_000 || c.Works > 13_000 {
			t.Errorf("the whole market: %d, about %v, rough %v; %v", c.Works, c.About, c.Rough, err)
		}
		if got, want := c.Of(store.UniqueEdition), len(works)/3; math.Abs(float64(got-want)) > .2*float64(want) {
			t.Errorf("about %d unique works, want %d", got, want)
		}
	})
}

func TestFacetsFollowCoversAndArtists(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Title: "Sill"})
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := m.DB.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	finds := func(what string, f store.Filter, want bool) {
		t.Helper()
		if n, err := m.Store.CountArtworks(ctx, f); err != nil || (n == 1) != want {
			t.Errorf("%s: %+v finds %d, want %v; %v", what, f, n, want, err)
		}
	}
	red, blue, described := store.Filter{Colours: []store.Colour{"red"}}, store.Filter{Colours: []store.Colour{"#3f6f93"}}, store.Filter{Described: true}
	finds("as it was hung", described, true)
	finds("before its picture is made", red, false)
	exec(`UPDATE images SET palette = '{43.9,43,28.5,1}' WHERE artwork_id = $1`, work)
	finds("with a red picture", red, true)
	exec(`UPDATE images SET alt = '' WHERE artwork_id = $1`, work)
	finds("without words", described, false)
	exec(`INSERT INTO images (artist_id, artwork_id, position, key, name, alt, width, height, ground, palette, created_at)
		VALUES ($1, $2, 1, 'abcdefghijklmnopqrstuvwxyz', 'b.jpg', 'Blue.', 10, 10, '#000000', '{45,-5.3,-24.6,1}', now())`, m.Ana.ID, work)
	finds("with a second, blue photograph", blue, false)
	exec(`UPDATE images SET position = 1 - position WHERE artwork_id = $1`, work)
	finds("with the second first", blue, true)
	finds("with the second first", described, true)
	finds("with the second first", red, false)
	exec(`DELETE FROM images WHERE artwork_id = $1 AND position = 0`, work)
	finds("with its cover gone", blue, false)

	finds("in its artist's town", store.Filter{Towns: []string{m.Ana.Town}}, true)
	before, err := m.Store.Artworks(ctx, 0, store.Filter{To: "JE2"})
	if err != nil {
		t.Fatal(err)
	}
	p := store.Profile{Username: m.Ana.Username, FirstName: m.Ana.FirstName, LastName: m.Ana.LastName, Email: m.Ana.Email,
		Address: m.Ana.Address, Town: "Saint Helier", Postcode: "JE2 3AB"}
	if err := m.Store.UpdateProfile(ctx, m.Ana, p); err != nil {
		t.Fatal(err)
	}
	finds("after a removal", store.Filter{Towns: []string{m.Ana.Town}}, false)
	finds("after a removal", store.Filter{Towns: []string{"saint helier"}}, true)
	after, err := m.Store.Artworks(ctx, 0, store.Filter{To: "JE2"})
	if err != nil || len(after.Items) != 1 || after.Items[0].Delivered >= before.Items[0].Delivered {
		t.Errorf("from next door it costs %+v, and cost %+v from afar; %v", after.Items, before.Items, err)
	}
}

func TestSwatchesAreTheirColours(t *testing.T) {
	t.Parallel()
	if n := len(store.Swatches()); n != 10 {
		t.Errorf("%d swatches, want 10", n)
	}
	for _, s := range store.Swatches() {
		v := s.Name.Lab()
		if far := store.Colour(s.Hex).Distance(v[0], v[1], v[2]); far > 0.15 {
			t.Errorf("%s is %.2f from %s", s.Name, far, s.Hex)
		}
	}
}

// Every colour within the radius of one lies in one of its cubes.
func TestTheCubesHoldTheSurroundingsOfAColour(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		c := store.Colour(fmt.Sprintf("#%06x", random.IntN(1<<24)))
		v := c.Lab()
		var near []float64
		for len(near) < 3*50 {
			d := [3]float64{40*random.Float64() - 20, 40*random.Float64() - 20, 40*random.Float64() - 20}
			if d[0]*d[0]+d[1]*d[1]+d[2]*d[2] <= 400 && v[0]+d[0] >= 0 && v[0]+d[0] <= 100 {
				near = append(near, v[0]+d[0], v[1]+d[1], v[2]+d[2])
			}
		}
		var lost int
		err := m.DB.Get(&lost, `SELECT count(*) FROM generate_series(1, 150, 3) n WHERE NOT colour_cell(($1::real[])[n], ($1::real[])[n + 1], ($1::real[])[n + 2]) = ANY ($2::integer[])`,
			pq.Array(near), pq.Array(c.Cells()))
		if err != nil {
			t.Fatal(err)
		}
		if lost > 0 {
			t.Errorf("%d neighbours of %s are in none of its %d cubes", lost, c, len(c.Cells()))
		}
	}
}
