package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v4"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// BenchmarkPages measures pages of a visitor over loopback, each beside a bare
// Echo handler that writes the same bytes from memory. "again" is the same page
// over and over, "anew" a page that nobody has asked for before.
func BenchmarkPages(b *testing.B) {
	site := handlertest.New(b)
	site.Fill(b, 10_000)
	work := site.Work(b, site.Ana, storetest.Work{})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	fetch := func(b *testing.B, url string) []byte {
		res, err := client.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(res.StatusCode, err)
		}
		return body
	}
	// The address of a work as pages link to it, not one that leads there.
	res, err := client.Get(fmt.Sprintf("%s/artworks/%d", site.URL, work))
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	for _, path := range []string{"/artworks", res.Request.URL.Path} {
		body := fetch(b, site.URL+path)
		e := echo.New()
		e.GET("/*", func(c echo.Context) error { return c.Blob(http.StatusOK, "text/html; charset=utf-8", body) })
		bare := httptest.NewServer(e)
		defer bare.Close()
		var n atomic.Int64
		for _, kind := range []struct {
			name string
			url  func() string
		}{
			{"bare", func() string { return bare.URL + path }},
			{"again", func() string { return site.URL + path }},
			{"anew", func() string { return fmt.Sprintf("%s%s?n=%d", site.URL, path, n.Add(1)) }},
		} {
			b.Run(path+"/"+kind.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(body)))
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						fetch(b, kind.url())
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
			})
		}
	}
}
