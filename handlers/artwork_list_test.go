package handlers_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// someWorks hangs four: a large blue painting, a small red print, a pot, and a
// painting that is sold.
func someWorks(t *testing.T, site *handlertest.Site) {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := site.DB.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	tide := site.Work(t, site.Ana, storetest.Work{Title: "Tide"})
	exec(`UPDATE artworks SET width = 15000, height = 12000, price = 340000, year = 2001 WHERE id = $1`, tide)
	exec(`UPDATE images SET palette = '{45,-5.3,-24.6,1}' WHERE artwork_id = $1`, tide)
	ember := site.Work(t, site.Ana, storetest.Work{Title: "Ember", Medium: store.Printmaking, Edition: store.LimitedEdition, Size: 8, Quantity: 4})
	exec(`UPDATE artworks SET width = 3000, height = 4000, price = 9500 WHERE id = $1`, ember)
	exec(`UPDATE images SET palette = '{43.9,43,28.5,0.6,94.5,-0.2,3.7,0.4}', alt = '' WHERE artwork_id = $1`, ember)
	pot := site.Work(t, site.Ana, storetest.Work{Title: "Pot", Medium: store.Ceramics})
	exec(`UPDATE artworks SET width = 2000, height = 2000, price = 12000 WHERE id = $1`, pot)
	site.Work(t, site.Ana, storetest.Work{Title: "Gone", SoldOut: true})
}

var (
	shownTitles = regexp.MustCompile(`<cite>([^<]+)</cite>`)
	chipLinks   = regexp.MustCompile(`class="chip" href="([^"]+)" aria-label="Remove filter: ([^"]+)"`)
)

func shownIn(page handlertest.Answer) string {
	body, _, _ := strings.Cut(page.Body, "Recently hung instead")
	var titles []string
	for _, m := range shownTitles.FindAllStringSubmatch(body, -1) {
		titles = append(titles, m[1])
	}
	return strings.Join(titles, " ")
}

func TestEachFilterNarrowsTheListAndIsTakenAwayByItsChip(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	someWorks(t, site)
	visitor := site.Visitor(t)
	for _, c := range []struct{ query, found, chips string }{
		{"sale=1", "Pot Ember Tide", "For sale now"},
		{"medium=ceramics&medium=printmaking", "Pot Ember", "Printmaking|Ceramics"},
		{"min=100&max=%C2%A33,400", "Gone Pot Tide", "£100 to £3,400"},
		{"max=100", "Ember", "Up to £100"},
		{"size=xl&size=s", "Pot Tide", "Under 40 cm|Over 120 cm"},
		{"wmin=100&hmax=120", "Tide", "From 100 cm wide|Up to 120 cm high"},
		{"shape=square", "Pot", "Square"},
		{"colour=blue", "Tide", "Blue"},
		{"colour=red&colour=blue", "Ember Tide", "Red|Blue"},
		{"well=1&hex=%23f2efe8", "Ember", "Colour #f2efe8"},
		{"hex=%23f2efe8", "Gone Pot Ember Tide", ""},
		{"edition=limited", "Ember", "Limited edition"},
		{"from=1990&until=2001", "Tide", "1990 to 2001"},
		{"town=" + url.QueryEscape(strings.ToUpper(site.Ana.Town)) + "&max=100", "Ember", "Up to £100|" + strings.ToUpper(site.Ana.Town)},
		{"town=&max=100", "Ember", "Up to £100"},
		{"described=1", "Gone Pot Tide", "With a description"},
		{"wallw=160&wallh=130", "Gone Ember Tide", "Fits a wall of 160 × 130 cm"},
		{"wallw=40", "Ember", "Fits a wall 40 cm wide"},
		{"most=150&to=N1", "Pot Ember", "Up to £150, delivered to N1"},
		{"to=BT9&max=100", "Ember", "Up to £100|Delivered to BT9"},
		{"colour=red&sort=near&after=", "Ember", "Red"},
		{"size=xl&size=s&sort=-size", "Tide Pot", "Under 40 cm|Over 120 cm"},
	} {
		page := visitor.Get("/artworks?" + c.query)
		if page.Status != http.StatusOK {
			t.Errorf("%s: answered %d", c.query, page.Status)
		}
		if got := shownIn(page); got != c.found {
			t.Errorf("%s finds %q, want %q", c.query, got, c.found)
		}
		var names []string
		for _, chip := range chipLinks.FindAllStringSubmatch(page.Body, -1) {
			names = append(names, html.UnescapeString(chip[2]))
			without := visitor.Get(html.UnescapeString(chip[1]))
			if without.Status != http.StatusOK || strings.Contains(without.Body, `aria-label="Remove filter: `+chip[2]+`"`) {
				t.Errorf("%s: the chip %q leads to %s, which answers %d", c.query, chip[2], chip[1], without.Status)
			}
		}
		if got := strings.Join(names, "|"); got != c.chips {
			t.Errorf("%s: chips %q, want %q", c.query, got, c.chips)
		}
		// The address that HTMX pushes shows the same.
		pushed := visitor.HX("/artworks?" + c.query).Header.Get("HX-Push-Url")
		if again := visitor.Get(pushed); shownIn(again) != c.found || visitor.HX(pushed).Header.Get("HX-Push-Url") != pushed {
			t.Errorf("%s is pushed as %s, which finds %q", c.query, pushed, shownIn(again))
		}
		if feed := visitor.Get(strings.Replace(pushed, "/artworks", "/artworks.atom", 1)); strings.Count(feed.Body, "<entry>") != len(strings.Fields(c.found)) {
			t.Errorf("the feed of %s has %d entries", pushed, strings.Count(feed.Body, "<entry>"))
		}
	}
}

