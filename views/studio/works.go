package studio

import (
	"strconv"

	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// WorksProps are what the artist's list of works shows.
type WorksProps struct {
	Title string
	Tabs  templ.Component
	Count string // "9 works"
	Works []WorkRow
	More  string // the address of the next page, or ""
}

// WorkRow is a line of the list.
type WorkRow struct {
	Work  store.StudioWork
	Page  string // the address of the work
	Thumb ui.Photo
}

func (r WorkRow) id() string { return "work-" + strconv.FormatInt(r.Work.ID, 10) }

func (r WorkRow) path() string { return "/artworks/" + strconv.FormatInt(r.Work.ID, 10) }

func (r WorkRow) sale() string {
	if r.Work.ForSale {
		return "For sale"
	}
	return "Not for sale"
}
