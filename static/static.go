// Package static serves what every page needs beside its own HTML: one
// stylesheet, a few scripts, three fonts and the icon. All of it is in the
// program, carries a fingerprint in its name and may be kept for ever.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed css js fonts img
var embedded embed.FS

// Root is where the handler expects to be mounted.
const Root = "/static/"

// contentType also says what may be in the folders: New refuses the rest.
func contentType(ext string) (string, bool) {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8", true
	case ".js":
		return "text/javascript; charset=utf-8", true
	case ".svg":
		return "image/svg+xml", true
	case ".txt":
		return "text/plain; charset=utf-8", true
	case ".woff2":
		return "font/woff2", true
	}
	return "", false
}

// Assets are the files under Root. Safe for concurrent use.
type Assets struct {
	byName map[string]*asset // "js/htmx.min.js"
	byURL  map[string]*asset // "/static/js/htmx.min.0f1e2d3c4b.js"
}

type asset struct {
	url, contentType, hash string
	plain                  []byte
	brotli, gzip           []byte // nil where compression gains nothing
}

// New reads the embedded files, joins the stylesheets into app.css and
// compresses what shrinks. It takes some tens of milliseconds.
func New() (*Assets, error) {
	a := &Assets{byName: make(map[string]*asset), byURL: make(map[string]*asset)}
	err := fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == "css":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		return a.add(name, body)
	})
	if err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	css, err := stylesheet(embedded, "css/index.css", a.lookup)
	if err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	if err := a.add("app.css", css); err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	return a, a.compress()
}

func (a *Assets) add(name string, body []byte) error {
	ext := path.Ext(name)
	kind, ok := contentType(ext)
	if !ok {
		return fmt.Errorf("%s: no content type for %q", name, ext)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:5])
	f := &asset{
		url:         Root + strings.TrimSuffix(name, ext) + "." + hash + ext,
		contentType: kind,
		hash:        hash,
		plain:       body,
	}
	a.byName[name], a.byURL[f.url] = f, f
	return nil
}

func (a *Assets) compress() error {
	var (
		all  sync.WaitGroup
		once sync.Mutex
		fail error
	)
	for _, f := range a.byName {
		if f.contentType == "font/woff2" { // brotli inside already
			continue
		}
		all.Go(func() {
			if err := f.compress(); err != nil {
				once.Lock()
				defer once.Unlock()
				fail = fmt.Errorf("static: compress %s: %w", f.url, err)
			}
		})
	}
	all.Wait()
	return fail
}

func (a *Assets) lookup(name string) (url string, ok bool) {
	f, ok := a.byName[name]
	if !ok {
		return "", false
	}
	return f.url, true
}

// URL gives the fingerprinted path of a file named from the static folder:
// URL("app.css"), URL("js/htmx.min.js"). Names are constants of the program,
// so one that does not exist is a programming error and panics.
func (a *Assets) URL(name string) string {
	url, ok := a.lookup(name)
	if !ok {
		panic("static: there is no " + name)
	}
	return url
}

// ServeHTTP answers GET and HEAD under Root. Only fingerprinted names exist.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	f, ok := a.byURL[r.URL.Path]
	if !ok {
		h.Set("Cache-Control", "no-store") // another instance may know it
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	// The card of a work stands in the pages of others, in a frame without an origin.
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*") // which fonts need
	if f.gzip != nil || f.brotli != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	body, coding := f.choose(r)
	if coding == "" {
		h.Set("ETag", `"`+f.hash+`"`)
	} else {
		h.Set("ETag", `"`+f.hash+"-"+coding+`"`)
		h.Set("Content-Encoding", coding)
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
