package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// names are what headers call a field, the surest first, in small letters without
// marks. "medium" and "image" are told by what else there is.
var names = map[Field][]string{
	Number: {"number", "accession number", "accession", "accession no", "inventory number", "inventory no", "inventory", "inv no", "catalogue number",
		"catalogue no", "cat no", "object number", "reference", "ref", "sku", "id", "no", "inventarnummer", "numero"},
	Title:       {"title", "name", "work", "artwork", "artwork title", "work title", "object name", "titel", "titre", "titolo", "titulo"},
	Year:        {"year", "date", "dated", "year made", "date made", "date of creation", "creation date", "dates", "jahr", "datierung", "annee", "date text", "anno"},
	Medium:      {"kind", "classification", "category", "type", "object type", "work type", "art form", "discipline", "gattung", "categorie"},
	Material:    {"material", "materials", "medium and support", "technique", "media", "material technique", "materials and techniques", "technik", "materiau"},
	Height:      {"height", "h", "hohe", "hoehe", "hauteur", "altezza"},
	Width:       {"width", "w", "breite", "largeur", "larghezza"},
	Depth:       {"depth", "d", "tiefe", "profondeur"},
	Dimensions:  {"dimensions", "size", "dimension", "measurements", "masse", "abmessungen", "format"},
	Weight:      {"weight", "packed weight", "weight packed", "gewicht", "poids"},
	Price:       {"price", "retail price", "list price", "asking price", "price gbp", "value", "preis", "prix", "prezzo"},
	ForSale:     {"for sale", "on sale", "available", "availability"},
	Edition:     {"edition", "edition of", "edition number", "auflage"},
	EditionSize: {"edition size", "size of edition", "print run"},
	Quantity:    {"quantity", "qty", "pieces", "stock", "in stock", "copies", "anzahl"},
	Subjects:    {"subjects", "subject", "subject words", "keywords", "tags", "what it shows", "schlagworter"},
	Description: {"description", "about", "text", "caption", "summary", "beschreibung"},
	Notes:       {"notes", "note", "remarks", "comments", "bemerkung"},
	Image:       {"image", "images", "image file", "image file name", "file name", "filename", "file", "photo", "photos", "photograph", "picture", "bild"},
	Alt:         {"alt", "alt text", "image description", "image alt", "alternative text"},
}

var marks = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "é", "e", "è", "e", "ê", "e", "à", "a", "ú", "u", "_", " ", "-", " ", "/", " ",
	"(", " ", ")", " ", "[", " ", "]", " ", ".", " ", ",", " ", ":", " ", "#", " no ", "£", " ", "*", " ")

// beside is a unit or a currency that stands beside a name.
var beside = regexp.MustCompile(` (mm|cm|in|inch|inches|kg|kgs|gbp)$`)

func plainName(header string) string {
	name := strings.Join(strings.Fields(marks.Replace(strings.ToLower(header))), " ")
	return beside.ReplaceAllString(name, "")
}

// columns finds the fields in a header. What the person chose goes before.
func columns(header []string, chosen map[Field]string) (Columns, error) {
	found, taken := Columns{}, map[int]bool{}
	for _, field := range Fields() {
		name, ok := chosen[field]
		if !ok || name == "-" {
			continue
		}
		i := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, strings.Join(strings.Fields(name), " ")) })
		if i < 0 {
			return nil, &Unreadable{fmt.Sprintf("No column is called “%s”. There are: %s.", name, strings.Join(header, ", ")), string(field), header}
		}
		found[field], taken[i] = i, true
	}
	plain := make([]string, len(header))
	for i, h := range header {
		plain[i] = plainName(h)
	}
	take := func(field Field, list ...string) {
		if _, done := found[field]; done || chosen[field] == "-" {
			return
		}
		for _, name := range list {
			if i := slices.Index(plain, name); i >= 0 && !taken[i] {
				found[field], taken[i] = i, true
				return
			}
		}
	}
	for _, field := range Fields() {
		take(field, names[field]...)
	}
	// Museums call the material a work's medium, the market calls its kind so.
	take(Material, "medium")
	take(Medium, "medium")
	if _, ok := found[Title]; !ok {
		return nil, &Unreadable{"No column is told to be the title. The columns are: " + strings.Join(header, ", ") + ".", string(Title), header}
	}
	return found, nil
}

var unitName = regexp.MustCompile(`(?i)(?:^|[\s_(\[,/-])(mm|millimetres|millimeters|cm|centimetres|centimeters|in|inch|inches|")(?:$|[\s_)\],/.-])`)

// headerUnit is the unit that a header names: "height_mm", "Height (in)".
func headerUnit(header string) Unit {
	if m := unitName.FindStringSubmatch(header); m != nil {
		return unitOf(m[1])
	}
	return NoUnit
}

func unitOf(word string) Unit {
	switch word = strings.ToLower(word); {
	case strings.HasPrefix(word, "mm"), strings.HasPrefix(word, "milli"):
		return Millimetres
	case strings.HasPrefix(word, "cm"), strings.HasPrefix(word, "centi"):
		return Centimetres
	case strings.HasPrefix(word, "in"), word == `"`, word == "”", word == "″":
		return Inches
	}
	return NoUnit
}
