// Package handlertest opens a whole market behind a loopback address, and
// gives tests browsers without a window: cookies, forms, HTMX's headers, and
// nothing else.
package handlertest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openstudio/handlers"
	"openstudio/static"
	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// Site is a market that is open.
type Site struct {
	*storetest.Market
	URL      string
	Server   *handlers.Server
	Images   *imagehost.Disk
	Darkroom *handlers.Darkroom // makes pictures when told to, see Develop
	CutLines func()             // breaks every connection off
	Gateway  *payment.Test
	Log      *Log
}

// Log keeps what the market logged.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String is everything logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// packed is what the markets of one test binary serve beside their pages:
// packing it once a market takes longer than most tests.
var packed = sync.OnceValues(static.New)

// New opens a market on a database of its own.
func New(t testing.TB) *Site {
	t.Helper()
	return Open(t, storetest.New(t))
}

// Open opens one more instance on the market's database.
func Open(t testing.TB, m *storetest.Market) *Site {
	t.Helper()
	// Messages of the gateway are signed and checked by the same clock.
	g := payment.NewTest([]byte(storetest.Secret), m.Clock.Now)
	site := OpenThrough(t, m, g)
	site.Gateway = g
	return site
}

// OpenThrough opens one that takes money by a gateway of the test's own. The
// site's Gateway is nil.
func OpenThrough(t testing.TB, m *storetest.Market, g payment.Gateway) *Site {
	t.Helper()
	site := &Site{Market: m, Log: &Log{}}
	assets, err := packed()
	if err != nil {
		t.Fatal(err)
	}
	if site.Images, err = imagehost.NewDisk(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewUnstartedServer(nil)
	site.URL = "http://" + ts.Listener.Addr().String()
	log := slog.New(slog.NewTextHandler(site.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := m.Open(t)
	site.Darkroom = handlers.NewDarkroom(s, map[string]imagehost.Host{"disk": site.Images}, "disk", imagehost.NewPreparer(1, ""), log)
	site.Server, err = handlers.New(handlers.Config{
		Store: s, Darkroom: site.Darkroom, Assets: assets, Gateway: g, Log: log,
		Secret: []byte(storetest.Secret), BaseURL: site.URL, Dev: true, Writes: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	ts.Config.Handler = site.Server
	ts.Start()
	site.CutLines = ts.CloseClientConnections
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- site.Server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		ts.CloseClientConnections()
		ts.Close()
	})
	return site
}

// Browser is one person's browser.
type Browser struct {
	t    testing.TB
	site *Site
	http *http.Client
}

// Answer is what a browser got.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string // of a redirect, the path alone
}

// Visitor opens a browser that nobody is signed in with. It follows no
// redirects.
func (s *Site) Visitor(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, site: s, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// SignedIn opens a browser and signs a member of the cast in.
func (s *Site) SignedIn(t testing.TB, m store.Member) *Browser {
	t.Helper()
	b := s.Visitor(t)
	a := b.Post("/login", "email", m.Email, "password", storetest.Password)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%s cannot sign in: %d\n%s", m.FirstName, a.Status, a.Body)
	}
	return b
}

// Do sends a request with headers given as pairs.
func (b *Browser) Do(method, path string, body io.Reader, headers ...string) Answer {
	b.t.Helper()
	r, err := http.NewRequest(method, b.site.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := Answer{Status: res.StatusCode, Header: res.Header, Body: string(text)}
	if to, err := res.Location(); err == nil {
		a.Location = to.RequestURI()
	}
	return a
}

// Client is the browser's HTTP client, for what the other methods do not do.
func (b *Browser) Client() *http.Client { return b.http }

// Get asks for a page, and follows it to the address that it has now.
func (b *Browser) Get(path string) Answer {
	b.t.Helper()
	a := b.Do(http.MethodGet, path, nil)
	if a.Status == http.StatusMovedPermanently {
		return b.Do(http.MethodGet, a.Location, nil)
	}
	return a
}

// HX asks for a page's fragment, as HTMX does.
func (b *Browser) HX(path string) Answer {
	b.t.Helper()
	return b.Do(http.MethodGet, path, nil, "HX-Request", "true")
}

// Post sends a form whose fields are given as pairs.
func (b *Browser) Post(path string, fields ...string) Answer {
	b.t.Helper()
	return b.Do(http.MethodPost, path, strings.NewReader(encode(fields)), "Content-Type", "application/x-www-form-urlencoded")
}

// PostHX sends a form as HTMX does.
func (b *Browser) PostHX(path string, fields ...string) Answer {
	b.t.Helper()
	return b.Do(http.MethodPost, path, strings.NewReader(encode(fields)), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true")
}

// SendFile sends a file as upload.js does: its place is made, then the whole of it
// follows.
func (b *Browser) SendFile(name string, content []byte) Answer {
	b.t.Helper()
	a := b.PostHX("/artworks/uploads", "name", name, "size", strconv.Itoa(len(content)))
	if a.Status != http.StatusCreated {
		return a
	}
	return b.SendRest(a.Location, 0, content)
}

// SendRest goes on with a file from an offset.
func (b *Browser) SendRest(upload string, offset int, content []byte) Answer {
	b.t.Helper()
	return b.Do(http.MethodPatch, upload, bytes.NewReader(content[offset:]), "HX-Request", "true",
		"Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
}

// File is one file of a form.
type File struct {
	Field, Name string
	Content     []byte
}

// Upload sends a form with files.
func (b *Browser) Upload(path string, files []File, headers []string, fields ...string) Answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.Field, f.Name)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := part.Write(f.Content); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.Do(http.MethodPost, path, &body, append(headers, "Content-Type", w.FormDataContentType())...)
}

// encode keeps the order of the fields and allows a name several times.
func encode(fields []string) string {
	parts := make([]string, 0, len(fields)/2)
	for i := 0; i+1 < len(fields); i += 2 {
		parts = append(parts, url.QueryEscape(fields[i])+"="+url.QueryEscape(fields[i+1]))
	}
	return strings.Join(parts, "&")
}

// Develop makes every picture that is due.
func (s *Site) Develop(t testing.TB) {
	t.Helper()
	for {
		worked, err := s.Darkroom.Work(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

// KeepDeveloping makes every picture that becomes due, until the test ends.
func (s *Site) KeepDeveloping(t testing.TB) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Darkroom.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
}

// photographs are those that were prepared already in this test binary, by
// their width and height: preparing one takes longer than most tests.
var photographs sync.Map

// photograph is a picture of a window sill of width × height pixels.
func photograph(width, height int) (*imagehost.Prepared, error) {
	size := image.Pt(width, height)
	if p, ok := photographs.Load(size); ok {
		return p.(*imagehost.Prepared), nil
	}
	ground := image.NewUniform(color.RGBA{0xae, 0xb3, 0x9e, 0xff})
	img := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(img, img.Bounds(), ground, image.Point{}, draw.Src)
	band := image.Rect(0, height*2/3, width, height)
	draw.Draw(img, band, image.NewUniform(color.RGBA{0x3a, 0x40, 0x33, 0xff}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, nil); err != nil {
		return nil, err
	}
	p, err := imagehost.NewPreparer(1, "").Prepare(context.Background(), file.Bytes())
	if err != nil {
		return nil, err
	}
	photographs.Store(size, p)
	return p, nil
}

// Hang puts a work into the market with a real photograph of width × height
// pixels in the host.
func (s *Site) Hang(t testing.TB, artist store.Member, w storetest.Work, width, height int) int64 {
	t.Helper()
	p, err := photograph(width, height)
	if err != nil {
		t.Fatal(err)
	}
	w.ImageKey = imagehost.NewKey()
	if err := s.Images.Put(context.Background(), w.ImageKey, p); err != nil {
		t.Fatal(err)
	}
	id := s.Work(t, artist, w)
	if _, err := s.DB.Exec(`UPDATE images SET width = $2, height = $3 WHERE key = $1`, w.ImageKey, width, height); err != nil {
		t.Fatal(err)
	}
	return id
}

// OpenGallery keeps works in a collector's gallery, opens it to everybody and
// returns its id.
func (s *Site) OpenGallery(t testing.TB, collector store.Member, works ...int64) int64 {
	t.Helper()
	var id int64
	if err := s.DB.Get(&id, `UPDATE galleries SET visibility = 'public' WHERE collector_id = $1 RETURNING id`, collector.ID); err != nil {
		t.Fatal(err)
	}
	for i, w := range works {
		if _, err := s.DB.Exec(`
			INSERT INTO gallery_artworks (gallery_id, artwork_id, position, note, added_at) VALUES ($1, $2, $3, 'It makes the hall taller.', $4)`,
			id, w, i, s.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return id
}
