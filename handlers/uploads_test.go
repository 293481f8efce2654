package handlers_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
)

var pictureKey = regexp.MustCompile(`/images/(\w+)/`)

func TestUploadsAreAnsweredWithALine(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	a := ana.SendFile("<b>.jpg", picture(t, 300, 400))
	shows(t, "a photograph", a, http.StatusOK, "<li", "300 × 400 px", "&lt;b&gt;.jpg", "Being prepared", "sse:image-")
	image := imageID.FindStringSubmatch(a.Body)[1]
	site.Develop(t)
	made := ana.Get("/artworks/images/" + image)
	shows(t, "its picture", made, http.StatusOK, "/images/", "little small for a sharp close view")
	hides(t, "its picture", made, "Being prepared", "hx-get")
	if a := site.SignedIn(t, site.Dora).Get("/artworks/images/" + image); a.Status != http.StatusNotFound {
		t.Errorf("Dora asks for it: %d", a.Status)
	}

	start := time.Now()
	shows(t, "a bomb", ana.SendFile("bomb.png", bomb(t)), http.StatusUnprocessableEntity, "bomb.png", "400 million pixels", "data-error")
	if took := time.Since(start); took > time.Second {
		t.Errorf("the bomb took %s", took)
	}
	shows(t, "a text", ana.SendFile("a.jpg", []byte("text")), http.StatusUnprocessableEntity, "data-error", "not a JPEG")
	shows(t, "21 MB", ana.SendFile("a.jpg", make([]byte, 20<<20+1)), http.StatusUnprocessableEntity, "It is larger than 20 MB.")
	shows(t, "nothing", ana.SendFile("a.jpg", nil), http.StatusUnprocessableEntity, "The file is empty.")
	var left int
	if err := site.DB.Get(&left, `SELECT count(*) FROM uploads`); err != nil || left != 0 {
		t.Errorf("%d refused files are kept, %v", left, err)
	}
	if a := site.SignedIn(t, site.Ben).SendFile("a.jpg", []byte("x")); a.Status != http.StatusForbidden {
		t.Errorf("a collector: %d", a.Status)
	}
	if a := site.Visitor(t).SendFile("a.jpg", []byte("x")); a.Status != http.StatusUnauthorized {
		t.Errorf("a visitor: %d", a.Status)
	}
}

func TestAnUploadGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana, dora := site.SignedIn(t, site.Ana), site.SignedIn(t, site.Dora)
	file := append(picture(t, 1200, 900), make([]byte, 1<<20)...) // what follows the picture is no matter
	upload := ana.PostHX("/artworks/uploads", "name", "front.jpg", "size", strconv.Itoa(len(file))).Location

	// The line breaks in the middle of the file: what came through is safe.
	breakOff(t, site, ana, upload, file, 700<<10)
	here := 0
	for here == 0 {
		a := ana.Do(http.MethodHead, upload, nil)
		if a.Status != http.StatusOK || a.Header.Get("Upload-Length") != strconv.Itoa(len(file)) || a.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", a.Status, a.Header)
		}
		here, _ = strconv.Atoi(a.Header.Get("Upload-Offset"))
	}
	for here != 700<<10 { // the last of it is just being made safe
		here, _ = strconv.Atoi(ana.Do(http.MethodHead, upload, nil).Header.Get("Upload-Offset"))
	}
	for what, a := range map[string]handlertest.Answer{
		"Dora looks":   dora.Do(http.MethodHead, upload, nil),
		"Dora sends":   dora.SendRest(upload, here, file),
		"Dora asks":    dora.Get(upload),
		"not yet made": ana.Get(upload),
	} {
		if a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", what, a.Status)
		}
	}
	if a := ana.SendRest(upload, here-1, file); a.Status != http.StatusConflict {
		t.Errorf("a part that does not fit: %d", a.Status)
	}
	shows(t, "the rest", ana.SendRest(upload, here, file), http.StatusOK, "front.jpg", "1200 × 900 px")
	// The answer was lost: it can be had again.
	shows(t, "once more", ana.Get(upload), http.StatusOK, "front.jpg", "1200 × 900 px")
	site.Develop(t)
	shows(t, "and again", ana.Get(upload), http.StatusOK, "front.jpg", "/images/")
	if a := ana.Do(http.MethodHead, upload, nil); a.Status != http.StatusNotFound {
		t.Errorf("it is on its way still: %d", a.Status)
	}
	var photographs int
	if err := site.DB.Get(&photographs, `SELECT count(*) FROM images`); err != nil || photographs != 1 {
		t.Errorf("%d photographs, %v", photographs, err)
	}

	gone := ana.PostHX("/artworks/uploads", "name", "b.jpg", "size", "10").Location
	if a := ana.Do(http.MethodDelete, gone, nil); a.Status != http.StatusNoContent {
		t.Errorf("cancel: %d", a.Status)
	}
	if a := ana.Do(http.MethodHead, gone, nil); a.Status != http.StatusNotFound {
		t.Errorf("cancelled: %d", a.Status)
	}
}

