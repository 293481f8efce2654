package handlers_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

type feedLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type feedXML struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated time.Time  `xml:"updated"`
	Author  string     `xml:"author>name"`
	Links   []feedLink `xml:"link"`
	Entries []struct {
		ID      string     `xml:"id"`
		Title   string     `xml:"title"`
		Updated time.Time  `xml:"updated"`
		Author  string     `xml:"author>name"`
		Links   []feedLink `xml:"link"`
		Content struct {
			Type string `xml:"type,attr"`
			HTML string `xml:",chardata"`
		} `xml:"content"`
	} `xml:"entry"`
}

// feed reads a feed and checks what RFC 4287 asks of every one.
func feed(t *testing.T, site *handlertest.Site, b *handlertest.Browser, path string) feedXML {
	t.Helper()
	a := b.Get(path)
	if kind := a.Header.Get("Content-Type"); a.Status != http.StatusOK || kind != "application/atom+xml; charset=utf-8" {
		t.Fatalf("%s: %d %s", path, a.Status, kind)
	}
	var f feedXML
	if err := xml.Unmarshal([]byte(a.Body), &f); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, a.Body)
	}
	if f.Title == "" || f.Updated.IsZero() || f.Author == "" || len(f.Links) != 2 || f.Links[0].Href != site.URL+path || !strings.HasPrefix(f.ID, "tag:127.0.0.1,2026:/") {
		t.Errorf("%s: %+v", path, f)
	}
	for _, e := range f.Entries {
		if e.ID == "" || e.Title == "" || e.Updated.IsZero() || e.Author == "" || len(e.Links) == 0 || e.Content.Type != "html" {
			t.Errorf("%s: %+v", path, e)
		}
	}
	return f
}

func TestFeedsTellOfNewWorks(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	first := site.Clock.Now()
	sill := site.Work(t, site.Ana, storetest.Work{Title: "Sill", SoldOut: true})
	site.Clock.Advance(time.Hour)
	jar := site.Work(t, site.Dora, storetest.Work{Title: "Jar & <lid>", Medium: store.Ceramics})
	site.Work(t, site.Ana, storetest.Work{Title: "Hidden", State: store.Draft})
	visitor := site.Visitor(t)

	all := feed(t, site, visitor, "/artworks.atom")
	if len(all.Entries) != 2 || !all.Updated.Equal(site.Clock.Now()) {
		t.Fatalf("%+v", all)
	}
	newest := all.Entries[0]
	if newest.Title != "Jar & <lid> by Dora Isbister" || newest.Author != "Dora Isbister" || newest.ID != fmt.Sprintf("tag:127.0.0.1,2026:/artworks/%d", jar) ||
		newest.Links[0] != (feedLink{"alternate", "text/html", fmt.Sprintf("%s/artworks/%d-jar-and-lid", site.URL, jar)}) {
		t.Errorf("%+v", newest)
	}
	if picture := newest.Links[1]; picture.Rel != "enclosure" || picture.Type != "image/jpeg" || !strings.Contains(newest.Content.HTML, `<img src="`+picture.Href+`" width="1280" height="960" alt="A pale field`) {
		t.Errorf("%+v: %s", picture, newest.Content.HTML)
	}
	if !strings.Contains(newest.Content.HTML, "Jar &amp; &lt;lid&gt;") {
		t.Errorf("not as HTML: %s", newest.Content.HTML)
	}
	for query, want := range map[string]string{"?medium=ceramics": "Jar", "?q=sill": "Sill", "?sale=1": "Jar"} {
		if f := feed(t, site, visitor, "/artworks.atom"+query); len(f.Entries) != 1 || !strings.HasPrefix(f.Entries[0].Title, want) {
			t.Errorf("%s: %+v", query, f.Entries)
		}
		shows(t, "the list", visitor.Get("/artworks"+query+"&sort=price"), http.StatusOK,
			`<link rel="alternate" type="application/atom+xml"`, `href="/artworks.atom`+query+`"`)
	}
	if f := feed(t, site, visitor, "/artworks.atom?q=nothing"); len(f.Entries) != 0 {
		t.Errorf("%+v", f)
	}

	ana := feed(t, site, visitor, "/artists/ana/feed")
	if len(ana.Entries) != 1 || ana.Author != "Ana James" || !ana.Updated.Equal(first) || !strings.Contains(ana.Entries[0].Content.HTML, "Sold") {
		t.Errorf("%+v", ana)
	}
	if a := visitor.Do(http.MethodGet, "/artists/ANA/feed", nil); a.Status != http.StatusMovedPermanently || a.Location != "/artists/ana/feed" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	shows(t, "the artist", visitor.Get("/artists/ana"), http.StatusOK, `href="/artists/ana/feed"`)
	shows(t, "a collector", visitor.Get("/artists/ben/feed"), http.StatusNotFound)

	// A new title is no new work.
	if _, err := site.DB.Exec(`UPDATE artworks SET title = 'Ledge' WHERE id = $1`, sill); err != nil {
		t.Fatal(err)
	}
	if again := feed(t, site, visitor, "/artists/ana/feed"); again.Entries[0].ID != ana.Entries[0].ID || again.Entries[0].Links[0] == ana.Entries[0].Links[0] {
		t.Errorf("%+v", again.Entries[0])
	}
}

func TestAPublicGalleryHasAFeed(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	path := fmt.Sprintf("/galleries/%d", site.OpenGallery(t, site.Ben, work))
	visitor := site.Visitor(t)
	f := feed(t, site, visitor, path+"/feed")
	if len(f.Entries) != 1 || f.Author != "Ben Okoro" || !strings.Contains(f.Entries[0].Content.HTML, "It makes the hall taller.") {
		t.Errorf("%+v", f)
	}
	shows(t, "the gallery", visitor.Get(path), http.StatusOK, `type="application/atom+xml"`, `href="`+path+`/feed"`)
	var key string
	if err := site.DB.Get(&key, `UPDATE galleries SET visibility = 'link' WHERE collector_id = $1 RETURNING link_token`, site.Ben.ID); err != nil {
		t.Fatal(err)
	}
	shows(t, "by link", visitor.Get(path+"/feed?key="+url.QueryEscape(key)), http.StatusNotFound)
	shows(t, "to its curator", site.SignedIn(t, site.Ben).Get(path+"/feed"), http.StatusNotFound)
	hides(t, "the gallery by link", visitor.Get(path+"?key="+url.QueryEscape(key)), "atom+xml")
}

func TestFeedsAreNotSentTwice(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	visitor := site.Visitor(t)
	a := visitor.Get("/artworks.atom")
	tag, since := a.Header.Get("ETag"), a.Header.Get("Last-Modified")
	if tag == "" || since != site.Clock.Now().Format(http.TimeFormat) || a.Header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatalf("%v", a.Header)
	}
	same := func(want int, headers ...string) {
		t.Helper()
		if a := visitor.Do(http.MethodGet, "/artworks.atom", nil, headers...); a.Status != want || want == http.StatusNotModified && a.Body != "" {
			t.Errorf("%v: %d", headers, a.Status)
		}
	}
	same(http.StatusNotModified, "If-None-Match", tag)
	same(http.StatusNotModified, "If-Modified-Since", since)
	same(http.StatusOK, "If-None-Match", `W/"other"`)
	if _, err := site.DB.Exec(`UPDATE artworks SET price = 99900`); err != nil {
		t.Fatal(err)
	}
	same(http.StatusOK, "If-None-Match", tag, "If-Modified-Since", since)
}
