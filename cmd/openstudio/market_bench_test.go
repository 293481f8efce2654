package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"openstudio/store"
)

// What a benchmark of a whole market is told by the environment.
const (
	benchSizes     = "OPENSTUDIO_BENCH_WORKS"     // numbers of works; 10000,100000,1000000 if not said
	benchDir       = "OPENSTUDIO_BENCH_DIR"       // where the markets are kept for the next time
	benchCatalogue = "OPENSTUDIO_BENCH_CATALOGUE" // a file of real works
	benchWarm      = "OPENSTUDIO_BENCH_WARM"      // for how long each kind of page is asked for before it is measured; 2s if not said
)

// benchClients is how many people ask at the same time.
const benchClients = 16

// BenchmarkMarket measures pages of a visitor in markets of several sizes, as the
// program serves them, to sixteen people at a time, after it has served them for a while. Every
// page is one that nobody has asked for before. It ends with a table of the percentiles and of how
// they grow from the smallest market to the largest.
func BenchmarkMarket(b *testing.B) {
	var results []result
	sizes := strings.Split(cmp.Or(os.Getenv(benchSizes), "10000,100000,1000000"), ",")
	for _, text := range sizes {
		size, err := strconv.Atoi(text)
		if err != nil {
			b.Fatalf("%s: %v", benchSizes, err)
		}
		results = append(results, measureMarket(b, size)...)
	}
	b.Log("\n" + table(sizes, results))
}

// result is what was measured of one kind of page in one market.
type result struct {
	size, kind        string
	median, p99       time.Duration
	persecond, ofBare float64
	bytes             int64
}

