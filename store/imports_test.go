package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

func importRow(key string) store.ImportRow {
	return store.ImportRow{Key: key, Title: "Sill " + key, Medium: store.Painting, Edition: store.UniqueEdition, Quantity: 1}
}

// wholeRow lacks only a photograph.
func wholeRow(key string) store.ImportRow {
	r := importRow(key)
	r.Material, r.Year, r.Height, r.Width, r.Weight, r.Price, r.Notes = "oil on linen", 1976, 6000, 8000, 650, 145000, "From the attic."
	return r
}

func beginImport(t *testing.T, m *storetest.Market, key string) store.Import {
	t.Helper()
	p, err := m.Store.BeginImport(context.Background(), m.Ana, key, "works.csv", "", "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheSameCatalogueTwiceIsTheSameWorks(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	own := m.Work(t, m.Ana, storetest.Work{})
	var requestKey string
	if err := m.DB.Get(&requestKey, `SELECT request_key FROM artworks WHERE id = $1`, own); err != nil {
		t.Fatal(err)
	}
	p := beginImport(t, m, "file")
	if again := beginImport(t, m, "file"); again.ID != p.ID {
		t.Errorf("the same file is import %d and %d", p.ID, again.ID)
	}
	rows := []store.ImportRow{importRow("1"), wholeRow("2"), importRow(requestKey)}
	first, err := m.Store.ImportArtworks(ctx, m.Ana, p.ID, rows)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 3 || !first[0].Mine || !first[1].Bare || first[2].Mine || first[2].ID != own {
		t.Errorf("%+v", first)
	}
	// Broken off, it goes on; what was there stays as it is.
	rows = append(rows, importRow("3"))
	rows[0].Title = "Another title"
	second, err := m.Store.ImportArtworks(ctx, m.Ana, p.ID, rows)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, second[:3]) {
		t.Errorf("%+v, then %+v", first, second)
	}
	if err := m.Store.EndImport(ctx, m.Ana, p.ID, 6, 2); err != nil {
		t.Fatal(err)
	}
	p, err = m.Store.Import(ctx, m.Ana, p.ID)
	if err != nil || p.Rows != 6 || p.Refused != 2 || p.Known != 1 || p.Drafts != 3 || p.EndedAt == nil {
		t.Errorf("%+v %v", p, err)
	}
	a, err := m.Store.Artwork(ctx, m.Ana.ID, first[0].ID)
	if err != nil || a.Title != "Sill 1" || a.State != store.Draft || a.Year != 0 || a.Price != 0 || a.ForSale || a.Dimensions() != "Size to come" {
		t.Errorf("%+v %v", a, err)
	}
	if f := a.Form(); f.Year != "" || f.Height != "" || f.Price != "" {
		t.Errorf("the form fills gaps: %+v", f)
	}
}

func TestAnImportOfAThousandLosesNoReply(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	s, lossy := m.Lossy(t)
	p := beginImport(t, m, "file")
	var rows []store.ImportRow
	for i := range store.ImportBatch {
		rows = append(rows, wholeRow(fmt.Sprint(i)))
	}
	lossy.LoseNextCommit()
	works, err := s.ImportArtworks(context.Background(), m.Ana, p.ID, rows)
	if err != nil || len(works) != len(rows) || lossy.Lost.Load() != 1 {
		t.Errorf("%d works, %d replies lost: %v", len(works), lossy.Lost.Load(), err)
	}
	if _, err := s.ImportArtworks(context.Background(), m.Ana, p.ID, append(rows, rows[0])); err == nil {
		t.Error("more than a batch is taken")
	}
}

func TestNobodyElseTouchesAnImport(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	p := beginImport(t, m, "file")
	if _, err := m.Store.BeginImport(ctx, m.Ben, "file", "works.csv", "", ""); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector imports: %v", err)
	}
	if _, err := m.Store.Import(ctx, m.Dora, p.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another artist reads it: %v", err)
	}
	if _, err := m.Store.ImportArtworks(ctx, m.Dora, p.ID, []store.ImportRow{importRow("1")}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another artist adds to it: %v", err)
	}
	works, err := m.Store.ImportArtworks(ctx, m.Ana, p.ID, []store.ImportRow{wholeRow("1")})
	if err != nil {
		t.Fatal(err)
	}
	image := waitingImage(t, m, m.Ana, "front.jpg")
	if err := m.Store.GiveImages(ctx, m.Dora, []store.GivenImage{{Artwork: works[0].ID, Image: image, Alt: "A sill."}}); err != nil {
		t.Fatal(err)
	}
	if a, err := m.Store.Artwork(ctx, m.Ana.ID, works[0].ID); err != nil || len(a.Images) != 0 {
		t.Errorf("another artist gives it images: %v", err)
	}
	if n, err := m.Store.HangImport(ctx, m.Dora, p.ID); n != 0 || err != nil {
		t.Errorf("another artist hangs %d: %v", n, err)
	}
	// Another artist may have works of the same numbers.
	q, err := m.Store.BeginImport(ctx, m.Dora, "file", "works.csv", "", "")
	if err != nil || q.ID == p.ID {
		t.Fatal(q, err)
	}
	if works, err := m.Store.ImportArtworks(ctx, m.Dora, q.ID, []store.ImportRow{wholeRow("1")}); err != nil || !works[0].Mine {
		t.Errorf("%+v %v", works, err)
	}
	// The notes are the artist's alone.
	if _, err := m.DB.Exec(`UPDATE artworks SET state = 'listed', listed_at = now() WHERE id = $1`, works[0].ID); err != nil {
		t.Fatal(err)
	}
	for viewer, want := range map[int64]string{0: "", m.Ben.ID: "", m.Ana.ID: "From the attic."} {
		if a, err := m.Store.Artwork(ctx, viewer, works[0].ID); err != nil || a.Notes != want {
			t.Errorf("member %d reads %q: %v", viewer, a.Notes, err)
		}
	}
}

