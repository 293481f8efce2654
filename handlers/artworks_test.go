package handlers_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// picture is a JPEG file.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a small PNG file that says it is 20,000 pixels wide and high.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	header := file[12:29] // "IHDR" and its 13 bytes, the checksum after them
	binary.BigEndian.PutUint32(header[4:], 20_000)
	binary.BigEndian.PutUint32(header[8:], 20_000)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(header))
	return file
}

// typed are the fields of a valid form.
func typed(more ...string) []string {
	return append([]string{"key", "8a1b6c1e-5a0f-4c1d-9d3a-0123456789ab", "title", "Blue Hour", "year", "2026", "medium", "painting", "material", "oil on linen",
		"height", "100", "width", "80.5", "depth", "4", "weight", "6.5", "edition", "unique", "quantity", "1", "price", "2,200", "sale", "1"}, more...)
}

var imageID = regexp.MustCompile(`name="image" value="(\d+)"`)

func TestAWorkIsHungWithoutScript(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	files := []handlertest.File{{Field: "photographs", Name: "front.jpg", Content: picture(t, 1600, 1200)}, {Field: "photographs", Name: "notes.txt", Content: []byte("no picture")}}

	// One file is refused: nothing is made, and the other one is kept.
	a := ana.Upload("/artworks", files, nil, typed("do", "hang")...)
	shows(t, "a form with a bad file", a, http.StatusUnprocessableEntity, "front.jpg", "notes.txt", `value="Blue Hour"`, `value="2,200"`)
	ids := imageID.FindAllStringSubmatch(a.Body, -1)
	if len(ids) != 1 {
		t.Fatalf("photographs %v", ids)
	}
	image := ids[0][1]

	// The description is missing.
	a = ana.Upload("/artworks", nil, nil, typed("do", "hang", "image", image)...)
	shows(t, "a form without a description", a, http.StatusUnprocessableEntity, "Describe the first photograph", `href="#alt-`+image, `name="image" value="`+image)

	a = ana.Upload("/artworks", nil, nil, typed("do", "hang", "image", image, "alt-"+image, "A dark field.")...)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/artworks/") {
		t.Fatalf("%d %s\n%s", a.Status, a.Location, a.Body)
	}
	again := ana.Upload("/artworks", nil, nil, typed("do", "hang", "image", image, "alt-"+image, "A dark field.")...)
	if again.Location != a.Location {
		t.Errorf("sent twice: %s and %s", a.Location, again.Location)
	}
	page := site.Visitor(t).Get(a.Location)
	shows(t, "the page", page, http.StatusOK, "<title>Blue Hour by Ana James · OpenStudio</title>", "A dark field.", "£2,200", "100 × 80.5 × 4 cm",
		"Log in as a collector to ask for it", `property="og:title"`, "Blue Hour at true scale: 100 cm high and 80.5 cm wide")
	hides(t, "the page of a visitor", page, "/edit", "12 Calls Landing", "LS2 7EW", site.Ana.Email)
	shows(t, "its artist's page", ana.Get(a.Location), http.StatusOK, a.Location+"/edit", "Unlist", "Delete…")
}

func TestPhotographsAreArranged(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	order := func(a handlertest.Answer) (ids []string) {
		for _, m := range imageID.FindAllStringSubmatch(a.Body, -1) {
			ids = append(ids, m[1])
		}
		return ids
	}
	file := picture(t, 40, 30)
	a := ana.Upload("/artworks", []handlertest.File{{Field: "photographs", Name: "a.jpg", Content: file}, {Field: "photographs", Name: "b.jpg", Content: file}, {Field: "photographs", Name: "c.jpg", Content: file}},
		nil, "do", "add", "title", "Half a form")
	shows(t, "adding", a, http.StatusOK, "Half a form", "a.jpg", "c.jpg")
	ids := order(a)
	if len(ids) != 3 {
		t.Fatal(ids)
	}
	form := []string{"image", ids[0], "image", ids[1], "image", ids[2], "alt-" + ids[1], "The second"}
	for do, want := range map[string]string{
		"earlier:" + ids[1]: ids[1] + " " + ids[0] + " " + ids[2], "later:" + ids[1]: ids[0] + " " + ids[2] + " " + ids[1],
		"earlier:" + ids[0]: strings.Join(ids, " "), "later:" + ids[2]: strings.Join(ids, " "), "remove:" + ids[0]: ids[1] + " " + ids[2],
		"remove:999": strings.Join(ids, " "), "junk": strings.Join(ids, " "),
	} {
		a := ana.Upload("/artworks", nil, []string{"HX-Request", "true"}, append(form, "do", do)...)
		shows(t, do, a, http.StatusOK, "The second")
		if got := strings.Join(order(a), " "); got != want || strings.Contains(a.Body, "<html") {
			t.Errorf("%s: %s, want %s", do, got, want)
		}
	}
	// Eleven are one too many; the ten are kept.
	var files []handlertest.File
	for i := range 8 {
		files = append(files, handlertest.File{Field: "photographs", Name: fmt.Sprintf("%d.jpg", i), Content: file})
	}
	a = ana.Upload("/artworks", files, nil, append(form, "do", "add")...)
	shows(t, "eleven", a, http.StatusUnprocessableEntity, "Ten photographs are the most")
	if n := len(order(a)); n != 10 {
		t.Errorf("%d are kept", n)
	}
	// Somebody else's photographs are not shown.
	dora := site.SignedIn(t, site.Dora)
	if got := order(dora.Upload("/artworks", nil, nil, append(form, "do", "add")...)); len(got) != 0 {
		t.Errorf("Dora sees %v", got)
	}
}

