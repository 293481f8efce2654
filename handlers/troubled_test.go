package handlers_test

import (
	"net/http"
	"testing"

	"openstudio/handlers/handlertest"
)

// TestWhoGetsNoLettersIsTold on every page of theirs, until another try or another
// address.
func TestWhoGetsNoLettersIsTold(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	const notice = "Letters to you come back"
	hides(t, "before", ana.Get("/account"), notice)
	mark := func() {
		t.Helper()
		if _, err := site.DB.Exec(`INSERT INTO troubled_addresses (email, kind, code, since) VALUES (lower($1), 'refused', '5.1.1', now())`, site.Ana.Email); err != nil {
			t.Fatal(err)
		}
	}
	mark()
	for _, path := range []string{"/", "/studio", "/notifications", "/nothing-is-here"} {
		a := ana.Get(path)
		shows(t, path, a, a.Status, notice, "no such mailbox", `href="/account#letters"`)
	}
	shows(t, "the account", ana.Get("/account"), http.StatusOK, notice, `id="letters"`, site.Ana.Email, "no such mailbox", "Try again", `action="/account/letters"`)
	for who, b := range map[string]*handlertest.Browser{"a visitor": site.Visitor(t), "somebody else": site.SignedIn(t, site.Ben)} {
		hides(t, who, b.Get("/"), notice)
	}
	if a := ana.Post("/account/letters"); a.Status != http.StatusSeeOther {
		t.Errorf("another try: %d", a.Status)
	}
	a := ana.Get("/account")
	shows(t, "after another try", a, http.StatusOK, "A letter to "+site.Ana.Email+" is on its way")
	hides(t, "after another try", a, notice)
	var letters int
	if err := site.DB.Get(&letters, `SELECT count(*) FROM outbox WHERE kind = 'test' AND recipient_id = $1`, site.Ana.ID); err != nil || letters != 1 {
		t.Errorf("%d letters, %v", letters, err)
	}
}
