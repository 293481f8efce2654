package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/account"
	"openstudio/views/ui"
)

// askLogin is the form of those who have been here before.
func (s *Server) askLogin(c echo.Context) error {
	if session := viewer(c); session != nil {
		return s.redirect(c, localPath(c.QueryParam("next"), belongs(session.Member)))
	}
	return s.showLogin(c, http.StatusOK, nil)
}

func (s *Server) showLogin(c echo.Context, status int, inv *store.Invalid) error {
	title := "Log in"
	if inv != nil {
		title = "Log in: check your details"
	}
	p := account.LoginProps{Errand: errand(c), Invalid: inv, Work: s.doorWork(c)}
	if inv != nil {
		p.Email = c.FormValue("email")
	}
	return s.show(c, status, view{Title: title, NoIndex: true, Page: account.Login(p)})
}

// login signs a member in.
func (s *Server) login(c echo.Context) error {
	token, m, err := s.Store.SignIn(c.Request().Context(), c.FormValue("email"), c.FormValue("password"), device(c), c.RealIP())
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showLogin(c, http.StatusUnprocessableEntity, invalid)
	}
	if err != nil {
		return err
	}
	return s.enter(c, token, m, "Welcome back "+m.Name()+".")
}

// enter lets a member in by a new session, says a word of welcome, does the
// errand that brought them to the door, and leads on. Another session of this
// browser ends.
func (s *Server) enter(c echo.Context, token string, m store.Member, welcome string) error {
	if old := s.sessionToken(c); old != "" {
		if err := s.Store.EndSession(c.Request().Context(), old); err != nil {
			return err
		}
	}
	if err := s.signIn(c, token); err != nil {
		return err
	}
	s.flash(c, ui.Done, welcome)
	to := errand(c)
	if err := s.saveFor(c, m, to.Save); err != nil {
		return err
	}
	if err := s.followFor(c, m, to.Follow); err != nil {
		return err
	}
	next := localPath(to.Next, belongs(m))
	if isDoor(next) {
		next = belongs(m)
	}
	return s.redirect(c, next)
}

// saveFor hangs the work that a visitor wanted to keep in the collector's own
// gallery.
func (s *Server) saveFor(c echo.Context, m store.Member, raw string) error {
	artwork, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || artwork <= 0 {
		return nil
	}
	if !m.IsCollector() {
		s.flash(c, ui.Alert, "Only collectors keep a gallery, so the work is not saved.")
		return nil
	}
	saving, err := s.Store.SaveArtwork(c.Request().Context(), m, 0, artwork)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.flash(c, ui.Alert, "The work that you wanted to save is not listed any more.")
	case err != nil:
		return err
	case saving.Changed:
		s.flash(c, ui.Done, "“"+saving.Title+"” now hangs in your gallery.")
	default:
		s.flash(c, ui.Done, "“"+saving.Title+"” is already in your gallery.")
	}
	return nil
}

// logout ends the session of this browser.
func (s *Server) logout(c echo.Context) error {
	if token := s.sessionToken(c); token != "" {
		if err := s.Store.EndSession(c.Request().Context(), token); err != nil {
			return err
		}
	}
	return s.leave(c, "You are logged out.")
}

// leave takes the cookie of a session that has ended and shows the way out.
func (s *Server) leave(c echo.Context, sentence string) error {
	if err := s.signOut(c); err != nil {
		return err
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, "/")
}

// errand is what brought somebody to the door. A place that is none of this
// site's, and a work that is no number, are forgotten.
func errand(c echo.Context) account.Errand {
	e := account.Errand{Next: localPath(c.FormValue("next"), "")}
	if follow := c.FormValue("follow"); len(follow) <= store.UsernameMost {
		e.Follow = follow
	}
	if n, err := strconv.ParseInt(c.FormValue("save"), 10, 64); err == nil && n > 0 {
		e.Save = strconv.FormatInt(n, 10)
	}
	return e
}

// belongs is where a member's own work is.
func belongs(m store.Member) string {
	switch {
	case m.IsArtist():
		return "/studio"
	case m.IsCollector():
		return "/gallery"
	}
	return "/"
}

// isDoor reports whether a path is a page for those who are not in yet.
func isDoor(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains([]string{"login", "logout", "password-reset", "register"}, first)
}

// doorWork is the work that hangs beside the forms of the door, or nil. The
// door opens without it, too.
func (s *Server) doorWork(c echo.Context) *ui.Work {
	card, err := s.Store.NewestHung(c.Request().Context())
	if err != nil {
		return nil
	}
	w := s.work(c, card)
	w.Save = nil
	return &w
}
