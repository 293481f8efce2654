// Package catalogue reads the lists of works that artists bring with them, as
// CSV of every kind, and writes such lists. It knows nothing of the market: what
// it reads becomes plain values, and a sentence for everything that is amiss.
package catalogue

import "net/url"

// Field is something that a catalogue says of a work.
type Field string

// The fields, by the names that the market's own catalogues have for them.
const (
	Number      Field = "number" // in the artist's own catalogue
	Title       Field = "title"
	Year        Field = "year"
	Medium      Field = "medium" // one of the market's kinds
	Material    Field = "material"
	Height      Field = "height"
	Width       Field = "width"
	Depth       Field = "depth"
	Dimensions  Field = "dimensions" // all three as one text
	Weight      Field = "weight"
	Price       Field = "price"
	ForSale     Field = "for sale"
	Edition     Field = "edition"
	EditionSize Field = "edition size"
	Quantity    Field = "quantity"
	Description Field = "description"
	Subjects    Field = "subjects"
	Notes       Field = "notes"
	Image       Field = "image" // names of files, between | or ;
	Alt         Field = "alt"   // what the first image shows
)

// Fields lists all that can be read, in the order of the market's catalogues.
func Fields() []Field {
	return []Field{Number, Title, Year, Medium, Material, Height, Width, Depth, Dimensions, Weight, Price, ForSale, Edition, EditionSize,
		Quantity, Description, Subjects, Notes, Image, Alt}
}

// Columns say in which column a field is: its place from 0 on.
type Columns map[Field]int

// Unit is a unit of length.
type Unit string

// The units. NoUnit leaves it to the column's name and to the value, and is
// centimetres where neither says.
const (
	NoUnit      Unit = ""
	Millimetres Unit = "mm"
	Centimetres Unit = "cm"
	Inches      Unit = "in"
)

// Units lists those that can be chosen.
func Units() []Unit { return []Unit{Millimetres, Centimetres, Inches} }

// Settings are what the person who imports says about a catalogue.
type Settings struct {
	Map    map[Field]string // the header of a field's column; "-" for none; what is not named is guessed
	Unit   Unit
	Price  string // in pounds, of works without one; they are not for sale
	Medium string // of works whose kind cannot be told
}

// String writes the settings as an address does.
func (s Settings) String() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	for field, header := range s.Map {
		set("column-"+string(field), header)
	}
	set("unit", string(s.Unit))
	set("price", s.Price)
	set("kind", s.Medium)
	return v.Encode()
}

// ParseSettings reads settings as an address has them. What is not known is left
// out.
func ParseSettings(v url.Values) Settings {
	s := Settings{Map: map[Field]string{}, Price: v.Get("price"), Medium: v.Get("kind")}
	for _, u := range Units() {
		if v.Get("unit") == string(u) {
			s.Unit = u
		}
	}
	for _, field := range Fields() {
		if header := v.Get("column-" + string(field)); header != "" {
			s.Map[field] = header
		}
	}
	return s
}

// Limits are the market's: characters of texts, the last year, pence, and
// hundredths of centimetres and kilograms.
type Limits struct {
	Title, Material, Description, Subjects, Notes, Alt int
	Year                                               int
	PriceLeast, PriceMost                              int64
	LengthLeast, WeightLeast, NumberMost               int64
	Pieces                                             int
	Images                                             int
	Media                                              []string // the kinds of work
}

// Row is a work of a catalogue. 0 and "" stand for what it does not say.
type Row struct {
	Line  int    // of the file, where it begins
	Key   string // its number, or what it says if it has none
	Cells []string

	Title, Material, Description, Subjects, Notes, Medium string
	Year                                                  int
	Height, Width, Depth                                  int64 // hundredths of a centimetre
	Weight                                                int64 // hundredths of a kilogram
	Price                                                 int64 // pence
	ForSale                                               bool
	Edition                                               string // unique, limited or open
	EditionSize, Quantity                                 int
	Images                                                []string // names of files
	Alt                                                   string

	Refused  *Problem  // why it cannot be taken in, or nil
	Problems []Problem // what is left out of it, or shortened
}

// Problem is something amiss with a row.
type Problem struct {
	Kind     string // the same for all rows with the like: "no title"
	Sentence string
}
