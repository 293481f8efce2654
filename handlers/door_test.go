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
