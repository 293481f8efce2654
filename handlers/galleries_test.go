package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// ownGallery is the path of a collector's gallery and its work's, for toggles.
func ownGallery(t *testing.T, site *handlertest.Site, collector store.Member) string {
	t.Helper()
	g, err := site.Store.MyGallery(context.Background(), collector, "")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/galleries/%d", g.ID)
}

// shows checks a status and that a body holds all of the texts.
func shows(t *testing.T, what string, a handlertest.Answer, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("%s: %d, want %d\n%s", what, a.Status, status, a.Body)
		return
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			t.Errorf("%s lacks %q:\n%s", what, text, a.Body)
		}
	}
}

func hides(t *testing.T, what string, a handlertest.Answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			t.Errorf("%s says %q:\n%s", what, text, a.Body)
		}
	}
}

func TestSavingWithoutScript(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill, March"})
	gallery := ownGallery(t, site, site.Ben)
	ben := site.SignedIn(t, site.Ben)
	page := fmt.Sprintf("/artworks/%d", work)
	one := fmt.Sprintf("%s/artworks/%d", gallery, work)
	for _, step := range []struct {
		do  func() handlertest.Answer
		say string
	}{
		{func() handlertest.Answer { return ben.Post(one, "_method", "DELETE", "next", page) }, "“Sill, March” is not in your gallery."},
		{func() handlertest.Answer {
			return ben.Post(gallery+"/artworks", "artwork", fmt.Sprint(work), "next", page)
		}, "“Sill, March” now hangs in your gallery."},
		{func() handlertest.Answer {
			return ben.Post(gallery+"/artworks", "artwork", fmt.Sprint(work), "next", page)
		}, "“Sill, March” is already in your gallery."},
		{func() handlertest.Answer { return ben.Post(one, "_method", "DELETE", "next", page) }, "“Sill, March” is taken down from your gallery."},
	} {
		a := step.do()
		if a.Status != http.StatusSeeOther || a.Location != page {
			t.Errorf("%s: %d to %q, want back to %s", step.say, a.Status, a.Location, page)
		}
		shows(t, "the next page", ben.Get("/about"), http.StatusOK, step.say)
	}
	for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example", ""} {
		if a := ben.Post(gallery+"/artworks", "artwork", fmt.Sprint(work), "next", next); a.Location != "/gallery" {
			t.Errorf("next %q leads to %q", next, a.Location)
		}
	}
	for what, a := range map[string]handlertest.Answer{
		"no work":        ben.Post(gallery+"/artworks", "artwork", "junk"),
		"another's":      site.SignedIn(t, site.Cleo).Post(gallery+"/artworks", "artwork", fmt.Sprint(work)),
		"no gallery":     ben.Post("/galleries/junk/artworks", "artwork", fmt.Sprint(work)),
		"another's down": site.SignedIn(t, site.Cleo).Post(one, "_method", "DELETE"),
	} {
		shows(t, what, a, http.StatusNotFound)
	}
	shows(t, "an artist", site.SignedIn(t, site.Dora).Post(gallery+"/artworks", "artwork", fmt.Sprint(work)), http.StatusForbidden)
	if a := site.Visitor(t).Post(gallery+"/artworks", "artwork", fmt.Sprint(work)); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login") {
		t.Errorf("a visitor: %d to %q, want the door", a.Status, a.Location)
	}
}

func TestTheToggleIsAFragmentAndTellsTheTruth(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill, March"})
	gallery := ownGallery(t, site, site.Ben)
	ben := site.SignedIn(t, site.Ben)
	one := fmt.Sprintf("%s/artworks/%d", gallery, work)

	saved := ben.PostHX(gallery+"/artworks", "artwork", fmt.Sprint(work))
	shows(t, "saved", saved, http.StatusOK, `aria-pressed="true"`, one)
	hides(t, "the fragment", saved, "<html")
	shows(t, "saved again", ben.PostHX(gallery+"/artworks", "artwork", fmt.Sprint(work)), http.StatusOK, `aria-pressed="true"`)
	shows(t, "after a reload", ben.Get("/artists/ana"), http.StatusOK, `aria-pressed="true"`, one)
	down := ben.Do(http.MethodDelete, one, nil, "HX-Request", "true")
	shows(t, "taken down", down, http.StatusOK, gallery+"/artworks")
	hides(t, "taken down", down, `aria-pressed="true"`, "<html")
	hides(t, "after a reload", ben.Get("/artists/ana"), one)
}