func TestWhatAWorkCostsDeliveredAndHowItFits(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	someWorks(t, site)
	visitor := site.Visitor(t)
	if a := visitor.Get("/artworks?to=ls6+3qt&wallw=80&wallh=60&most=500"); a.Status != http.StatusSeeOther || a.Location != "/artworks?most=500&to=LS6&wallh=60&wallw=80" {
		t.Fatalf("with a whole postcode: %d, %s", a.Status, a.Location)
	}
	if got := visitor.HX("/artworks?to=ls6+3qt").Header.Get("HX-Push-Url"); got != "/artworks?to=LS6" {
		t.Errorf("a whole postcode is pushed as %s", got)
	}
	page := visitor.Get("/artworks?most=500&to=LS6&wallh=60&wallw=80")
	card, err := site.Store.Artworks(t.Context(), 0, store.Filter{Query: "Ember"})
	if err != nil || len(card.Items) != 1 {
		t.Fatal(card, err)
	}
	quote, err := site.Store.QuoteArtwork(t.Context(), card.Items[0].ID, "LS6 3QT")
	if err != nil {
		t.Fatal(err)
	}
	shows(t, "the list", page, http.StatusOK, quote.Total().Short()+" delivered to LS6", "25 cm to spare each side, 10 cm above and below", `value="LS6"`)
	hides(t, "a visitor's list", page, "where you live")

	ben := site.SignedIn(t, site.Ben)
	mine := ben.Get("/artworks?max=500")
	outward := store.Outward(site.Ben.Postcode)
	shows(t, "a collector's list", mine, http.StatusOK, "Deliver to "+outward, `href="/artworks?max=500&amp;to=`+outward+`"`)
	if got := mine.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the page that names it may be kept: %q", got)
	}
}

