package handlers

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artworks"
)

// The card is the one page that others may put into their own: it is the same
// for everybody, has no script and no form, and reads no cookie.
const cardPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"

// card shows a listed work, whole, with its wall label and the way to its page.
func (s *Server) card(c echo.Context) error {
	a, err := s.listedArtwork(c)
	if err != nil {
		return err
	}
	askNotToLearn(c, a.NoLearning)
	p := artworks.CardProps{Card: a.Card, NoLearning: a.NoLearning, Link: s.BaseURL + artworkPath(a.ID, a.Title), Photo: s.photo(a.Cover, "92vw"), Assets: s.Assets}
	if p.Photo.Alt == "" {
		p.Photo.Alt = a.Title + " by " + a.ArtistName
	}
	var b bytes.Buffer
	if err := artworks.Embedded(p).Render(c.Request().Context(), &b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", cardPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=300")
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}

// listedArtwork is the work of the address, if everybody may see it.
func (s *Server) listedArtwork(c echo.Context) (store.Artwork, error) {
	artwork, err := id(c, "id")
	if err != nil {
		return store.Artwork{}, err
	}
	return s.Store.Artwork(c.Request().Context(), 0, artwork)
}

// embed is what https://oembed.com/#section2 calls a rich response.
type embed struct {
	Version         string `json:"version"`
	Type            string `json:"type"`
	Title           string `json:"title"`
	AuthorName      string `json:"author_name"`
	AuthorURL       string `json:"author_url"`
	ProviderName    string `json:"provider_name"`
	ProviderURL     string `json:"provider_url"`
	CacheAge        int    `json:"cache_age"` // seconds
	ThumbnailURL    string `json:"thumbnail_url,omitempty"`
	ThumbnailWidth  int    `json:"thumbnail_width,omitempty"`
	ThumbnailHeight int    `json:"thumbnail_height,omitempty"`
	HTML            string `json:"html"`
	Width           int    `json:"width"`
	Height          int    `json:"height"`
}

// oembed tells other sites how to show a work that somebody links to.
func (s *Server) oembed(c echo.Context) error {
	if format := c.QueryParam("format"); format != "" && format != "json" {
		return echo.NewHTTPError(http.StatusNotImplemented, "only json")
	}
	artwork, ok := s.linkedArtwork(c.QueryParam("url"))
	if !ok {
		return store.ErrNotFound
	}
	ctx := c.Request().Context()
	a, err := s.Store.Artwork(ctx, 0, artwork)
	if err != nil {
		return err
	}
	e := embed{Version: "1.0", Type: "rich", Title: a.Title, AuthorName: a.ArtistName, AuthorURL: s.BaseURL + artistPath(a.ArtistUsername),
		ProviderName: "OpenStudio", ProviderURL: s.BaseURL + "/", CacheAge: 300}
	if thumb := s.photo(a.Cover, ""); thumb.Src != "" {
		e.ThumbnailURL, e.ThumbnailWidth, e.ThumbnailHeight = s.BaseURL+thumb.Src, thumb.Width, thumb.Height
	}
	askNotToLearn(c, a.NoLearning)
	frame := s.frame(a, number(c, "maxwidth"), number(c, "maxheight"))
	e.Width, e.Height = frame.Width, frame.Height
	var html strings.Builder
	if err := artworks.Frame(frame).Render(ctx, &html); err != nil {
		return err
	}
	e.HTML = html.String()
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*") // scripts of others may read it
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=300")
	return c.JSONBlob(http.StatusOK, body)
}

// linkedArtwork is the work that a full address of this market leads to.
func (s *Server) linkedArtwork(address string) (int64, bool) {
	home, err := url.Parse(s.BaseURL)
	if err != nil {
		return 0, false
	}
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Host, home.Host) {
		return 0, false
	}
	name, ok := strings.CutPrefix(u.Path, "/artworks/")
	artwork, err := leadingID(name)
	return artwork, ok && err == nil && !strings.Contains(name, "/")
}

// The card's size in pixels where nobody asks for less, and how much of its
// height the label takes.
const (
	cardWidth = 480
	cardLabel = 150
)

// frame is the place of a work's card in the page of others, no larger than they
// allow; 0 is any size.
func (s *Server) frame(a store.Artwork, mostWidth, mostHeight int) artworks.FrameProps {
	f := artworks.FrameProps{Src: s.BaseURL + artworks.Path(a.ID) + "/card", Title: a.Title + " by " + a.ArtistName, Width: cardWidth}
	if mostWidth > 0 {
		f.Width = min(f.Width, mostWidth)
	}
	f.Height = int(float64(f.Width)/a.Cover.Ratio()) + cardLabel
	if mostHeight > 0 {
		f.Height = min(f.Height, mostHeight)
	}
	return f
}
