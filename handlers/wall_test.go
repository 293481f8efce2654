package handlers_test

import (
	"fmt"
	"net/http"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// addViews gives a work more photographs.
func addViews(t *testing.T, site *handlertest.Site, work int64, n int) {
	t.Helper()
	for i := range n {
		if _, err := site.DB.Exec(`
			INSERT INTO images (artist_id, artwork_id, position, key, name, alt, width, height, ground, created_at)
			SELECT artist_id, id, $2, $3, 'detail.jpg', 'A detail.', 1600, 1200, '#aeb39e', created_at FROM artworks WHERE id = $1`,
			work, i+1, fmt.Sprintf("view%019d%03d", work, i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWorkIsHungOnAnOwnWall(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill"}) // 80 cm wide
	addViews(t, site, work, 1)
	path := fmt.Sprintf("/artworks/%d-sill", work)
	visitor := site.Visitor(t)

	shows(t, "no wall in particular", visitor.Get(path), http.StatusOK, "wall--chalk", `action="`+path+`#to-scale"`)
	page := visitor.Get(path + "?view=2&wall=clay&width=320")
	shows(t, "an own wall", page, http.StatusOK, "wall--clay", "320 cm, your wall", "It fits: 120 cm are left on each side.", `name="width" value="320"`,
		`name="view" value="2"`, `href="`+path+`?view=1&amp;wall=clay&amp;width=320"`)
	shows(t, "a narrow one", visitor.Get(path+"?width=68"), http.StatusOK, "It is 12 cm wider than your wall.")

	for typed, sentence := range map[string]string{"wide": "Write the width of your wall as a number", "49": "between 50 and 2000 cm", "2001": "between 50 and 2000 cm"} {
		page := visitor.Get(path + "?wall=ink&view=2&width=" + typed)
		shows(t, typed, page, http.StatusUnprocessableEntity, "<html", sentence, `value="`+typed+`"`, `aria-invalid="true"`, "wall--ink", `name="view" value="2"`)
		hides(t, typed, page, "your wall</text>", "It fits")
	}
	escaped := visitor.Get(path + "?width=%22%3E%3Cscript%3E")
	shows(t, "markup", escaped, http.StatusUnprocessableEntity, `value="&#34;&gt;&lt;script&gt;"`)
}

func TestPartsOfAWorksPageKeepEachOther(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	addViews(t, site, work, 2)
	path := fmt.Sprintf("/artworks/%d-sill", work)
	visitor := site.Visitor(t)
	for _, c := range []struct{ what, asked, target, on, replaced string }{
		{"a view, from a link older than the wall", "?view=2", "viewer", "?wall=ink&width=320", "?view=2&wall=ink&width=320"},
		{"a wall, from a form older than the view", "?wall=clay&width=200&view=1", "to-scale", "?view=3&wall=ink", "?view=3&wall=clay&width=200"},
		{"a wall that is too small", "?width=3", "to-scale", "?view=3", "?view=3&width=3"},
		{"a wall, back to none", "?wall=chalk&width=", "to-scale", "?wall=ink&width=320", ""},
	} {
		a := visitor.Do(http.MethodGet, path+c.asked, nil, "HX-Request", "true", "HX-Target", c.target, "HX-Current-URL", site.URL+path+c.on)
		status, part := http.StatusOK, `id="`+c.target+`"`
		if c.what == "a wall that is too small" {
			status = http.StatusUnprocessableEntity
		}
		shows(t, c.what, a, status, part)
		hides(t, c.what, a, "<html")
		if to := a.Header.Get("HX-Replace-Url"); to != path+c.replaced {
			t.Errorf("%s: the address is %s, want %s", c.what, to, path+c.replaced)
		}
	}
	elsewhere := visitor.Do(http.MethodGet, path+"?view=2", nil, "HX-Request", "true", "HX-Target", "viewer", "HX-Current-URL", site.URL+"/artworks/99?wall=ink")
	if to := elsewhere.Header.Get("HX-Replace-Url"); to != path+"?view=2" {
		t.Errorf("the wall of another work: %s", to)
	}
}
