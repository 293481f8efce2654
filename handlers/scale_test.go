package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// size gives a work other sizes than the cast's, in cm.
func size(t *testing.T, site *handlertest.Site, work int64, width, height int) {
	t.Helper()
	if _, err := site.DB.Exec(`UPDATE artworks SET width = $2, height = $3 WHERE id = $1`, work, width*100, height*100); err != nil {
		t.Fatal(err)
	}
}

var moreLink = regexp.MustCompile(`href="([^"]*)"[^>]*>Show more works<`)

// more is the address of the next page of the list in an answer.
func more(t *testing.T, a handlertest.Answer) string {
	t.Helper()
	m := moreLink.FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("there is no more:\n%s", a.Body)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

func TestTheListIsDrawnAtOneScale(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	bowl := site.Work(t, site.Ana, storetest.Work{Title: "Ring Bowl", NoImage: true}) // on the last page
	size(t, site, bowl, 6, 4)
	for i := range 24 {
		site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("North Light %d", i)})
	}
	painting := site.Work(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"})
	size(t, site, painting, 300, 200)
	visitor := site.Visitor(t)

	plain := visitor.Get("/artworks?sort=price")
	shows(t, "the plain list", plain, http.StatusOK, `href="/artworks?scale=1&amp;sort=price"`, "Show at true scale")
	hides(t, "the plain list", plain, `class="scaled"`, "at this scale")

	page := visitor.Get("/artworks?q=light&scale=1")
	shows(t, "the list at one scale", page, http.StatusOK, `width="9.0000em" height="6.0000em"`, `width="2.4000em" height="1.8000em"`,
		"A person of 170 cm at this scale", "Show each work large", `href="/artworks?q=light"`,
		`<input type="hidden" name="scale" value="1" form="facets"`, `class="chip" href="/artworks?scale=1"`)

	for _, path := range []string{"/artworks?scale=1", "/artists/ana?scale=1"} {
		next := more(t, visitor.Get(path))
		if !strings.Contains(next, "scale=1") || !strings.Contains(next, "cm=300") {
			t.Errorf("%s goes on at %s", path, next)
		}
		shows(t, "the second page, of small works only", visitor.HX(next), http.StatusOK, "Ring Bowl", `width="0.1800em" height="0.1200em"`)
		shows(t, "the same without HTMX", visitor.Get(next), http.StatusOK, "Ring Bowl", `width="0.1800em" height="0.1200em"`, "A person of 170 cm")
	}

	part := visitor.HX("/artworks?q=bowl&scale=1")
	shows(t, "a search by HTMX", part, http.StatusOK, "A rule of 10 cm at this scale", `width="2.2500em"`)
	if to := part.Header.Get("HX-Push-Url"); to != "/artworks?q=bowl&scale=1" {
		t.Errorf("its address is %s", to)
	}
	shows(t, "a search for nothing", visitor.Get("/artworks?q=nothing&sale=1&scale=1"), http.StatusOK, `href="/artworks?sale=1&amp;scale=1"`, `href="/artworks?scale=1">See all works`)
}

func TestAnAbsurdScaleIsBounded(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	for _, cm := range []string{"-1", "0", "99999999", "junk", "99999999999999999999"} {
		shows(t, cm, site.Visitor(t).Get("/artworks?scale=1&cm="+cm), http.StatusOK, `class="scaled"`, "Sill")
	}
	size(t, site, work, 9999, 10)
	shows(t, "a giant", site.Visitor(t).Get("/artworks?scale=1"), http.StatusOK, "Too large for this scale", `width="10.0000em"`)
}

func TestGalleriesAreDrawnAtOneScale(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	small := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	large := site.Work(t, site.Ana, storetest.Work{Title: "North Light"})
	down := site.Work(t, site.Ana, storetest.Work{Title: "Salt Room"})
	size(t, site, large, 150, 120)
	works := []int64{small, large, down}
	for i := range 24 {
		works = append(works, site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("Later %d", i)}))
	}
	gallery := site.OpenGallery(t, site.Ben, works...)
	if _, err := site.DB.Exec(`UPDATE artworks SET state = 'unlisted' WHERE id = $1`, down); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/galleries/%d", gallery)
	page := site.Visitor(t).Get(path + "?scale=1")
	shows(t, "a gallery", page, http.StatusOK, `width="9.0000em" height="7.2000em"`, `width="4.8000em" height="3.6000em"`, "It makes the hall taller.", `href="`+path+`"`)
	next := more(t, page)
	if !strings.Contains(next, "cm=150") {
		t.Errorf("it goes on at %s", next)
	}
	shows(t, "its second page", site.Visitor(t).HX(next), http.StatusOK, "Later 23", `width="4.8000em"`)

	ben := site.SignedIn(t, site.Ben)
	shows(t, "one’s own, plain", ben.Get("/gallery"), http.StatusOK, `href="/gallery?scale=1"`, "Salt Room")
	own := ben.Get("/gallery?scale=1")
	shows(t, "one’s own", own, http.StatusOK, `width="9.0000em" height="7.2000em"`, `cm=150`, "It makes the hall taller.")
	hides(t, "one’s own at one scale", own, "Salt Room")

	var key string
	if err := site.DB.Get(&key, `UPDATE galleries SET visibility = 'link' WHERE id = $1 RETURNING link_token`, gallery); err != nil {
		t.Fatal(err)
	}
	page = site.Visitor(t).Get(path + "?key=" + key + "&scale=1")
	shows(t, "a gallery by link", page, http.StatusOK, `href="`+path+`?key=`+key+`"`)
	if next := more(t, page); !strings.Contains(next, "key="+key) || !strings.Contains(next, "scale=1") {
		t.Errorf("it goes on at %s", next)
	}
}
