package handlers

import (
	"crypto/hkdf"
	"crypto/sha256"
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/layout"
)

// sessionAge is how long a browser stays signed in without being used.
const sessionAge = int(store.SessionAge / 1e9) // seconds

// newCookieStore derives the cookies' keys from the market's secret.
func newCookieStore(secret []byte, secure bool) (*sessions.CookieStore, error) {
	hash, err := hkdf.Key(sha256.New, secret, nil, "openstudio cookie signature", 64)
	if err != nil {
		return nil, err
	}
	block, err := hkdf.Key(sha256.New, secret, nil, "openstudio cookie encryption", 32)
	if err != nil {
		return nil, err
	}
	cs := sessions.NewCookieStore(hash, block)
	cs.Options = &sessions.Options{Path: "/", MaxAge: sessionAge, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
	cs.MaxAge(sessionAge)
	return cs, nil
}

// cookieName gives a cookie the __Host- prefix where the browser honours it.
func (s *Server) cookieName(name string) string {
	if s.secure() {
		return "__Host-" + name
	}
	return name
}

// cookie opens one of our signed cookies. A damaged or foreign one is as good
// as none.
func (s *Server) cookie(c echo.Context, name string) *sessions.Session {
	cookie, _ := s.cookies.Get(c.Request(), s.cookieName(name))
	return cookie
}

// viewer is who asks: the session that loadMember found, or nil for a visitor.
func viewer(c echo.Context) *store.Session {
	session, _ := c.Get("session").(*store.Session)
	return session
}

// member is the signed-in member of a route behind members, artists or collectors.
func member(c echo.Context) store.Member { return viewer(c).Member }

// signIn puts the token of a new session into the browser's cookie.
func (s *Server) signIn(c echo.Context, token string) error {
	cookie := s.cookie(c, "session")
	cookie.Values["token"] = token
	cookie.Options.MaxAge = sessionAge // one that had ended may just have been taken back
	return cookie.Save(c.Request(), c.Response())
}

// signOut takes the cookie back.
func (s *Server) signOut(c echo.Context) error {
	cookie := s.cookie(c, "session")
	cookie.Values = map[any]any{}
	cookie.Options.MaxAge = -1
	return cookie.Save(c.Request(), c.Response())
}

// sessionToken is the token in the browser's cookie, or "".
func (s *Server) sessionToken(c echo.Context) string {
	if _, err := c.Cookie(s.cookieName("session")); err != nil {
		return ""
	}
	token, _ := s.cookie(c, "session").Values["token"].(string)
	return token
}

// flash keeps a sentence for the next page that this browser is shown. The
// kind is one of ui.Notice.
func (s *Server) flash(c echo.Context, kind, text string) {
	flashes, _ := c.Get("flashes").([]layout.Flash)
	flashes = append(flashes, layout.Flash{Kind: kind, Text: text})
	c.Set("flashes", flashes)
	cookie := s.cookie(c, "flash")
	values := make([]string, 0, 2*len(flashes))
	for _, f := range flashes {
		values = append(values, f.Kind, f.Text)
	}
	cookie.Values["flashes"] = values
	cookie.Options.MaxAge = 600
	if err := cookie.Save(c.Request(), c.Response()); err != nil {
		s.Log.ErrorContext(c.Request().Context(), "keep a flash", "error", err)
	}
}

// takeFlashes returns what waits to be said and forgets it.
func (s *Server) takeFlashes(c echo.Context) []layout.Flash {
	flashes, _ := c.Get("flashes").([]layout.Flash)
	if _, err := c.Cookie(s.cookieName("flash")); err != nil && flashes == nil {
		return nil
	}
	cookie := s.cookie(c, "flash")
	if flashes == nil {
		values, _ := cookie.Values["flashes"].([]string)
		for i := 0; i+1 < len(values); i += 2 {
			flashes = append(flashes, layout.Flash{Kind: values[i], Text: values[i+1]})
		}
	}
	cookie.Values = map[any]any{}
	cookie.Options.MaxAge = -1
	if err := cookie.Save(c.Request(), c.Response()); err != nil {
		s.Log.ErrorContext(c.Request().Context(), "take back a flash", "error", err)
	}
	return flashes
}
