package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func newAssets(t testing.TB) *Assets {
	t.Helper()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(a *Assets, method, url string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func TestEveryFileIsServedUnderItsFingerprint(t *testing.T) {
	t.Parallel()
	a := newAssets(t)
	for name, contentType := range map[string]string{
		"app.css":                      "text/css; charset=utf-8",
		"js/htmx.min.js":               "text/javascript; charset=utf-8",
		"js/sse.min.js":                "text/javascript; charset=utf-8",
		"js/app.js":                    "text/javascript; charset=utf-8",
		"js/htmx-LICENSE.txt":          "text/plain; charset=utf-8",
		"fonts/newsreader-roman.woff2": "font/woff2",
		"fonts/hanken-grotesk.woff2":   "font/woff2",
		"fonts/newsreader-OFL.txt":     "text/plain; charset=utf-8",
		"img/icon.svg":                 "image/svg+xml",
	} {
		url := a.URL(name)
		if !regexp.MustCompile(`^/static/.+\.[0-9a-f]{10}\.\w+$`).MatchString(url) {
			t.Errorf("%s has no fingerprint: %s", name, url)
		}
		w := get(a, http.MethodGet, url)
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), a.byName[name].plain) {
			t.Errorf("%s: status %d, %d bytes", url, w.Code, w.Body.Len())
		}
		for header, want := range map[string]string{
			"Content-Type":           contentType,
			"Cache-Control":          "public, max-age=31536000, immutable",
			"X-Content-Type-Options": "nosniff",
			"Content-Encoding":       "",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", url, header, got, want)
			}
		}
	}
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	a := newAssets(t)
	for _, url := range []string{
		"/static/app.css", "/static/app.0000000000.css", "/static/", "/static/js/app.js",
		"/static/css/index.css", "/static/static.go", "/static/../static.go",
	} {
		w := get(a, http.MethodGet, url)
		if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, Cache-Control %q", url, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("URL of an unknown name did not panic")
		}
	}()
	a.URL("js/jquery.js")
}

func TestCodings(t *testing.T) {
	t.Parallel()
	a := newAssets(t)
	unzip := func(r io.Reader) io.Reader {
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for _, c := range []struct {
		accept, coding string
		open           func(io.Reader) io.Reader
	}{
		{"gzip, deflate, br, zstd", "br", func(r io.Reader) io.Reader { return brotli.NewReader(r) }},
		{"gzip, br;q=0", "gzip", unzip},
		{"GZIP;q=0.5", "gzip", unzip},
		{"gzip;q=junk", "", nil},
		{"identity", "", nil},
	} {
		for _, name := range []string{"app.css", "js/htmx.min.js"} {
			f := a.byName[name]
			w := get(a, http.MethodGet, f.url, "Accept-Encoding", c.accept)
			if got := w.Header().Get("Content-Encoding"); got != c.coding {
				t.Fatalf("%q: %s came as %q, want %q", c.accept, name, got, c.coding)
			}
			if w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q: %s does not vary", c.accept, name)
			}
			body := io.Reader(w.Body)
			if c.open != nil {
				if w.Body.Len() >= len(f.plain)/2 {
					t.Errorf("%q: %s is %d bytes of %d", c.accept, name, w.Body.Len(), len(f.plain))
				}
				body = c.open(body)
			}
			if plain, err := io.ReadAll(body); err != nil || !bytes.Equal(plain, f.plain) {
				t.Errorf("%q: %s does not unpack to itself: %v", c.accept, name, err)
			}
		}
	}
	w := get(a, http.MethodGet, a.URL("fonts/newsreader-roman.woff2"), "Accept-Encoding", "br, gzip")
	if w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" {
		t.Error("a font was compressed twice")
	}
}

