package store_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

// Whatever a card shows is in memory as it is in the database, from the moment that it
// changes.
func TestCardsFollowEveryChange(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	fillVaried(t, m, 20) // all on one page
	work := m.Work(t, m.Ana, storetest.Work{Title: "Sill"})
	bySQL := m.Open(t)
	bySQL.Blind()
	ctx := context.Background()
	if _, err := m.Store.SaveArtwork(ctx, m.Cleo, 0, work); err != nil {
		t.Fatal(err)
	}
	f := store.Filter{Price: store.Range[store.Pence]{Least: 1}, To: "BT9"}
	page := func(s *store.Store, viewer int64) []store.Card {
		t.Helper()
		page, err := s.Artworks(ctx, viewer, f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Items {
			listed := page.Items[i].ListedAt.UTC()
			page.Items[i].ListedAt = &listed
		}
		return page.Items
	}
	var before []store.Card
	for _, q := range []string{
		`SELECT $1::bigint`,
		`UPDATE members SET first_name = 'Anastasia' WHERE id = (SELECT artist_id FROM artworks WHERE id = $1)`,
		`UPDATE members SET last_name = 'Ørsted' WHERE id = (SELECT artist_id FROM artworks WHERE id = $1)`,
		`UPDATE members SET username = 'other' WHERE id = (SELECT artist_id FROM artworks WHERE id = $1)`,
		`UPDATE members SET postcode = 'ZE1 0AA' WHERE id = (SELECT artist_id FROM artworks WHERE id = $1)`,
		`UPDATE artworks SET title = 'Sill,' WHERE id = $1`,
		`UPDATE artworks SET material = 'Oil, on linen' WHERE id = $1`,
		`UPDATE artworks SET year = 1999 WHERE id = $1`,
		`UPDATE artworks SET medium = 'photography' WHERE id = $1`,
		`UPDATE artworks SET width = 12345 WHERE id = $1`,
		`UPDATE artworks SET height = 12346 WHERE id = $1`,
		`UPDATE artworks SET depth = 250 WHERE id = $1`,
		`UPDATE artworks SET price = 98700 WHERE id = $1`,
		`UPDATE artworks SET edition = 'limited', edition_size = 30 WHERE id = $1`,
		`UPDATE artworks SET edition_size = 31 WHERE id = $1`,
		`UPDATE artworks SET quantity = 5 WHERE id = $1`,
		`UPDATE artworks SET quantity = 4, sold = 1 WHERE id = $1`,
		`UPDATE artworks SET sold = 2 WHERE id = $1`,
		`UPDATE artworks SET held = 1 WHERE id = $1`,
		`UPDATE artworks SET for_sale = false WHERE id = $1`,
		`UPDATE artworks SET listed_at = listed_at + interval '1 microsecond' WHERE id = $1`,
		`UPDATE images SET state = 'preparing' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET state = 'ready' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET key = 'other' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET host = 'cloudinary' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET name = 'other.jpg' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET alt = 'A sill' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET alt = 'A sill.' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET part = 'front' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET width = 4321 WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET height = 4322 WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET ground = '#010203' WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET avif_width = 640 WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET position = 1 WHERE artwork_id = $1 AND position = 0`,
		`UPDATE images SET position = 0 WHERE artwork_id = $1 AND position = 1`,
		`UPDATE images SET artwork_id = NULL WHERE artwork_id = $1`,
		`UPDATE images SET artwork_id = $1 WHERE artwork_id IS NULL`,
		`UPDATE images SET alt = '', palette = '{}' WHERE artwork_id = $1`, // so that no filter changes with what follows
		`DELETE FROM images WHERE artwork_id = $1`,
		`INSERT INTO images (artist_id, artwork_id, state, key, host, name, width, height, ground, created_at)
			SELECT artist_id, id, 'ready', 'new', 'disk', 'new.jpg', 300, 200, '#abcdef', now() FROM artworks WHERE id = $1`,
		`UPDATE artworks SET state = 'unlisted' WHERE id = $1`,
		`UPDATE artworks SET state = 'listed' WHERE id = $1`,
	} {
		if _, err := m.DB.Exec(q, work); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		got, want := page(m.Store, m.Cleo.ID), page(bySQL, m.Cleo.ID)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("after %s in memory\n%+v\nwant\n%+v", q, got[0], want[0])
		}
		if reflect.DeepEqual(want, before) {
			t.Errorf("%s changes no card", q)
		}
		before = want
	}
	saved := func(viewer int64, want int) {
		t.Helper()
		n := 0
		for _, c := range page(m.Store, viewer) {
			if c.Saved {
				n++
			}
		}
		if n != want {
			t.Errorf("%d works are saved by %d, want %d", n, viewer, want)
		}
	}
	saved(m.Cleo.ID, 1)
	saved(m.Ana.ID, 0)
	saved(0, 0)
}

// A work that is hung while its artist gets another name has that name, on its card and in
// what finds it.
func TestAWorkHungDuringARenaming(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	f := form(m, photograph(t, m, m.Ana, "sill"))
	renaming, err := m.DB.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer renaming.Rollback()
	if _, err := renaming.Exec(`UPDATE members SET first_name = 'Anastasia' WHERE id = $1`, m.Ana.ID); err != nil {
		t.Fatal(err)
	}
	hung := make(chan error, 1)
	go func() {
		_, err := m.Store.CreateArtwork(ctx, m.Ana, f)
		hung <- err
	}()
	awaitLock(t, m) // until the work stands before the name
	if err := renaming.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-hung; err != nil {
		t.Fatal(err)
	}
	page, err := m.Store.Artworks(ctx, 0, store.Filter{Query: "anastasia"})
	if err != nil || len(page.Items) != 1 || !strings.HasPrefix(page.Items[0].ArtistName, "Anastasia ") {
		t.Errorf("%+v, %v", page.Items, err)
	}
}
