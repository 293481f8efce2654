// Package artworks shows works: the list that is browsed and searched, the page
// of one, and the form by which its artist makes it.
package artworks

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// IndexProps are what the list of works shows.
type IndexProps struct {
	Filter           store.Filter // cleaned
	Typed            Typed
	Errors           store.Invalid // what is wrong with what was typed
	Counts           store.Facets
	Count            string // "147 works", "No works"
	Works            []ui.Work
	Chips            []ui.ChipProps // the filters that are on
	Save             string         // where this search is saved, or ""
	More             string         // the address of the next page, or ""
	Newest           string         // on the last page of best matches: the address of all of them, newest first; or ""
	All              string         // the address of the list without filters
	Scale            ui.Scale
	Yours, YoursHref string // where the viewer's own parcels go, and the list that counts with it; or ""
	Switch           ui.ScaleSwitch
	Without          []Without // when nothing is found: what fewer filters would find
	Recent           []ui.Work // when nothing is found
	Found            Found     // of a search, on its first page
}

// Found is what a search says beside the works.
type Found struct {
	Query     string // that the works are for
	Wordless  string // what was typed, when there is no word in it to search for
	Typed     string // what was typed, when nothing is called so and the works are for Query instead
	Perhaps   Link   // what may have been meant, when little is found
	Artists   []Link
	Galleries []Link
}

// Link is a name and where it leads, with something said of it.
type Link struct{ Name, Href, About string }

// Without is a list with one filter fewer.
type Without struct {
	Filter string // "“cobalt”"
	Found  string // "15 works"
	Href   string
}

func (p IndexProps) on() string {
	if len(p.Chips) == 0 {
		return ""
	}
	return strconv.Itoa(len(p.Chips)) + " on"
}

// sorts are the orders of a list; by colour only where one is chosen.
func sorts(f store.Filter) []ui.Option {
	list := []ui.Option{
		{Value: string(store.Newest), Label: "Recently hung"},
		{Value: string(store.PriceUp), Label: "Price, low to high"},
		{Value: string(store.PriceDown), Label: "Price, high to low"},
		{Value: string(store.SizeDown), Label: "Size, large to small"},
		{Value: string(store.SizeUp), Label: "Size, small to large"},
	}
	if f.Query != "" {
		list = append([]ui.Option{{Value: string(store.Best), Label: "Best match"}}, list...)
	}
	if len(f.Colours) > 0 {
		list = append(list, ui.Option{Value: string(store.Nearest), Label: "Nearest colour"})
	}
	return list
}

// Props are what the page of a work shows.
type Props struct {
	Artwork store.Artwork
	Home    string // the address of the page
	Link    string // the same, absolute
	Label   ui.Work
	Photos  []Photo
	Coming  []ui.Photo // whose pictures are being made
	View    int        // the photograph that is looked at, from 0
	Series  string     // the address of the series that it is of, or ""
	Ask     string     // where a question about it is asked, or ""
	Owner   bool
	Door    string          // where visitors sign in to ask for it, or ""
	Offer   templ.Component // what a collector can do, under the price
	Numbers store.Ledger    // of a limited edition
	Dearer  int             // open requests at a higher price than now, for its artist
	Wall    Wall
	Scale   Scale
	More    []ui.Work         // by the same artist
	Prices  []store.PastPrice // that it has had, if it had more than one
}

// Photo is a photograph of the work in its three places on the page.
type Photo struct {
	Large, Thumb, Zoom ui.Photo
	Part               store.ImagePart // what it shows, if its artist says
}

// Path begins the addresses of what a work has beside its page, and of what can
// be done with it.
func Path(id int64) string { return "/artworks/" + strconv.FormatInt(id, 10) }

func (p Props) path() string { return Path(p.Artwork.ID) }

// view is the address of a photograph, on the wall that is looked at.
func (p Props) view(i int) string {
	q := p.Wall.query()
	q.Set("view", strconv.Itoa(i+1))
	return p.Home + "?" + q.Encode()
}

// viewName says what a photograph shows, or which it is.
func (p Props) viewName(i int) string {
	if label := p.Photos[i].Part.Label(); label != "" {
		return label
	}
	return "View " + strconv.Itoa(i+1)
}

// coming says that photographs are being prepared.
func (p Props) coming() string {
	if len(p.Coming) == 1 {
		return "A photograph is being prepared. It shows here in a moment."
	}
	return strconv.Itoa(len(p.Coming)) + " photographs are being prepared. They show here in a moment."
}

// Address is that of the page as it is looked at.
func (p Props) Address() string {
	q := p.Wall.query()
	if p.View > 0 {
		q.Set("view", strconv.Itoa(p.View+1))
	}
	if len(q) == 0 {
		return p.Home
	}
	return p.Home + "?" + q.Encode()
}

// shareTitle names the work to those whom it is sent to.
func (p Props) shareTitle() string { return p.Artwork.Title + " by " + p.Artwork.ArtistName }

// letter begins a letter that names the work, as RFC 6068 has it.
func (p Props) letter() string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return "mailto:?subject=" + escape(p.shareTitle()) + "&body=" + escape(p.Link)
}

// dearer says that requests were made at a higher price.
func (p Props) dearer() string {
	if p.Dearer == 1 {
		return "One open request was made at a higher price. It keeps that one unless you give it the new one."
	}
	return strconv.Itoa(p.Dearer) + " open requests were made at a higher price. They keep it unless you give them the new one."
}

// oneByOne is how many numbers of an edition are written one by one.
const oneByOne = 50

// numbers writes numbers in rising order; when they are many, runs of them as
// ranges: "1–60, 83".
func numbers(list []int) string {
	var b strings.Builder
	for i := 0; i < len(list); {
		j := i
		for len(list) > oneByOne && j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(list[i]))
		switch {
		case j == i+1:
			b.WriteString(", " + strconv.Itoa(list[j]))
		case j > i:
			b.WriteString("–" + strconv.Itoa(list[j]))
		}
		i = j + 1
	}
	return b.String()
}

func (p Props) listed() bool { return p.Artwork.State == store.Listed }

// absent says to its artist why nobody else sees the work.
func (p Props) absent() string {
	switch p.Artwork.State {
	case store.Draft:
		return "This is a draft. Only you can see it."
	case store.Archived:
		return "You have removed this work. It is kept for its orders; only you can see it."
	}
	return "This work is not listed. Only you can see it."
}

func firstName(full string) string {
	name, _, _ := strings.Cut(full, " ")
	return name
}

// sentence gives a text a capital.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// RemovalProps are what the question before a deletion shows.
type RemovalProps struct {
	ID    int64
	Title string
	Back  string
}

func (p RemovalProps) path() string { return Path(p.ID) }

// closer names the close view of the photograph that is looked at.
func (p Props) closer() string {
	name := p.Artwork.Title + ", close view"
	if n := len(p.Photos); n > 1 {
		name += ", " + strconv.Itoa(p.View+1) + " of " + strconv.Itoa(n)
	}
	return name
}