func TestAPictureObeysItsWork(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana, visitor := site.SignedIn(t, site.Ana), site.Visitor(t)
	others := map[string]*handlertest.Browser{"a visitor": visitor, "Dora": site.SignedIn(t, site.Dora), "Ben": site.SignedIn(t, site.Ben)}
	image := imageID.FindStringSubmatch(ana.SendFile("a.jpg", picture(t, 1400, 900)).Body)[1]
	site.Develop(t)
	site.Clock.Advance(time.Minute)
	site.Develop(t) // AVIF comes last
	key := pictureKey.FindStringSubmatch(ana.Get("/artworks/images/" + image).Body)[1]
	seen := func(when string, want int) {
		t.Helper()
		for who, b := range others {
			for _, size := range []string{"320.jpg", "640.jpg", "960.jpg", "1280.jpg", "1920.jpg", "2560.jpg", "320.avif", "960.avif"} {
				if a := b.Get("/images/" + key + "/" + size); a.Status != want {
					t.Errorf("%s, %s at %s: %d, want %d", when, who, size, a.Status, want)
				}
			}
		}
		if a := ana.Get("/images/" + key + "/640.jpg"); a.Status != http.StatusOK {
			t.Errorf("%s, its artist: %d", when, a.Status)
		}
	}
	seen("loose", http.StatusNotFound)
	fields := typed("image", image, "alt-"+image, "A dark field.")
	a := ana.Upload("/artworks", nil, nil, append(fields, "do", "draft")...)
	seen("a draft", http.StatusNotFound)
	for who, b := range others {
		if got := b.Get(a.Location); got.Status != http.StatusNotFound {
			t.Errorf("%s sees the draft: %d", who, got.Status)
		}
	}
	shows(t, "a draft to its artist", ana.Get(a.Location), http.StatusOK, "Only you can see it")
	ana.Post(a.Location+"/listing", "listed", "1")
	seen("listed", http.StatusOK)

	img := visitor.Get("/images/" + key + "/1280.jpg")
	for name, want := range map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline"} {
		if got := img.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if a := visitor.Do(http.MethodGet, "/images/"+key+"/1280.jpg", nil, "If-None-Match", img.Header.Get("ETag")); a.Status != http.StatusNotModified {
		t.Errorf("the same again: %d", a.Status)
	}
	if a := visitor.Do(http.MethodGet, "/images/"+key+"/1280.jpg", nil, "Range", "bytes=0-9"); a.Status != http.StatusPartialContent || len(a.Body) != 10 {
		t.Errorf("a part: %d, %d bytes", a.Status, len(a.Body))
	}
	if a := visitor.Do(http.MethodHead, "/images/"+key+"/1280.jpg", nil); a.Status != http.StatusOK || a.Body != "" {
		t.Errorf("HEAD: %d", a.Status)
	}
	for _, path := range []string{"/images/" + key + "/641.jpg", "/images/" + key + "/640.webp", "/images/" + key + "/640", "/images/" + key + "/0640.jpg", "/images/" + key + "/original", "/images/..%2f/640.jpg", "/images/%00/640.jpg"} {
		if a := visitor.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	ana.Post(a.Location+"/listing", "listed", "0")
	seen("unlisted", http.StatusNotFound)
	if a := ana.Get("/images/" + key + "/640.jpg"); a.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("its artist keeps it: %s", a.Header.Get("Cache-Control"))
	}
}

