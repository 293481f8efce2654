// Package searches shows the searches that a member keeps, and how they are told
// of what is new.
package searches

import (
	"strconv"

	"openstudio/store"
	"openstudio/views/ui"
)

// NewProps are what the form of a search to be kept shows.
type NewProps struct {
	Action  string   // where the form goes, with the filters
	Back    string   // the list
	Filters []string // those that are on, as people read them
	Name    string   // as typed
	Errors  *store.Invalid
}

// Props are what a member's own searches show.
type Props struct{ Searches []Search }

// Search is one that a member keeps.
type Search struct {
	store.SavedSearch
	Filters string // as people read them: "Painting, for sale now"
	List    string // the address of what it finds
	Typed   string // the name as it stands in the form
	Errors  *store.Invalid
}

func (s Search) id(part string) string { return part + "-" + strconv.FormatInt(s.ID, 10) }

func (s Search) path() string { return "/searches/" + strconv.FormatInt(s.ID, 10) }

func (s Search) count() string {
	n := s.Count
	if n == 0 {
		return "Nothing matches now"
	}
	if n == 1 {
		return "1 work matches now"
	}
	if n > store.SearchCountMost {
		return "More than " + strconv.Itoa(store.SearchCountMost) + " works match now"
	}
	return strconv.Itoa(n) + " works match now"
}

// alerts says in a line how new works are told.
func (s Search) alerts() string {
	letter := ""
	switch s.Letter {
	case store.DailyLetter:
		letter = "a letter a day at most"
	case store.WeeklyLetter:
		letter = "a letter a week at most"
	}
	switch {
	case s.Notify && letter != "":
		return "New works: a notification, and " + letter
	case s.Notify:
		return "New works: a notification"
	case letter != "":
		return "New works: " + letter
	}
	return "New works: no word of them"
}

func paces() []ui.Option {
	var options []ui.Option
	for _, p := range store.LetterPaces() {
		options = append(options, ui.Option{Value: string(p), Label: p.Label()})
	}
	return options
}
