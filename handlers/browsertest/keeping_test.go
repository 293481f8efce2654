package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// looks are with and without JavaScript.
func looks() []look {
	bare := phone
	bare.NoScript = true
	return []look{desk, bare}
}

// TestGalleryIsKept writes a note, changes the order and takes a work down.
func TestGalleryIsKept(t *testing.T) {
	t.Parallel()
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			first := site.Hang(t, site.Ana, storetest.Work{Title: "North Light"}, 800, 600)
			second := site.Hang(t, site.Ana, storetest.Work{Title: "Salt Room"}, 600, 800)
			site.OpenGallery(t, site.Ben, first, second)
			ben := open(t, site, "Ben", l)
			ben.signIn(site.Ben)
			ben.visit("/gallery")
			ben.fill("li:nth-child(2) textarea", "For the narrow wall by the stairs.")
			ben.press("li:nth-child(2) form.field button")
			ben.await("the note is kept", func() bool {
				var n int
				return site.DB.Get(&n, `SELECT count(*) FROM gallery_artworks WHERE artwork_id = $1 AND note LIKE 'For the narrow%'`, second) == nil && n == 1
			})
			ben.press(`button[aria-label="Move Salt Room earlier"]`)
			ben.await("it hangs first", func() bool {
				var id int64
				return site.DB.Get(&id, `SELECT artwork_id FROM gallery_artworks ORDER BY position LIMIT 1`) == nil && id == second
			})
			ben.do("see it first", chromedp.WaitVisible(`li:nth-child(2) button[aria-label="Take down North Light"]`, chromedp.ByQuery))
			ben.press(`button[aria-label="Take down Salt Room"]`)
			ben.await("it is taken down", func() bool {
				var n int
				return site.DB.Get(&n, `SELECT count(*) FROM gallery_artworks`) == nil && n == 1
			})
			ben.sees("1 work,")
			ben.sees("North Light")
			ben.seesNot("Your note on Salt Room")
		})
	}
}

// TestStaleEditShowsBoth edits one work in two windows.
func TestStaleEditShowsBoth(t *testing.T) {
	t.Parallel()
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 800, 600)
			one, two := open(t, site, "Ana", l), open(t, site, "Ana again", l)
			path := fmt.Sprintf("/artworks/%d/edit", work)
			for _, p := range []*person{one, two} {
				p.signIn(site.Ana)
				p.visit(path)
			}
			one.fill("#material", "distemper on linen")
			one.pressText("Save")
			one.at(fmt.Sprintf("/artworks/%d", work))
			one.sees("Distemper on linen")
			two.fill("#material", "egg tempera")
			two.pressText("Save")
			two.sees("distemper on linen") // what is kept now, beside what was typed
			if !l.NoScript {               // axe is a script
				two.inspect("stale edit")
			}
			var typed, kept string
			two.do("read the field", chromedp.Value("#material", &typed, chromedp.ByQuery))
			if err := site.DB.Get(&kept, `SELECT material FROM artworks WHERE id = $1`, work); err != nil {
				t.Fatal(err)
			}
			if typed != "egg tempera" || kept != "distemper on linen" {
				t.Errorf("typed %q, kept %q", typed, kept)
			}
			two.pressText("Save")
			two.sees("Egg tempera")
		})
	}
}

// TestPhotographsAreOrdered uploads two photographs, puts the second first and
// removes the other.
func TestPhotographsAreOrdered(t *testing.T) {
	t.Parallel()
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			site.KeepDeveloping(t)
			work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 800, 600)
			ana := open(t, site, "Ana", l)
			ana.signIn(site.Ana)
			ana.visit(fmt.Sprintf("/artworks/%d/edit", work))
			ana.do("choose a photograph", chromedp.SetUploadFiles(`input[type="file"]`, []string{photograph(t)}, chromedp.ByQuery))
			if l.NoScript {
				ana.pressText("Add") // the button beside the files
			}
			ana.do("wait for it", chromedp.WaitVisible("#uploads li:nth-child(2) input.input", chromedp.ByQuery))
			ana.fill("#uploads li:nth-child(2) input.input", "The whole work, square on.")
			ana.press(`button[aria-label="Move sill.jpg earlier"]`)
			ana.do("wait for the order", chromedp.WaitVisible(`#uploads li:first-child button[aria-label="Move sill.jpg later"]`, chromedp.ByQuery))
			ana.press(`#uploads li:nth-child(2) button[aria-label^="Remove"]`)
			ana.do("wait for it to go", chromedp.WaitNotPresent("#uploads li:nth-child(2)", chromedp.ByQuery))
			ana.pressText("Save")
			ana.at(fmt.Sprintf("/artworks/%d", work))
			ana.await("one photograph, with its words", func() bool {
				var alts []string
				return site.DB.Select(&alts, `SELECT alt FROM images WHERE artwork_id = $1`, work) == nil && len(alts) == 1 && alts[0] == "The whole work, square on."
			})
		})
	}
}
