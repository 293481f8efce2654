package handlers

import (
	"bytes"
	"hash/maphash"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// pageCache keeps rendered pages of visitors for a moment. Every change of the
// market clears it on every instance, so a page is never older than the signal
// takes; age bounds what a lost signal could leave.
type pageCache struct {
	age time.Duration

	mu         sync.RWMutex
	pages      map[string]*cachedPage
	bytes      int
	generation int // counts clearings
}

type cachedPage struct {
	body       []byte
	encoding   string
	etag       string
	noLearning bool // machines are asked not to learn from it
	expires    time.Time
}

// maxCachedBytes bounds the memory of the cache; beyond it, it starts anew.
const maxCachedBytes = 16 << 20

func newPageCache(age time.Duration) *pageCache {
	return &pageCache{age: age, pages: map[string]*cachedPage{}}
}

func (p *pageCache) get(key string) (page *cachedPage, generation int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	page = p.pages[key]
	if page != nil && time.Now().After(page.expires) {
		page = nil
	}
	return page, p.generation
}

// put keeps a page, unless the market changed while it was rendered.
func (p *pageCache) put(key string, page *cachedPage, generation int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if generation != p.generation {
		return
	}
	if p.bytes+len(page.body) > maxCachedBytes {
		p.pages, p.bytes = map[string]*cachedPage{}, 0
	}
	if old := p.pages[key]; old != nil {
		p.bytes -= len(old.body)
	}
	p.pages[key] = page
	p.bytes += len(page.body)
}

func (p *pageCache) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages, p.bytes = map[string]*cachedPage{}, 0
	p.generation++
}

var pageSeed = maphash.MakeSeed()

// cached answers visitors from the page cache. It stands outside of compress,
// so that what is kept is packed already. Only whole pages of the public block
// are kept, for browsers that carry none of our cookies but the light's.
func (s *Server) cached(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key, ok := s.cacheKey(c)
		if !ok {
			return next(c)
		}
		page, generation := s.pages.get(key)
		if page != nil {
			return page.answer(c)
		}
		response := c.Response()
		tee := &teeWriter{ResponseWriter: response.Writer}
		response.Writer = tee
		err := next(c)
		response.Writer = tee.ResponseWriter
		h := response.Header()
		if err != nil || response.Status != http.StatusOK || h.Get("Set-Cookie") != "" || h.Get("Cache-Control") != "no-cache" ||
			!strings.HasPrefix(h.Get(echo.HeaderContentType), echo.MIMETextHTML) {
			return err
		}
		s.pages.put(key, &cachedPage{
			body: tee.body.Bytes(), encoding: h.Get(echo.HeaderContentEncoding), noLearning: h.Get(robotsHeader) != "",
			etag:    `W/"` + strconv.FormatUint(maphash.Bytes(pageSeed, tee.body.Bytes()), 36) + `"`,
			expires: time.Now().Add(s.pages.age),
		}, generation)
		return nil
	}
}

func (s *Server) cacheKey(c echo.Context) (string, bool) {
	r := c.Request()
	if r.Method != http.MethodGet || r.Header.Get("HX-Request") != "" || len(r.URL.RawQuery) > 300 {
		return "", false
	}
	switch c.Path() {
	case "/", "/about", "/artworks", "/artworks/:id", "/artists", "/artists/:username", "/galleries":
	default:
		return "", false
	}
	if header := r.Header.Get(echo.HeaderCookie); header != "" {
		for _, name := range []string{"session", "flash"} {
			if strings.Contains(header, s.cookieName(name)+"=") {
				return "", false
			}
		}
	}
	return r.URL.RequestURI() + "\n" + light(c) + "\n" + packing(r.Header.Get(echo.HeaderAcceptEncoding)), true
}

// packing is the kind of browser as far as compression is concerned.
func packing(accept string) string {
	kind := ""
	for _, e := range []string{"zstd", "gzip"} {
		if strings.Contains(accept, e) {
			kind += e
		}
	}
	return kind
}

func (p *cachedPage) answer(c echo.Context) error {
	askNotToLearn(c, p.noLearning)
	h := c.Response().Header()
	h.Set("Cache-Control", "no-cache")
	h.Set(echo.HeaderVary, "HX-Request, Accept-Encoding, Cookie")
	h.Set("ETag", p.etag)
	if c.Request().Header.Get("If-None-Match") == p.etag {
		return c.NoContent(http.StatusNotModified)
	}
	if p.encoding != "" {
		h.Set(echo.HeaderContentEncoding, p.encoding)
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(p.body)))
	return c.Blob(http.StatusOK, "text/html; charset=utf-8", p.body)
}

// teeWriter keeps a copy of what it passes on.
type teeWriter struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (w *teeWriter) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
