// Package handlers answers HTTP: each handler parses a request, makes one call
// of the store and shows a page or redirects. Nothing else in the program knows
// of requests.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"openstudio/static"
	"openstudio/store"
	"openstudio/store/payment"
)

// Config is all that the handlers need of the world.
type Config struct {
	Store    *store.Store
	Darkroom *Darkroom
	Assets   *static.Assets
	Gateway  payment.Gateway
	Log      *slog.Logger

	// Secret signs and encrypts cookies. At least 32 bytes.
	Secret []byte
	// BaseURL is the market's public address, without a slash at its end.
	BaseURL string
	// Dev opens /dev/mail and shows the demo sign-ins.
	Dev bool
	// Proxies are the addresses of proxies whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Writes is how many changes a minute one address may make; 0 means 120.
	Writes int
}

// Server is the market's http.Handler.
type Server struct {
	Config
	echo     *echo.Echo
	cookies  *sessions.CookieStore
	compress echo.MiddlewareFunc
	hub      *hub
	till     *Till
	pages    *pageCache
	counts   counts[int]
	choices  counts[store.Facets]
	hits     counts[store.Hits]
	cards    *shareCards
}

// New builds the router. Run must be called for pushed events to flow.
func New(c Config) (*Server, error) {
	s := &Server{Config: c, echo: echo.New(), hub: newHub(), pages: newPageCache(2 * time.Second)}
	s.till = NewTill(c.Store, c.Gateway, c.BaseURL, c.Log)
	cookies, err := newCookieStore(c.Secret, s.secure())
	if err != nil {
		return nil, err
	}
	s.cookies = cookies
	if s.compress, err = compressor(); err != nil {
		return nil, err
	}
	if s.cards, err = newShareCards(); err != nil {
		return nil, err
	}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.IPExtractor = ipExtractor(c.Proxies)
	s.echo.HTTPErrorHandler = s.fail
	s.routes()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Run passes the store's signals to open pages until ctx ends, when it closes
// every stream. It returns ctx's error.
func (s *Server) Run(ctx context.Context) error {
	defer s.hub.close()
	return s.Store.Listen(ctx, s.signal, s.resync)
}

// Till is where the market's money changes hands.
func (s *Server) Till() *Till { return s.till }

// secure reports whether the market is reached by https.
func (s *Server) secure() bool { return len(s.BaseURL) > 8 && s.BaseURL[:8] == "https://" }
