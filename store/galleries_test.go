package store_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// hung lists the ids of the works in the collector's own gallery, in order.
func hung(t *testing.T, m *storetest.Market, collector store.Member) []int64 {
	t.Helper()
	var ids []int64
	for after := ""; ; {
		g, err := m.Store.MyGallery(context.Background(), collector, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range g.Works.Items {
			ids = append(ids, h.ID)
		}
		if after = g.Works.Next; after == "" {
			if g.Count != len(ids) {
				t.Errorf("the gallery counts %d works and lists %d", g.Count, len(ids))
			}
			return ids
		}
	}
}

func galleryID(t *testing.T, m *storetest.Market, collector store.Member) int64 {
	t.Helper()
	g, err := m.Store.MyGallery(context.Background(), collector, "")
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func TestSavingSaysWhatItDid(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	gallery := galleryID(t, m, m.Ben)
	work := m.Work(t, m.Ana, storetest.Work{Title: "Sill, March"})
	draft := m.Work(t, m.Ana, storetest.Work{State: store.Draft})

	for _, step := range []struct {
		what    string
		do      func() (store.Saving, error)
		changed bool
		err     error
	}{
		{"not there", func() (store.Saving, error) { return m.Store.UnsaveArtwork(ctx, m.Ben, gallery, work) }, false, nil},
		{"added", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Ben, gallery, work) }, true, nil},
		{"already in", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Ben, 0, work) }, false, nil},
		{"removed", func() (store.Saving, error) { return m.Store.UnsaveArtwork(ctx, m.Ben, gallery, work) }, true, nil},
		{"added to their own", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Ben, 0, work) }, true, nil},
		{"a draft", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Ben, gallery, draft) }, false, store.ErrNotFound},
		{"a draft's title", func() (store.Saving, error) { return m.Store.UnsaveArtwork(ctx, m.Ben, gallery, draft) }, false, store.ErrNotFound},
		{"no work", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Ben, gallery, 1<<40) }, false, store.ErrNotFound},
		{"a stranger's gallery", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Cleo, gallery, work) }, false, store.ErrNotFound},
		{"a stranger takes down", func() (store.Saving, error) { return m.Store.UnsaveArtwork(ctx, m.Cleo, gallery, work) }, false, store.ErrNotFound},
		{"an artist", func() (store.Saving, error) { return m.Store.SaveArtwork(ctx, m.Ana, 0, work) }, false, store.ErrForbidden},
	} {
		got, err := step.do()
		if !errors.Is(err, step.err) || got.Changed != step.changed || err == nil && got.Title != "Sill, March" {
			t.Errorf("%s: %+v, %v; want changed %v, error %v", step.what, got, err, step.changed, step.err)
		}
	}
	if got := hung(t, m, m.Ben); len(got) != 1 || got[0] != work {
		t.Errorf("Ben's gallery holds %v, want %d alone", got, work)
	}
}

