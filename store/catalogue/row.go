package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

// parse makes a work of a row. What it cannot keep as it stands goes into the
// notes in full, so that nothing is lost.
func (r *Reader) parse(line int, cells []string) Row {
	row := Row{Line: line, Cells: cells, Edition: "unique", Quantity: 1}
	p := parsing{Reader: r, Row: &row}
	row.Key = key(p.get(Number), cells)
	row.Notes = p.get(Notes)
	row.Title = p.text(Title, "title", r.limits.Title)
	if len(cells) > len(r.Header) {
		row.Refused = &Problem{"too many columns", fmt.Sprintf("It has %d columns where the first line names %d. A comma or a quotation mark is out of place.", len(cells), len(r.Header))}
		return row
	}
	if row.Title == "" {
		row.Refused = &Problem{"no title", "It has no title. “Untitled” is one."}
		return row
	}
	material := p.get(Material)
	row.Medium = medium(p.get(Medium), material, r.limits.Media)
	if row.Medium == "" {
		row.Medium = r.settings.Medium
	}
	if row.Medium == "" {
		seen := strings.Join(strings.Fields(p.get(Medium)+" "+material), " ")
		if seen == "" {
			row.Refused = &Problem{"kind unknown", "It does not say what kind of work it is. Choose a kind for such works."}
		} else {
			row.Refused = &Problem{"kind unknown", "“" + shorten(seen, 80) + "” does not tell what kind of work it is. Choose a kind for such works."}
		}
		return row
	}
	row.Material = p.text(Material, "material", r.limits.Material)
	row.Description = p.text(Description, "description", r.limits.Description)
	row.Subjects = p.subjects()
	row.Alt = p.text(Alt, "description of the photograph", r.limits.Alt)
	p.date()
	p.sizes()
	if s := p.get(Weight); s != "" {
		row.Weight = p.within("weight", s, r.limits.WeightLeast, weight)
	}
	p.edition()
	p.money()
	p.images()
	if n := utf8.RuneCountInString(row.Notes); n > r.limits.Notes {
		row.Notes = shorten(row.Notes, r.limits.Notes)
		p.problem("notes shortened", fmt.Sprintf("Its notes are %d characters; the first %d are kept.", n, r.limits.Notes))
	}
	return row
}

// key is what a row is known by when it comes again.
func key(number string, cells []string) string {
	if number != "" && utf8.RuneCountInString(number) <= 200 {
		return number
	}
	sum := sha256.Sum256([]byte(strings.Join(cells, "\x1f")))
	return "row " + hex.EncodeToString(sum[:16])
}

// parsing is a row while it is read.
type parsing struct {
	*Reader
	*Row
}

// get is what a field says, without the mark that keeps spreadsheets from taking
// it for a formula.
func (p parsing) get(f Field) string {
	i, ok := p.Columns[f]
	if !ok || i >= len(p.Cells) {
		return ""
	}
	return strings.TrimSpace(lineEnds.Replace(unguard(p.Cells[i])))
}

func (p parsing) problem(kind, sentence string) {
	p.Problems = append(p.Problems, Problem{kind, sentence})
}

// note keeps what the file said where the work cannot.
func (p parsing) note(what, said string) {
	if p.Notes != "" {
		p.Notes += "\n"
	}
	p.Notes += what + " in the file: " + said
}

// text reads a text and keeps the whole of one that is too long in the notes.
func (p parsing) text(f Field, what string, most int) string {
	s := p.get(f)
	if n := utf8.RuneCountInString(s); n > most {
		p.problem(what+" shortened", fmt.Sprintf("Its %s is %d characters; the whole of it is kept in the notes.", what, n))
		p.note(capital(what), s)
		return shorten(s, most)
	}
	return s
}

// subjects are the words for what a work shows. Those that do not fit are in the
// notes.
func (p parsing) subjects() string {
	said := p.get(Subjects)
	words := strings.FieldsFunc(said, func(r rune) bool { return r == '|' || r == ';' || r == '\n' })
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	joined := strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
	if n := utf8.RuneCountInString(joined); n > p.limits.Subjects {
		p.problem("subjects shortened", fmt.Sprintf("Its subject words are %d characters; all of them are kept in the notes.", n))
		p.note("Subjects", said)
		return shorten(joined, p.limits.Subjects)
	}
	return joined
}

// shorten ends a text before the last word that does not fit.
func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	cut := string(runes[:most-1])
	if i := strings.LastIndexAny(cut, " \n"); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " \n,;:.") + "…"
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (p parsing) date() {
	s := p.get(Year)
	if s == "" {
		p.problem("no year", "It has no year.")
		return
	}
	y, exact, ok := year(s)
	switch {
	case !ok:
		p.problem("no year", "“"+shorten(s, 80)+"” does not tell a year.")
	case y > p.limits.Year:
		p.problem("no year", strconv.Itoa(y)+" is yet to come.")
		ok = false
	default:
		p.Year = y
	}
	if !exact || !ok {
		p.note("Date", s)
	}
}

