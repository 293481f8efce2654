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

// year stands after the title. A draft may be without one.
func (r WorkRow) year() string {
	if r.Work.Year == 0 {
		return ""
	}
	return ", " + strconv.Itoa(r.Work.Year)
}

func (r WorkRow) facts() string {
	if r.Work.Material == "" {
		return r.Work.Dimensions()
	}
	return r.Work.Dimensions() + ", " + r.Work.Material
}

func (r WorkRow) price() string {
	if r.Work.Price == 0 {
		return "Price to come"
	}
	return r.Work.Price.Short()
}
