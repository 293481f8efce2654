package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestAWorkHasOneAddress(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	visitor := site.Visitor(t)
	words := map[string]string{
		"North Light, Tuesday": "-north-light-tuesday", "Æblehave: ½ & Söhne": "-aeblehave-1-2-and-sohne",
		"北の光": "-bei-noguang", "…": "", "42": "-42", "</script>": "-script",
	}
	homes := map[string]string{} // by the short address
	for title := range words {
		short := fmt.Sprintf("/artworks/%d", site.Work(t, site.Ana, storetest.Work{Title: title}))
		homes[short] = short + words[title]
	}
	list := visitor.Get("/artworks")
	for short, home := range homes {
		shows(t, home, visitor.Do(http.MethodGet, home, nil), http.StatusOK, `<link rel="canonical" href="`+site.URL+home+`">`)
		shows(t, "looked at closely", visitor.Do(http.MethodGet, home+"?view=1&wall=ink", nil), http.StatusOK, `<link rel="canonical" href="`+site.URL+home+`">`)
		shows(t, "the list", list, http.StatusOK, `href="`+home+`"`)
		for _, other := range []string{short + "-wrong", short + "-", home + "-"} {
			a := visitor.Do(http.MethodGet, other+"?view=2&wall=ink", nil)
			if a.Status != http.StatusMovedPermanently || a.Location != home+"?view=2&wall=ink" {
				t.Errorf("%s: %d to %s, want %s", other, a.Status, a.Location, home)
			}
			// Nobody keeps it: a title may change, and change back.
			if kept := a.Header.Get("Cache-Control"); kept != "no-cache" {
				t.Errorf("%s is kept: %q", other, kept)
			}
			part := visitor.HX(other + "?view=1")
			shows(t, "a part", part, http.StatusOK, `id="viewer"`)
			if to := part.Header.Get("HX-Replace-Url"); to != home {
				t.Errorf("the part's page is %s", to)
			}
		}
	}
}

func TestASharedAddressSurvivesANewTitle(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	id := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	visitor := site.Visitor(t)
	shows(t, "the work", visitor.Get(fmt.Sprintf("/artworks/%d-sill", id)), http.StatusOK, "Sill")
	if _, err := site.DB.Exec(`UPDATE artworks SET title = 'Ledge' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	a := site.SignedIn(t, site.Ben).Do(http.MethodGet, fmt.Sprintf("/artworks/%d-sill", id), nil)
	if a.Status != http.StatusMovedPermanently || a.Location != fmt.Sprintf("/artworks/%d-ledge", id) || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d to %s, %v", a.Status, a.Location, a.Header)
	}
	// What is not there for everybody has no other address either.
	draft := site.Work(t, site.Ana, storetest.Work{Title: "Secret", State: store.Draft})
	hidden := visitor.Do(http.MethodGet, fmt.Sprintf("/artworks/%d", draft), nil)
	if hidden.Status != http.StatusNotFound || strings.Contains(hidden.Location, "secret") {
		t.Errorf("a draft: %d to %s", hidden.Status, hidden.Location)
	}
}

func TestEveryPageNamesItsCleanAddress(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	gallery := fmt.Sprintf("/galleries/%d", site.OpenGallery(t, site.Ben, work))
	visitor := site.Visitor(t)
	for path, clean := range map[string]string{
		"/": "/", "/about": "/about", "/artworks?q=sill&sort=price&scale=1": "/artworks", "/artworks?after=AAAA": "/artworks",
		"/artists?q=ana": "/artists", "/artists/ana?sold=x&scale=1": "/artists/ana", "/galleries?after=x": "/galleries", gallery + "?scale=1": gallery,
	} {
		a := visitor.Get(path)
		shows(t, path, a, http.StatusOK, `<link rel="canonical" href="`+site.URL+clean+`">`)
		hides(t, path, a, "noindex")
	}
	hides(t, "a draft", site.SignedIn(t, site.Ana).Get(fmt.Sprintf("/artworks/%d", site.Work(t, site.Ana, storetest.Work{State: store.Draft}))), `rel="canonical"`)
}
