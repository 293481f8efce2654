package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/account"
	"openstudio/views/ui"
)

// account is the page of a member's own details.
func (s *Server) account(c echo.Context) error {
	m := member(c)
	return s.showProfile(c, http.StatusOK, account.Person{
		FirstName: m.FirstName, LastName: m.LastName, Email: m.Email, Username: m.Username,
		Address: m.Address, Town: m.Town, Postcode: m.Postcode, Bio: m.Bio, Website: m.Website, NoLearning: m.NoLearning,
	})
}

func (s *Server) showProfile(c echo.Context, status int, p account.Person) error {
	return s.show(c, status, view{Title: "Settings", NoIndex: true,
		Page: account.Profile(account.ProfileProps{Person: p, Artist: member(c).IsArtist(), Mailbox: member(c).Email, Trouble: viewer(c).Trouble})})
}

// updateAccount keeps a member's own details.
func (s *Server) updateAccount(c echo.Context) error {
	p := person(c)
	p.NoLearning = c.FormValue("no_learning") == "1"
	err := s.Store.UpdateProfile(c.Request().Context(), member(c), store.Profile{
		Username: p.Username, FirstName: p.FirstName, LastName: p.LastName, Email: p.Email,
		Address: p.Address, Town: p.Town, Postcode: p.Postcode, Bio: p.Bio, Website: p.Website, NoLearning: p.NoLearning,
		Password: c.FormValue("current_password"),
	})
	if errors.As(err, &p.Invalid) {
		return s.showProfile(c, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your details are saved.")
	return s.redirect(c, "/account")
}

// tryAddress sends a letter to an address from which letters came back.
func (s *Server) tryAddress(c echo.Context) error {
	tried, err := s.Store.TryAddress(c.Request().Context(), member(c))
	if err != nil {
		return err
	}
	if tried {
		s.flash(c, ui.News, "A letter to "+member(c).Email+" is on its way. If it comes back too, you are told here.")
	}
	return s.redirect(c, "/account")
}

// password is the page that changes a member's password.
func (s *Server) password(c echo.Context) error { return s.showPassword(c, http.StatusOK, nil) }

func (s *Server) showPassword(c echo.Context, status int, inv *store.Invalid) error {
	return s.show(c, status, view{Title: "Password", NoIndex: true, Page: account.Password(account.PasswordProps{Invalid: inv})})
}

// changePassword gives a member a new password.
func (s *Server) changePassword(c echo.Context) error {
	err := s.Store.ChangePassword(c.Request().Context(), member(c), viewer(c).ID,
		c.FormValue("current_password"), c.FormValue("password"), c.FormValue("password_again"))
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showPassword(c, http.StatusUnprocessableEntity, invalid)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your new password is set. You are logged out everywhere else.")
	return s.redirect(c, "/account/password")
}

// sessions lists the browsers that a member is signed in on.
func (s *Server) sessions(c echo.Context) error {
	list, err := s.Store.Sessions(c.Request().Context(), member(c))
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, view{Title: "Devices", NoIndex: true,
		Page: account.Devices(account.DevicesProps{Sessions: list, Current: viewer(c).ID})})
}

// endSession signs one browser out.
func (s *Server) endSession(c echo.Context) error {
	session, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Store.EndSessionByID(c.Request().Context(), member(c), session); err != nil {
		return err
	}
	if session == viewer(c).ID {
		return s.leave(c, "You are logged out.")
	}
	s.flash(c, ui.Done, "That device is logged out.")
	return s.redirect(c, "/account/sessions")
}

// endOtherSessions signs out every browser but this one.
func (s *Server) endOtherSessions(c echo.Context) error {
	if err := s.Store.EndOtherSessions(c.Request().Context(), member(c), viewer(c).ID); err != nil {
		return err
	}
	s.flash(c, ui.Done, "All other devices are logged out.")
	return s.redirect(c, "/account/sessions")
}

// endAllSessions signs a member out everywhere.
func (s *Server) endAllSessions(c echo.Context) error {
	if err := s.Store.EndAllSessions(c.Request().Context(), member(c)); err != nil {
		return err
	}
	return s.leave(c, "You are logged out everywhere.")
}
