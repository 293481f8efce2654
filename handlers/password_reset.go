package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/account"
	"openstudio/views/ui"
)

// askPasswordReset is the form of those who forgot their password.
func (s *Server) askPasswordReset(c echo.Context) error {
	p := account.AskProps{}
	if session := viewer(c); session != nil {
		p.Email = session.Member.Email
	}
	return s.showAsk(c, http.StatusOK, p)
}

func (s *Server) showAsk(c echo.Context, status int, p account.AskProps) error {
	return s.show(c, status, view{Title: "Forgotten password", NoIndex: true, Page: account.Ask(p)})
}

// requestPasswordReset sends the letter with a link, and says the same whether
// there is anybody to send it to or not.
func (s *Server) requestPasswordReset(c echo.Context) error {
	p := account.AskProps{Email: c.FormValue("email")}
	err := s.Store.RequestPasswordReset(c.Request().Context(), p.Email, c.RealIP())
	if errors.As(err, &p.Invalid) {
		return s.showAsk(c, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "If there is a member with that email, a letter is on its way.")
	if viewer(c) != nil {
		return s.redirect(c, "/account/password")
	}
	return s.redirect(c, "/login")
}

// passwordReset is where the link of a letter leads. Looking uses nothing up:
// programs that check mail look too.
func (s *Server) passwordReset(c echo.Context) error {
	err := s.Store.PasswordReset(c.Request().Context(), c.Param("token"))
	if errors.Is(err, store.ErrNotFound) {
		return s.showExpired(c)
	}
	if err != nil {
		return err
	}
	return s.showReset(c, http.StatusOK, nil)
}

// resetPassword sets a new password by the link of a letter and signs its
// member in.
func (s *Server) resetPassword(c echo.Context) error {
	ctx := c.Request().Context()
	m, err := s.Store.ResetPassword(ctx, c.Param("token"), c.FormValue("password"), c.FormValue("password_again"))
	var invalid *store.Invalid
	switch {
	case errors.As(err, &invalid):
		return s.showReset(c, http.StatusUnprocessableEntity, invalid)
	case errors.Is(err, store.ErrNotFound):
		return s.showExpired(c)
	case err != nil:
		return err
	}
	token, err := s.Store.StartSession(ctx, m.ID, device(c))
	if err != nil {
		return err
	}
	return s.enter(c, token, m, "Your new password is set. You are logged out everywhere else.")
}

func (s *Server) showReset(c echo.Context, status int, inv *store.Invalid) error {
	return s.show(c, status, view{Title: "Set a new password", NoIndex: true,
		Page: account.Reset(account.ResetProps{Token: c.Param("token"), Invalid: inv})})
}

func (s *Server) showExpired(c echo.Context) error {
	return s.show(c, http.StatusNotFound, view{Title: "This link opens nothing any more", NoIndex: true, Page: account.Expired()})
}