func TestCurating(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	ben := site.SignedIn(t, site.Ben)
	shows(t, "a bare gallery", ben.Get("/gallery"), http.StatusOK, "Your gallery is waiting for its first masterpiece", `href="/artworks"`)

	var works [3]int64
	for i, w := range []storetest.Work{{Title: "One"}, {Title: "Two", SoldOut: true}, {Title: "Three"}} {
		works[i] = site.Work(t, site.Ana, w)
		if _, err := site.Store.SaveArtwork(ctx, site.Ben, 0, works[i]); err != nil {
			t.Fatal(err)
		}
	}
	order := func(a handlertest.Answer) (titles []string) {
		for _, m := range regexp.MustCompile(`aria-label="Take down (\w+)"`).FindAllStringSubmatch(a.Body, -1) {
			titles = append(titles, m[1])
		}
		return titles
	}
	if got := order(ben.Get("/gallery")); fmt.Sprint(got) != "[One Two Three]" {
		t.Errorf("hung as %v", got)
	}
	position := fmt.Sprintf("/gallery/artworks/%d/position", works[0])
	if a := ben.PostHX(position, "by", "1"); fmt.Sprint(order(a)) != "[Two One Three]" || strings.Contains(a.Body, "<html") {
		t.Errorf("moved: %d, %v", a.Status, order(a))
	}
	if a := ben.Post(position, "by", "1"); a.Status != http.StatusSeeOther || a.Location != "/gallery" {
		t.Errorf("moved without script: %d to %q", a.Status, a.Location)
	}
	if got := order(ben.Get("/gallery")); fmt.Sprint(got) != "[Two Three One]" {
		t.Errorf("after two moves %v", got)
	}
	shows(t, "a jump", ben.Post(position, "by", "7"), http.StatusUnprocessableEntity)

	note := fmt.Sprintf("/gallery/artworks/%d/note", works[0])
	if a := ben.Post(note, "note", "It makes the hall taller."); a.Status != http.StatusSeeOther {
		t.Errorf("a note: %d", a.Status)
	}
	shows(t, "the note", ben.Get("/gallery"), http.StatusOK, "It makes the hall taller.", "Your note is kept.")
	kept := ben.PostHX(note, "note", "It makes the hall <i>taller</i>.")
	shows(t, "the note by script", kept, http.StatusOK, "Saved")
	if kept.Header.Get("HX-Reswap") != "none" {
		t.Error("the form would be swapped away")
	}
	shows(t, "the note", ben.Get("/gallery"), http.StatusOK, "It makes the hall &lt;i&gt;taller&lt;/i&gt;.")
	long := strings.Repeat("n", 301)
	shows(t, "a long note", ben.Post(note, "note", long), http.StatusUnprocessableEntity, long, "That is 301 characters; 300 is the most.", "<html")
	fragment := ben.PostHX(note, "note", long)
	shows(t, "a long note by script", fragment, http.StatusUnprocessableEntity, long, "That is 301 characters; 300 is the most.")
	hides(t, "a long note by script", fragment, "<html", "Take down")

	if _, err := site.DB.Exec(`UPDATE artworks SET state = 'unlisted' WHERE id = $1`, works[2]); err != nil {
		t.Fatal(err)
	}
	page := ben.Get("/gallery")
	shows(t, "with a work taken down", page, http.StatusOK, "Taken down by the artist", "Three", "Sold")
	hides(t, "with a work taken down", page, fmt.Sprintf(`href="/artworks/%d"`, works[2]))

	shows(t, "a long title", ben.Post("/gallery", "title", strings.Repeat("t", 101), "intro", "Rooms, all of them."), http.StatusUnprocessableEntity,
		strings.Repeat("t", 101), "Rooms, all of them.", "That is 101 characters; 100 is the most.")
	shows(t, "no title", ben.PostHX("/gallery", "title", " ", "intro", "Rooms."), http.StatusUnprocessableEntity, "Give your gallery a title.", "Rooms.")
	if a := ben.Post("/gallery", "title", "Rooms that face north", "intro", "Works I own.\r\n\r\nWorks I want."); a.Status != http.StatusSeeOther {
		t.Errorf("a title: %d", a.Status)
	}
	shows(t, "the title", ben.Get("/gallery"), http.StatusOK, `value="Rooms that face north"`, "Works I own.")

	// A stranger's change of it is not found, an artist's is not theirs to make.
	shows(t, "a stranger's note", site.SignedIn(t, site.Cleo).Post(note, "note", "Mine."), http.StatusNotFound)
	dora := site.SignedIn(t, site.Dora)
	for _, path := range []string{"/gallery", "/gallery/visibility", "/gallery/link", note, position} {
		shows(t, "an artist: "+path, dora.Post(path, "title", "T", "visibility", "public", "by", "1"), http.StatusForbidden)
	}
	shows(t, "an artist's gallery", dora.Get("/gallery"), http.StatusForbidden)
}

