package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/storetest"
)

// count is how many rows each table of a market has.
func count(t *testing.T, m *storetest.Market) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for _, table := range []string{"members", "artworks", "galleries", "gallery_artworks", "orders", "order_events", "payments", "notifications", "outbox", "sessions", "conversations", "messages"} {
		var n int
		if err := m.DB.Get(&n, `SELECT count(*) FROM `+table); err != nil {
			t.Fatal(err)
		}
		rows[table] = n
	}
	return rows
}

func fill(t *testing.T, m *storetest.Market, pictures map[string]*picture) error {
	t.Helper()
	return fillMarket(t.Context(), m.DSN, []byte(storetest.Secret), pictures, time.Now())
}

var errLost = errors.New("the picture is lost")

// names are pictures that no host keeps, for markets that nobody looks at. One
// of them may be lost.
func names(t *testing.T, m *storetest.Market, lost string) map[string]*picture {
	t.Helper()
	pictures := map[string]*picture{}
	for _, w := range demoWorks() {
		for _, p := range w.pictures {
			made := store.MadePicture{Host: diskHost, Key: imagehost.NewKey(), Width: 900, Height: 700, Ground: "#aeb39e"}
			if err := m.Store.IntendPicture(t.Context(), store.StoredPicture{Host: made.Host, Key: made.Key}); err != nil {
				t.Fatal(err)
			}
			pictures[p.file] = &picture{done: make(chan struct{}), kept: keptPicture{MadePicture: made, seed: made.Key}}
			if p.file == lost {
				pictures[p.file].err = errLost
			}
			close(pictures[p.file].done)
		}
	}
	return pictures
}

func disk(t *testing.T) *imagehost.Disk {
	t.Helper()
	d, err := imagehost.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDemoShowsEverythingOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	images := disk(t)
	if err := fill(t, m, hangPictures(ctx, m.Store, images, diskHost)); err != nil {
		t.Fatal(err)
	}
	once := count(t, m)
	if err := fill(t, m, names(t, m, "")); err != nil {
		t.Fatal(err)
	}
	for table, n := range count(t, m) {
		if n != once[table] {
			t.Errorf("filled again: %s has %d rows, then %d", table, once[table], n)
		}
	}
	var statuses []string
	if err := m.DB.Select(&statuses, `SELECT DISTINCT status FROM orders`); err != nil {
		t.Fatal(err)
	}
	for _, s := range store.Statuses() {
		if !slices.Contains(statuses, string(s)) {
			t.Errorf("no order is %s", s)
		}
	}
	var held struct{ Held, Line int }
	err := m.DB.Get(&held, `
		SELECT count(*) FILTER (WHERE status = 'accepted') AS held, count(*) FILTER (WHERE status = 'pending' AND line_at IS NOT NULL) AS line FROM orders`)
	if err != nil || held.Held != 1 || held.Line != 1 {
		t.Errorf("%+v, %v: one work is held, and one waits in line for it", held, err)
	}
	var keys []string
	if err := m.DB.Select(&keys, `SELECT key FROM images WHERE artwork_id IS NOT NULL`); err != nil {
		t.Fatal(err)
	}
	entries, err := demoPictures.ReadDir("demo")
	if err != nil || len(keys) != len(entries) {
		t.Errorf("%d pictures hang, %d are embedded, %v", len(keys), len(entries), err)
	}
	for _, key := range keys {
		picture, err := images.Open(ctx, key, 320, imagehost.JPEG)
		if err != nil {
			t.Fatalf("picture %s: %v", key, err)
		}
		picture.Body.Close()
	}
	for email, unseen := range map[string]int{"maren@openstudio.example": 7, "ruth@openstudio.example": 6} {
		token, _, err := m.Store.SignIn(ctx, email, demoPassword, "test", "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		session, err := m.Store.Session(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		if session.Unseen != unseen {
			t.Errorf("%s has %d unseen, not %d", email, session.Unseen, unseen)
		}
	}
	if once["conversations"] != 2 || once["messages"] != 5 {
		t.Errorf("%d conversations with %d messages", once["conversations"], once["messages"])
	}
	galleries, err := m.Store.Galleries(ctx, "")
	if err != nil || len(galleries.Items) != 3 || galleries.Items[0].Title != "Rooms that face north" || galleries.Items[0].Count != 5 {
		t.Errorf("galleries %+v, %v", galleries.Items, err)
	}
	var waiting int
	if err := m.DB.Get(&waiting, `SELECT count(*) FROM outbox WHERE state <> 'sent'`); err != nil || waiting > 0 {
		t.Errorf("%d letters would go out to nobody, %v", waiting, err)
	}
	var future int
	if err := m.DB.Get(&future, `SELECT count(*) FROM order_events WHERE at > $1`, time.Now()); err != nil || future > 0 {
		t.Errorf("%d events are still to come, %v", future, err)
	}
}

func TestABrokenFillingIsBroughtToItsEnd(t *testing.T) {
	t.Parallel()
	whole, broken := storetest.New(t), storetest.New(t)
	if err := fill(t, whole, names(t, whole, "")); err != nil {
		t.Fatal(err)
	}
	for _, lost := range []string{"chalk-road", "moon-jar-ash-glaze", "growth-rings"} { // early, late, last but the draft
		if err := fill(t, broken, names(t, broken, lost)); !errors.Is(err, errLost) {
			t.Fatalf("not broken off: %v", err)
		}
	}
	if err := fill(t, broken, names(t, broken, "")); err != nil {
		t.Fatal(err)
	}
	want := count(t, whole)
	for table, n := range count(t, broken) {
		if n != want[table] {
			t.Errorf("%s: %d rows, not %d", table, n, want[table])
		}
	}
	var unseen []int
	for _, m := range []*storetest.Market{whole, broken} {
		var n int
		if err := m.DB.Get(&n, `SELECT count(*) FROM notifications WHERE seen_at IS NULL`); err != nil {
			t.Fatal(err)
		}
		unseen = append(unseen, n)
	}
	if unseen[0] != unseen[1] {
		t.Errorf("%d unseen, not %d", unseen[1], unseen[0])
	}
}

func TestOnlyAnEmptyMarketIsFilled(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t) // Ana and Dora are artists
	p := quiet(t)
	p.DatabaseURL = m.DSN
	before := count(t, m)
	if err := p.demoCommand(ctx, nil); err == nil {
		t.Error("a market with artists was filled")
	}
	market, err := p.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer market.close()
	if shown, err := p.fillDemo(ctx, market); shown || err != nil {
		t.Errorf("got %v, %v", shown, err)
	}
	for table, n := range count(t, m) {
		if n != before[table] {
			t.Errorf("%s: %d rows, then %d", table, before[table], n)
		}
	}
}
