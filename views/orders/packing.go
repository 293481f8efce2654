package orders

import (
	"strconv"
	"strings"

	"openstudio/store"
	"openstudio/views/ui"
)

// PackedPicture is a photograph of the packed work, as far as it is made.
type PackedPicture struct {
	OrderID, ID int64
	Name        string // of the file that was sent
	Alt         string
	State       store.ImageState
	Photo       ui.Photo
	Large       string // the address of its largest size
}

func (p PackedPicture) path() string {
	return "/orders/" + strconv.FormatInt(p.OrderID, 10) + "/packing/" + strconv.FormatInt(p.ID, 10)
}

func (p PackedPicture) id() string { return "picture-" + strconv.FormatInt(p.ID, 10) }

func (p PackedPicture) pushed() string {
	return "sse:image-" + strconv.FormatInt(p.ID, 10) + ", every 30s"
}

// photographs reports whether photographs of the packed work can be added here.
func (p Props) photographs() bool { return p.In == OnPage && p.Order.Medium != store.DigitalArt }

// room is how many more photographs there is room for.
func (p Props) room() int { return store.PackedMost - len(p.Packed) }

// wrongFiles is what is wrong with files that were sent.
func (p Props) wrongFiles() string { return strings.Join(p.Refused, " ") }

func (p Props) photographsHint() string {
	many := [...]string{"", "One more", "Up to two", "Up to three", "Up to four"}[p.room()]
	if len(p.Packed) > 0 && p.room() > 1 {
		many += " more"
	}
	return many + ", of up to 20 MB each. " + p.other() + " sees them once it is shipped; nobody can change them then."
}

// box says how large the box is inside, and why.
func box(a store.Packing) string {
	return "At least " + strconv.Itoa(a.Width) + " × " + strconv.Itoa(a.Height) + " × " + strconv.Itoa(a.Depth) + " cm inside: the work and " + space(a) + "."
}

func space(a store.Packing) string {
	if a.Edge == a.Face {
		return strconv.Itoa(a.Edge) + " cm of padding on every side"
	}
	return strconv.Itoa(a.Edge) + " cm of padding at each edge, " + strconv.Itoa(a.Face) + " cm before and behind"
}

// artWords are what a carrier's terms say of art, in a word or two.
func artWords(a store.CarrierArt) string {
	switch a {
	case store.CarriesArt:
		return "carries art"
	case store.NotCovered:
		return "carries it without cover"
	case store.RefusesArt:
		return "does not carry art"
	}
	return "ask before you send"
}
