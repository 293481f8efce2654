package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// packingOf is the advice for an order of Ana's that Ben has paid.
func packingOf(t *testing.T, m *storetest.Market, o store.Order) store.Packing {
	t.Helper()
	read, err := m.Store.Order(context.Background(), m.Ana, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if read.Packing == nil {
		t.Fatal("no advice")
	}
	return *read.Packing
}

func names(list []store.PackingCarrier) string {
	var all []string
	for _, c := range list {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}

func notNames(list []store.NotCarried) string {
	var all []string
	for _, c := range list {
		all = append(all, strings.TrimSuffix(c.Name+" "+c.Why, " "))
	}
	return strings.Join(all, ", ")
}

// TestHowAWorkIsPacked: the box leaves its space around the work, and carriers are
// those whose terms and sizes take it.
func TestHowAWorkIsPacked(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ready := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	for _, test := range []struct {
		name                         string
		medium                       store.Medium
		width, height, depth, weight int // in hundredths
		packs                        store.Packs
		box                          string
		not                          string
	}{
		{"a small canvas", store.Painting, 3000, 2450, 250, 150, store.PackFlat, "42 37 11", "DPD, UPS"},
		{"a canvas of no depth", store.Painting, 3000, 2400, 0, 0, store.PackFlat, "42 36 9", "DPD, UPS"},
		{"a large one", store.Painting, 15000, 9000, 400, 900, store.PackFlat, "162 102 12", "Royal Mail takes 61 cm at most, Evri takes 120 cm at most, DPD, UPS"},
		{"a print", store.Printmaking, 2970, 4200, 0, 20, store.PackPaper, "40 52 5", "DPD, UPS"},
		{"a framed print", store.Printmaking, 3000, 4200, 300, 120, store.PackFlat, "42 54 11", "DPD, UPS"},
		{"a bowl", store.Ceramics, 2000, 1200, 2000, 230, store.PackSolid, "36 28 36", "DPD, UPS"},
		{"a bronze", store.Sculpture, 2000, 3000, 2000, 1800, store.PackSolid, "40 50 40", "Evri takes 15 kg at most, DPD, UPS"},
		{"a weaving", store.Textile, 8000, 12000, 100, 200, store.PackTextile, "90 130 11", "Royal Mail takes 61 cm at most, Evri takes 120 cm at most, DPD, UPS"},
	} {
		if _, err := m.DB.Exec(`UPDATE orders SET medium = $2, width = $3, height = $4, depth = NULLIF($5, 0), weight = NULLIF($6, 0) WHERE id = $1`,
			ready.ID, test.medium, test.width, test.height, test.depth, test.weight); err != nil {
			t.Fatal(err)
		}
		p := packingOf(t, m, ready)
		if box := fmt.Sprint(p.Width, p.Height, p.Depth); p.Packs != test.packs || box != test.box {
			t.Errorf("%s: %s in %s, not %s in %s", test.name, p.Packs, box, test.packs, test.box)
		}
		if not := notNames(p.Not); not != test.not {
			t.Errorf("%s: not by %s; want not by %s", test.name, not, test.not)
		}
		if carriers := names(p.Carriers); !strings.HasPrefix(carriers, "Art courier, By hand") || strings.Contains(carriers, "DPD") {
			t.Errorf("%s: by %s", test.name, carriers)
		}
		if crate := strings.Contains(strings.Join(p.Materials, " "), "rated for the weight"); len(p.Materials) < 5 || crate != (test.weight > 1000) {
			t.Errorf("%s: in %q", test.name, p.Materials)
		}
	}
}

// TestOnlyWhoPacksIsAdvised: nobody else, at no other time, and not for a file.
func TestOnlyWhoPacksIsAdvised(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	for _, status := range store.Statuses() {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), status)
		for _, who := range []store.Member{m.Ana, m.Ben} {
			read, err := m.Store.Order(ctx, who, o.ID)
			if want := status == store.ReadyToShip && who.ID == m.Ana.ID; err != nil || (read.Packing != nil) != want {
				t.Errorf("%s, to %s: advised %v, %v", status, who.FirstName, read.Packing != nil, err)
			}
		}
	}
	file := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{Medium: store.DigitalArt}), store.ReadyToShip)
	if read, err := m.Store.Order(ctx, m.Ana, file.ID); err != nil || read.Packing != nil {
		t.Errorf("a file: %v, %v", read.Packing, err)
	}
}