func TestOnlyItsArtistReachesAWorksForms(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	path := fmt.Sprintf("/artworks/%d", site.Work(t, site.Ana, storetest.Work{Title: "Sill"}))
	for who, c := range map[string]struct {
		b    *handlertest.Browser
		want int
	}{"a visitor": {site.Visitor(t), http.StatusSeeOther}, "Ben": {site.SignedIn(t, site.Ben), http.StatusForbidden}, "Dora": {site.SignedIn(t, site.Dora), http.StatusNotFound}} {
		for what, a := range map[string]handlertest.Answer{
			"edit": c.b.Get(path + "/edit"), "removal": c.b.Get(path + "/removal"), "save": c.b.Upload(path, nil, nil, typed("do", "save")...),
			"listing": c.b.Post(path+"/listing", "listed", "0"), "sale": c.b.Post(path + "/sale"), "delete": c.b.Post(path, "_method", "DELETE"),
		} {
			if a.Status != c.want {
				t.Errorf("%s of %s: %d, want %d", what, who, a.Status, c.want)
			}
		}
	}
	shows(t, "the work", site.Visitor(t).Get(path), http.StatusOK, "Sill", "£1,450")
}

func TestAStaleFormIsAConflictThatShowsBoth(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	path := fmt.Sprintf("/artworks/%d", site.Work(t, site.Ana, storetest.Work{Title: "Sill"}))
	ana := site.SignedIn(t, site.Ana)
	page := ana.Get(path + "/edit")
	shows(t, "the form", page, http.StatusOK, `value="Sill"`, `name="version" value="1"`, `value="1450"`)
	image := imageID.FindStringSubmatch(page.Body)[1]
	edit := func(title, version string) handlertest.Answer {
		return ana.Upload(path, nil, nil, "do", "save", "version", version, "title", title, "year", "2025", "medium", "painting", "material", "oil on linen",
			"description", "Painted from the window.", "height", "60", "width", "80", "depth", "4", "weight", "6.5", "edition", "unique", "quantity", "1",
			"price", "1450", "sale", "1", "image", image, "alt-"+image, "A pale field over a dark band.")
	}
	if a := edit("Sill, March", "1"); a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	shows(t, "the second tab", edit("Sill, April", "1"), http.StatusConflict, `value="Sill, April"`, "Stored meanwhile: Sill, March.", `name="version" value="2"`)
	if a := edit("Sill, April", "2"); a.Status != http.StatusSeeOther {
		t.Errorf("saving again: %d", a.Status)
	}
	shows(t, "the work", ana.Get(path), http.StatusOK, "Sill, April")
}

func TestBrowsing(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	for i := range 30 {
		site.Clock.Advance(time.Minute)
		site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("Work %02d", i), Price: 10_00 * store.Pence(i+1)})
	}
	site.Work(t, site.Dora, storetest.Work{Title: "Jar & <lid>", Medium: store.Ceramics, SoldOut: true})
	visitor := site.Visitor(t)
	first := visitor.Get("/artworks")
	shows(t, "the list", first, http.StatusOK, "31 works", "Jar &amp; &lt;lid&gt;", "Work 29", "Show more works", "Recently hung")
	hides(t, "the first page", first, "Work 05")
	next := regexp.MustCompile(`href="(/artworks\?after=[^"]+)"`).FindStringSubmatch(first.Body)[1]
	shows(t, "the next page", visitor.Get(next), http.StatusOK, "Work 05", "<html")
	more := visitor.HX(next)
	shows(t, "more", more, http.StatusOK, `hx-swap-oob="beforeend:#hang"`, "Work 05")
	hides(t, "more", more, "<html", `id="results"`, "Show more works")

	a := visitor.Get("/artworks?q=+ana+JAMES+&sale=1&sort=price&medium=painting&medium=junk&after=junk&page=9")
	shows(t, "a search", a, http.StatusOK, "30 works", "“ana JAMES”", "Remove filter: For sale now", "Remove filter: Painting", "3 on", `value="ana JAMES"`)
	if strings.Index(a.Body, "Work 00") > strings.Index(a.Body, "Work 01") {
		t.Error("the dearer work is first")
	}
	a = visitor.HX("/artworks?medium=ceramics&q=")
	shows(t, "a fragment", a, http.StatusOK, "1 work<", "Sold", `id="results"`, `id="filters-on"`)
	if got := a.Header.Get("HX-Push-Url"); got != "/artworks?medium=ceramics" {
		t.Errorf("pushed %s", got)
	}
	shows(t, "nothing", visitor.Get("/artworks?q="+url.QueryEscape("lid")+"&sale=1"), http.StatusOK,
		"No works", "Nothing found", "1 work without “For sale now”", "30 works without “lid”", "Recently hung instead")
	shows(t, "no word", visitor.Get("/artworks?q=%25"), http.StatusOK, "31 works", "Browse works")
	shows(t, "a NUL", visitor.Get("/artworks?q=a%00%ff"), http.StatusOK)
	for _, path := range []string{"/artworks/0", "/artworks/x", "/artworks/999999", "/artworks/99999999999999999999"} {
		shows(t, path, visitor.Get(path), http.StatusNotFound)
	}
}