func measureMarket(b *testing.B, size int) []result {
	dir := os.Getenv(benchDir)
	if dir == "" {
		dir = b.TempDir()
	}
	p := &program{Config: Config{Port: "0", DataDir: filepath.Join(dir, strconv.Itoa(size))}, log: slog.New(slog.DiscardHandler), out: io.Discard, err: io.Discard}
	ctx := b.Context()
	if err := os.MkdirAll(p.DataDir, 0o700); err != nil {
		b.Fatal(err)
	}
	if err := p.demoCommand(ctx, []string{"--works", strconv.Itoa(size), "--catalogue=" + os.Getenv(benchCatalogue)}); err != nil {
		b.Fatal(err)
	}
	m, err := p.open(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer m.close()
	server, _, err := p.assemble(m, "http://127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	before, began := heap(), time.Now()
	if err := m.ReadMarket(ctx); err != nil { // as the program does when it opens
		b.Fatal(err)
	}
	took := time.Since(began)
	b.Logf("%d works were read in %v and take %d MB of memory", size, took, (heap()-before)>>20)
	site := httptest.NewServer(server)
	defer site.Close()

	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * benchClients, DisableCompression: true}}
	get := func(address string) ([]byte, int, error) {
		res, err := client.Get(address)
		if err != nil {
			return nil, 0, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return body, res.StatusCode, err
	}
	var body atomic.Pointer[[]byte]
	e := echo.New()
	e.GET("/*", func(c echo.Context) error { return c.Blob(http.StatusOK, "text/html; charset=utf-8", *body.Load()) })
	bare := httptest.NewServer(e)
	defer bare.Close()

	warm, err := time.ParseDuration(cmp.Or(os.Getenv(benchWarm), "2s"))
	if err != nil {
		b.Fatalf("%s: %v", benchWarm, err)
	}
	var results []result
	var n atomic.Int64
	for _, page := range benchPages(b, m.Store, func(path string) []byte {
		body, status, err := get(site.URL + path)
		if err != nil || status != http.StatusOK {
			b.Fatalf("%s: %d, %v", path, status, err)
		}
		return body
	}) {
		// The first answers open connections, plan queries and fill the caches of the database.
		var clients errgroup.Group
		until := time.Now().Add(warm)
		for range benchClients {
			clients.Go(func() error {
				for asked := 0; asked < 2 || time.Now().Before(until); asked++ {
					sample, status, err := get(site.URL + page.path(n.Add(1)))
					if err != nil || status != http.StatusOK {
						return fmt.Errorf("%s: %d, %v", page.kind, status, err)
					}
					body.Store(&sample)
				}
				return nil
			})
		}
		if err := clients.Wait(); err != nil {
			b.Fatal(err)
		}
		memory := measure(b, fmt.Sprintf("%d/%s/bare", size, page.kind), func() (int, error) {
			_, status, err := get(bare.URL + "/" + strconv.FormatInt(n.Add(1), 10))
			return status, err
		})
		r := measure(b, fmt.Sprintf("%d/%s", size, page.kind), func() (int, error) {
			_, status, err := get(site.URL + page.path(n.Add(1)))
			return status, err
		})
		r.size, r.kind, r.bytes = strconv.Itoa(size), page.kind, int64(len(*body.Load()))
		if memory.persecond > 0 {
			r.ofBare = r.persecond / memory.persecond
		}
		results = append(results, r)
	}
	return results
}

// heap is what is kept in memory, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// measure asks with all clients at once.
func measure(b *testing.B, name string, ask func() (status int, err error)) (r result) {
	b.Run(name, func(b *testing.B) {
		var mu sync.Mutex
		var took []time.Duration
		b.SetParallelism((benchClients + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			var mine []time.Duration
			for pb.Next() {
				began := time.Now()
				status, err := ask()
				if err != nil || status != http.StatusOK {
					b.Errorf("%d, %v", status, err)
					return
				}
				mine = append(mine, time.Since(began))
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
		slices.Sort(took)
		if len(took) == 0 {
			return
		}
		r = result{median: took[len(took)/2], p99: took[len(took)*99/100], persecond: float64(b.N) / b.Elapsed().Seconds()}
		b.ReportMetric(float64(r.median.Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(r.p99.Microseconds())/1000, "p99-ms")
		b.ReportMetric(r.persecond, "req/s")
	})
	return r
}

// benchPage is a kind of page; path is the address of the nth.
type benchPage struct {
	kind string
	path func(n int64) string
}

var linkToWork = regexp.MustCompile(`href="(/artworks/[0-9]+-[^"?]*)"`)

// deepPage is how far on a deep page is.
const deepPage = 500

// benchPages are the pages that are measured in a market.
func benchPages(b *testing.B, s *store.Store, get func(path string) []byte) []benchPage {
	var titles, works, artists []string
	var deep store.Filter
	for range deepPage {
		page, err := s.Artworks(context.Background(), 0, deep)
		if err != nil {
			b.Fatal(err)
		}
		for _, card := range page.Items {
			titles = append(titles, card.Title)
			artists = append(artists, card.ArtistUsername)
		}
		if page.Next == "" {
			break
		}
		deep.After = page.Next
	}
	for _, link := range linkToWork.FindAllSubmatch(get("/artworks"), -1) {
		works = append(works, string(link[1]))
	}
	words := func(n int64, least int) []string {
		random := rand.New(rand.NewPCG(7, uint64(n)))
		for {
			list := slices.DeleteFunc(strings.FieldsFunc(pick(random, titles), func(r rune) bool { return r < 'A' || r > 'z' }),
				func(w string) bool { return len(w) < 5 })
			if len(list) >= least {
				return list
			}
		}
	}
	// Two words that follow each other in a title.
	phrase := func(n int64) string {
		random := rand.New(rand.NewPCG(11, uint64(n)))
		for {
			list := strings.FieldsFunc(pick(random, titles), func(r rune) bool { return !unicode.IsLetter(r) })
			if len(list) > 1 {
				at := random.IntN(len(list) - 1)
				return strings.Join(list[at:at+2], " ")
			}
		}
	}
	list := func(kind string, query func(n int64) url.Values) benchPage {
		return benchPage{kind, func(n int64) string {
			q := query(n)
			q.Set("n", strconv.FormatInt(n, 10))
			return "/artworks?" + q.Encode()
		}}
	}
	always := func(query string) func(int64) url.Values {
		return func(int64) url.Values {
			q, err := url.ParseQuery(query)
			if err != nil {
				panic(err)
			}
			return q
		}
	}
	other := func(kind string, path func(random *rand.Rand) string) benchPage {
		return benchPage{kind, func(n int64) string {
			return path(rand.New(rand.NewPCG(8, uint64(n)))) + "?n=" + strconv.FormatInt(n, 10)
		}}
	}
	counts, err := s.Facets(context.Background(), store.Filter{})
	if err != nil {
		b.Fatal(err)
	}
	// One facet with a choice of its own each time, as far as it has many.
	facet := func(kind string, query func(r *rand.Rand) string) benchPage {
		return list(kind, func(n int64) url.Values { return always(query(rand.New(rand.NewPCG(9, uint64(n)))))(n) })
	}
	price := func(r *rand.Rand) string {
		least := 20 + r.IntN(2000)
		return fmt.Sprintf("min=%d&max=%d", least, least+50+r.IntN(500))
	}
	shape := func(r *rand.Rand) string { return "shape=" + string(pick(r, store.Shapes())) }
	medium := func(r *rand.Rand) string { return "medium=" + string(pick(r, store.Mediums())) }
	years := func(r *rand.Rand) string {
		from := 1800 + r.IntN(200)
		return fmt.Sprintf("from=%d&until=%d", from, from+5+r.IntN(30))
	}
	colour := func(r *rand.Rand) string { return fmt.Sprintf("colour=%%23%06x", r.IntN(1<<24)) }
	delivered := func(r *rand.Rand) string {
		return fmt.Sprintf("most=%d&to=%s", 50+r.IntN(1000), pick(r, []string{"BT9", "LS2", "ZE1", "SE15", "TR1", "IV2"}))
	}
	return []benchPage{
		facet("for sale", func(r *rand.Rand) string { return "sale=1" }),
		facet("medium", medium),
		facet("price", price),
		facet("longest side", func(r *rand.Rand) string { return "size=" + string(pick(r, store.Sizes())) }),
		facet("width and height", func(r *rand.Rand) string {
			return fmt.Sprintf("wmin=%d&wmax=%d&hmax=%d", 20+r.IntN(20), 45+r.IntN(60), 20+r.IntN(100))
		}),
		facet("orientation", shape),
		facet("swatch", func(r *rand.Rand) string { return "colour=" + string(pick(r, store.Swatches()).Name) }),
		facet("any colour", colour),
		facet("nearest colour", func(r *rand.Rand) string { return colour(r) + "&sort=near" }),
		facet("edition", func(r *rand.Rand) string { return "edition=" + string(pick(r, store.Editions())) }),
		facet("years", years),
		facet("town", func(r *rand.Rand) string { return url.Values{"town": {pick(r, counts.Towns).Town}}.Encode() }),
		facet("described", func(r *rand.Rand) string { return "described=1" }),
		facet("a wall", func(r *rand.Rand) string { return fmt.Sprintf("wallw=%d&wallh=%d", 60+r.IntN(200), 60+r.IntN(150)) }),
		facet("delivered price", delivered),
		facet("five facets", func(r *rand.Rand) string {
			return strings.Join([]string{"sale=1", medium(r), shape(r), price(r), years(r)}, "&")
		}),
		facet("colour, wall, delivered", func(r *rand.Rand) string {
			return strings.Join([]string{colour(r), "wallw=140&wallh=90", delivered(r)}, "&")
		}),
		other("home", func(*rand.Rand) string { return "/" }),
		other("a work", func(random *rand.Rand) string { return pick(random, works) }),
		other("an artist", func(random *rand.Rand) string { return "/artists/" + pick(random, artists) }),
		other("artists", func(*rand.Rand) string { return "/artists" }),
		other("galleries", func(*rand.Rand) string { return "/galleries" }),
		other("feed", func(*rand.Rand) string { return "/artworks.atom" }),
		list("browse", always("")),
		list("page 500", always(url.Values{"after": {deep.After}}.Encode())),
		list("search of two words", func(n int64) url.Values { return url.Values{"q": {strings.Join(words(n, 2)[:2], " ")}} }),
		list("search for a phrase", func(n int64) url.Values { return url.Values{"q": {`"` + phrase(n) + `"`}} }),
		list("words, five facets, by price", func(n int64) url.Values {
			r := rand.New(rand.NewPCG(10, uint64(n)))
			q := always(strings.Join([]string{"sale=1", shape(r), price(r), years(r), "wallw=140&wallh=90&sort=price"}, "&"))(n)
			q.Set("q", words(n, 1)[0])
			return q
		}),
		list("search with a typo", func(n int64) url.Values {
			word := words(n, 1)[0]
			return url.Values{"q": {word[:2] + word[3:]}}
		}),
	}
}

// table shows what was measured.
func table(sizes []string, results []result) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%-28s", "p50 / p99 in ms")
	for _, size := range sizes {
		fmt.Fprintf(&text, "%22s", size)
	}
	fmt.Fprintf(&text, "%10s%10s\n", "growth", "of bare")
	for _, first := range results {
		if first.size != sizes[0] {
			continue
		}
		fmt.Fprintf(&text, "%-28s", first.kind)
		last := first
		for _, size := range sizes {
			i := slices.IndexFunc(results, func(r result) bool { return r.kind == first.kind && r.size == size })
			last = results[i]
			fmt.Fprintf(&text, "%12.1f / %7.1f", ms(last.median), ms(last.p99))
		}
		fmt.Fprintf(&text, "%9.2fx%10.2f\n", float64(last.median)/float64(max(first.median, 1)), last.ofBare)
	}
	return text.String()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