// TestTheOperatorKeepsTheLists: a list takes the place of the one before as a
// whole, or nothing changes.
func TestTheOperatorKeepsTheLists(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	list := []store.PackingCarrier{
		{Name: " Gallery  van ", Art: store.CarriesArt, Words: "On Thursdays.", Source: "https://van.example/terms", Heaviest: 5000, Longest: 20000, ReadOn: &day},
		{Name: "DPD", Art: store.AskAboutIt},
	}
	if err := m.Store.SetPackingCarriers(ctx, list); err != nil {
		t.Fatal(err)
	}
	got, err := m.Store.PackingCarriers(ctx)
	if err != nil || names(got) != "Gallery van, DPD" || got[0].Heaviest != 5000 || got[0].Longest != 20000 || !got[0].ReadOn.Equal(day) || got[1].ReadOn != nil {
		t.Errorf("%+v, %v", got, err)
	}
	bad := []store.PackingCarrier{
		{Name: "", Art: store.CarriesArt}, {Name: "A", Art: "perhaps"}, {Name: "a", Art: store.AskAboutIt}, {Name: "B", Art: store.AskAboutIt, Source: "javascript:alert(1)"},
		{Name: strings.Repeat("c", 51), Art: store.AskAboutIt}, {Name: "D", Art: store.AskAboutIt, Longest: 1_000_000},
	}
	var inv *store.Invalid
	if err := m.Store.SetPackingCarriers(ctx, bad); !errors.As(err, &inv) || len(inv.Fields) != len(bad) {
		t.Errorf("a bad list: %v", err)
	}
	if err := m.Store.SetPackingMaterials(ctx, []store.PackingMaterial{{Packs: "soup", Words: "A pot"}, {Packs: store.PackFlat}}); !errors.As(err, &inv) || len(inv.Fields) != 2 {
		t.Errorf("bad materials: %v", err)
	}
	if again, err := m.Store.PackingCarriers(ctx); err != nil || names(again) != "Gallery van, DPD" {
		t.Errorf("after a bad list: %s, %v", names(again), err)
	}
	if err := m.Store.SetPackingMaterials(ctx, []store.PackingMaterial{{Packs: store.PackFlat, Words: "A box"}}); err != nil {
		t.Fatal(err)
	}
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	if p := packingOf(t, m, o); names(p.Carriers) != "Gallery van, DPD" || !slices.Equal(p.Materials, []string{"A box"}) {
		t.Errorf("advice by %s in %q", names(p.Carriers), p.Materials)
	}
}

