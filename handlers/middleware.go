package handlers

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"

	"openstudio/store"
	"openstudio/store/payment"
)

// Bodies are bounded before anything reads them, in bytes.
const (
	formLimit    = 64 << 10
	webhookLimit = 64 << 10
	uploadLimit  = 10*store.UploadMost + 1<<20 // ten photographs and their form
	fileLimit    = store.UploadMost
)

// The policy that every page is held to: nothing inline, nothing from elsewhere.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// identify gives the request an id and logs it when it has been answered. The
// line names the route, never the address, a query, a cookie or a form.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		var b [6]byte
		rand.Read(b[:])
		id := hex.EncodeToString(b[:])
		c.Set("request", id)
		c.Response().Header().Set("X-Request-Id", id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		level := slog.LevelInfo
		if c.Path() == "/healthz" || c.Path() == "/readyz" || c.Path() == "/static/*" || c.Path() == "/images/:key/:size" {
			level = slog.LevelDebug
		}
		attrs := []slog.Attr{
			slog.String("request", id), slog.String("method", c.Request().Method), slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size),
			slog.Duration("took", time.Since(start)),
		}
		if session := viewer(c); session != nil {
			attrs = append(attrs, slog.Int64("member", session.Member.ID))
		}
		s.Log.LogAttrs(c.Request().Context(), level, "request", attrs...)
		return nil
	}
}

func requestID(c echo.Context) string {
	id, _ := c.Get("request").(string)
	return id
}

// headers tells browsers how little this site needs.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	policy := contentSecurityPolicy
	if g, ok := s.Gateway.(payment.Elsewhere); ok { // where a form of ours may lead to
		policy = strings.Replace(policy, "form-action 'self'", "form-action 'self' "+strings.Join(g.Hosts(), " "), 1)
	}
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// sameOrigin refuses changes that another site asks this browser to make
// (net/http's CrossOriginProtection). Gateways sign what they send instead.
func (s *Server) sameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /webhooks/")
	protection.AddInsecureBypassPattern("POST /digest/stop/") // mail programs, with a token
	if s.secure() {
		if err := protection.AddTrustedOrigin(s.BaseURL); err != nil {
			s.Log.Warn("BASE_URL is no origin", "error", err)
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return echo.NewHTTPError(http.StatusForbidden, "cross-origin request").SetInternal(err)
			}
			return next(c)
		}
	}
}

// limitBody refuses bodies of more than n bytes.
func limitBody(n int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > n {
				return echo.ErrStatusRequestEntityTooLarge
			}
			if r.Body != nil {
				r.Body = http.MaxBytesReader(c.Response(), r.Body, n)
			}
			return next(c)
		}
	}
}

// limitWrites bounds how often one address may change something. Reads and the
// gateway's signed webhooks are not counted.
func (s *Server) limitWrites() echo.MiddlewareFunc {
	perMinute := s.Writes
	if perMinute == 0 {
		perMinute = 120
	}
	limiter := middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{
		Rate: rate.Limit(float64(perMinute) / 60), Burst: perMinute / 2, ExpiresIn: 3 * time.Minute,
	})
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			switch c.Request().Method {
			case http.MethodGet, http.MethodHead, http.MethodOptions:
				return next(c)
			}
			if c.Path() == "/webhooks/payments" {
				return next(c)
			}
			if ok, err := limiter.Allow(c.RealIP()); err != nil || !ok {
				return &store.TooMany{Wait: time.Minute / time.Duration(perMinute) * 10}
			}
			return next(c)
		}
	}
}

// loadMember finds out who asks. The session's row is the authority: a cookie
// whose row is gone is no session.
func (s *Server) loadMember(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := s.sessionToken(c)
		if token == "" {
			return next(c)
		}
		session, err := s.Store.Session(c.Request().Context(), token)
		switch {
		case errors.Is(err, store.ErrSignedOut):
			if err := s.signOut(c); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			c.Set("session", &session)
			renewed, err := s.Store.SeenSession(c.Request().Context(), session)
			if err != nil {
				return err
			}
			if renewed {
				if err := s.signIn(c, token); err != nil {
					return err
				}
			}
		}
		return next(c)
	}
}

// members lets only signed-in members pass; visitors go through the door and
// come back.
func (s *Server) members(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if viewer(c) == nil {
			return s.askToSignIn(c)
		}
		return next(c)
	}
}

// only lets members of one role pass.
func (s *Server) only(role store.Role) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return s.members(func(c echo.Context) error {
			if member(c).Role != role {
				return store.ErrForbidden
			}
			return next(c)
		})
	}
}

// askToSignIn sends a visitor to the door, to come back to the page they were
// on. A fragment cannot be redirected, so HTMX is told to go there.
func (s *Server) askToSignIn(c echo.Context) error {
	r := c.Request()
	back := r.URL.RequestURI()
	if wantsFragment(c) {
		back = pathOf(r.Header.Get("HX-Current-URL"))
	} else if r.Method != http.MethodGet && r.Method != http.MethodHead {
		back = pathOf(r.Referer())
	}
	door := "/login?next=" + url.QueryEscape(localPath(back, "/"))
	if wantsFragment(c) {
		c.Response().Header().Set("HX-Redirect", door)
		return c.NoContent(http.StatusUnauthorized)
	}
	return c.Redirect(http.StatusSeeOther, door)
}

// pathOf is the path and query of a full URL that the browser sent.
func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		return ""
	}
	return u.RequestURI()
}

// limitForms bounds plain forms before override reads one. Forms with files are
// bounded by their routes.
func limitForms(next echo.HandlerFunc) echo.HandlerFunc {
	limited := limitBody(formLimit)(next)
	return func(c echo.Context) error {
		if c.Request().Header.Get(echo.HeaderContentType) == echo.MIMEApplicationForm {
			return limited(c)
		}
		return next(c)
	}
}

// override lets a plain form say which method it means.
func override() echo.MiddlewareFunc {
	return middleware.MethodOverrideWithConfig(middleware.MethodOverrideConfig{
		Skipper: func(c echo.Context) bool {
			return c.Request().Header.Get(echo.HeaderContentType) != echo.MIMEApplicationForm
		},
		Getter: middleware.MethodFromForm("_method"),
	})
}

// compressor packs answers for browsers that can unpack them. Streams, pictures
// and static files, which come packed, pass as they are. Errors are answered
// inside, where their pages are packed like others.
func compressor() (echo.MiddlewareFunc, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.RandomJitter(32, 0, false),
		gzhttp.ContentTypes([]string{"text/html", "text/plain", "application/xml", "application/atom+xml"}))
	if err != nil {
		return nil, err
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			outer := c.Response()
			defer c.SetResponse(outer)
			wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				c.SetResponse(echo.NewResponse(w, c.Echo()))
				if err := calmly(next, c); err != nil {
					c.Error(err)
				}
			})).ServeHTTP(outer, c.Request())
			return nil
		}
	}, nil
}

// errPanic is wrapped by the error that a panic became.
var errPanic = errors.New("panic")

// calmly turns a panic of a handler into an error, with the place where it
// began. One that means to break the connection passes.
func calmly(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return next(c)
}

// ipExtractor believes X-Forwarded-For only from the proxies that it is told of.
func ipExtractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		options = append(options, echo.TrustIPRange(ipNet(p)))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
