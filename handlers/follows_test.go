package handlers_test

import (
	"context"
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

func TestFollowingAnArtist(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ben, visitor := site.SignedIn(t, site.Ben), site.Visitor(t)
	shows(t, "a visitor's way", visitor.Get("/artists/ana"), http.StatusOK, `href="/login?follow=ana&amp;next=%2Fartists%2Fana"`, `href="/artists/ana/feed"`, `action="/artists/ana/digest"`)
	if a := visitor.Post("/login", "email", site.Cleo.Email, "password", storetest.Password, "follow", "ana", "next", "/artists/ana"); a.Location != "/artists/ana" {
		t.Errorf("signed in: %d to %q", a.Status, a.Location)
	}
	shows(t, "after the door", visitor.Get("/artists/ana"), http.StatusOK, "You follow Ana James", `aria-pressed="true"`)
	shows(t, "a click", ben.PostHX("/artists/ana/followers"), http.StatusOK, `aria-pressed="true"`, `hx-delete="/artists/ana/followers"`)
	shows(t, "another", ben.PostHX("/artists/ana/followers"), http.StatusOK, `aria-pressed="true"`)
	following := ben.Get("/following")
	shows(t, "following", following, http.StatusOK, "Ana James", "Send the weekly letter")
	hides(t, "following", following, "Dora Isbister")
	ben.Post("/following/digest", "digest", "1")
	shows(t, "with a letter", ben.Get("/following"), http.StatusOK, "Stop the letter")
	ana := site.SignedIn(t, site.Ana)
	room := ana.Get("/studio/portfolio")
	shows(t, "her room", room, http.StatusOK, "Followed by 2 members and 0 readers of letters")
	hides(t, "her room", room, "Ben", "Cleo", "@example")
	hides(t, "her own page", ana.Get("/artists/ana"), "followers", "/digest")
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill, March", State: store.Draft})
	ana.Post(fmt.Sprintf("/artworks/%d/listing", work), "listed", "1")
	if n, err := site.Store.TellOfNewWorks(context.Background()); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	shows(t, "the bell", ben.HX("/notifications"), http.StatusOK, "Ana James hung a new work:", "Sill, March", fmt.Sprintf(`href="/artworks/%d"`, work))
	if a := ben.Post("/artists/ana/followers", "_method", "DELETE", "next", "/following"); a.Location != "/following" {
		t.Errorf("%d to %q", a.Status, a.Location)
	}
	shows(t, "following nobody", ben.Get("/following"), http.StatusOK, "You follow nobody yet")
}

func TestLettersWithoutAnAccount(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	visitor := site.Visitor(t)
	shows(t, "no address", visitor.Post("/artists/ana/digest", "email", "nobody"), http.StatusUnprocessableEntity, `value="nobody"`, `aria-invalid="true"`)
	answer := func(email string) string {
		a := visitor.Post("/artists/ana/digest", "email", email)
		return fmt.Sprint(a.Status, a.Location, strings.Contains(visitor.Get("/artists/ana").Body, "A letter with a link is on its way."))
	}
	first := answer("reader@example.net")
	if first != "303/artists/anatrue" {
		t.Fatal(first)
	}
	letter := func() store.Letter {
		letters, err := site.Store.RecentLetters(ctx, 1)
		if err != nil || len(letters) != 1 {
			t.Fatal(letters, err)
		}
		return letters[0]
	}
	confirm := "/digest/confirmation/" + letter().ConfirmToken
	shows(t, "looking", visitor.Get(confirm), http.StatusOK, "Yes, write to me")
	shows(t, "looking again confirms nothing", visitor.Get(confirm), http.StatusOK, "Yes, write to me")
	shows(t, "yes", visitor.Post(confirm), http.StatusOK, "You follow Ana James.")
	for _, known := range []string{"reader@example.net", site.Ben.Email} {
		if again := answer(known); again != first {
			t.Errorf("typed for %s: %s, not %s", known, again, first)
		}
	}
	site.Clock.Advance(time.Hour)
	site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	site.Clock.Advance(7 * 24 * time.Hour)
	if n, err := site.Store.WriteDigests(ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	digest := letter()
	one, all := "/digest/stop/"+digest.Digest.Artists[0].StopToken, "/digest/stop/"+digest.Digest.StopToken
	shows(t, "looking at a stop", visitor.Get(one), http.StatusOK, "No more letters about Ana James", "No more letters at all")
	count := func() (n int) {
		if err := site.DB.Get(&n, `SELECT count(*) FROM subscriptions WHERE confirmed_at IS NOT NULL`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if count() != 1 {
		t.Error("looking stopped something")
	}
	// As RFC 8058 has it, also from a page of a mail program's own.
	body := strings.NewReader(url.Values{"List-Unsubscribe": {"One-Click"}}.Encode())
	a := visitor.Do(http.MethodPost, all, body, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://mail.example.com", "Sec-Fetch-Site", "cross-site")
	shows(t, "one click", a, http.StatusOK, "No more letters come.")
	if count() != 0 {
		t.Error("one click stopped nothing")
	}
	shows(t, "again", visitor.Post(all), http.StatusOK, "No more letters come.")
	if strings.Contains(site.Log.String(), "@example") {
		t.Error("an address is in the log")
	}
	for _, page := range []string{"/artists/ana", "/artists", "/studio/portfolio"} {
		hides(t, page, site.SignedIn(t, site.Ana).Get(page), "reader@", "two@")
	}
}

func TestAPortfolio(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill, March"})
	draft := site.Work(t, site.Ana, storetest.Work{Title: "Unfinished", State: store.Draft})
	shows(t, "too long", ana.Post("/studio/portfolio/statement", "statement", strings.Repeat("x", 2001)), http.StatusUnprocessableEntity, "2001 characters; 2000 is the most", strings.Repeat("x", 2001))
	ana.Post("/studio/portfolio/statement", "statement", "Slow <light>.\r\n\r\nAnd dust.")
	line := []string{"year-0", "2024", "what-0", "Slow light", "place-0", "Leeds", "year-1", "soon", "what-1", "Windows", "place-1", ""}
	shows(t, "a line more", ana.Post("/studio/portfolio/exhibitions", append(line, "do", "add")...), http.StatusOK, `name="year-2" type="text" value="soon"`, "Not saved yet")
	shows(t, "moved", ana.Post("/studio/portfolio/exhibitions", append(line, "do", "up-1")...), http.StatusOK, `name="what-1" type="text" value="Slow light"`)
	shows(t, "a wrong year", ana.Post("/studio/portfolio/exhibitions", line...), http.StatusUnprocessableEntity, `href="#year-1"`, `value="soon"`)
	line[7] = "2022"
	if a := ana.Post("/studio/portfolio/exhibitions", line...); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	shows(t, "no name", ana.Post("/studio/series", "name", "", "about", "kept"), http.StatusUnprocessableEntity, "Give the series a name.", "kept")
	made := ana.Post("/studio/series", "name", "North windows", "about", "Five years of one sill.")
	for _, id := range []int64{work, draft} {
		ana.Post(made.Location+"/artworks", "artwork", fmt.Sprint(id))
	}
	shows(t, "the series", ana.Get(made.Location), http.StatusOK, "Sill, March", "Unfinished", "Take out")
	visitor := site.Visitor(t)
	home := strings.Replace(made.Location, "/studio/", "/artists/ana/", 1) + "-north-windows"
	page := visitor.Get("/artists/ana")
	shows(t, "her page", page, http.StatusOK, "<p>Slow &lt;light&gt;.</p>", "<p>And dust.</p>", "Slow light", "2022", `href="`+home+`"`)
	series := visitor.Get(home)
	shows(t, "the series", series, http.StatusOK, "North windows", "Five years of one sill.", "Sill, March", "1 work")
	hides(t, "the series", series, "Unfinished")
	shows(t, "the work", visitor.Get(fmt.Sprintf("/artworks/%d-sill-march", work)), http.StatusOK, `href="`+home+`"`, "North windows")
	if a := visitor.Do(http.MethodGet, strings.TrimSuffix(home, "-north-windows"), nil); a.Status != http.StatusMovedPermanently || a.Location != home {
		t.Errorf("the short address: %d to %q", a.Status, a.Location)
	}
	if a := visitor.Get(strings.Replace(home, "ana", "dora", 1)); a.Status != http.StatusNotFound {
		t.Errorf("under another artist: %d", a.Status)
	}
	dora := site.SignedIn(t, site.Dora)
	for _, a := range []handlertest.Answer{dora.Get(made.Location), dora.Post(made.Location, "name", "Mine"), dora.Post(made.Location, "_method", "DELETE")} {
		if a.Status != http.StatusNotFound {
			t.Errorf("another artist: %d", a.Status)
		}
	}
	if a := ana.Post(made.Location, "_method", "DELETE"); a.Status != http.StatusSeeOther {
		t.Errorf("%d", a.Status)
	}
	if a := visitor.Get(home); a.Status != http.StatusNotFound {
		t.Errorf("taken apart: %d", a.Status)
	}
}
