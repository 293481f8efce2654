package handlers_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

type sitemapXML struct {
	XMLName xml.Name
	Entries []struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
	} `xml:",any"`
}

// sitemap reads a sitemap and checks what holds for every one.
func sitemap(t *testing.T, b *handlertest.Browser, path, root string) sitemapXML {
	t.Helper()
	a := b.Get(path)
	if kind := a.Header.Get("Content-Type"); a.Status != http.StatusOK || kind != "application/xml; charset=utf-8" {
		t.Fatalf("%s: %d, %s", path, a.Status, kind)
	}
	if kept := a.Header.Get("Cache-Control"); kept != "public, max-age=3600" {
		t.Errorf("%s: %s", path, kept)
	}
	var m sitemapXML
	if err := xml.Unmarshal([]byte(a.Body), &m); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, a.Body)
	}
	if want := (xml.Name{Space: "http://www.sitemaps.org/schemas/sitemap/0.9", Local: root}); m.XMLName != want {
		t.Errorf("%s: %v", path, m.XMLName)
	}
	return m
}

func TestSitemapsLeadToEveryPublicPage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Dusk & <dawn>"})
	site.Work(t, site.Dora, storetest.Work{Title: "Hidden", State: store.Draft})
	ctx := context.Background()
	series, err := site.Store.SaveSeries(ctx, site.Ana, 0, "Tides & more", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Store.PutInSeries(ctx, site.Ana, series, work); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Store.SaveSeries(ctx, site.Ana, 0, "Empty", ""); err != nil {
		t.Fatal(err)
	}
	gallery := site.OpenGallery(t, site.Ben, work)
	site.OpenGallery(t, site.Cleo) // empty
	visitor := site.Visitor(t)
	robots := visitor.Get("/robots.txt")
	shows(t, "robots", robots, http.StatusOK, "\nSitemap: "+site.URL+"/sitemap.xml\n")
	var all []string
	for _, part := range sitemap(t, visitor, "/sitemap.xml", "sitemapindex").Entries {
		path := strings.TrimPrefix(part.Loc, site.URL)
		for _, page := range sitemap(t, visitor, path, "urlset").Entries {
			clean := strings.TrimPrefix(page.Loc, site.URL)
			all = append(all, clean)
			shows(t, clean, visitor.Do(http.MethodGet, clean, nil), http.StatusOK, `<link rel="canonical" href="`+page.Loc+`">`)
			if path != "/sitemaps/pages.xml" && page.LastMod != site.Clock.Now().Format(time.RFC3339) && !strings.HasPrefix(clean, "/galleries") {
				t.Errorf("%s was changed %s", clean, page.LastMod)
			}
		}
	}
	want := []string{"/", "/about", "/artists", "/artists/ana", fmt.Sprintf("/artists/ana/series/%d-tides-and-more", series), "/artworks", fmt.Sprintf("/artworks/%d-dusk-and-dawn", work), "/galleries", fmt.Sprintf("/galleries/%d", gallery)}
	if slices.Sort(all); !slices.Equal(all, want) {
		t.Errorf("%v", all)
	}
	for _, part := range []string{"works-1.xml", "works-01.xml", "works--1.xml", "works.xml", "works-0", "members-0.xml", "pages-0.xml", "x"} {
		a := visitor.Get("/sitemaps/" + part)
		shows(t, part, a, http.StatusNotFound, "<html")
		if a.Header.Get("Cache-Control") == "public, max-age=3600" {
			t.Errorf("that there is no %s is kept", part)
		}
	}
}
