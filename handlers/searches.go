package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/searches"
	"openstudio/views/ui"
)

// savePath is where the search of a list is saved, "" when no filter is on.
func savePath(f store.Filter) string {
	if len(f.On()) == 0 {
		return ""
	}
	return "/searches/new" + filterQuery(f)
}

// filterQuery is the filter as the query of an address.
func filterQuery(f store.Filter) string {
	f.Sort, f.After = store.Newest, ""
	if f.Most == 0 {
		f.To = "" // it narrows nothing
	}
	return strings.TrimPrefix(listPath(f), "/artworks")
}

// newSearch is the form by which the search of the address is saved.
func (s *Server) newSearch(c echo.Context) error {
	f := filter(c)
	if len(f.On()) == 0 {
		return s.nothingToSave(c)
	}
	return s.showNewSearch(c, http.StatusOK, f, searchName(f), nil)
}

func (s *Server) showNewSearch(c echo.Context, status int, f store.Filter, name string, inv *store.Invalid) error {
	p := searches.NewProps{Action: "/searches" + filterQuery(f), Back: listPath(f), Name: name, Errors: inv}
	for _, chip := range chips(f) {
		p.Filters = append(p.Filters, chip.Label)
	}
	return s.show(c, status, view{Title: "Save this search", NoIndex: true, Page: searches.New(p)})
}

// nothingToSave leads those who would save a search without a filter to the list.
func (s *Server) nothingToSave(c echo.Context) error {
	s.flash(c, ui.Alert, "Choose one filter or more first, then save the search.")
	return s.redirect(c, "/artworks")
}

// inWords is a filter in a line: "“north”, painting, for sale now".
func inWords(f store.Filter) string {
	var parts []string
	for i, chip := range chips(f) {
		label := chip.Label
		if first, size := utf8.DecodeRuneInString(label); i > 0 && !slices.Contains(f.Towns, label) {
			label = strings.ToLower(string(first)) + label[size:]
		}
		parts = append(parts, label)
	}
	return strings.Join(parts, ", ")
}

// searchName is what a search is called until its member says otherwise.
func searchName(f store.Filter) string {
	name := []rune(inWords(f))
	if len(name) > store.SearchNameMost {
		name = append(name[:store.SearchNameMost-1], '…')
	}
	return string(name)
}

// saveSearch keeps the search of the address.
func (s *Server) saveSearch(c echo.Context) error {
	f, name := filter(c), c.Request().PostFormValue("name")
	if len(f.On()) == 0 {
		return s.nothingToSave(c)
	}
	search, fresh, err := s.Store.SaveSearch(c.Request().Context(), member(c), f, name)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showNewSearch(c, http.StatusUnprocessableEntity, f, name, invalid)
	}
	if err != nil {
		return err
	}
	sentence := "“" + search.Name + "” is saved. You are told of new works that match."
	if !fresh {
		sentence = "You have saved this search already, as “" + search.Name + "”."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, "/searches")
}

// searches lists what the member keeps.
func (s *Server) searches(c echo.Context) error {
	return s.showSearches(c, http.StatusOK, 0, store.SearchForm{}, nil)
}

// showSearches lists what the member keeps, one of them as it was typed and with
// what is wrong with that.
func (s *Server) showSearches(c echo.Context, status int, wrong int64, typed store.SearchForm, inv *store.Invalid) error {
	kept, err := s.Store.SavedSearches(c.Request().Context(), member(c))
	if err != nil {
		return err
	}
	known := wrong == 0
	p := searches.Props{Searches: make([]searches.Search, len(kept))}
	for i, search := range kept {
		p.Searches[i] = searches.Search{SavedSearch: search, Filters: inWords(search.Filter), List: listPath(search.Filter), Typed: search.Name}
		if search.ID == wrong {
			known = true
			p.Searches[i].Typed, p.Searches[i].Notify, p.Searches[i].Letter, p.Searches[i].Errors = typed.Name, typed.Notify, typed.Letter, inv
		}
	}
	if !known {
		return store.ErrNotFound
	}
	return s.show(c, status, view{Title: "Saved searches", NoIndex: true, Page: searches.Index(p)})
}

// updateSearch changes the name and the alerts of a search.
func (s *Server) updateSearch(c echo.Context) error {
	search, err := id(c, "id")
	if err != nil {
		return err
	}
	f := store.SearchForm{Name: c.FormValue("name"), Notify: c.FormValue("notify") == "1", Letter: store.LetterPace(c.FormValue("letter"))}
	err = s.Store.UpdateSearch(c.Request().Context(), member(c), search, f)
	var invalid *store.Invalid
	if errors.As(err, &invalid) {
		return s.showSearches(c, http.StatusUnprocessableEntity, search, f, invalid)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "The changes are kept.")
	return s.redirect(c, "/searches")
}

// deleteSearch forgets a search.
func (s *Server) deleteSearch(c echo.Context) error {
	search, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Store.DeleteSearch(c.Request().Context(), member(c), search); err != nil {
		return err
	}
	s.flash(c, ui.Done, "The search is deleted.")
	return s.redirect(c, "/searches")
}
