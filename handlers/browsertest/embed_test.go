package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// TestACardInAForeignPage shows a work in a page of somebody else's, as oEmbed hands
// it out: with its picture and in its own style, and with all of it in the frame.
func TestACardInAForeignPage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 1200, 900)
	a := site.Visitor(t).Get("/oembed?url=" + url.QueryEscape(fmt.Sprintf("%s/artworks/%d", site.URL, work)))
	var embed struct{ HTML string }
	if err := json.Unmarshal([]byte(a.Body), &embed); err != nil {
		t.Fatal(err)
	}
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><title>A blog</title><body bgcolor="#ff00ff"><main>%s</main></html>`, embed.HTML)
	}))
	t.Cleanup(foreign.Close)
	reader := open(t, site, "reader", desk)
	var at struct{ X, Y, Width, Height float64 }
	var shown []byte
	reader.do("open the blog", chromedp.Navigate(foreign.URL), chromedp.Evaluate(`document.querySelector("iframe").getBoundingClientRect().toJSON()`, &at))
	reader.await("the card is there", func() bool {
		reader.do("look", chromedp.FullScreenshot(&shown, 100))
		img, err := png.Decode(bytes.NewReader(shown))
		if err != nil {
			t.Fatal(err)
		}
		is := func(dx, dy float64, want color.RGBA) bool {
			r, g, b, _ := img.At(int(at.X+dx), int(at.Y+dy)).RGBA()
			for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B)} {
				if max(d, -d) > 6 { // what compression changes
					return false
				}
			}
			return true
		}
		wall := color.RGBA{0xf0, 0xee, 0xea, 0xff}
		return is(at.Width/2, 100, color.RGBA{0xae, 0xb3, 0x9e, 0xff}) && is(at.Width/2, 330, color.RGBA{0x3a, 0x40, 0x33, 0xff}) &&
			is(3, 3, wall) && is(at.Width-4, 3, wall) && is(at.Width-4, at.Height-4, wall) // to its corners: there is nothing to scroll
	})
	reader.picture("foreign page")
}
