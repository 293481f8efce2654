package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

func TestArtistsByNameOverPages(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	m.Fill(t, 2500) // 50 artists, who share their names by tens
	all := func(q string) (names []string) {
		seen := map[int64]bool{}
		for after := ""; ; {
			page, err := m.Store.Artists(ctx, store.ArtistFilter{Query: q}, after)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page.Items {
				if seen[a.ID] {
					t.Errorf("%s is listed twice", a.Name)
				}
				seen[a.ID] = true
				first, last, _ := strings.Cut(a.Name, " ")
				names = append(names, strings.ToLower(last+" "+first))
			}
			if after = page.Next; after == "" {
				return names
			}
		}
	}
	names := all("")
	if len(names) != 52 {
		t.Errorf("%d artists, want 52: 50, Ana and Dora", len(names))
	}
	for i := 1; i < len(names); i++ {
		if names[i-1] > names[i] {
			t.Errorf("%q before %q", names[i-1], names[i])
		}
	}
	for q, want := range map[string]int{"JAMES": 1, "  ana j": 1, "dora": 1, "isbister": 1, "ben okoro": 0, "number": 50, "%": 0, "_": 0, `\`: 0, "a\x00\xffna": 0} {
		if got := len(all(q)); got != want {
			t.Errorf("looking for %q finds %d artists, want %d", q, got, want)
		}
	}
	if page, err := m.Store.Artists(ctx, store.ArtistFilter{}, "junk"); err != nil || len(page.Items) != 20 {
		t.Errorf("a junk cursor: %d artists, %v; want the first page", len(page.Items), err)
	}
}

func TestAnArtistInAList(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	m.Work(t, m.Ana, storetest.Work{Medium: store.Textile})
	var ids []int64
	for range 4 {
		m.Clock.Advance(time.Minute)
		ids = append(ids, m.Work(t, m.Ana, storetest.Work{Medium: store.Printmaking}))
	}
	m.Work(t, m.Ana, storetest.Work{SoldOut: true, State: store.Archived})
	m.Work(t, m.Ana, storetest.Work{State: store.Draft})
	page, err := m.Store.Artists(ctx, store.ArtistFilter{Query: "ana"}, "")
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d artists, %v", len(page.Items), err)
	}
	a := page.Items[0]
	if a.Name != "Ana James" || a.Town != "Leeds" || a.Medium != store.Printmaking || a.Works != 5 || a.Sold != 0 {
		t.Errorf("Ana is listed as %+v", a)
	}
	var strip []int64
	for _, p := range a.Strip {
		strip = append(strip, p.ArtworkID)
	}
	if want := []int64{ids[3], ids[2], ids[1]}; fmt.Sprint(strip) != fmt.Sprint(want) {
		t.Errorf("strip %v, want the newest three %v", strip, want)
	}
}

func TestArtistByUsername(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	m.Work(t, m.Ana, storetest.Work{})
	m.Work(t, m.Ana, storetest.Work{NotForSale: true})
	m.Work(t, m.Ana, storetest.Work{SoldOut: true, Medium: store.Textile})
	m.Work(t, m.Ana, storetest.Work{State: store.Unlisted})
	for _, username := range []string{"ana", "ANA", "aNa"} {
		a, err := m.Store.ArtistByUsername(ctx, username)
		if err != nil {
			t.Fatal(err)
		}
		if a.Username != "ana" || a.Name != "Ana James" || a.Town != "Leeds" || a.Website != "https://ana.example.org" ||
			a.ForSale != 1 || a.Available != 2 || a.SoldOut != 1 || a.Sold != 1 ||
			fmt.Sprint(a.Mediums) != "[painting textile]" {
			t.Errorf("%s: %+v", username, a)
		}
	}
	for _, username := range []string{"ben", "nobody", "", "a\x00\xff"} {
		if _, err := m.Store.ArtistByUsername(ctx, username); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v, want not found", username, err)
		}
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	h, err := m.Store.Home(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	artists, err := m.Store.CountArtists(ctx, store.ArtistFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Newest) != 0 || len(h.Artists) != 0 || artists != 2 {
		t.Errorf("an empty market: %+v", h)
	}
	old := m.Work(t, m.Dora, storetest.Work{})
	m.Clock.Advance(7*24*time.Hour + time.Second)
	jar := m.Work(t, m.Ana, storetest.Work{Medium: store.Ceramics})
	m.Work(t, m.Ana, storetest.Work{State: store.Draft})
	if h, err = m.Store.Home(ctx, m.Ben.ID); err != nil {
		t.Fatal(err)
	}
	if len(h.Newest) != 2 || h.Newest[0].ID != jar || !h.Newest[0].ThisWeek || h.Newest[1].ID != old || h.Newest[1].ThisWeek {
		t.Errorf("newest: %+v", h.Newest)
	}
	if h.Newest[0].Hangs() || !h.Newest[1].Hangs() {
		t.Error("pots stand and paintings hang")
	}
	if len(h.Artists) != 2 || h.Artists[0].ID != m.Ana.ID || h.Artists[1].ID != m.Dora.ID || len(h.Artists[1].Strip) != 1 {
		t.Errorf("artists: %+v", h.Artists)
	}
}

func TestPublicListsNeverReadTheWholeMarket(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Fill(t, 20_000)
	for what, query := range map[string]string{
		"newest": `SELECT id FROM artworks WHERE state = 'listed' ORDER BY listed_at DESC, id DESC LIMIT 24`,
		"artists after one": `SELECT id FROM members m WHERE m.role = 'artist' AND (m.sort_name, m.id) > (SELECT sort_name, id FROM members WHERE id = 5)
			ORDER BY m.sort_name, m.id LIMIT 21`,
		"works of one": `SELECT medium FROM artworks WHERE artist_id = 5 AND state = 'listed' LIMIT 10001`,
	} {
		if plan := m.Explain(t, query); strings.Contains(plan, "Seq Scan on artworks") || strings.Contains(plan, "Sort") {
			t.Errorf("%s:\n%s", what, plan)
		}
	}
}
