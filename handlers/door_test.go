package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	elsewhere := site.SignedIn(t, site.Ben)
	b := site.Visitor(t)
	b.Post("/password-reset", "email", strings.ToUpper(site.Ben.Email))
	var letter string
	if err := site.DB.Get(&letter, `SELECT '/dev/mail/' || id FROM outbox WHERE kind = 'password reset'`); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`/password-reset/[A-Za-z0-9._~-]+`).FindString(b.Get(letter).Body)
	if link == "" {
		t.Fatal("the letter has no link")
	}
	for range 2 { // looking does not use it up
		if a := b.Get(link); a.Status != http.StatusOK {
			t.Fatalf("the link: %d", a.Status)
		}
	}
	form := regexp.MustCompile(`type="password"[^>]*`).FindAllString(b.Get(link).Body, -1)
	if len(form) != 2 {
		t.Fatalf("the form asks for %d passwords", len(form))
	}
	names := regexp.MustCompile(`name="([^"]+)" type="password"`).FindAllStringSubmatch(b.Get(link).Body, -1)
	fields := []string{names[0][1], "a new quiet light", names[1][1], "a new quiet light"}
	if a := b.Post(link, fields...); a.Status != http.StatusSeeOther {
		t.Fatalf("setting it: %d\n%s", a.Status, a.Body)
	}
	if a := elsewhere.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("the session from before still opens doors: %d", a.Status)
	}
	if a := site.Visitor(t).Post(link, fields...); a.Status == http.StatusSeeOther && !strings.HasPrefix(a.Location, "/password-reset") {
		t.Errorf("the link works twice: %d to %q", a.Status, a.Location)
	}
	old := site.Visitor(t).Post("/login", "email", site.Ben.Email, "password", storetest.Password)
	if old.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %d", old.Status)
	}
	if a := site.Visitor(t).Post("/login", "email", site.Ben.Email, "password", "a new quiet light"); a.Status != http.StatusSeeOther {
		t.Errorf("the new password: %d", a.Status)
	}
	if strings.Contains(site.Log.String(), "quiet light") {
		t.Error("a password is in the log")
	}
}

func TestPicturesObeyTheirWork(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	for state, visible := range map[store.ArtworkState]bool{store.Listed: true, store.Draft: false, store.Unlisted: false, store.Archived: false} {
		work := site.Hang(t, site.Ana, storetest.Work{State: state}, 1400, 900)
		var key string
		if err := site.DB.Get(&key, `SELECT key FROM images WHERE artwork_id = $1`, work); err != nil {
			t.Fatal(err)
		}
		ana, stranger := site.SignedIn(t, site.Ana), site.Visitor(t)
		for _, size := range []string{"320.jpg", "640.jpg", "1280.jpg", "2560.jpg"} {
			path := "/images/" + key + "/" + size
			a := stranger.Get(path)
			if (a.Status == http.StatusOK) != visible {
				t.Errorf("%s %s to a stranger: %d", state, size, a.Status)
			}
			if a = ana.Get(path); a.Status != http.StatusOK {
				t.Errorf("%s %s to its artist: %d", state, size, a.Status)
			}
			if shared := strings.Contains(a.Header.Get("Cache-Control"), "public"); shared != visible {
				t.Errorf("%s %s may be kept by a shared cache: %q", state, size, a.Header.Get("Cache-Control"))
			}
		}
	}
}

func TestAFormHasABound(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	a := site.Visitor(t).Post("/register", "bio", strings.Repeat("x", 65<<10))
	if a.Status != http.StatusRequestEntityTooLarge || !strings.Contains(a.Body, "more than can be sent at once") {
		t.Errorf("%d\n%s", a.Status, a.Body)
	}
}

func TestTheWaitIsTold(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	b := site.Visitor(t)
	for i := range 5 {
		if a := b.Post("/login", "email", site.Ben.Email, "password", "wrong"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, site.Ben.Email) {
			t.Fatalf("try %d: %d, and the email is kept: %t", i+1, a.Status, strings.Contains(a.Body, site.Ben.Email))
		}
	}
	a := b.Post("/login", "email", site.Ben.Email, "password", storetest.Password)
	if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" || !regexp.MustCompile(`Wait \d+ minutes`).MatchString(a.Body) {
		t.Errorf("%d, Retry-After %q\n%s", a.Status, a.Header.Get("Retry-After"), a.Body)
	}
	if a := b.PostHX("/login", "email", site.Ben.Email, "password", storetest.Password); a.Status != http.StatusTooManyRequests || !strings.Contains(a.Body, "Wait ") {
		t.Errorf("by HTMX: %d\n%s", a.Status, a.Body)
	}
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	one, two, three := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ben)
	if a := one.Get("/account/sessions"); strings.Count(a.Body, "_method") < 3 {
		t.Errorf("the list of devices:\n%s", a.Body)
	}
	if a := one.Post("/account/sessions/others", "_method", "DELETE"); a.Status != http.StatusSeeOther {
		t.Fatalf("ending the others: %d", a.Status)
	}
	if one.Get("/account").Status != http.StatusOK || two.Get("/account").Status != http.StatusSeeOther {
		t.Error("the others are not out, or this one is")
	}
	if a := one.Post("/account/sessions", "_method", "DELETE"); a.Status != http.StatusSeeOther {
		t.Fatalf("signing out everywhere: %d", a.Status)
	}
	if one.Get("/account").Status != http.StatusSeeOther || three.Get("/account").Status != http.StatusSeeOther {
		t.Error("somebody is still in")
	}
}
