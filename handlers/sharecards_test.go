package handlers_test

import (
	"fmt"
	"html"
	"image/jpeg"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/sharecard"
	"openstudio/store/storetest"
)

var sharedImage = regexp.MustCompile(`<meta property="og:image" content="([^"]*)"`)

// shareCard is the path of the card that a page names.
func shareCard(t *testing.T, site *handlertest.Site, page handlertest.Answer) string {
	t.Helper()
	found := sharedImage.FindStringSubmatch(page.Body)
	if found == nil {
		t.Fatalf("no og:image, status %d", page.Status)
	}
	path, ok := strings.CutPrefix(html.UnescapeString(found[1]), site.URL)
	if !ok {
		t.Fatalf("%s is not absolute", found[1])
	}
	return path
}

func TestLinksToAWorkShowItsCard(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 1600, 1200)
	page, visitor := fmt.Sprintf("/artworks/%d-sill", work), site.Visitor(t)
	path := shareCard(t, site, visitor.Get(page))
	card := visitor.Get(path)
	if card.Status != http.StatusOK {
		t.Fatalf("the card: %d", card.Status)
	}
	if size, err := jpeg.DecodeConfig(strings.NewReader(card.Body)); err != nil || size.Width != sharecard.Width || size.Height != sharecard.Height {
		t.Errorf("the card is %v, %v", size, err)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "cross-origin", "Set-Cookie": "",
	} {
		if got := card.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// Without its digest, or with an old one, it is asked for again each time.
	for _, other := range []string{"", "?v=", "?v=0123456789abcdef0123"} {
		a := visitor.Get(fmt.Sprintf("/artworks/%d/card.jpg%s", work, other))
		if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "public, no-cache" || a.Body != card.Body {
			t.Errorf("%q: %d %v", other, a.Status, a.Header)
		}
	}
	if a := visitor.Do(http.MethodGet, path, nil, "If-None-Match", card.Header.Get("ETag")); a.Status != http.StatusNotModified || a.Body != "" {
		t.Errorf("the same card again: %d", a.Status)
	}
	if a := visitor.Do(http.MethodHead, path, nil); a.Status != http.StatusOK || a.Body != "" || a.Header.Get("Content-Length") != fmt.Sprint(len(card.Body)) {
		t.Errorf("HEAD: %d %v", a.Status, a.Header)
	}

	// What is said or shown of the work changes the address, and the card.
	ben, seen := site.SignedIn(t, site.Ben), map[string]string{path: "the first"} // visitors' pages are kept for a moment
	for _, change := range []string{
		`UPDATE artworks SET price = 99900`, `UPDATE artworks SET title = 'Another'`, `UPDATE artworks SET for_sale = false`,
		`UPDATE artworks SET width = 9900`, `UPDATE members SET last_name = 'Other' WHERE username = 'ana'`,
		`UPDATE artworks SET quantity = 0, sold = 1`,
	} {
		if _, err := site.DB.Exec(change); err != nil {
			t.Fatal(err)
		}
		now := shareCard(t, site, ben.Get(fmt.Sprintf("/artworks/%d-", work)))
		if other, ok := seen[now]; ok {
			t.Errorf("after %s: the address of %s", change, other)
		}
		seen[now] = change
		if a := visitor.Get(now); a.Status != http.StatusOK || a.Body == card.Body || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("after %s: %d %v", change, a.Status, a.Header)
		}
	}
	if a := visitor.Get(path); a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "public, no-cache" {
		t.Errorf("the address of before: %d %v", a.Status, a.Header)
	}
}

func TestOnlyListedWorksHaveACard(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 800, 600)
	visitor, ana := site.Visitor(t), site.SignedIn(t, site.Ana)
	path := shareCard(t, site, visitor.Get(fmt.Sprintf("/artworks/%d-sill", work)))
	shows(t, "listed", visitor.Get(path), http.StatusOK)
	for _, state := range []store.ArtworkState{store.Draft, store.Unlisted, store.Archived} {
		if _, err := site.DB.Exec(`UPDATE artworks SET state = $1, for_sale = false`, state); err != nil {
			t.Fatal(err)
		}
		for who, b := range map[string]*handlertest.Browser{"a visitor": visitor, "its artist": ana} {
			a := b.Get(path) // painted before, and remembered
			shows(t, string(state)+" to "+who, a, http.StatusNotFound)
			if strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: its absence is kept", state)
			}
		}
	}
	bare := site.Work(t, site.Ana, storetest.Work{})
	if _, err := site.DB.Exec(`DELETE FROM images WHERE artwork_id = $1`, bare); err != nil {
		t.Fatal(err)
	}
	shows(t, "without a photograph", visitor.Get(fmt.Sprintf("/artworks/%d/card.jpg", bare)), http.StatusNotFound)
	for _, id := range []string{"0", "-1", "abc", "99999999999999999999", fmt.Sprint(work) + "-sill", "999999"} {
		shows(t, id, visitor.Get("/artworks/"+id+"/card.jpg"), http.StatusNotFound)
	}
}

func TestABurstOfCrawlersPaintsACardOnce(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 800, 600)
	visitor := site.Visitor(t)
	path := shareCard(t, site, visitor.Get(fmt.Sprintf("/artworks/%d-sill", work)))
	var wg sync.WaitGroup
	for range 100 { // more than one address may have painted
		wg.Go(func() {
			if a := visitor.Get(path); a.Status != http.StatusOK {
				t.Errorf("%d", a.Status)
			}
		})
	}
	wg.Wait()

	// Whoever has had too many painted waits, but not for those that are remembered.
	// One more is allowed each second, so a slow machine tries again.
	for i := range 20 {
		site.Server.SpendCards("127.0.0.1")
		if a := visitor.Get(path); a.Status != http.StatusOK {
			t.Fatalf("a remembered card: %d", a.Status)
		}
		if _, err := site.DB.Exec(`UPDATE artworks SET price = $1`, 10000+i*100); err != nil {
			t.Fatal(err)
		}
		site.Server.SpendCards("127.0.0.1")
		a := visitor.Get(path)
		if a.Status == http.StatusTooManyRequests {
			if a.Header.Get("Retry-After") == "" || a.Header.Get("ETag") != "" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("refused with %v", a.Header)
			}
			return
		}
	}
	t.Error("nobody is ever refused")
}
