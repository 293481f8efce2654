package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// made is a picture at the host.
func made(key string) store.MadePicture {
	return store.MadePicture{Host: "disk", Key: key, Width: 1600, Height: 1200, Ground: "#aeb39e"}
}

// photograph adds a loose image of the artist.
func photograph(t *testing.T, m *storetest.Market, artist store.Member, key string) store.FormImage {
	t.Helper()
	ctx := context.Background()
	if err := m.Store.IntendPicture(ctx, store.StoredPicture{Host: "disk", Key: key}); err != nil {
		t.Fatal(err)
	}
	img, err := m.Store.AddImage(ctx, artist, `C:\pictures\front.jpg`, "seed of "+key, made(key), false)
	if err != nil {
		t.Fatal(err)
	}
	return store.FormImage{ID: img.ID, Alt: "A pale field over a dark band."}
}

// form is a valid form of a painting.
func form(m *storetest.Market, images ...store.FormImage) store.ArtworkForm {
	f := m.Store.NewArtworkForm()
	f.Title, f.Material, f.Height, f.Width, f.Depth, f.Weight, f.Price = "Blue Hour", "oil on linen", "100", "80.5", "4", "6.5", "2,200"
	f.Images, f.Hang = images, len(images) > 0
	return f
}

func TestEveryLimitOfAWork(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, c := range []struct {
		field       string
		set         func(f *store.ArtworkForm, value string)
		inside, out []string
	}{
		{"title", func(f *store.ArtworkForm, v string) { f.Title = v }, []string{"x", long(200)}, []string{"", "  ", long(201)}},
		{"year", func(f *store.ArtworkForm, v string) { f.Year = v }, []string{"1", "2026", "2027"}, []string{"", "0", "-1", "2028", "9999", "MMXX", "99999999999999999999"}},
		{"medium", func(f *store.ArtworkForm, v string) { f.Medium = v }, []string{"textile", "mixed_media"}, []string{"", "Painting", "video"}},
		{"material", func(f *store.ArtworkForm, v string) { f.Material = v }, []string{"x", long(50)}, []string{"", long(51)}},
		{"description", func(f *store.ArtworkForm, v string) { f.Description = v }, []string{"", long(300), "a\r\n" + long(298)}, []string{long(301)}},
		{"height", func(f *store.ArtworkForm, v string) { f.Height = v }, []string{"0.1", "9999.99", "7,5"}, []string{"", "0", "0.09", "10000", "-1", "1.234", "tall"}},
		{"width", func(f *store.ArtworkForm, v string) { f.Width = v }, []string{"0.1", "9999.99"}, []string{"", "0.09", "10000"}},
		{"depth", func(f *store.ArtworkForm, v string) { f.Depth = v }, []string{"", "0.1", "9999.99"}, []string{"0", "0.09", "10000"}},
		{"depth", func(f *store.ArtworkForm, v string) { f.Medium, f.Depth = "ceramics", v }, []string{"0.1"}, []string{""}},
		{"weight", func(f *store.ArtworkForm, v string) { f.Weight = v }, []string{"0.01", "9999.99"}, []string{"", "0", "10000"}},
		{"weight", func(f *store.ArtworkForm, v string) { f.Medium, f.Depth, f.Weight = "digital_art", "", v }, []string{"", "0.01"}, []string{"0", "10000"}},
		{"price", func(f *store.ArtworkForm, v string) { f.Price = v }, []string{"1", "1.00", "99,999.99", "£95"}, []string{"", "0", "0.99", "-5", "100000", "1.001", "free"}},
		{"quantity", func(f *store.ArtworkForm, v string) { f.Edition, f.Quantity = store.OpenEdition, v }, []string{"1", "9999"}, []string{"", "-1", "10000", "1.5"}},
		{"quantity", func(f *store.ArtworkForm, v string) { f.Quantity = v }, []string{"1"}, []string{"2"}},
		{"sale", func(f *store.ArtworkForm, v string) { f.Quantity, f.ForSale = "0", v == "yes" }, []string{"no"}, []string{"yes"}},
		{"edition", func(f *store.ArtworkForm, v string) { f.Edition = store.Edition(v) }, []string{"unique", "open"}, []string{"", "rare"}},
		{"edition_size", func(f *store.ArtworkForm, v string) {
			f.Edition, f.Quantity, f.EditionSize = store.LimitedEdition, "3", v
		}, []string{"3", "9999"}, []string{"", "0", "2", "10000"}},
	} {
		try := func(value string) string {
			f := form(m)
			c.set(&f, value)
			_, err := m.Store.CreateArtwork(ctx, m.Ana, f)
			var inv *store.Invalid
			if err != nil && !errors.As(err, &inv) {
				t.Errorf("%s %q: %v", c.field, value, err)
			}
			return inv.Get(c.field)
		}
		for _, value := range c.inside {
			if sentence := try(value); sentence != "" {
				t.Errorf("%s %q is refused: %s", c.field, value, sentence)
			}
		}
		for _, value := range c.out {
			if try(value) == "" {
				t.Errorf("%s %q is taken", c.field, value)
			}
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	_, err := m.Store.CreateArtwork(context.Background(), m.Ana, store.ArtworkForm{Hang: true, ForSale: true})
	var inv *store.Invalid
	if !errors.As(err, &inv) {
		t.Fatal(err)
	}
	for _, field := range []string{"photographs", "title", "year", "medium", "material", "height", "width", "weight", "edition", "quantity", "price"} {
		if inv.Get(field) == "" {
			t.Errorf("nothing is said about %s", field)
		}
	}
}

func TestAHungWorkNeedsADescribedPhotograph(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	bare := form(m)
	bare.Hang = true
	if _, err := m.Store.CreateArtwork(ctx, m.Ana, bare); err == nil {
		t.Error("a work without a photograph hangs")
	}
	img := photograph(t, m, m.Ana, "a")
	img.Alt = " "
	if _, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, img)); err == nil {
		t.Error("a work whose photograph is not described hangs")
	}
	draft := form(m, img)
	draft.Hang = false
	id, err := m.Store.CreateArtwork(ctx, m.Ana, draft)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Store.SetListed(ctx, m.Ana, id, true); !errors.Is(err, store.ErrConflict) {
		t.Errorf("hanging it: %v", err)
	}
	var eleven []store.FormImage
	for i := range store.ImagesMost + 1 {
		eleven = append(eleven, photograph(t, m, m.Ana, fmt.Sprintf("k%d", i)))
	}
	if _, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, eleven...)); err == nil {
		t.Error("eleven photographs are taken")
	}
	id, err = m.Store.CreateArtwork(ctx, m.Ana, form(m, eleven[:10]...))
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Store.Artwork(ctx, 0, id)
	if err != nil || len(a.Images) != 10 || a.Cover.ID != eleven[0].ID || a.Images[0].Name != "front.jpg" || a.Images[9].ID != eleven[9].ID {
		t.Errorf("%v %+v", err, a.Images)
	}
}

