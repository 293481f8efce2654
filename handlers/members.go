package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/account"
)

// askRegister is the form of those who join.
func (s *Server) askRegister(c echo.Context) error {
	if session := viewer(c); session != nil {
		return s.redirect(c, belongs(session.Member))
	}
	role := store.Role(c.QueryParam("role"))
	if role == "" && errand(c).Save != "" {
		role = store.Collector
	}
	return s.showRegister(c, http.StatusOK, account.RegisterProps{Role: role})
}

func (s *Server) showRegister(c echo.Context, status int, p account.RegisterProps) error {
	title := "Join"
	if p.Invalid != nil {
		title = "Join: some things to put right"
	}
	p.Errand, p.Work = errand(c), s.doorWork(c)
	p.Commission = s.Store.Commission()
	description := "Sell your work without commission, or collect and keep a gallery."
	if p.Commission > 0 {
		description = "Sell your work, or collect and keep a gallery."
	}
	return s.show(c, status, view{Title: title, NoIndex: true,
		Description: description, Page: account.Register(p)})
}

// register makes a member and signs them in.
func (s *Server) register(c echo.Context) error {
	ctx := c.Request().Context()
	p, role := person(c), store.Role(c.FormValue("role"))
	m, err := s.Store.Register(ctx, store.Registration{
		Role: role, Username: p.Username, FirstName: p.FirstName, LastName: p.LastName, Email: p.Email,
		Address: p.Address, Town: p.Town, Postcode: p.Postcode, Bio: p.Bio, Website: p.Website,
		Password: c.FormValue("password"), PasswordAgain: c.FormValue("password_again"),
	})
	if errors.As(err, &p.Invalid) {
		return s.showRegister(c, http.StatusUnprocessableEntity, account.RegisterProps{Person: p, Role: role})
	}
	if err != nil {
		return err
	}
	token, err := s.Store.StartSession(ctx, m.ID, device(c))
	if err != nil {
		return err
	}
	return s.enter(c, token, m, "Registration successful. Welcome to the studio.")
}

// person is what a form says of a member, as typed.
func person(c echo.Context) account.Person {
	return account.Person{
		FirstName: c.FormValue("first_name"), LastName: c.FormValue("last_name"),
		Email: c.FormValue("email"), Username: c.FormValue("username"),
		Address: c.FormValue("address"), Town: c.FormValue("town"), Postcode: c.FormValue("postcode"),
		Bio: c.FormValue("bio"), Website: c.FormValue("website"),
	}
}