// waitingImage is a photograph that waits for a work.
func waitingImage(t *testing.T, m *storetest.Market, artist store.Member, name string) (id int64) {
	t.Helper()
	err := m.DB.Get(&id, `
		INSERT INTO images (artist_id, key, name, width, height, ground, created_at)
		VALUES ($1, md5(random()::text), $2, 1600, 1200, '#aeb39e', $3) RETURNING id`, artist.ID, name, m.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDraftsOfAnImportHangWhenTheyAreWhole(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	p := beginImport(t, m, "file")
	clay := wholeRow("clay")
	clay.Medium = store.Ceramics // without a depth
	works, err := m.Store.ImportArtworks(ctx, m.Ana, p.ID, []store.ImportRow{wholeRow("whole"), importRow("gaps"), clay, wholeRow("bare")})
	if err != nil {
		t.Fatal(err)
	}
	var given []store.GivenImage
	for i := range 3 {
		given = append(given, store.GivenImage{Artwork: works[i].ID, Image: waitingImage(t, m, m.Ana, "front.jpg"), Alt: "A sill."})
	}
	if err := m.Store.GiveImages(ctx, m.Ana, given); err != nil {
		t.Fatal(err)
	}
	if left, err := m.Store.WaitingImages(ctx, m.Ana); err != nil || len(left) != 0 {
		t.Errorf("%d photographs still wait: %v", len(left), err)
	}
	lacks, ready, err := m.Store.ImportLacks(ctx, m.Ana, p.ID)
	if err != nil || ready != 1 || !slices.Contains(lacks, store.Lack{What: "a depth", Works: 1}) ||
		!slices.Contains(lacks, store.Lack{What: "a photograph", Works: 1}) || !slices.Contains(lacks, store.Lack{What: "a price", Works: 1}) {
		t.Errorf("%d ready, %+v lack: %v", ready, lacks, err)
	}
	var conflict *store.Conflict
	if err := m.Store.SetListed(ctx, m.Ana, works[1].ID, true); !errors.As(err, &conflict) || !strings.Contains(conflict.Sentence, "a year, a material, a height") {
		t.Errorf("a work with gaps is hung: %v", err)
	}
	if err := m.Store.SetForSale(ctx, m.Ana, works[1].ID, true); !errors.As(err, &conflict) {
		t.Errorf("a work without a price is for sale: %v", err)
	}
	for want := 1; want >= 0; want-- { // again, nothing is left to hang
		if n, err := m.Store.HangImport(ctx, m.Ana, p.ID); n != want || err != nil {
			t.Errorf("%d hang, want %d: %v", n, want, err)
		}
	}
	if p, err := m.Store.Import(ctx, m.Ana, p.ID); err != nil || p.Drafts != 3 || p.Hung != 1 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestExportsAreTheMembersOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	work := m.Work(t, m.Ana, storetest.Work{Quantity: 5})
	m.Work(t, m.Dora, storetest.Work{})
	pending := m.Order(t, m.Ben, work, store.Pending)
	accepted := m.Order(t, m.Cleo, work, store.Accepted)
	var works []int64
	if err := m.Store.ExportArtworks(ctx, m.Ana, func(w store.ExportedWork) error { works = append(works, w.ID); return nil }); err != nil || !slices.Equal(works, []int64{work}) {
		t.Errorf("%v %v", works, err)
	}
	seen := map[int64]string{}
	if err := m.Store.ExportOrders(ctx, m.Ana, func(o store.Order) error { seen[o.ID] = o.ShipAddress; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || seen[pending.ID] != "" || seen[accepted.ID] == "" {
		t.Errorf("the seller reads %v", seen)
	}
	clear(seen)
	if err := m.Store.ExportOrders(ctx, m.Ben, func(o store.Order) error { seen[o.ID] = o.ShipAddress; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[pending.ID] == "" {
		t.Errorf("the buyer reads %v", seen)
	}
}
