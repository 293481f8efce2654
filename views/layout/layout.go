// Package layout is the room that every page stands in: head, masthead,
// flashes, footer and what carries HTMX.
package layout

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"openstudio/static"
)

// Props are what a page tells the room about itself. Title, Path and Assets
// are needed; the rest may be empty.
type Props struct {
	Title       string // before " · OpenStudio"
	Description string
	Path        string // of the request, with its query
	Canonical   string // absolute
	NoIndex     bool
	NoLearning  bool   // machines are asked not to learn from it
	Light       string // "day", "evening", or what the device says
	Viewer      *Viewer
	Flashes     []Flash
	Query       string // what stands in the search field
	Assets      *static.Assets
	Head        templ.Component // further tags of the head
	Wide        bool            // from edge to edge
	Commission  bool            // the market keeps something of a sale
}

// Viewer is the member who looks.
type Viewer struct {
	Name     string // what the masthead calls them
	FullName string
	Username string
	Artist   bool
	Unseen   int
	Trouble  string // why letters to them do not arrive, or ""
}

// Flash is one message, shown once: Lead in bold, then Text. Kinds are those
// of ui.Notice.
type Flash struct{ Kind, Lead, Text string }

// Robots is what the meta element of that name asks of robots; "" asks nothing.
func Robots(noIndex, noLearning bool) string {
	var asked []string
	if noIndex {
		asked = append(asked, "noindex")
	}
	if noLearning {
		asked = append(asked, "noai", "noimageai")
	}
	return strings.Join(asked, ", ")
}

type place struct{ href, name string }

func places() []place {
	return []place{
		{"/artworks", "Browse"},
		{"/artists", "Artists"},
		{"/galleries", "Galleries"},
		{"/about", "How it works"},
	}
}

// current is the aria-current of a link in the masthead: "page" on its own
// page, "true" on one that hangs there, nothing elsewhere. The form for a new
// work and that for an old one belong to the studio.
func (p Props) current(href string) string {
	path, _, _ := strings.Cut(p.Path, "?")
	if path == href {
		return "page"
	}
	rest, within := strings.CutPrefix(path, href+"/")
	if !within || rest == "new" || strings.Contains(rest, "/") {
		return ""
	}
	return "true"
}

func (p Props) title() string {
	if p.Title == "" {
		return "OpenStudio"
	}
	return p.Title + " · OpenStudio"
}

// colorScheme lets the browser paint the right wall before the sheet is there.
func (p Props) colorScheme() string {
	switch p.Light {
	case "day":
		return "light"
	case "evening":
		return "dark"
	}
	return "light dark"
}

func (p Props) device() bool { return p.Light != "day" && p.Light != "evening" }

// htmxConfig: nothing is evaluated, nothing is styled, no page is kept in the
// browser; a conflict and a form with errors are swapped where the answer
// would go, and of any other error only what it says at the top of main.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"historyRestoreAsHxRequest":false,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"409|422","swap":true},{"code":"[45]..","swap":true,"error":true,"target":"#flashes","select":"#flashes > *","swapOverride":"innerHTML show:#flashes:top"}]}`

// troubled reports whether the page is to say that letters do not arrive: their
// own page does it by itself.
func (p Props) troubled() bool {
	path, _, _ := strings.Cut(p.Path, "?")
	return p.Viewer != nil && p.Viewer.Trouble != "" && path != "/account"
}

func bellWords(count int) string {
	if count == 0 {
		return "Notifications"
	}
	return "Notifications, " + strconv.Itoa(count) + " new"
}

func bellCount(count int) string {
	if count > 99 {
		return "99+"
	}
	return strconv.Itoa(count)
}
