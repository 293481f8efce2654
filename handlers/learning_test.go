package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// asksNotToLearn reports whether an answer says in both ways that it is not for
// training. It fails when only one is there.
func asksNotToLearn(t *testing.T, what string, a handlertest.Answer) bool {
	t.Helper()
	robots, reserved := a.Header.Get("X-Robots-Tag") == "noai, noimageai", a.Header.Get("Tdm-Reservation") == "1"
	if robots != reserved {
		t.Errorf("%s: X-Robots-Tag %q, Tdm-Reservation %q", what, a.Header.Get("X-Robots-Tag"), a.Header.Get("Tdm-Reservation"))
	}
	return robots
}

func TestMachinesAreAskedNotToLearn(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 800, 600)
	visitor, ana := site.Visitor(t), site.SignedIn(t, site.Ana)
	var key string
	if err := site.DB.Get(&key, `SELECT key FROM images WHERE artwork_id = $1`, work); err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf("/artworks/%d-sill", work)
	short := fmt.Sprintf("/artworks/%d", work)
	theirs := []string{page, "/artists/ana", "/artists/ana/feed", "/images/" + key + "/320.jpg", short + "/card", short + "/card.jpg", "/oembed?url=" + site.URL + page}
	const meta = `<meta name="robots" content="noai, noimageai">`
	saves := func(asked bool) {
		t.Helper()
		fields := []string{"first_name", "Ana", "last_name", "James", "email", storetest.AnaEmail, "username", "ana", "address", "1 Calls Landing", "town", "Leeds", "postcode", "LS2 7EW"}
		if asked {
			fields = append(fields, "no_learning", "1")
		}
		shows(t, "saving", ana.Post("/account", fields...), http.StatusSeeOther)
		if got := strings.Contains(ana.Get("/account").Body, `value="1" checked`); got != asked {
			t.Errorf("the form says %t, want %t", got, asked)
		}
	}
	look := func(asked bool) {
		t.Helper()
		for _, path := range theirs {
			for _, when := range []string{"first", "from the cache"} {
				a := visitor.Get(path)
				if a.Status != http.StatusOK || asksNotToLearn(t, path, a) != asked {
					t.Errorf("%s, %s: %d %v, want asked %t", path, when, a.Status, a.Header, asked)
				}
				if strings.HasPrefix(a.Header.Get("ETag"), "W/") && path == page && asksNotToLearn(t, path, visitor.Do(http.MethodGet, path, nil, "If-None-Match", a.Header.Get("ETag"))) != asked {
					t.Errorf("%s: not modified without asking", path)
				}
			}
		}
		for _, path := range theirs[:2] {
			if strings.Contains(visitor.Get(path).Body, meta) != asked {
				t.Errorf("%s: the meta element, want %t", path, asked)
			}
		}
		card := `<meta name="robots" content="noindex">`
		if asked {
			card = `<meta name="robots" content="noindex, noai, noimageai">`
		}
		shows(t, "the card", visitor.Get(short+"/card"), http.StatusOK, card)
	}
	// changes asks for the page until the signal of the change has reached it.
	changes := func(asked bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); strings.Contains(visitor.Get(page).Body, meta) != asked; {
			if time.Now().After(end) {
				t.Fatalf("the page never changed to %t", asked)
			}
		}
	}
	look(true) // who never heard of the choice
	saves(false)
	changes(false)
	look(false)
	saves(true)
	changes(true)
	look(true)

	// Pages of many artists ask for nobody.
	for _, path := range []string{"/", "/artworks", "/artists", "/about"} {
		if asksNotToLearn(t, path, visitor.Get(path)) {
			t.Errorf("%s asks", path)
		}
	}
	// A draft keeps its own word to robots.
	draft := site.Work(t, site.Ana, storetest.Work{State: store.Draft})
	shows(t, "a draft", ana.Get(fmt.Sprintf("/artworks/%d", draft)), http.StatusOK, `<meta name="robots" content="noindex, noai, noimageai">`)
	// The choice is an artist's.
	hides(t, "a collector's form", site.SignedIn(t, site.Ben).Get("/account"), "no_learning")
}