func TestWhatCannotBeReadIsSaidBesideItsField(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	someWorks(t, site)
	visitor := site.Visitor(t)
	for query, c := range map[string]struct{ kept, sentence string }{
		"min=300&max=200":         {`name="min" inputmode="decimal" value="300"`, "The second price is lower than the first."},
		"max=cheap":               {`value="cheap"`, "Write it in pounds"},
		"wmin=9&wmax=8":           {`value="8"`, "The second width is smaller than the first."},
		"hmin=9&hmax=8":           {`value="9"`, "The second height is smaller than the first."},
		"from=2001&until=1999":    {`value="1999"`, "The second year is before the first."},
		"from=then":               {`value="then"`, "Write the year in figures"},
		"wallw=10":                {`value="10"`, "between 20 and 2000"},
		"wallh=2001":              {`value="2001"`, "between 20 and 2000"},
		"to=nowhere":              {`value="nowhere"`, "Not a UK postcode"},
		"most=300":                {`value="300"`, "Write your postcode too"},
		"most=300&to=XX1":         {`value="XX1"`, "Not a UK postcode"},
		"min=%22%3E%3Cscript%3E1": {`value="&#34;&gt;&lt;script&gt;1"`, "Write it in pounds"},
	} {
		page := visitor.Get("/artworks?medium=ceramics&" + query)
		shows(t, query, page, http.StatusUnprocessableEntity, c.kept, c.sentence, `aria-invalid="true"`, "1 work<", `class="facets__fold" open`)
		if got := shownIn(page); got != "Pot" {
			t.Errorf("%s: the rest of the filters finds %q", query, got)
		}
		part := visitor.HX("/artworks?medium=ceramics&" + query)
		shows(t, query, part, http.StatusUnprocessableEntity, c.sentence, `hx-swap-oob="true"`)
		if got := part.Header.Get("HX-Push-Url"); got != "" {
			t.Errorf("%s is pushed as %s", query, got)
		}
	}
	shows(t, "junk", visitor.Get("/artworks?size=huge&shape=round&colour=%23zzzzzz&edition=first&sort=near&medium=junk&described=yes"), http.StatusOK, "4 works")
}

func TestAnEmptyListSaysWhichFilterToDrop(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	someWorks(t, site)
	page := site.Visitor(t).Get("/artworks?colour=blue&max=200&described=1&scale=1")
	shows(t, "nothing", page, http.StatusOK, "No works", "1 work without the choice of colour", "1 work without “Up to £200”",
		`href="/artworks?colour=blue&amp;described=1&amp;scale=1"`)
	hides(t, "nothing", page, "without “With a description”")
}

func TestAnEmptySearchSaysWhichWordToDrop(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	for _, title := range []string{"Turner’s barn", "Sketch of a mill", "A second sketch"} {
		site.Work(t, site.Ana, storetest.Work{Title: title})
	}
	visitor := site.Visitor(t)
	page := visitor.Get("/artworks?q=turners+sketch")
	shows(t, "two words apart", page, http.StatusOK, "No works", `<a href="/artworks?q=sketch">2 works without “turners”</a>`,
		`<a href="/artworks?q=turners">1 work without “sketch”</a>`)
	page = visitor.Get("/artworks?q=%22second+barn%22+sketch&scale=1")
	shows(t, "a phrase", page, http.StatusOK, "No works", `<a href="/artworks?q=sketch&amp;scale=1">2 works without “second barn”</a>`)
	hides(t, "a phrase", page, "without “sketch”")
	hides(t, "one word", visitor.Get("/artworks?q=zeppelin"), "works without")
	for _, q := range []string{"%21%3F", "%F0%9F%8C%8A", "+%26+"} {
		page := visitor.Get("/artworks?q=" + q)
		shows(t, q, page, http.StatusOK, "3 works", "There is no word in “")
		to := visitor.Get("/search?q=" + q)
		if got := to.Header.Get("Location"); got != "/artworks?q="+q {
			t.Errorf("/search?q=%s leads to %s", q, got)
		}
	}
	for _, address := range []string{"/artworks", "/artworks?q=", "/artworks?q=++", "/artworks?q=sketch"} {
		hides(t, address, visitor.Get(address), "There is no word in")
	}
}

func TestChoicesShowHowManyWorksTheyHave(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	someWorks(t, site)
	visitor := site.Visitor(t)
	page := visitor.Get("/artworks?medium=ceramics&scale=1")
	for _, want := range []string{`id="medium-ceramics-n" value="1"`, `id="medium-printmaking-n" value="1"`, `id="medium-painting-n" value="2"`,
		`id="edition-limited-n" value="0"`, `id="sale-n" value="1"`, `id="size-s-n" value="1"`, `id="size-xl-n" value="0"`, `id="shape-square-n" value="1"`} {
		shows(t, "the list of pots", page, http.StatusOK, want)
	}
	part := visitor.HX("/artworks?colour=red")
	shows(t, "a change", part, http.StatusOK, `id="colour-blue-n" value="1" hx-swap-oob="true"`, `id="medium-painting-n" value="0" hx-swap-oob="true"`, `id="prices"`)
}