// breakOff sends so many bytes of a file that was announced whole, then is gone.
func breakOff(t *testing.T, site *handlertest.Site, b *handlertest.Browser, upload string, file []byte, sent int) {
	t.Helper()
	address, err := url.Parse(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	line, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	w := bufio.NewWriter(line)
	fmt.Fprintf(w, "PATCH %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\nUpload-Offset: 0\r\nContent-Length: %d\r\n", upload, address.Host, site.URL, len(file))
	for _, cookie := range b.Client().Jar.Cookies(address) {
		fmt.Fprintf(w, "Cookie: %s=%s\r\n", cookie.Name, cookie.Value)
	}
	fmt.Fprint(w, "\r\n")
	w.Write(file[:sent])
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestAPhotographTakesThePlaceOfAnotherWithoutScript(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	a := ana.Upload("/artworks", []handlertest.File{{Field: "photographs", Name: "one.jpg", Content: picture(t, 400, 300)}, {Field: "photographs", Name: "two.jpg", Content: picture(t, 500, 300)}}, nil, typed("do", "add")...)
	ids := imageID.FindAllStringSubmatch(a.Body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d photographs\n%s", len(ids), a.Body)
	}
	one, two := ids[0][1], ids[1][1]
	fields := typed("do", "add", "image", one, "image", two, "alt-"+one, "A field.", "part-"+one, "front", "alt-"+two, "Its edge.", "part-"+two, "edge")
	a = ana.Upload("/artworks", []handlertest.File{{Field: "replace-" + one, Name: "better.jpg", Content: picture(t, 1700, 1300)}}, nil, fields...)
	shows(t, "replaced", a, http.StatusOK, "better.jpg", "1700 × 1300 px", "two.jpg", `value="A field."`, `value="Its edge."`)
	hides(t, "replaced", a, "one.jpg")
	if strings.Index(a.Body, "better.jpg") > strings.Index(a.Body, "two.jpg") {
		t.Error("it has lost its place")
	}
	if n := strings.Count(a.Body, `value="front" selected`) + strings.Count(a.Body, `value="edge" selected`); n != 2 {
		t.Errorf("%d of 2 say what they show", n)
	}
	// One that is no picture changes nothing.
	image := imageID.FindStringSubmatch(a.Body)[1]
	a = ana.Upload("/artworks", []handlertest.File{{Field: "replace-" + image, Name: "bad.txt", Content: []byte("no picture")}}, nil, typed("do", "add", "image", image)...)
	shows(t, "not replaced", a, http.StatusUnprocessableEntity, "better.jpg", "bad.txt", "not a JPEG")
}

func TestAListedWorkWaitsForItsPicture(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana, visitor := site.SignedIn(t, site.Ana), site.Visitor(t)
	image := imageID.FindStringSubmatch(ana.SendFile("a.jpg", picture(t, 2000, 1300)).Body)[1]
	path := ana.Upload("/artworks", nil, nil, typed("image", image, "alt-"+image, "A dark field.", "part-"+image, "front", "do", "hang")...).Location
	shows(t, "the work", visitor.Get(path), http.StatusOK, "A photograph is being prepared", `viewBox="0 0 2000 1300"`)
	shows(t, "the list", visitor.Get("/artworks"), http.StatusOK, "The picture is being prepared", `data-ratio="1.538"`)
	hides(t, "the list", visitor.Get("/artworks"), `src=""`)
	site.Develop(t)
	page := visitor.HX(path)
	hides(t, "the work", page, "being prepared")
	shows(t, "the work", page, http.StatusOK, "/1280.jpg 1280w", "/1920.jpg 1920w", "/2560.jpg 2000w", "A dark field.")
	// AVIF is made in the small sizes here, which is all that a list needs.
	site.Clock.Advance(time.Minute)
	site.Develop(t)
	page = visitor.HX(path)
	hides(t, "the work", page, "image/avif")
	shows(t, "the list", visitor.HX("/artworks"), http.StatusOK, `<source type="image/avif"`, "/960.avif 960w")
	key := pictureKey.FindStringSubmatch(page.Body)[1]
	small := visitor.Get("/images/" + key + "/640.avif")
	if small.Status != http.StatusOK || small.Header.Get("Content-Type") != "image/avif" || small.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", small.Status, small.Header)
	}
	if n := len(visitor.Get("/images/" + key + "/640.jpg").Body); len(small.Body) == 0 || len(small.Body) >= n {
		t.Errorf("AVIF has %d bytes, JPEG %d", len(small.Body), n)
	}
}
