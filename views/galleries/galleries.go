// Package galleries shows collectors' galleries: the list of the public ones,
// one as others see it, and one's own with the tools of its curator.
package galleries

import (
	"strconv"

	"openstudio/store"
	"openstudio/views/ui"
)

// IndexProps are what the list of public galleries shows.
type IndexProps struct {
	Galleries []ui.Row
	More      string // the address of the next page, or ""
}

// Props are what others see of a gallery.
type Props struct {
	Gallery store.Gallery
	Plates  []Plate
	More    string // the address of the next page, or ""
	Scale   ui.Scale
	Switch  ui.ScaleSwitch
	Mine    bool
	Visitor bool // may still join
}

// Plate is a work and the curator's reason for it.
type Plate struct {
	Work ui.Work
	Note string
}

// MineProps are what curators see of their own gallery.
type MineProps struct {
	Gallery      store.Gallery
	Title, Intro string // as typed
	TitleError   string
	IntroError   string
	Link         string // the address to share, or "" while it is private
	SeeError     string
	Works        []Item
	After        string // cursor of this page
	First        string // the address of the first page
	More         string // the address of the next page, or ""
	Scale        ui.Scale
	Switch       ui.ScaleSwitch
}

// Item is a work in the hands of its curator.
type Item struct {
	Work      ui.Work
	Gallery   int64
	After     string // cursor of the page it is on
	Note      string // as typed
	NoteError string
	Cover     bool // it stands for the gallery
	TakenDown bool
	First     bool
	Last      bool
}

func (i Item) id(part string) string { return part + "-" + strconv.FormatInt(i.Work.ID, 10) }

// path is the address of something of this work in one's own gallery.
func (i Item) path(noun string) string {
	return "/gallery/artworks/" + strconv.FormatInt(i.Work.ID, 10) + "/" + noun
}

// hung is the address of the work in the gallery, to take it down.
func (i Item) hung() string {
	return "/galleries/" + strconv.FormatInt(i.Gallery, 10) + "/artworks/" + strconv.FormatInt(i.Work.ID, 10)
}

func path(g store.Gallery) string { return "/galleries/" + strconv.FormatInt(g.ID, 10) }

// who may see a gallery, as its curator chooses.
func choices() []ui.Option {
	return []ui.Option{
		{Value: string(store.PrivateGallery), Label: "Only me"},
		{Value: string(store.LinkGallery), Label: "Anyone with the link"},
		{Value: string(store.PublicGallery), Label: "Everyone, listed under Galleries"},
	}
}