func TestConditionsRangesAndMethods(t *testing.T) {
	t.Parallel()
	a := newAssets(t)
	url := a.URL("app.css")
	br := get(a, http.MethodGet, url, "Accept-Encoding", "br")
	plain := get(a, http.MethodGet, url)
	if br.Header().Get("ETag") == "" || br.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Errorf("two codings, ETags %q and %q", br.Header().Get("ETag"), plain.Header().Get("ETag"))
	}
	if w := get(a, http.MethodGet, url, "Accept-Encoding", "br", "If-None-Match", br.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("same ETag: status %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := get(a, http.MethodHead, url, "Accept-Encoding", "br"); w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Length") != br.Header().Get("Content-Length") {
		t.Errorf("HEAD: status %d, %d bytes, length %q", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
	w := get(a, http.MethodGet, url, "Accept-Encoding", "br", "Range", "bytes=2-5")
	if w.Code != http.StatusPartialContent || w.Body.String() != string(a.byName["app.css"].plain[2:6]) || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("Range: status %d, %q as %q", w.Code, w.Body, w.Header().Get("Content-Encoding"))
	}
	if w := get(a, http.MethodPost, url); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" || w.Header().Get("Cache-Control") != "" {
		t.Errorf("POST: status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestStylesheetHoldsEveryLayerInOrder(t *testing.T) {
	t.Parallel()
	a := newAssets(t)
	css := string(a.byName["app.css"].plain)
	if !strings.HasPrefix(css, "@layer tokens,reset,base,layout,components,utilities;@layer tokens{:root{") {
		t.Errorf("begins %.90q", css)
	}
	for _, absent := range []string{"@import", "/*", "../fonts", "\n"} {
		if strings.Contains(css, absent) {
			t.Errorf("%q is still in it", absent)
		}
	}
	for _, font := range []string{"newsreader-roman", "newsreader-italic", "hanken-grotesk"} {
		if url := a.URL("fonts/" + font + ".woff2"); !strings.Contains(css, `url("`+url+`")`) {
			t.Errorf("%s is not in it", url)
		}
	}
	parts, err := embedded.ReadDir("css/components")
	if err != nil {
		t.Fatal(err)
	}
	index, err := embedded.ReadFile("css/index.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		if !strings.Contains(string(index), `"components/`+part.Name()+`"`) {
			t.Errorf("the index does not import %s", part.Name())
		}
	}
}

func TestStylesheetRefusesWhatItCannotJoin(t *testing.T) {
	t.Parallel()
	nothing := func(string) (string, bool) { return "", false }
	for name, files := range map[string]fstest.MapFS{
		"a missing file":      {"css/index.css": {Data: []byte(`@import "gone.css" layer(base);`)}},
		"an import elsewhere": {"css/index.css": {Data: []byte(`@import "a.css" layer(base);`)}, "css/a.css": {Data: []byte(`@import "b.css";`)}},
		"an unknown font":     {"css/index.css": {Data: []byte(`@import "a.css" layer(base);`)}, "css/a.css": {Data: []byte(`a{src:url("../fonts/x.woff2")}`)}},
	} {
		if sheet, err := stylesheet(files, "css/index.css", nothing); err == nil {
			t.Errorf("%s gave %q", name, sheet)
		}
	}
}

func TestSqueezeKeepsMeaning(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a { b : c ; }":                       "a{b :c}",
		"a b > c , d{}":                       "a b>c,d{}",
		".x { & :is(a) { e: f } }":            ".x{& :is(a){e:f}}",
		"/* one */ a /* two */ b { }":         "a b{}",
		`a::before { content: " /* ; } " ; }`: `a::before{content:" /* ; } "}`,
		`a { content: '\'  x' }`:              `a{content:'\'  x'}`,
		"@media (width >= 62rem) and (x) { }": "@media (width>= 62rem) and (x){}",
		"a { b: calc( (1px + 2px) * -1 ) }":   "a{b:calc((1px + 2px) * -1)}",
		"a { --gap: ; b: c !important }":      "a{--gap:;b:c!important}",
		"a { grid: 1 / 2; /* open":            "a{grid:1 / 2;",
	} {
		if got := string(squeeze([]byte(in))); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newAssets(b)
	}
}
