package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artists"
	"openstudio/views/ui"
)

// follow lets the member be told of an artist's new works.
func (s *Server) follow(c echo.Context) error {
	f, err := s.Store.Follow(c.Request().Context(), member(c), c.Param("username"))
	if err != nil {
		return err
	}
	return s.followed(c, f, true, followWords(f))
}

func followWords(f store.Following) string {
	if f.Changed {
		return "You follow " + f.Name + ". New works are among your notifications."
	}
	return "You follow " + f.Name + " already."
}

// unfollow ends it.
func (s *Server) unfollow(c echo.Context) error {
	f, err := s.Store.Unfollow(c.Request().Context(), member(c), c.Param("username"))
	if err != nil {
		return err
	}
	return s.followed(c, f, false, "You do not follow "+f.Name+" any more.")
}

// followed answers a click on the button that follows with the button as it is
// now or, without HTMX, with the page that one was on and a sentence.
func (s *Server) followed(c echo.Context, f store.Following, follows bool, sentence string) error {
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, artists.FollowToggle(artists.Follow{Path: artistPath(f.Username), Name: f.Name, On: follows}))
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, localPath(c.FormValue("next"), localPath(pathOf(c.Request().Referer()), artistPath(f.Username))))
}

// followFor follows the artist whom a visitor wanted to follow before they came
// in.
func (s *Server) followFor(c echo.Context, m store.Member, username string) error {
	if username == "" {
		return nil
	}
	f, err := s.Store.Follow(c.Request().Context(), m, username)
	var conflict *store.Conflict
	switch {
	case errors.As(err, &conflict):
		s.flash(c, ui.News, conflict.Sentence)
	case errors.Is(err, store.ErrNotFound):
		s.flash(c, ui.Alert, "The artist whom you wanted to follow is not here any more.")
	case err != nil:
		return err
	default:
		s.flash(c, ui.Done, followWords(f))
	}
	return nil
}

// following lists the artists that the member follows.
func (s *Server) following(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := s.Store.Followed(ctx, member(c), c.QueryParam("after"))
	if err != nil {
		return err
	}
	p := artists.FollowingProps{Rows: make([]artists.FollowedRow, len(page.Items))}
	for i, row := range s.artistRows(page.Items) {
		p.Rows[i] = artists.FollowedRow{Row: row, Follow: artists.Follow{Path: row.Href, Name: row.Name, On: true}}
	}
	if page.Next != "" {
		p.More = "/following?after=" + url.QueryEscape(page.Next)
	}
	if wantsFragment(c) {
		return s.part(c, http.StatusOK, artists.MoreFollowed(p))
	}
	if p.Digest, err = s.Store.Digest(ctx, member(c)); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, view{Title: "Following", NoIndex: true, Page: artists.Following(p)})
}

// chooseDigest says whether the member gets the weekly letter.
func (s *Server) chooseDigest(c echo.Context) error {
	on := c.FormValue("digest") == "1"
	if err := s.Store.SetDigest(c.Request().Context(), member(c), on); err != nil {
		return err
	}
	sentence := "No weekly letter comes any more."
	if on {
		sentence = "When there are new works, a letter comes on Monday."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, "/following")
}

// requestDigest sends a letter that asks whether its reader wants to hear of the
// artist, and says the same whatever is known of the address.
func (s *Server) requestDigest(c echo.Context) error {
	email := c.FormValue("email")
	err := s.Store.RequestDigest(c.Request().Context(), c.Param("username"), email, c.RealIP())
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		a, err := s.Store.ArtistByUsername(c.Request().Context(), c.Param("username"))
		if err != nil {
			return err
		}
		p := artists.LetterProps{Path: artistPath(a.Username), Name: a.Name, Email: email, Error: invalid.Get("email")}
		return s.show(c, http.StatusUnprocessableEntity, view{Title: "New works by letter", NoIndex: true, Page: artists.LetterPage(p), Fragment: artists.LetterForm(p)})
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "A letter with a link is on its way. Follow the link to say yes.")
	return s.redirect(c, artistPath(c.Param("username")))
}

// askConfirmation is where the link of a confirmation leads. Looking confirms
// nothing: programs that check mail look too.
func (s *Server) askConfirmation(c echo.Context) error {
	confirmation, err := s.Store.DigestConfirmation(c.Request().Context(), c.Param("token"))
	return s.showConfirmation(c, confirmation, err)
}

// confirmDigest is the yes of an address's owner.
func (s *Server) confirmDigest(c echo.Context) error {
	confirmation, err := s.Store.ConfirmDigest(c.Request().Context(), c.Param("token"))
	return s.showConfirmation(c, confirmation, err)
}

func (s *Server) showConfirmation(c echo.Context, confirmation store.Confirmation, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return s.show(c, http.StatusNotFound, view{Title: "This link opens nothing any more", NoIndex: true, Page: artists.NoConfirmation()})
	}
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, view{Title: "New works by letter", NoIndex: true, Page: artists.Confirm(artists.ConfirmProps{
		Token: c.Param("token"), Name: confirmation.ArtistName, Path: artistPath(confirmation.ArtistUsername), Confirmed: confirmation.Confirmed})})
}

// askDigestStop is where the links of letters lead that stop them.
func (s *Server) askDigestStop(c echo.Context) error { return s.showStop(c, "") }

// stopDigest ends letters. Mail programs send it by themselves, with "One-Click"
// and nothing else, and are not to be led elsewhere.
func (s *Server) stopDigest(c echo.Context) error {
	if err := s.Store.StopDigest(c.Request().Context(), c.Param("token"), c.FormValue("all") != ""); err != nil {
		return err
	}
	return s.showStop(c, "No more letters come.")
}

func (s *Server) showStop(c echo.Context, done string) error {
	stop, err := s.Store.DigestStop(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	p := artists.StopProps{Token: c.Param("token"), About: stop.ArtistName, Done: done}
	if stop.Searches {
		p.About = "your searches"
	}
	if done != "" && p.About != "" && c.FormValue("all") == "" {
		p.Done = "No more letters come about " + p.About + "."
		if stop.Searches {
			p.Done += " The searches are kept."
		}
	}
	return s.show(c, http.StatusOK, view{Title: "Stop the letters", NoIndex: true, Page: artists.Stop(p)})
}
