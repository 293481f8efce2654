package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/emails"
)

// devMailMost is how many letters /dev/mail shows.
const devMailMost = 100

// devMail lists the newest letters of the outbox, for people who develop
// OpenStudio.
func (s *Server) devMail(c echo.Context) error {
	letters, err := s.Store.RecentLetters(c.Request().Context(), devMailMost)
	if err != nil {
		return err
	}
	list := make([]emails.Sent, 0, len(letters))
	for _, l := range letters {
		sent, err := s.sent(c, l)
		if err != nil {
			return err
		}
		list = append(list, sent)
	}
	return s.show(c, http.StatusOK, view{Title: "Letters", NoIndex: true, Page: emails.List(list)})
}

// devLetter shows one letter as it is sent.
func (s *Server) devLetter(c echo.Context) error {
	letter, err := id(c, "id")
	if err != nil {
		return err
	}
	l, err := s.Store.Letter(c.Request().Context(), letter)
	if err != nil {
		return err
	}
	sent, err := s.sent(c, l)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, view{Title: sent.Subject, NoIndex: true, Page: emails.One(sent)})
}

// letterPolicy is for a letter as a page of its own: it carries its style.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// devLetterHTML shows one letter as mail programs do.
func (s *Server) devLetterHTML(c echo.Context) error {
	letter, err := id(c, "id")
	if err != nil {
		return err
	}
	l, err := s.Store.Letter(c.Request().Context(), letter)
	if err != nil {
		return err
	}
	w, err := emails.Write(c.Request().Context(), l, s.BaseURL)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", letterPolicy)
	s.cacheHeaders(c)
	return c.HTML(http.StatusOK, w.HTML)
}

func (s *Server) sent(c echo.Context, l store.Letter) (emails.Sent, error) {
	w, err := emails.Write(c.Request().Context(), l, s.BaseURL)
	return emails.Sent{ID: l.ID, To: l.To, Subject: w.Subject, Text: w.Text, State: l.State, At: l.CreatedAt}, err
}
