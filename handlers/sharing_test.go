package handlers_test

import (
	"encoding/json"
	"fmt"
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

func TestAWorkIsPassedOn(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	home := fmt.Sprintf("%s/artworks/%d-dusk-and-dawn", site.URL, site.Work(t, site.Ana, storetest.Work{Title: `Dusk & "dawn"`}))
	page := site.Visitor(t).Get(home[len(site.URL):] + "?view=1&wall=ink")
	shows(t, "the page", page, http.StatusOK, `id="share-link" readonly value="`+home+`"`,
		`href="mailto:?subject=Dusk%20%26%20%22dawn%22%20by%20Ana%20James&amp;body=http%3A%2F%2F127.0.0.1`,
		`<p class="small print-only">`+home+`</p>`, "/static/js/share.", `id="share-copy" hidden`)
	draft := site.Work(t, site.Ana, storetest.Work{State: store.Draft})
	hides(t, "a draft", site.SignedIn(t, site.Ana).Get(fmt.Sprintf("/artworks/%d", draft)), `id="share-link"`)
}

func TestAWorksCardStandsInThePagesOfOthers(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Dusk & <dawn>"}, 1600, 800)
	home := fmt.Sprintf("%s/artworks/%d-dusk-and-dawn", site.URL, work)
	card := fmt.Sprintf("/artworks/%d/card", work)
	for who, b := range map[string]*handlertest.Browser{"a visitor": site.Visitor(t), "its artist": site.SignedIn(t, site.Ana)} {
		a := b.Get(card)
		shows(t, who, a, http.StatusOK, "Dusk &amp; &lt;dawn&gt;", "Ana James", "60 × 80 × 4 cm", "£1,450", `href="`+home+`" target="_blank" rel="noopener"`, "/images/")
		hides(t, who, a, "<script", "<form", "/studio", "Save ")
		policy := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "frame-ancestors *") || strings.Contains(policy, "script-src") || a.Header.Get("X-Frame-Options") != "" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", who, a.Header)
		}
		if a := b.Get(home[len(site.URL):]); !strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("the page itself may be framed")
		}
	}
	draft := site.Work(t, site.Ana, storetest.Work{State: store.Draft})
	shows(t, "a draft", site.SignedIn(t, site.Ana).Get(fmt.Sprintf("/artworks/%d/card", draft)), http.StatusNotFound)
}

func TestOthersLearnHowToShowAWork(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: `Dusk & "dawn"`}, 1600, 800)
	home := fmt.Sprintf("%s/artworks/%d-dusk-and-dawn", site.URL, work)
	visitor := site.Visitor(t)
	link := regexp.MustCompile(`<link rel="alternate" type="application/json\+oembed" [^>]*href="([^"]+)"`).FindStringSubmatch(visitor.Get(home[len(site.URL):]).Body)
	if link == nil {
		t.Fatal("the page does not say where")
	}
	a := visitor.Get(strings.TrimPrefix(html.UnescapeString(link[1]), site.URL))
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	var e map[string]any
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"version": "1.0", "type": "rich", "title": `Dusk & "dawn"`, "author_name": "Ana James", "author_url": site.URL + "/artists/ana",
		"provider_name": "OpenStudio", "provider_url": site.URL + "/", "width": 480.0, "height": 390.0, "thumbnail_width": 320.0, "thumbnail_height": 160.0,
		"html": fmt.Sprintf(`<iframe src="%s/artworks/%d/card" title="Dusk &amp; &#34;dawn&#34; by Ana James" width="480" height="390" loading="lazy" frameborder="0" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`, site.URL, work),
	} {
		if e[name] != want {
			t.Errorf("%s is %v, want %v", name, e[name], want)
		}
	}
	thumb := visitor.Get(strings.TrimPrefix(e["thumbnail_url"].(string), site.URL))
	if thumb.Status != http.StatusOK || thumb.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the thumbnail: %d %v", thumb.Status, thumb.Header)
	}
	small := visitor.Get("/oembed?maxwidth=200&maxheight=120&url=" + url.QueryEscape(fmt.Sprintf("%s/artworks/%d", site.URL, work)))
	shows(t, "a small one", small, http.StatusOK, `"width":200,"height":120`)
	shows(t, "XML", visitor.Get("/oembed?format=xml&url="+url.QueryEscape(home)), http.StatusNotImplemented)
	draft := site.Work(t, site.Ana, storetest.Work{State: store.Draft})
	for _, other := range []string{"", "%zz", "https://elsewhere.example" + home[len(site.URL):], home + "/edit", site.URL + "/artists/ana", fmt.Sprintf("%s/artworks/%d", site.URL, draft)} {
		shows(t, other, visitor.Get("/oembed?url="+url.QueryEscape(other)), http.StatusNotFound)
	}
}
