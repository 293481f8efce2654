package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestAnArtistsPage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Work(t, site.Ana, storetest.Work{Title: "Sill, March"})
	site.Work(t, site.Ana, storetest.Work{Title: "Salt Room", SoldOut: true})
	site.Work(t, site.Ana, storetest.Work{Title: "Unfinished", State: store.Draft})
	if _, err := site.DB.Exec(`UPDATE members SET bio = E'Paints from windows.\n\nBorn <in> Hull.' WHERE id = $1`, site.Ana.ID); err != nil {
		t.Fatal(err)
	}
	visitor := site.Visitor(t)
	page := visitor.Get("/artists/ana")
	shows(t, "Ana's page", page, http.StatusOK, "<h1 class=\"display\">Ana James</h1>", "Painting, Leeds", "<p>Paints from windows.</p>", "<p>Born &lt;in&gt; Hull.</p>",
		`href="https://ana.example.org" rel="nofollow noopener"`, "ana.example.org", "<dt>For sale</dt><dd>1</dd>", "<dt>Sold here</dt><dd>1</dd>",
		"Sill, March", "Salt Room", "Kept on the wall as a record")
	hides(t, "Ana's page", page, "Unfinished", "Review")

	shows(t, "Dora's page", visitor.Get("/artists/dora"), http.StatusOK, "Dora Isbister has not written about themselves yet.", "Lerwick", "Nothing hangs here at the moment.")
	for _, other := range []string{"/artists/ANA", "/artists/Ana"} {
		if a := visitor.Do(http.MethodGet, other+"?sold=x", nil); a.Status != http.StatusMovedPermanently || a.Location != "/artists/ana?sold=x" {
			t.Errorf("%s: %d to %q", other, a.Status, a.Location)
		}
	}
	for _, nobody := range []string{"/artists/ben", "/artists/nobody", "/artists/%00", "/artists/%ff", "/artists/a%2Fb"} {
		shows(t, nobody, visitor.Get(nobody), http.StatusNotFound)
	}
}

// An address opens a door to someone's home: no public page shows one.
func TestNoPublicPageShowsAnAddress(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{})
	site.Work(t, site.Dora, storetest.Work{})
	ctx := context.Background()
	if _, err := site.Store.SaveArtwork(ctx, site.Ben, 0, work); err != nil {
		t.Fatal(err)
	}
	if err := site.Store.ShowGallery(ctx, site.Ben, store.PublicGallery); err != nil {
		t.Fatal(err)
	}
	for who, browser := range map[string]*handlertest.Browser{"visitor": site.Visitor(t), "collector": site.SignedIn(t, site.Cleo), "artist": site.SignedIn(t, site.Dora)} {
		for _, path := range []string{"/", "/about", "/artists", "/artists?q=ana", "/artists/ana", "/artists/dora", "/galleries", ownGallery(t, site, site.Ben)} {
			a := browser.Get(path)
			shows(t, path, a, http.StatusOK)
			hides(t, path+" to a "+who, a, "Calls Landing", "LS2", "7EW", "Rose Cottage", "Hillhead", "ZE1", "Redcliffe", "BS1", "@example.org")
		}
	}
}

func TestArtistsIndex(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	visitor := site.Visitor(t)
	site.Fill(t, 1500) // 30 artists
	more := regexp.MustCompile(`hx-get="(/artists\?after=[^"]+)"`)
	first := visitor.Get("/artists")
	shows(t, "the list", first, http.StatusOK, `href="/artists/ana"`, `href="/artists/dora"`, "Nothing hung yet", "50 works")
	next := more.FindStringSubmatch(first.Body)
	if next == nil {
		t.Fatal("no way on")
	}
	rows := func(a handlertest.Answer) int { return strings.Count(a.Body, `class="artist-row"`) }
	second := visitor.HX(next[1])
	shows(t, "more", second, http.StatusOK, `hx-swap-oob="beforeend:#rows"`)
	if rows(first) != 20 || rows(second) != 12 || rows(visitor.Get(next[1])) != 12 {
		t.Errorf("pages of %d and %d artists, want 20 and 12", rows(first), rows(second))
	}
	found := visitor.HX("/artists?q=jAmEs")
	shows(t, "a search", found, http.StatusOK, "Ana James", `id="artists"`)
	hides(t, "a search", found, "<html", "Dora")
	shows(t, "nobody", visitor.Get("/artists?q=%22%3Czz%3E"), http.StatusOK, "Nobody by that name", `value="&#34;&lt;zz&gt;"`)
}

func TestAnArtistsWorksOverPages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	for i := range 60 {
		site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("Work %d.", i), SoldOut: i%2 == 0})
	}
	visitor := site.Visitor(t)
	titles := regexp.MustCompile(`Work (\d+)\.</cite>`)
	for _, hang := range []struct {
		param, id string
		odd       int
	}{{"after", "available-works", 1}, {"sold", "sold-works", 0}} {
		seen := map[string]bool{}
		path := "/artists/ana"
		for range 10 {
			a := visitor.Get(path)
			if path != "/artists/ana" {
				a = visitor.HX(path)
				shows(t, path, a, http.StatusOK, `hx-swap-oob="beforeend:#`+hang.id+`"`)
			}
			for _, m := range titles.FindAllStringSubmatch(a.Body, -1) {
				var n int
				fmt.Sscan(m[1], &n)
				if n%2 == hang.odd {
					seen[m[1]] = true
				} else if path != "/artists/ana" {
					t.Errorf("%s shows work %d", path, n)
				}
			}
			next := regexp.MustCompile(`hx-get="(/artists/ana\?` + hang.param + `=[^"]+)"`).FindStringSubmatch(a.Body)
			if next == nil {
				break
			}
			path = next[1]
		}
		if len(seen) != 30 {
			t.Errorf("%s: %d works, want 30", hang.id, len(seen))
		}
	}
}