func (p parsing) sizes() {
	read := func(f Field) int64 {
		s := p.get(f)
		if s == "" {
			return 0
		}
		return p.within(string(f), s, p.limits.LengthLeast, func(s string) (int64, bool) { return length(s, p.unit[f], p.settings.Unit) })
	}
	p.Height, p.Width, p.Depth = read(Height), read(Width), read(Depth)
	if s := p.get(Dimensions); s != "" && (p.Height == 0 || p.Width == 0) {
		h, w, d, ok := size(s, p.unit[Dimensions], p.settings.Unit)
		if ok {
			bounded := func(what string, n int64) int64 {
				if n == 0 {
					return 0
				}
				return p.within(what, s, p.limits.LengthLeast, func(string) (int64, bool) { return n, true })
			}
			p.Height, p.Width, p.Depth = bounded("height", h), bounded("width", w), bounded("depth", d)
		}
		p.note("Size", s)
	}
	switch {
	case p.Height == 0 && p.Width == 0:
		p.problem("no size", "It has no height and no width.")
	case p.Height == 0:
		p.problem("no size", "It has no height.")
	case p.Width == 0:
		p.problem("no size", "It has no width.")
	}
}

// within reads a number that has to be within the market's limits.
func (p parsing) within(what, s string, least int64, read func(string) (int64, bool)) int64 {
	n, ok := read(s)
	switch {
	case !ok:
		p.problem(what+" unreadable", "“"+shorten(s, 80)+"” is no "+what+".")
	case n == 0:
		return 0
	case n < least || n > p.limits.NumberMost:
		p.problem(what+" out of bounds", "“"+shorten(s, 80)+"” is too small or too large for a "+what+".")
	default:
		return n
	}
	p.note(capital(what), s)
	return 0
}

var (
	editionOf  = regexp.MustCompile(`(?i)(?:^|of\s+|ed\.?\s+|^\d+\s*/\s*)(\d{1,6})(?:$|[^\d/])`)
	editionAny = regexp.MustCompile(`(?i)^open|unlimited`)
	editionOne = regexp.MustCompile(`(?i)^unique|^one of a kind|^1/1$|^original$`)
)

func (p parsing) edition() {
	s := p.get(Edition)
	n := 0
	switch m := editionOf.FindStringSubmatch(s); {
	case s == "" || editionOne.MatchString(s):
	case editionAny.MatchString(s):
		p.Edition = "open"
	case m != nil:
		n, _ = strconv.Atoi(m[1])
	case !strings.EqualFold(s, "limited"):
		p.problem("edition unreadable", "“"+shorten(s, 80)+"” does not tell an edition.")
		p.note("Edition", s)
	}
	if size := p.get(EditionSize); size != "" {
		n, _ = strconv.Atoi(size)
		if n < 1 {
			p.problem("edition unreadable", "“"+shorten(size, 80)+"” is no size of an edition.")
			p.note("Edition size", size)
		}
	}
	if n > p.limits.Pieces {
		p.problem("edition unreadable", fmt.Sprintf("An edition is of %d pieces at most.", p.limits.Pieces))
		p.note("Edition", s)
		n = 0
	}
	if n > 0 && p.Edition != "open" {
		p.Edition, p.EditionSize = "limited", n
	}
	typed := p.get(Quantity)
	if typed == "" {
		return
	}
	q, err := strconv.Atoi(typed)
	most := p.limits.Pieces
	switch p.Edition {
	case "unique":
		most = 1
	case "limited":
		most = p.EditionSize
	}
	if err != nil || q < 0 || q > most {
		p.problem("quantity unreadable", fmt.Sprintf("“%s” is no number of pieces from 0 to %d.", shorten(typed, 80), most))
		p.note("Quantity", typed)
		return
	}
	p.Quantity = q
}

// money reads the price. A work without one is not for sale, whatever the price
// that such works get.
func (p parsing) money() {
	s := p.get(Price)
	if s != "" {
		n, ok := pence(s)
		switch {
		case ok && n >= p.limits.PriceLeast && n <= p.limits.PriceMost:
			p.Price = n
		case ok && n == 0:
		default:
			p.problem("price unreadable", "“"+shorten(s, 80)+"” is no price in pounds from 1 to 99,999.99.")
			p.note("Price", s)
		}
	}
	if p.Price == 0 {
		if s == "" {
			p.problem("no price", "It has no price.")
		}
		p.Price = p.price
		return
	}
	switch strings.ToLower(p.get(ForSale)) {
	case "no", "n", "0", "false", "sold", "nfs", "not for sale", "nein", "non":
	default:
		p.ForSale = p.Quantity > 0
	}
}

func (p parsing) images() {
	for _, name := range strings.FieldsFunc(p.get(Image), func(r rune) bool { return r == '|' || r == ';' || r == '\n' }) {
		if name = path.Base(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/")); !strings.HasPrefix(name, ".") && name != "/" && len(p.Images) < p.limits.Images {
			p.Images = append(p.Images, name)
		}
	}
}
