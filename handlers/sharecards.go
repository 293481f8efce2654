package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/sharecard"
	"openstudio/views/layout"
)

// shareCards paints the pictures that others show of works, a few at a time, and
// remembers the last ones. Any instance can paint any of them again.
type shareCards struct {
	painter *sharecard.Painter
	free    chan struct{} // a place for each that is painted at once
	limiter *middleware.RateLimiterMemoryStore

	mu    sync.Mutex
	made  map[string][]byte // by digest
	bytes int
}

const (
	// shareCardsAtOnce is how many cards are painted at once, so that a crawler
	// takes no more than one processor.
	shareCardsAtOnce = 1
	// shareCardWait is how long one waits for its turn.
	shareCardWait = 5 * time.Second
	// shareCardsKept bounds the memory of painted cards, in bytes; beyond it, it
	// starts anew.
	shareCardsKept = 12 << 20
	// One address may have so many cards painted at once, and then one a second.
	// Those that are remembered are not counted.
	shareCardBurst = 60
)

func newShareCards() (*shareCards, error) {
	painter, err := sharecard.New()
	if err != nil {
		return nil, err
	}
	return &shareCards{
		painter: painter, free: make(chan struct{}, shareCardsAtOnce), made: map[string][]byte{},
		limiter: middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{Rate: 1, Burst: shareCardBurst, ExpiresIn: 3 * time.Minute}),
	}, nil
}

// shareCard is the picture that others show of a work when somebody links to it.
// An address with the digest of the card names that very card; any other is
// answered with the card of today.
func (s *Server) shareCard(c echo.Context) error {
	a, err := s.listedArtwork(c)
	if err != nil {
		return err
	}
	if a.Cover.Key == "" {
		return store.ErrNotFound
	}
	askNotToLearn(c, a.NoLearning)
	digest := shareLabel(a.Card).Digest(a.Cover.Key)
	h := c.Response().Header()
	h.Set("Cache-Control", "public, no-cache")
	if c.QueryParam("v") == digest {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	etag := `"` + digest + `"`
	h.Set("ETag", etag)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Security-Policy", picturePolicy)
	if c.Request().Header.Get("If-None-Match") == etag {
		return c.NoContent(http.StatusNotModified)
	}
	card, err := s.paintedCard(c, digest, a.Card)
	if err != nil {
		h.Del("ETag")
		h.Set("Cache-Control", "no-store")
		return err
	}
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Disposition", "inline")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(card))
	return nil
}

// paintedCard is a card from memory, or painted now. One that many ask for at
// once is painted once.
func (s *Server) paintedCard(c echo.Context, digest string, card store.Card) ([]byte, error) {
	if made := s.cards.get(digest); made != nil {
		return made, nil
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), shareCardWait)
	defer cancel()
	select {
	case s.cards.free <- struct{}{}:
		defer func() { <-s.cards.free }()
	case <-ctx.Done():
		return nil, &store.TooMany{Wait: time.Minute}
	}
	if made := s.cards.get(digest); made != nil {
		return made, nil
	}
	if ok, err := s.cards.limiter.Allow(c.RealIP()); err != nil || !ok {
		return nil, &store.TooMany{Wait: time.Minute}
	}
	host, ok := s.Darkroom.Hosts[card.Cover.Host]
	if !ok {
		return nil, fmt.Errorf("the host %q of image %s is not set up", card.Cover.Host, card.Cover.Key)
	}
	picture, err := host.Open(ctx, card.Cover.Key, shareStep(card.Cover), imagehost.JPEG)
	if errors.Is(err, imagehost.ErrNotFound) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open image: %w", err)
	}
	defer picture.Body.Close()
	made, err := s.cards.painter.Paint(picture.Body, shareLabel(card))
	if err != nil {
		return nil, err
	}
	s.cards.put(digest, made)
	return made, nil
}

func (s *shareCards) get(digest string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made[digest]
}

func (s *shareCards) put(digest string, card []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+len(card) > shareCardsKept {
		s.made, s.bytes = map[string][]byte{}, 0
	}
	s.made[digest] = card
	s.bytes += len(card)
}

// shareLabel is the label of a work on its card.
func shareLabel(card store.Card) sharecard.Label {
	l := sharecard.Label{Artist: card.ArtistName, Title: card.Title, Year: card.Year,
		Facts: []string{card.Medium.Label() + ", " + card.Material, card.Dimensions()}, Price: card.PriceLine(), Sold: card.SoldOut()}
	if card.Edition != store.UniqueEdition {
		l.Facts[1] += " · " + card.EditionLabel()
	}
	if l.Sold {
		l.Price = card.SoldWords()
	}
	return l
}

// shareStep is the smallest kept size of a photograph that is as large as its
// place on a card, at most the third.
func shareStep(img store.Image) int {
	sizes := imagehost.Sizes(img.Width, img.Height)
	sizes = sizes[:min(3, len(sizes))]
	for _, size := range sizes {
		if size.Height >= sharecard.Height || size.Width >= sharecard.Width {
			return size.Step
		}
	}
	return sizes[len(sizes)-1].Step
}

// shareCardPath is the address of the card as it is today.
func shareCardPath(card store.Card) string {
	return withQuery(artworkPath(card.ID, "")+"/card.jpg", "v", shareLabel(card).Digest(card.Cover.Key))
}

// cardPreview is the preview of a page with the card of a work for its picture.
func (s *Server) cardPreview(kind, title, description, path string, pictured store.Card) layout.PreviewProps {
	p := s.preview(kind, title, description, path, pictured)
	if p.Image != "" {
		p.Image, p.Width, p.Height = s.BaseURL+shareCardPath(pictured), sharecard.Width, sharecard.Height
		p.Alt += " Its label: " + pictured.ArtistName + ", " + pictured.Title + ", " + strconv.Itoa(pictured.Year) + "."
	}
	return p
}
