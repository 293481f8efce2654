package artworks

import (
	"strconv"

	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// FormProps are a work in the hands of its artist.
type FormProps struct {
	ID      int64 // 0 for a new work
	State   store.ArtworkState
	Title   string // of the page
	Tabs    templ.Component
	Form    store.ArtworkForm // as typed
	Photos  []Upload
	Refused []Refused
	Invalid *store.Invalid
	Stale   []store.Difference // what is stored where the typed form differs
	Label   Label
}

// Upload is a photograph of a form.
type Upload struct {
	ID       int64
	Name     string
	Pixels   string // "4000 × 3000 px"
	State    store.ImageState
	Thumb    ui.Photo // Src is "" until the picture is made
	Alt      string   // as typed
	Part     store.ImagePart
	Error    string   // about the description
	Reason   string   // why there is no picture, or not yet
	Findings []string // sentences about what its artist may want to mend
}

// Refused is a file that was not taken in, and why.
type Refused struct{ Name, Reason string }

// Label is the work as it will hang, as far as it is written.
type Label struct {
	Work ui.Work
	Year string // as typed
}

func (p FormProps) action() string {
	if p.ID == 0 {
		return "/artworks"
	}
	return "/artworks/" + strconv.FormatInt(p.ID, 10)
}

// hung reports whether the work is on the wall already, or was.
func (p FormProps) hung() bool { return p.State == store.Listed || p.State == store.Unlisted }

// problems are what is to be put right, for the summary.
func (p FormProps) problems() []ui.Problem {
	var list []ui.Problem
	if p.Invalid == nil {
		return nil
	}
	for _, f := range p.Invalid.Fields {
		list = append(list, ui.Problem{Field: f.Field, Text: f.Sentence})
	}
	return list
}

// field is an input with what is said about it.
func (p FormProps) field(name, label, value string) ui.FieldProps {
	return ui.FieldProps{Name: name, Label: label, Value: value, Error: p.Invalid.Get(name), Hint: p.stored(name), Autocomplete: "off"}
}

// number is a short input of a number.
func (p FormProps) number(name, label, value string) ui.FieldProps {
	f := p.field(name, label, value)
	f.InputMode = "decimal"
	return f
}

// stored says what the work has now in a field, after somebody else's change.
func (p FormProps) stored(name string) string {
	for _, d := range p.Stale {
		if d.Field == name {
			return "Stored meanwhile: " + d.Stored + "."
		}
	}
	return ""
}

func (p FormProps) title() ui.FieldProps {
	f := p.field("title", "Title", p.Form.Title)
	f.MaxLength = store.TitleMost
	return f
}

func (p FormProps) material() ui.FieldProps {
	f := p.field("material", "Material", p.Form.Material)
	f.MaxLength = store.MaterialMost
	f.Placeholder = "oil on linen"
	return f
}

func (p FormProps) medium() ui.FieldProps {
	f := p.field("medium", "Medium", p.Form.Medium)
	for _, m := range store.Mediums() {
		f.Options = append(f.Options, ui.Option{Value: string(m), Label: m.Label()})
	}
	return f
}

func (p FormProps) description() ui.FieldProps {
	f := p.field("description", "About it", p.Form.Description)
	f.Optional, f.MaxLength = true, store.DescriptionMost
	if f.Hint == "" {
		f.Hint = "At most 300 characters."
	}
	return f
}

func (p FormProps) subjects() ui.FieldProps {
	f := p.field("subjects", "What it shows", p.Form.Subjects)
	f.Optional, f.MaxLength, f.Placeholder = true, store.SubjectsMost, "harbour, low tide, two boats"
	if f.Hint == "" {
		f.Hint = "Words that people may look for."
	}
	return f
}

func (p FormProps) notes() ui.FieldProps {
	f := p.field("notes", "Notes", p.Form.Notes)
	f.Optional, f.MaxLength = true, store.NotesMost
	if f.Hint == "" {
		f.Hint = "Only you see them."
	}
	return f
}

func (p FormProps) depth() ui.FieldProps {
	f := p.number("depth", "Depth, cm", p.Form.Depth)
	if f.Hint == "" {
		f.Hint = "Leave it out when it is flat."
	}
	return f
}

func (p FormProps) weight() ui.FieldProps {
	f := p.number("weight", "Packed weight, kg", p.Form.Weight)
	if f.Hint == "" {
		f.Hint = "Not for digital art."
	}
	return f
}

func (p FormProps) quantity() ui.FieldProps {
	f := p.number("quantity", "Pieces for sale", p.Form.Quantity)
	f.InputMode, f.Short = "numeric", true
	return f
}

func (p FormProps) price() ui.FieldProps {
	f := p.number("price", "Price, £", p.Form.Price)
	f.Short = true
	if f.Hint == "" {
		f.Hint = "All of it is yours. The collector pays delivery."
	}
	return f
}

// alt names the input of a photograph's description.
func (u Upload) alt() string { return store.FormImage{ID: u.ID}.AltField() }

func (u Upload) id() string { return "photo-" + strconv.FormatInt(u.ID, 10) }

// do is what a button of the photograph asks the form to do.
func (u Upload) do(verb string) string { return verb + ":" + strconv.FormatInt(u.ID, 10) }

func (u Upload) part() string { return store.FormImage{ID: u.ID}.PartField() }

func (u Upload) replace() string { return store.FormImage{ID: u.ID}.ReplaceField() }

// pictureID names the picture in the line, fresh is where to ask for it again,
// and pushed when: as soon as it is made, and now and then in any case.
func (u Upload) pictureID() string { return "picture-" + strconv.FormatInt(u.ID, 10) }

func (u Upload) fresh() string { return "/artworks/images/" + strconv.FormatInt(u.ID, 10) }

func (u Upload) pushed() string { return "sse:image-" + strconv.FormatInt(u.ID, 10) + ", every 4s" }

// altCount says how much of a description is written.
func (u Upload) altCount() string {
	return strconv.Itoa(len([]rune(u.Alt))) + " of " + strconv.Itoa(store.AltMost)
}

// parts are what a photograph can show of the work.
func parts() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose what it shows"}}
	for _, p := range store.ImageParts() {
		options = append(options, ui.Option{Value: string(p), Label: p.Label()})
	}
	return options
}