// TestAllOfAPhotographIsRead: each of its fields, whatever stands in it.
func TestAllOfAPhotographIsRead(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	id, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, photograph(t, m, m.Ana, "a"), photograph(t, m, m.Ana, "b")))
	if err != nil {
		t.Fatal(err)
	}
	const name, alt = "\"é\\,\t{}.jpg", "‘Nine’ 🖌 <b>\u2028"
	if _, err := m.DB.Exec(`
		UPDATE images SET name = $2, alt = $3, part = 'edge', avif_width = 640, findings = ARRAY['small', 'a, "b"'], reason = 'r'
		WHERE artwork_id = $1 AND position = 1`, id, name, alt); err != nil {
		t.Fatal(err)
	}
	a, err := m.Store.Artwork(ctx, 0, id)
	if err != nil || len(a.Images) != 2 {
		t.Fatal(a.Images, err)
	}
	want := store.Image{
		ID: a.Images[1].ID, State: store.Ready, Key: "b", Host: "disk", Name: name, Alt: alt, Part: store.EdgePart,
		Width: 1600, Height: 1200, Ground: "#aeb39e", Position: 1, AVIFWidth: 640, Findings: []string{"small", `a, "b"`}, Reason: "r",
	}
	if !reflect.DeepEqual(a.Images[1], want) || want.ID == a.Cover.ID {
		t.Errorf("%+v, want %+v", a.Images[1], want)
	}
	if _, err := m.DB.Exec(`UPDATE images SET state = 'preparing' WHERE artwork_id = $1 AND position = 1`, id); err != nil {
		t.Fatal(err)
	}
	if a, err = m.Store.Artwork(ctx, m.Ana.ID, id); err != nil || a.Images[1].Key != "" || a.Images[1].State != store.Preparing {
		t.Errorf("%+v %v", a.Images, err)
	}
	if _, err := m.DB.Exec(`DELETE FROM images WHERE artwork_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if a, err = m.Store.Artwork(ctx, m.Ana.ID, id); err != nil || a.Images != nil {
		t.Errorf("%+v %v", a.Images, err)
	}
}

func TestTheSameFormTwiceIsOneWork(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	f := form(m, photograph(t, m, m.Ana, "a"))
	ids := make([]int64, 12)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			var err error
			if ids[i], err = m.Store.CreateArtwork(context.Background(), m.Ana, f); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("works %v", ids)
		}
	}
	f.Images = nil
	f.Hang = false
	if id, err := m.Store.CreateArtwork(context.Background(), m.Dora, f); err == nil && id == ids[0] {
		t.Error("another artist's key opens the work")
	}
}

func TestOnlyItsArtistChangesAWork(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	id := m.Work(t, m.Ana, storetest.Work{})
	a, err := m.Store.Artwork(ctx, m.Ana.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, stranger := range []store.Member{m.Dora, m.Ben} {
		for what, err := range map[string]error{
			"update": m.Store.UpdateArtwork(ctx, stranger, id, a.Form()),
			"list":   m.Store.SetListed(ctx, stranger, id, false),
			"sell":   m.Store.SetForSale(ctx, stranger, id, false),
			"delete": func() error { _, err := m.Store.DeleteArtwork(ctx, stranger, id); return err }(),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s by %s: %v", what, stranger.FirstName, err)
			}
		}
	}
	if _, err := m.Store.CreateArtwork(ctx, m.Ben, form(m)); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector lists: %v", err)
	}
	if _, err := m.Store.AddImage(ctx, m.Ben, "x", "x", made("x"), false); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector adds an image: %v", err)
	}
	// A photograph of somebody else, or of another work, cannot be taken.
	var inv *store.Invalid
	for _, img := range []store.FormImage{photograph(t, m, m.Dora, "d"), {ID: a.Images[0].ID, Alt: "mine"}} {
		if _, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, img)); !errors.As(err, &inv) {
			t.Errorf("image %d: %v", img.ID, err)
		}
	}
	if got, err := m.Store.Artwork(ctx, 0, id); err != nil || len(got.Images) != 1 || got.Version != a.Version {
		t.Errorf("the work changed: %v %+v", err, got)
	}
}

func TestAStaleEditShowsBoth(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	id := m.Work(t, m.Ana, storetest.Work{Title: "Sill"})
	a, err := m.Store.Artwork(ctx, m.Ana.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	one, two := a.Form(), a.Form()
	one.Title, one.Price = "Sill, March", "1,500"
	two.Title, two.Material = "Sill, April", "oil on panel"
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, one); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, one); err != nil {
		t.Errorf("the same edit sent twice: %v", err)
	}
	var stale *store.StaleEdit
	err = m.Store.UpdateArtwork(ctx, m.Ana, id, two)
	if !errors.As(err, &stale) || !errors.Is(err, store.ErrConflict) {
		t.Fatalf("the second tab: %v", err)
	}
	want := map[string]string{"title": "Sill, March", "material": "oil on linen", "price": "1500"}
	for _, d := range two.Differences(stale.Now) {
		if want[d.Field] != d.Stored {
			t.Errorf("%s: %q is stored", d.Field, d.Stored)
		}
		delete(want, d.Field)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
	two.Version = stale.Now.Version
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, two); err != nil {
		t.Fatal(err)
	}
	if a, err = m.Store.Artwork(ctx, 0, id); err != nil || a.Title != "Sill, April" || a.Price != 145000 {
		t.Errorf("%v %+v", err, a.Card)
	}
}

func TestWhatIsSoldStaysSold(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	id := m.Work(t, m.Ana, storetest.Work{Medium: store.Printmaking, Edition: store.LimitedEdition, Size: 5, Quantity: 5})
	a, err := m.Store.Artwork(ctx, m.Ana.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	before := a.Form()
	m.Order(t, m.Ben, id, store.ReadyToShip)
	var stale *store.StaleEdit
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, before); !errors.As(err, &stale) {
		t.Errorf("an edit begun before the sale: %v", err)
	}
	if a, err = m.Store.Artwork(ctx, m.Ana.ID, id); err != nil || a.Quantity != 4 || a.PriceLine() != "£1,450, 4 of 5 left" {
		t.Fatalf("%v %+v", err, a.Card)
	}
	for field, change := range map[string]func(f *store.ArtworkForm){
		"edition":      func(f *store.ArtworkForm) { f.Edition = store.OpenEdition },
		"edition_size": func(f *store.ArtworkForm) { f.EditionSize = "4" },
	} {
		f := a.Form()
		change(&f)
		var inv *store.Invalid
		if err := m.Store.UpdateArtwork(ctx, m.Ana, id, f); !errors.As(err, &inv) || inv.Get(field) == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	f := a.Form()
	f.EditionSize, f.Quantity = "4", "3"
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, f); err != nil {
		t.Errorf("one sold and three left of four: %v", err)
	}
}

func TestLabelsOfWorks(t *testing.T) {
	t.Parallel()
	card := func(e store.Edition, size, quantity, sold int, forSale bool) store.Card {
		return store.Card{State: store.Listed, Edition: e, EditionSize: size, Quantity: quantity, Sold: sold, ForSale: forSale, Price: 38000}
	}
	for _, c := range []struct {
		card store.Card
		want string
	}{
		{card(store.UniqueEdition, 0, 1, 0, true), "£380"},
		{card(store.UniqueEdition, 0, 1, 0, false), "Not for sale"},
		{card(store.UniqueEdition, 0, 0, 0, false), "Not for sale"},
		{card(store.UniqueEdition, 0, 0, 1, false), "Sold"},
		{card(store.LimitedEdition, 30, 30, 0, true), "£380"},
		{card(store.LimitedEdition, 30, 22, 8, true), "£380, 22 of 30 left"},
		{card(store.LimitedEdition, 30, 0, 30, false), "Edition sold out"},
		{card(store.OpenEdition, 0, 5, 3, true), "£380"},
		{card(store.OpenEdition, 0, 0, 3, false), "Sold out"},
	} {
		got := c.card.PriceLine()
		if c.card.SoldOut() {
			got = c.card.SoldWords()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.card, got, c.want)
		}
	}
	// In lists, while it lasts.
	held := card(store.LimitedEdition, 30, 2, 28, true)
	for n, want := range []string{"£380, 2 of 30 left", "£380, 2 of 30 left", "£380, on hold"} {
		if held.Held = n; held.LineNow() != want {
			t.Errorf("%d of 2 on hold: %q, want %q", n, held.LineNow(), want)
		}
	}
	if none := card(store.UniqueEdition, 0, 0, 1, true); none.LineNow() != "Not for sale" {
		t.Errorf("none is there: %q", none.LineNow())
	}
}

func TestAWorkWithOrdersIsArchived(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	ordered, plain := m.Work(t, m.Ana, storetest.Work{}), m.Work(t, m.Ana, storetest.Work{})
	o := m.Ask(t, m.Ben, ordered)
	if _, err := m.Store.SaveArtwork(ctx, m.Cleo, 0, plain); err != nil {
		t.Fatal(err)
	}
	if archived, err := m.Store.DeleteArtwork(ctx, m.Ana, ordered); err != nil || !archived {
		t.Errorf("an ordered work: %t %v", archived, err)
	}
	if archived, err := m.Store.DeleteArtwork(ctx, m.Ana, plain); err != nil || archived {
		t.Errorf("a plain work: %t %v", archived, err)
	}
	if _, err := m.Store.Order(ctx, m.Ben, o.ID); err != nil {
		t.Errorf("the order: %v", err)
	}
	for _, id := range []int64{ordered, plain} {
		if _, err := m.Store.Artwork(ctx, m.Cleo.ID, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("work %d: %v", id, err)
		}
	}
	if _, err := m.Store.DeleteArtwork(ctx, m.Ana, ordered); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if hung := hung(t, m, m.Cleo); len(hung) != 0 {
		t.Errorf("still in the gallery: %v", hung)
	}
}

func TestSweepingPhotographs(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	photograph(t, m, m.Ana, "loose")
	kept := photograph(t, m, m.Ana, "kept")
	id, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, kept))
	if err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(23 * time.Hour)
	photograph(t, m, m.Ana, "young")
	if n, err := m.Store.SweepImages(ctx); err != nil || n != 0 {
		t.Errorf("within a day: %d %v", n, err)
	}
	m.Clock.Advance(2 * time.Hour)
	if n, err := m.Store.SweepImages(ctx); err != nil || n != 1 {
		t.Errorf("after a day: %d %v", n, err)
	}
	deletes(t, m, "loose")
	// The picture of an order outlives its place in the work.
	m.Ask(t, m.Ben, id)
	a, err := m.Store.Artwork(ctx, m.Ana.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	f := a.Form()
	f.Images = []store.FormImage{photograph(t, m, m.Ana, "other")}
	f.Images[0].Alt = "Another."
	if err := m.Store.UpdateArtwork(ctx, m.Ana, id, f); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(48 * time.Hour)
	if n, err := m.Store.SweepImages(ctx); err != nil || n != 1 {
		t.Errorf("later: %d %v", n, err)
	}
	deletes(t, m, "young")
	for viewer, want := range map[int64]error{m.Ben.ID: nil, m.Ana.ID: nil, m.Cleo.ID: store.ErrNotFound, m.Dora.ID: store.ErrNotFound, 0: store.ErrNotFound} {
		if access, err := m.Store.ImageAccess(ctx, viewer, "kept"); access.Public || !errors.Is(err, want) {
			t.Errorf("viewer %d: %+v %v", viewer, access, err)
		}
	}
}

// titles lists the titles that a filter finds, over all its pages.
func titles(t *testing.T, m *storetest.Market, f store.Filter) []string {
	t.Helper()
	var list []string
	for {
		page, err := m.Store.Artworks(context.Background(), 0, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Items {
			list = append(list, c.Title)
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	if n, err := m.Store.CountArtworks(context.Background(), f); err != nil || n != len(list) {
		t.Errorf("%+v counts %d and lists %d: %v", f, n, len(list), err)
	}
	return list
}

func TestLookingForWorks(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	hang := func(artist store.Member, w storetest.Work) {
		m.Clock.Advance(time.Minute)
		m.Work(t, artist, w)
	}
	hang(m.Ana, storetest.Work{Title: "Élan 50%", Price: 300, Medium: store.Textile})
	hang(m.Dora, storetest.Work{Title: "Harbour_Arms", Price: 100, Medium: store.Painting})
	hang(m.Ana, storetest.Work{Title: "Sold", Price: 200, SoldOut: true})
	hang(m.Ana, storetest.Work{Title: "Kept", Price: 200, NotForSale: true, Medium: store.Ceramics})
	hang(m.Ana, storetest.Work{Title: "Draft", State: store.Draft})
	hang(m.Ana, storetest.Work{Title: "Down", State: store.Unlisted})
	for _, c := range []struct {
		f    store.Filter
		want string
	}{
		{store.Filter{}, "Kept Sold Harbour_Arms Élan 50%"},
		{store.Filter{Sort: "junk", After: "junk"}, "Kept Sold Harbour_Arms Élan 50%"},
		{store.Filter{Sort: store.PriceUp}, "Harbour_Arms Sold Kept Élan 50%"},
		{store.Filter{Sort: store.PriceDown}, "Élan 50% Kept Sold Harbour_Arms"},
		{store.Filter{ForSale: true}, "Harbour_Arms Élan 50%"},
		{store.Filter{Query: "  ANA JAMES "}, "Kept Sold Élan 50%"},
		{store.Filter{Query: "élan"}, "Élan 50%"},
		{store.Filter{Query: "%"}, "Kept Sold Harbour_Arms Élan 50%"}, // no word is no search
		{store.Filter{Query: "ELAN"}, "Élan 50%"},
		{store.Filter{Query: "harb_ar"}, ""}, // a word is not found by its middle
		{store.Filter{Query: "arms HARB"}, "Harbour_Arms"},
		{store.Filter{Query: "Draft"}, ""},
		{store.Filter{Query: "50%\x00"}, "Élan 50%"},
		{store.Filter{Mediums: []store.Medium{store.Textile}}, "Élan 50%"},
		{store.Filter{Mediums: []store.Medium{store.Textile, store.Ceramics, "junk", store.Textile}}, "Kept Élan 50%"},
		{store.Filter{Mediums: []store.Medium{"junk"}, Query: "james", ForSale: true, Sort: store.PriceUp}, "Élan 50%"},
	} {
		if got := strings.Join(titles(t, m, c.f), " "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got, c.want)
		}
	}
}

func TestPagesOfWorksMeet(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Fill(t, 100)
	for _, f := range []store.Filter{
		{}, {Sort: store.PriceUp}, {Sort: store.PriceDown}, {Query: "work"}, {ForSale: true},
		{Mediums: []store.Medium{store.Painting, store.Textile, store.Ceramics}}, {Mediums: store.Mediums(), Sort: store.PriceDown},
	} {
		seen := map[string]bool{}
		for _, title := range titles(t, m, f) {
			if seen[title] {
				t.Errorf("%+v shows %s twice", f, title)
			}
			seen[title] = true
		}
	}
	// No cursor, however odd, is a fault.
	for _, after := range []string{"AA", "____________", "gICAgICAgICAAQ", "//////////8B", strings.Repeat("A", 40), "_v__________AQI", "____________AQI"} {
		for _, sort := range []store.Sort{store.Newest, store.PriceUp, store.PriceDown} {
			if _, err := m.Store.Artworks(context.Background(), 0, store.Filter{Sort: sort, After: after}); err != nil {
				t.Errorf("%s after %q: %v", sort, after, err)
			}
		}
	}
}

func TestStudioLists(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	listed := m.Work(t, m.Ana, storetest.Work{})
	draft := m.Work(t, m.Ana, storetest.Work{State: store.Draft, NoImage: true})
	m.Work(t, m.Ana, storetest.Work{State: store.Archived})
	m.Work(t, m.Dora, storetest.Work{})
	if _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, listed); err != nil {
		t.Fatal(err)
	}
	page, err := m.Store.StudioArtworks(ctx, m.Ana, "")
	if err != nil || len(page.Items) != 2 || page.Items[0].ID != draft || page.Items[1].Saves != 1 {
		t.Errorf("%v %+v", err, page)
	}
	if _, err := m.Store.StudioArtworks(ctx, m.Ben, ""); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector's studio: %v", err)
	}
	if n, err := m.Store.StudioCount(ctx, m.Ana); err != nil || n != 2 {
		t.Errorf("count: %d %v", n, err)
	}
	if err := m.Store.SetForSale(ctx, m.Ana, m.Work(t, m.Ana, storetest.Work{SoldOut: true}), true); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a sold work for sale: %v", err)
	}
}