// loose is a photograph of a member's that is nowhere yet.
func loose(t *testing.T, m *storetest.Market, who store.Member) (image int64) {
	t.Helper()
	err := m.DB.Get(&image, `
		INSERT INTO images (artist_id, key, name, width, height, ground, created_at)
		VALUES ($1, replace(gen_random_uuid()::text, '-', ''), 'box.jpg', 800, 600, '#aeb39e', $2) RETURNING id`, who.ID, m.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// packed keeps a new photograph of Ana's with an order.
func packed(t *testing.T, m *storetest.Market, order int64) (image int64, err error) {
	t.Helper()
	image = loose(t, m, m.Ana)
	return image, m.Store.KeepPackedPicture(context.Background(), m.Ana, order, image)
}

// TestFourPhotographsOfThePackedWork races many photographs into one order.
func TestFourPhotographsOfThePackedWork(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	images := make([]int64, 12)
	for i := range images {
		images[i] = loose(t, m, m.Ana)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for _, image := range images {
		all.Go(func() {
			err := m.Store.KeepPackedPicture(ctx, m.Ana, o.ID, image)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				kept++
			} else if !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	read, err := m.Store.Order(ctx, m.Ana, o.ID)
	if err != nil || kept != 4 || len(read.Packed) != 4 {
		t.Fatalf("%d kept, %d are there, %v", kept, len(read.Packed), err)
	}
	if _, err := m.DB.Exec(`UPDATE images SET order_id = $1, position = 4 WHERE id = $2`, o.ID, loose(t, m, m.Ana)); err == nil {
		t.Error("the schema takes a fifth")
	}
	if err := m.Store.RemovePackedPicture(ctx, m.Ana, o.ID, read.Packed[1].ID); err != nil {
		t.Fatal(err)
	}
	image, err := packed(t, m, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if read, err = m.Store.Order(ctx, m.Ana, o.ID); err != nil || len(read.Packed) != 4 || read.Packed[1].ID != image {
		t.Errorf("the freed place: %+v, %v", read.Packed, err)
	}
}

// TestThePackedWorkStaysAsItWas: after dispatch neither the store nor the schema
// changes it, and before it only its artist does.
func TestThePackedWorkStaysAsItWas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	image, err := packed(t, m, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	for who, want := range map[*store.Member]error{&m.Ben: store.ErrForbidden, &m.Cleo: store.ErrNotFound, &m.Dora: store.ErrNotFound} {
		if err := m.Store.RemovePackedPicture(ctx, *who, o.ID, image); !errors.Is(err, want) {
			t.Errorf("%s removes it: %v", who.FirstName, err)
		}
		if err := m.Store.KeepPackedPicture(ctx, *who, o.ID, loose(t, m, *who)); !errors.Is(err, want) {
			t.Errorf("%s adds to it: %v", who.FirstName, err)
		}
	}
	for i, who := range []store.Member{m.Ana, m.Ben} {
		if read, err := m.Store.Order(ctx, who, o.ID); err != nil || len(read.Packed) != 1-i {
			t.Errorf("before dispatch %s sees %d, %v", who.FirstName, len(read.Packed), err)
		}
	}
	if err := m.Store.ShipOrder(ctx, m.Ana, o.ID, "By hand", ""); err != nil {
		t.Fatal(err)
	}
	for _, who := range []store.Member{m.Ana, m.Ben} {
		if read, err := m.Store.Order(ctx, who, o.ID); err != nil || len(read.Packed) != 1 {
			t.Errorf("after dispatch %s sees %d, %v", who.FirstName, len(read.Packed), err)
		}
	}
	if err := m.Store.RemovePackedPicture(ctx, m.Ana, o.ID, image); !errors.Is(err, store.ErrConflict) {
		t.Errorf("removed after dispatch: %v", err)
	}
	if _, err := packed(t, m, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("added after dispatch: %v", err)
	}
	for _, query := range []string{
		`DELETE FROM images WHERE id = $1`, `UPDATE images SET order_id = NULL WHERE id = $1`, `UPDATE images SET position = 2 WHERE id = $1`,
		`UPDATE images SET alt = 'other' WHERE id = $1`, `UPDATE images n SET order_id = i.order_id, position = 3 FROM images i WHERE i.id = $1 AND n.id <> i.id AND n.order_id IS NULL`,
	} {
		if _, err := m.DB.Exec(query, image); err == nil || !strings.Contains(err.Error(), "stay as they are") {
			t.Errorf("%s: %v", query, err)
		}
	}
	m.Clock.Advance(48 * time.Hour)
	if _, err := m.Store.SweepImages(ctx); err != nil {
		t.Fatal(err)
	}
	if read, err := m.Store.Order(ctx, m.Ben, o.ID); err != nil || len(read.Packed) != 1 {
		t.Errorf("after a sweep: %d, %v", len(read.Packed), err)
	}
}

// TestDispatchEndsPacking races photographs with the dispatch: none comes after it.
func TestDispatchEndsPacking(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	for range 5 {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
		image := loose(t, m, m.Ana)
		var both sync.WaitGroup
		both.Go(func() {
			if err := m.Store.ShipOrder(ctx, m.Ana, o.ID, "By hand", ""); err != nil {
				t.Error(err)
			}
		})
		kept := make(chan bool, 1)
		both.Go(func() {
			err := m.Store.KeepPackedPicture(ctx, m.Ana, o.ID, image)
			if err != nil && !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
			kept <- err == nil
		})
		both.Wait()
		if read, err := m.Store.Order(ctx, m.Ben, o.ID); err != nil || len(read.Packed) == 1 != <-kept {
			t.Errorf("%d photographs, %v", len(read.Packed), err)
		}
	}
}
