package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func photographs(t *testing.T, n int) []handlertest.File {
	t.Helper()
	files := make([]handlertest.File, n)
	for i := range files {
		files[i] = handlertest.File{Field: "packed", Name: fmt.Sprintf("box-%d.jpg", i+1), Content: picture(t, 1400+i, 900)}
	}
	return files
}

func TestAdviceOnPackingIsForWhoPacks(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	o := site.Order(t, site.Ben, site.Work(t, site.Ana, storetest.Work{}), store.ReadyToShip)
	path := fmt.Sprintf("/orders/%d", o.ID)
	// 80 × 60 × 4 cm and 6.5 kg: 6 cm at each edge, 4 before and behind.
	shows(t, "the artist", site.SignedIn(t, site.Ana).Get(path), http.StatusOK, "How to pack it", "At least 92 × 72 × 12 cm inside", "Terms change",
		"Evri", "carries it without cover", "https://www.evri.com/send/what-i-can-and-cannot-send", "ask before you send", "takes 61 cm at most", "does not carry art")
	hides(t, "the collector", site.SignedIn(t, site.Ben).Get(path), "How to pack it")
	if err := site.Store.ShipOrder(context.Background(), site.Ana, o.ID, "By hand", ""); err != nil {
		t.Fatal(err)
	}
	hides(t, "the artist, after dispatch", site.SignedIn(t, site.Ana).Get(path), "How to pack it", "How it was packed")
}

func TestThePackedWorkIsPhotographed(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	o := site.Order(t, site.Ben, site.Work(t, site.Ana, storetest.Work{Title: "Sill"}), store.ReadyToShip)
	path := fmt.Sprintf("/orders/%d", o.ID)
	ana, ben, cleo := site.SignedIn(t, site.Ana), site.SignedIn(t, site.Ben), site.SignedIn(t, site.Cleo)
	count := func() (n int) {
		t.Helper()
		if err := site.DB.Get(&n, `SELECT count(*) FROM images WHERE order_id = $1`, o.ID); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for who, b := range map[string]*handlertest.Browser{"the collector": ben, "a stranger": cleo} {
		want := map[string]int{"the collector": http.StatusForbidden, "a stranger": http.StatusNotFound}[who]
		for _, at := range []string{"/packing", "/shipment"} {
			if a := b.Upload(path+at, photographs(t, 1), nil, "carrier", "By hand"); a.Status != want {
				t.Errorf("%s at %s: %d", who, at, a.Status)
			}
		}
	}
	// One file is none of a picture, one is good; what was typed stays in the form.
	bad := append(photographs(t, 1), handlertest.File{Field: "packed", Name: "notes.txt", Content: []byte("no picture")})
	shows(t, "a bad file", ana.Upload(path+"/shipment", bad, nil, "carrier", "DHL", "tracking", "JD 014 600"), http.StatusUnprocessableEntity,
		"notes.txt: ", "JD 014 600", `aria-describedby="packed-error packed-hint"`, "The picture is being prepared", "Up to three more")
	// Only the photographs, before the rest is known.
	a := ana.Upload(path+"/packing", photographs(t, 2), nil, "carrier", "DHL", "tracking", "JD 014 600")
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	shows(t, "what was typed", ana.Get(a.Header.Get("Location")), http.StatusOK, "JD 014 600", "One more, of up to 20 MB")
	if n := count(); n != 3 {
		t.Fatalf("%d photographs", n)
	}
	// A refused dispatch keeps them, and a fifth is too many.
	shows(t, "no tracking", ana.Upload(path+"/shipment", nil, nil, "carrier", "DHL"), http.StatusUnprocessableEntity, "Enter the tracking number", "One more, of up to 20 MB")
	shows(t, "too many", ana.Upload(path+"/shipment", photographs(t, 2), nil, "carrier", "By hand"), http.StatusUnprocessableEntity, "box-2.jpg: Four photographs are here already.")
	if n := count(); n != 4 {
		t.Fatalf("%d photographs", n)
	}
	site.Develop(t)
	page := ana.Get(path).Body
	keys := regexp.MustCompile(`<a href="/images/([0-9a-z]+)/`).FindAllStringSubmatch(page, -1)
	if len(keys) != 4 || !strings.Contains(page, `alt="Sill, packed: photograph 4"`) {
		t.Fatalf("%d pictures\n%s", len(keys), page)
	}
	seen := func(when string, collector int) {
		t.Helper()
		for who, b := range map[string]*handlertest.Browser{"Ana": ana, "Ben": ben, "Cleo": cleo, "Dora": site.SignedIn(t, site.Dora), "a visitor": site.Visitor(t)} {
			want := map[string]int{"Ana": http.StatusOK, "Ben": collector}[who]
			if want == 0 {
				want = http.StatusNotFound
			}
			for _, size := range []string{"320.jpg", "640.jpg", "960.jpg", "1280.jpg", "1920.jpg", "2560.jpg"} {
				a := b.Get("/images/" + keys[0][1] + "/" + size)
				if cache := a.Header.Get("Cache-Control"); a.Status != want || strings.Contains(cache, "public") {
					t.Errorf("%s, %s at %s: %d, not %d; %q", when, who, size, a.Status, want, cache)
				}
			}
		}
	}
	seen("before dispatch", http.StatusNotFound)
	hides(t, "the collector, before dispatch", ben.Get(path), keys[0][1])
	remove := regexp.MustCompile(`action="(/orders/\d+/packing/\d+)"`).FindAllStringSubmatch(page, -1)
	if len(remove) != 4 {
		t.Fatalf("%d can be removed", len(remove))
	}
	if a := ben.Post(remove[3][1], "_method", "DELETE"); a.Status != http.StatusForbidden {
		t.Errorf("the collector removes one: %d", a.Status)
	}
	if a := ana.Post(remove[3][1], "_method", "DELETE"); a.Status != http.StatusSeeOther || count() != 3 {
		t.Errorf("removed: %d, %d are left", a.Status, count())
	}
	// The last comes with the dispatch itself.
	if a := ana.Upload(path+"/shipment", photographs(t, 1), nil, "carrier", "By hand"); a.Status != http.StatusSeeOther || count() != 4 {
		t.Fatalf("shipped: %d with %d photographs\n%s", a.Status, count(), a.Body)
	}
	site.Clock.Advance(time.Minute)
	site.Develop(t)
	seen("after dispatch", http.StatusOK)
	for who, b := range map[string]*handlertest.Browser{"the artist": ana, "the collector": ben} {
		a := b.Get(path)
		shows(t, who, a, http.StatusOK, "How it was packed", `alt="Sill, packed: photograph 1"`, `alt="Sill, packed: photograph 4"`)
		hides(t, who, a, "packing/", `name="packed"`)
	}
	if a := ana.Post(remove[0][1], "_method", "DELETE"); a.Status != http.StatusConflict || count() != 4 {
		t.Errorf("removed after dispatch: %d, %d are left", a.Status, count())
	}
	if a := ana.Upload(path+"/packing", photographs(t, 1), nil); a.Status != http.StatusConflict || count() != 4 {
		t.Errorf("added after dispatch: %d, %d are there", a.Status, count())
	}
}