func TestSharing(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill, March"})
	gone := site.Work(t, site.Ana, storetest.Work{Title: "Withdrawn"})
	for _, w := range []int64{work, gone} {
		if _, err := site.Store.SaveArtwork(ctx, site.Ben, 0, w); err != nil {
			t.Fatal(err)
		}
	}
	if err := site.Store.NoteArtwork(ctx, site.Ben, work, "The first thing I see in winter."); err != nil {
		t.Fatal(err)
	}
	if _, err := site.DB.Exec(`UPDATE artworks SET state = 'archived' WHERE id = $1`, gone); err != nil {
		t.Fatal(err)
	}
	path := ownGallery(t, site, site.Ben)
	ben := site.SignedIn(t, site.Ben)
	others := map[string]*handlertest.Browser{"visitor": site.Visitor(t), "other collector": site.SignedIn(t, site.Cleo), "artist": site.SignedIn(t, site.Ana)}
	link := regexp.MustCompile(`value="` + regexp.QuoteMeta(site.URL+path) + `\?key=([\w-]+)"`)

	see := func(key string, status int) {
		t.Helper()
		for name, b := range others {
			a := b.Get(path + key)
			shows(t, name+" with "+key, a, status)
			if status == http.StatusOK {
				shows(t, name, a, status, "Sill, March", "The first thing I see in winter.", "A gallery by Ben Okoro")
				hides(t, name, a, "Withdrawn", "Taken down", "Redcliffe", "BS1")
			}
		}
	}
	see("", http.StatusNotFound)
	see("?key=x", http.StatusNotFound)
	shows(t, "the curator, private", ben.Get(path), http.StatusOK, "Sill, March", `content="noindex"`)

	shows(t, "no choice", ben.Post("/gallery/visibility"), http.StatusUnprocessableEntity, "Choose who can see your gallery.")
	panel := ben.PostHX("/gallery/visibility", "visibility", "link")
	shows(t, "by the link", panel, http.StatusOK, `id="sharing"`, "Whoever has the link")
	key := link.FindStringSubmatch(panel.Body)
	if key == nil {
		t.Fatalf("no link in the panel:\n%s", panel.Body)
	}
	see("", http.StatusNotFound)
	see("?key="+key[1], http.StatusOK)
	shows(t, "not for crawlers", others["visitor"].Get(path+"?key="+key[1]), http.StatusOK, `content="noindex"`)
	hides(t, "the list", others["visitor"].Get("/galleries"), path)

	renewed := link.FindStringSubmatch(ben.PostHX("/gallery/link").Body)
	if renewed == nil || renewed[1] == key[1] {
		t.Fatalf("renewed to %v", renewed)
	}
	see("?key="+key[1], http.StatusNotFound)
	see("?key="+renewed[1], http.StatusOK)

	if a := ben.Post("/gallery/visibility", "visibility", "public"); a.Status != http.StatusSeeOther || a.Location != "/gallery" {
		t.Errorf("opening: %d to %q", a.Status, a.Location)
	}
	see("", http.StatusOK)
	shows(t, "the list", site.SignedIn(t, site.Cleo).Get("/galleries"), http.StatusOK, path, "Ben’s gallery", "A gallery by Ben Okoro", "1 work.")
	hides(t, "open to crawlers", others["visitor"].Get(path), "noindex")
	if a := ben.Post("/gallery/visibility", "visibility", "private"); a.Status != http.StatusSeeOther {
		t.Errorf("closing: %d", a.Status)
	}
	see("?key="+renewed[1], http.StatusNotFound)
	for _, junk := range []string{"/galleries/0", "/galleries/-1", "/galleries/x", "/galleries/99999999999999999999"} {
		shows(t, junk, others["visitor"].Get(junk), http.StatusNotFound)
	}
}

func TestAGalleryOfManyPages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	for i := range 30 {
		work := site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("Sheet %d.", i+1)})
		if _, err := site.Store.SaveArtwork(ctx, site.Ben, 0, work); err != nil {
			t.Fatal(err)
		}
	}
	if err := site.Store.ShowGallery(ctx, site.Ben, store.LinkGallery); err != nil {
		t.Fatal(err)
	}
	g, err := site.Store.MyGallery(ctx, site.Ben, "")
	if err != nil {
		t.Fatal(err)
	}
	more := regexp.MustCompile(`hx-get="([^"]+after=[^"]+)"`)
	visitor := site.Visitor(t)
	first := visitor.Get(fmt.Sprintf("/galleries/%d?key=%s", g.ID, g.LinkToken))
	shows(t, "the first page", first, http.StatusOK, "Sheet 24.", "30 works")
	hides(t, "the first page", first, "Sheet 25.")
	next := more.FindStringSubmatch(first.Body)
	if next == nil {
		t.Fatal("no way on")
	}
	second := visitor.HX(strings.ReplaceAll(next[1], "&amp;", "&"))
	shows(t, "the second page", second, http.StatusOK, "Sheet 25.", "Sheet 30.", `hx-swap-oob="beforeend:#plates"`)
	hides(t, "the second page", second, "<html", "Sheet 24.")

	ben := site.SignedIn(t, site.Ben)
	mine := regexp.MustCompile(`href="(/gallery\?after=[^"]+)"`).FindStringSubmatch(ben.Get("/gallery").Body)
	if mine == nil {
		t.Fatal("no way on in one's own gallery")
	}
	shows(t, "one's own second page", ben.Get(mine[1]), http.StatusOK, "Sheet 25.", "The first works")
}