func TestHundredTogglesAtOnceNeverDoubleARow(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	gallery := galleryID(t, m, m.Ben)
	work := m.Work(t, m.Ana, storetest.Work{})
	other := m.Open(t)

	race := func(toggle func(i int) (store.Saving, error)) (changes int) {
		var wg sync.WaitGroup
		savings := make([]store.Saving, 100)
		for i := range savings {
			wg.Go(func() {
				var err error
				if savings[i], err = toggle(i); err != nil {
					t.Errorf("toggle %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		for _, s := range savings {
			if s.Changed {
				changes++
			}
		}
		return changes
	}
	instance := func(i int) *store.Store {
		if i%2 == 0 {
			return other
		}
		return m.Store
	}
	if n := race(func(i int) (store.Saving, error) { return instance(i).SaveArtwork(ctx, m.Ben, gallery, work) }); n != 1 {
		t.Errorf("%d of 100 saves hung the work, want 1", n)
	}
	if got := hung(t, m, m.Ben); len(got) != 1 {
		t.Errorf("after 100 saves %d rows, want 1", len(got))
	}
	race(func(i int) (store.Saving, error) {
		if i%4 < 2 {
			return instance(i).SaveArtwork(ctx, m.Ben, gallery, work)
		}
		return instance(i).UnsaveArtwork(ctx, m.Ben, gallery, work)
	})
	if got := hung(t, m, m.Ben); len(got) > 1 {
		t.Errorf("after 100 toggles %d rows, want one or none", len(got))
	}
}

func TestSavesAtOnceEachGetAPlace(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	var wg sync.WaitGroup
	want := map[int64]bool{}
	for range 40 {
		work := m.Work(t, m.Ana, storetest.Work{})
		want[work] = true
		wg.Go(func() {
			if _, err := m.Store.SaveArtwork(context.Background(), m.Ben, 0, work); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := hung(t, m, m.Ben) // over two pages
	for _, id := range got {
		delete(want, id)
	}
	if len(got) != 40 || len(want) != 0 {
		t.Errorf("%d works hang, want 40; missing %v", len(got), want)
	}
}

func TestMovingChangesPlacesWithTheNeighbour(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	var w [4]int64
	for i := range w {
		w[i] = m.Work(t, m.Ana, storetest.Work{})
		if _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, w[i]); err != nil {
			t.Fatal(err)
		}
	}
	// A gap in the positions is no neighbour.
	if _, err := m.Store.UnsaveArtwork(ctx, m.Ben, 0, w[1]); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		work int64
		by   int
		want []int64
	}{
		{w[0], -1, []int64{w[0], w[2], w[3]}}, // at the end of the row it stays
		{w[3], 1, []int64{w[0], w[2], w[3]}},
		{w[0], 1, []int64{w[2], w[0], w[3]}},
		{w[3], -1, []int64{w[2], w[3], w[0]}},
		{w[3], -1, []int64{w[3], w[2], w[0]}},
	} {
		if err := m.Store.MoveArtwork(ctx, m.Ben, step.work, step.by); err != nil {
			t.Fatal(err)
		}
		if got := hung(t, m, m.Ben); fmt.Sprint(got) != fmt.Sprint(step.want) {
			t.Fatalf("after moving %d by %d: %v, want %v", step.work, step.by, got, step.want)
		}
	}
	if err := m.Store.MoveArtwork(ctx, m.Ben, w[1], 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("moving a work that does not hang: %v, want not found", err)
	}
	if err := m.Store.MoveArtwork(ctx, m.Cleo, w[0], 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("moving in a stranger's gallery: %v, want not found", err)
	}
	if err := m.Store.MoveArtwork(ctx, m.Dora, w[0], 1); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("an artist moving: %v, want forbidden", err)
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if err := m.Store.MoveArtwork(ctx, m.Ben, w[[]int{0, 2, 3}[i%3]], 1-2*(i%2)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := hung(t, m, m.Ben); len(got) != 3 {
		t.Errorf("after 60 moves at once %v, want the same three works", got)
	}
}

func TestWhoSeesAGallery(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	if _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, m.Work(t, m.Ana, storetest.Work{})); err != nil {
		t.Fatal(err)
	}
	mine, err := m.Store.MyGallery(ctx, m.Ben, "")
	if err != nil {
		t.Fatal(err)
	}
	if mine.Visibility != store.PrivateGallery {
		t.Errorf("a new gallery is %q, want private", mine.Visibility)
	}
	askers := map[string]int64{"visitor": 0, "other collector": m.Cleo.ID, "artist": m.Ana.ID, "curator": m.Ben.ID}
	for _, visibility := range []store.Visibility{store.PrivateGallery, store.LinkGallery, store.PublicGallery} {
		if err := m.Store.ShowGallery(ctx, m.Ben, visibility); err != nil {
			t.Fatal(err)
		}
		for name, asker := range askers {
			for _, link := range []string{"", "no such token at all", mine.LinkToken} {
				g, err := m.Store.Gallery(ctx, asker, mine.ID, link, "")
				sees := asker == m.Ben.ID || visibility == store.PublicGallery || visibility == store.LinkGallery && link == mine.LinkToken
				if sees && err != nil || !sees && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s, %s, link %q: %v; sees: %v", visibility, name, link, err, sees)
				}
				if (g.LinkToken != "") != (asker == m.Ben.ID) {
					t.Errorf("%s, %s: told the link %q", visibility, name, g.LinkToken)
				}
			}
		}
		list, err := m.Store.Galleries(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		if listed := len(list.Items) == 1; listed != (visibility == store.PublicGallery) {
			t.Errorf("%s: listed %v", visibility, listed)
		}
	}

	if err := m.Store.ShowGallery(ctx, m.Ben, store.LinkGallery); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.RenewGalleryLink(ctx, m.Ben); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store.Gallery(ctx, 0, mine.ID, mine.LinkToken, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old link after a new one: %v, want not found", err)
	}
	renewed, err := m.Store.MyGallery(ctx, m.Ben, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store.Gallery(ctx, 0, mine.ID, renewed.LinkToken, ""); err != nil || len(renewed.LinkToken) < 16 {
		t.Errorf("the new link %q: %v", renewed.LinkToken, err)
	}
	var invalid *store.Invalid
	if err := m.Store.ShowGallery(ctx, m.Ben, "everybody"); !errors.As(err, &invalid) {
		t.Errorf("an unknown visibility: %v, want invalid", err)
	}
}

func TestWhatHangsAfterItsArtistActed(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	works := map[store.ArtworkState]int64{}
	for _, state := range []store.ArtworkState{store.Listed, store.Draft, store.Unlisted, store.Archived} {
		works[state] = m.Work(t, m.Ana, storetest.Work{})
		if _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, works[state]); err != nil {
			t.Fatal(err)
		}
		if _, err := m.DB.Exec(`UPDATE artworks SET state = $2 WHERE id = $1`, works[state], state); err != nil {
			t.Fatal(err)
		}
	}
	sold := m.Work(t, m.Ana, storetest.Work{SoldOut: true})
	if _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, sold); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.ShowGallery(ctx, m.Ben, store.PublicGallery); err != nil {
		t.Fatal(err)
	}

	mine, err := m.Store.MyGallery(ctx, m.Ben, "")
	if err != nil {
		t.Fatal(err)
	}
	if mine.Count != 5 || len(mine.Works.Items) != 5 {
		t.Errorf("the curator sees %d of %d works, want 5", len(mine.Works.Items), mine.Count)
	}
	for _, h := range mine.Works.Items {
		listed := h.ID == works[store.Listed] || h.ID == sold
		if h.TakenDown() == listed || (h.Cover.Key != "") != listed {
			t.Errorf("a %s work: taken down %v, picture %q", h.State, h.TakenDown(), h.Cover.Key)
		}
		if h.SoldOut() != (h.ID == sold) {
			t.Errorf("work %d: sold out %v", h.ID, h.SoldOut())
		}
		if !h.Saved {
			t.Errorf("work %d hangs and does not count as saved", h.ID)
		}
	}
	if !mine.Works.Items[0].First || mine.Works.Items[0].Last || !mine.Works.Items[4].Last || mine.Works.Items[4].First {
		t.Error("the ends of the row are not known")
	}

	seen, err := m.Store.Gallery(ctx, 0, mine.ID, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if seen.Count != 2 || len(seen.Works.Items) != 2 || seen.Works.Items[0].ID != works[store.Listed] || seen.Works.Items[1].ID != sold {
		t.Errorf("others see %d of %d works, want the listed and the sold one", len(seen.Works.Items), seen.Count)
	}
	// What was taken down can be taken off the list, too.
	if got, err := m.Store.UnsaveArtwork(ctx, m.Ben, mine.ID, works[store.Archived]); err != nil || !got.Changed {
		t.Errorf("taking down an archived work: %+v, %v", got, err)
	}
}

func TestWhatACuratorMayWrite(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	if _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, work); err != nil {
		t.Fatal(err)
	}
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, c := range []struct {
		title, intro, note string
		fields             []string
	}{
		{long(100), long(700), long(300), nil},
		{"R", "", "", nil},
		{"  Rooms  ", "One.\r\n\r\nTwo.", "A\x00\xffB", nil},
		{long(101), "", long(301), []string{"title", "note"}},
		{"", long(701), long(301), []string{"title", "intro", "note"}},
		{" \n ", "", long(301), []string{"title", "note"}},
	} {
		var got []string
		for _, err := range []error{m.Store.UpdateGallery(ctx, m.Ben, c.title, c.intro), m.Store.NoteArtwork(ctx, m.Ben, work, c.note)} {
			var invalid *store.Invalid
			if errors.As(err, &invalid) {
				for _, f := range invalid.Fields {
					got = append(got, f.Field)
				}
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.fields) {
			t.Errorf("title of %d, intro of %d, note of %d bytes: %v, want %v", len(c.title), len(c.intro), len(c.note), got, c.fields)
		}
	}
	g, err := m.Store.MyGallery(ctx, m.Ben, "")
	if err != nil {
		t.Fatal(err)
	}
	if g.Title != "Rooms" || g.Intro != "One.\n\nTwo." || g.Works.Items[0].Note != "A�B" {
		t.Errorf("kept %q, %q, %q", g.Title, g.Intro, g.Works.Items[0].Note)
	}
	if err := m.Store.NoteArtwork(ctx, m.Cleo, work, "Mine."); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a note in a stranger's gallery: %v, want not found", err)
	}
	if err := m.Store.UpdateGallery(ctx, m.Ana, "Mine", ""); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("an artist's gallery: %v, want forbidden", err)
	}
}

func TestPublicGalleriesByTheirLastRehanging(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	curators := m.Collectors(t, 30)
	for i, c := range curators {
		if i%2 == 0 { // pairs are rehung at the same moment
			m.Clock.Advance(time.Minute)
		}
		if _, err := m.Store.SaveArtwork(ctx, c, 0, work); err != nil {
			t.Fatal(err)
		}
		if err := m.Store.ShowGallery(ctx, c, store.PublicGallery); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Store.ShowGallery(ctx, m.Cleo, store.PublicGallery); err != nil { // bare: not listed
		t.Fatal(err)
	}
	var names []string
	for after := ""; ; {
		page, err := m.Store.Galleries(ctx, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.Items {
			names = append(names, g.CuratorName)
			if g.Count != 1 || len(g.Strip) != 1 || g.Strip[0].ArtworkID != work || g.Strip[0].Image.Key == "" {
				t.Errorf("gallery of %s: %d works, strip %+v", g.CuratorName, g.Count, g.Strip)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(names) != 30 {
		t.Fatalf("%d galleries listed, want 30", len(names))
	}
	for i, name := range names {
		if want := curators[29-i].Name(); name != want {
			t.Errorf("gallery %d is by %s, want %s", i, name, want)
		}
	}
}

func TestCraftedCursorsAskForNothingSpecial(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	if err := m.Store.ShowGallery(ctx, m.Ben, store.PublicGallery); err != nil {
		t.Fatal(err)
	}
	huge := base64.RawURLEncoding.EncodeToString(binary.AppendVarint(nil, math.MaxInt64))
	tiny := base64.RawURLEncoding.EncodeToString(binary.AppendVarint(nil, math.MinInt64))
	pair := base64.RawURLEncoding.EncodeToString(binary.AppendVarint(binary.AppendVarint(nil, math.MaxInt64), math.MinInt64))
	for _, after := range []string{huge, tiny, pair, "%", strings.Repeat("A", 5000)} {
		if _, err := m.Store.MyGallery(ctx, m.Ben, after); err != nil {
			t.Errorf("one's own, after %.20q: %v", after, err)
		}
		if _, err := m.Store.Gallery(ctx, 0, galleryID(t, m, m.Ben), after, after); err != nil {
			t.Errorf("a gallery, after %.20q: %v", after, err)
		}
		if _, err := m.Store.Galleries(ctx, after); err != nil {
			t.Errorf("galleries, after %.20q: %v", after, err)
		}
		if _, err := m.Store.Artists(ctx, store.ArtistFilter{Query: after}, after); err != nil {
			t.Errorf("artists, after %.20q: %v", after, err)
		}
	}
}

func TestOnlyVisibleGalleriesTellOfChanges(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	heard := make(chan store.Signal, 1000)
	listener := m.Open(t)
	go func() { _ = listener.Listen(ctx, func(s store.Signal) { heard <- s }, func() {}) }()
	mark := func(n int64) {
		if _, err := m.DB.Exec(`SELECT pg_notify('openstudio', json_build_object('m', $1::bigint)::text)`, -n); err != nil {
			t.Fatal(err)
		}
	}
	for ready := false; !ready; {
		mark(1)
		select {
		case <-heard:
			ready = true
		case <-time.After(20 * time.Millisecond): // not listening yet: mark again
		}
	}
	// told reports whether a change of the market was heard before the mark n.
	told := func(n int64) (market bool) {
		mark(n)
		for s := range heard {
			if s.Member == -n {
				return market
			}
			market = market || s.Market
		}
		return false
	}
	work := m.Work(t, m.Ana, storetest.Work{})
	for i, step := range []struct {
		what string
		do   func() error
		told bool
	}{
		{"a private save", func() error { _, err := m.Store.SaveArtwork(ctx, m.Ben, 0, work); return err }, false},
		{"a private note", func() error { return m.Store.NoteArtwork(ctx, m.Ben, work, "For the hall.") }, false},
		{"opening", func() error { return m.Store.ShowGallery(ctx, m.Ben, store.PublicGallery) }, true},
		{"a note", func() error { return m.Store.NoteArtwork(ctx, m.Ben, work, "For the stairs.") }, true},
		{"a title", func() error { return m.Store.UpdateGallery(ctx, m.Ben, "Stairs", "") }, true},
		{"a removal", func() error { _, err := m.Store.UnsaveArtwork(ctx, m.Ben, 0, work); return err }, true},
		{"a link", func() error { return m.Store.RenewGalleryLink(ctx, m.Ben) }, true},
		{"closing", func() error { return m.Store.ShowGallery(ctx, m.Ben, store.PrivateGallery) }, true},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if got := told(int64(i) + 2); got != step.told {
			t.Errorf("%s: told %v, want %v", step.what, got, step.told)
		}
	}
}
