package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

var moreWorks = regexp.MustCompile(`href="(/artworks\?[^"]*after=[^"]*)"`)

// further is the address of the next page of a list, or "".
func further(a handlertest.Answer) string {
	found := moreWorks.FindStringSubmatch(a.Body)
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

func TestACorrectedSearchStaysCorrected(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	for n := range 30 {
		site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("Harbour %d", n)})
	}
	if _, err := site.Store.RefreshVocabulary(context.Background()); err != nil {
		t.Fatal(err)
	}
	visitor := site.Visitor(t)
	first := visitor.Get("/artworks?q=harbor&medium=painting&medium=textile")
	shows(t, "a typo", first, http.StatusOK, "Nothing is called “harbor”. These are for “harbour”.", `name="q" value="harbour"`, "30 works")
	results := first.Body[strings.Index(first.Body, `id="results"`):]
	chips, _, _ := strings.Cut(results[strings.Index(results, "Active filters"):], "</ul>")
	if !strings.Contains(chips, "harbour") || strings.Contains(chips, "q=harbor&") || strings.Contains(chips, "“harbor”") {
		t.Errorf("the chips are for what was typed:\n%s", chips)
	}
	next := further(first)
	if !strings.Contains(next, "q=harbour") {
		t.Fatalf("the second page is %q", next)
	}
	second := visitor.Get(next)
	shows(t, "the second page", second, http.StatusOK, "harbour", "30 works")
	if n := strings.Count(second.Body, `alt="`); further(second) != "" || n == 0 {
		t.Errorf("the second page has %d works and goes on to %q", n, further(second))
	}
	shows(t, "more", visitor.HX(next), http.StatusOK, "Harbour")
}

// Phrases are looked for by the database, which weighs the newest of those that many works hold.
func TestALongSearchSaysWhereItEnds(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Fill(t, 12_000)
	const word = "हिन्दी" // which only the database can read
	for _, q := range []string{`UPDATE artworks SET subjects = '` + word + `'`, `ANALYZE artworks`} {
		if _, err := site.DB.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	visitor := site.Visitor(t)
	q := "/artworks?q=" + url.QueryEscape(word)
	first := visitor.Get(q)
	shows(t, "estimated counts", first, http.StatusOK, `id="rough">Counts are estimated`)
	const ends = "The best matches end here."
	page := first
	for n := 0; further(page) != ""; n++ {
		hides(t, "a page with more", page, ends)
		if page = visitor.HX(further(page)); n > 100 {
			t.Fatal("it does not end")
		}
	}
	shows(t, "the end", page, http.StatusOK, ends, `href="`+q+`&amp;sort=newest"`)
	exact := visitor.Get("/artworks?q=nothing")
	shows(t, "exact counts", exact, http.StatusOK, `id="rough" hidden>`)
	hides(t, "a short list", exact, ends)
}

func TestAPhraseIsQuotedOnce(t *testing.T) {
	t.Parallel()
	visitor := handlertest.New(t).Visitor(t)
	page := visitor.Get("/artworks?q=%22low+tide%22")
	shows(t, "the phrase", page, http.StatusOK, `&#34;low tide&#34;`)
	hides(t, "two kinds of marks", page, "“&#34;", "“\"")
	shows(t, "words", visitor.Get("/artworks?q=low+tide"), http.StatusOK, "“low tide”")
}