func TestViewsOfAWork(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	id := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	if _, err := site.DB.Exec(`INSERT INTO images (artist_id, artwork_id, position, key, name, alt, width, height, ground, created_at)
		VALUES ($1, $2, 1, 'second', 'b.jpg', 'The back.', 400, 300, '#000000', now())`, site.Ana.ID, id); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/artworks/%d", id)
	visitor := site.Visitor(t)
	for view, alt := range map[string]string{"": "A pale field", "?view=2": "The back.", "?view=3": "A pale field", "?view=x": "A pale field"} {
		a := visitor.HX(path + view)
		shows(t, view, a, http.StatusOK, `id="viewer"`, `alt="`+alt)
		hides(t, view, a, "<html")
		if !strings.Contains(visitor.Get(path+view).Body, `fetchpriority="high"`) {
			t.Error("no first picture")
		}
	}
}

func TestDeletingAsksFirst(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	path := fmt.Sprintf("/artworks/%d", site.Work(t, site.Ana, storetest.Work{Title: "Sill"}))
	ana := site.SignedIn(t, site.Ana)
	shows(t, "the question as a page", ana.Get(path+"/removal"), http.StatusOK, "<html", "Delete “Sill”?", `value="DELETE"`)
	hides(t, "the dialog", ana.HX(path+"/removal"), "<html")
	shows(t, "asking deletes nothing", ana.Get(path), http.StatusOK)
	if a := ana.Post(path, "_method", "DELETE"); a.Location != "/studio" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	shows(t, "the work", ana.Get(path), http.StatusNotFound)
}

func TestTheStudiosWorks(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	shows(t, "an empty studio", ana.Get("/studio"), http.StatusOK, "Ana’s Studio", "/artworks/new", "Hang your first work")
	var id int64
	for i := range 25 {
		id = site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("Work %02d", i)})
	}
	page := ana.Get("/studio")
	shows(t, "the studio", page, http.StatusOK, "25 works", "Work 24", "Show more works", "Public page")
	hides(t, "the studio", page, "Work 00")
	next := regexp.MustCompile(`href="(/studio\?after=[^"]+)"`).FindStringSubmatch(page.Body)[1]
	shows(t, "more", ana.HX(next), http.StatusOK, "Work 00", `hx-swap-oob="beforeend:#works"`)
	row := ana.PostHX(fmt.Sprintf("/artworks/%d/sale", id))
	shows(t, "the row", row, http.StatusOK, fmt.Sprintf(`id="work-%d"`, id), "Not for sale")
	shows(t, "the work", ana.Get(fmt.Sprintf("/artworks/%d", id)), http.StatusOK, "Not for sale")
	if a := ana.Post(fmt.Sprintf("/artworks/%d/sale", id), "sale", "1"); a.Location != "/studio" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	if a := site.SignedIn(t, site.Ben).Get("/studio"); a.Status != http.StatusForbidden {
		t.Errorf("a collector: %d", a.Status)
	}
	shows(t, "the new work's page", ana.Get("/artworks/new"), http.StatusOK, "New work", "As it will hang", "upload.", `value="2026"`)
	shows(t, "the label", ana.HX("/artworks/new/label?title=Dusk&medium=painting&height=3&price=5&sale=1"), http.StatusOK, "Dusk", "3 × … cm", "£5", "Ana James")
}
