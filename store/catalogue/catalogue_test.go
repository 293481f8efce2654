package catalogue

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var market = Limits{Title: 200, Material: 50, Description: 300, Subjects: 200, Notes: 10000, Alt: 300, Year: 2027, PriceLeast: 100, PriceMost: 9999999,
	LengthLeast: 10, WeightLeast: 1, NumberMost: 999999, Pieces: 9999, Images: 10,
	Media: []string{"painting", "printmaking", "photography", "ceramics", "sculpture", "textile", "mixed_media", "digital_art"}}

// rows reads a whole catalogue.
func rows(t *testing.T, file string, s Settings) []Row {
	t.Helper()
	r, err := Open(strings.NewReader(file), s, market)
	if err != nil {
		t.Fatal(err)
	}
	var list []Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, row)
	}
}

func one(t *testing.T, header, cells string) Row {
	t.Helper()
	list := rows(t, header+"\n"+cells+"\n", Settings{Medium: "painting"})
	if len(list) != 1 {
		t.Fatalf("%d rows, want one", len(list))
	}
	return list[0]
}

func TestFilesOfEveryKind(t *testing.T) {
	t.Parallel()
	plain := "Title,Year,Medium\r\n\"Café, “later”\",1976,Öl auf Leinwand\r\n"
	encoded := func(b []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, file := range map[string]string{
		"UTF-8": plain, "a mark": "\ufeff" + plain,
		"semicolons":   "Title;Year;Medium\nCafé, “later”;1976;Öl auf Leinwand\n",
		"tabs":         "Title\tYear\tMedium\nCafé, “later”\t1976\tÖl auf Leinwand\n",
		"Windows-1252": encoded(charmap.Windows1252.NewEncoder().Bytes([]byte(plain))),
		"UTF-16":       encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(plain))),
	} {
		got := rows(t, file, Settings{Medium: "painting"})
		if len(got) != 1 || got[0].Title != "Café, “later”" || got[0].Year != 1976 || got[0].Material != "Öl auf Leinwand" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	got := rows(t, "Title,Medium\nCaf\xff é ü,oil\n\n\"Two\nlines, \"\"quoted\"\"\",oil\nlast,oil", Settings{})
	if len(got) != 3 || got[0].Title != "Caf� é ü" || got[1].Title != "Two\nlines, \"quoted\"" || got[1].Line != 4 || got[2].Line != 6 {
		t.Errorf("%+v", got)
	}
}

func TestFilesThatAreNoCatalogue(t *testing.T) {
	t.Parallel()
	for file, said := range map[string]string{
		"":                        "empty",
		"PK\x03\x04\x00\x00\x00":  "not a CSV",
		"colour,taste\nred,sweet": "colour, taste",
		"title\n\"" + strings.Repeat("long\n", 300_000): "after line 1 does not end",
	} {
		r, err := Open(strings.NewReader(file), Settings{}, market)
		for err == nil {
			_, err = r.Next()
		}
		var unreadable *Unreadable
		if !errors.As(err, &unreadable) || !strings.Contains(unreadable.Sentence, said) {
			t.Errorf("%.20q: %v, want %q", file, err, said)
		}
	}
	for _, s := range []Settings{{Price: "cheap"}, {Price: "0.50"}, {Medium: "poetry"}, {Map: map[Field]string{Title: "Nom"}}} {
		if _, err := Open(strings.NewReader("title\nA"), s, market); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}

func TestColumnsAreGuessed(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Columns{
		"accession,artist,title,year,medium,classification,width_mm,height_mm,depth_mm": {Number: 0, Title: 2, Year: 3, Material: 4, Medium: 5, Width: 6, Height: 7, Depth: 8},
		"Titel;Jahr;Technik;Höhe (cm);Breite (cm);Preis":                                {Title: 0, Year: 1, Material: 2, Height: 3, Width: 4, Price: 5},
		"Title,Medium,Material,Size (in),Image file,Alt text":                           {Title: 0, Medium: 1, Material: 2, Dimensions: 3, Image: 4, Alt: 5},
		strings.Join(fieldNames(), ","):                                                 all(),
	} {
		comma := ","
		if strings.Contains(header, ";") {
			comma = ";"
		}
		got, err := columns(strings.Split(header, comma), nil)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v %v", header, got, err)
		}
		for f, i := range want {
			if got[f] != i {
				t.Errorf("%s: %s is %d, want %d", header, f, got[f], i)
			}
		}
	}
	got, err := columns([]string{"Name", "Title"}, map[Field]string{Title: "name", Year: "-"})
	if err != nil || got[Title] != 0 {
		t.Errorf("a choice does not hold: %v %v", got, err)
	}
}

func fieldNames() (list []string) {
	for _, f := range Fields() {
		list = append(list, string(f))
	}
	return list
}

func all() Columns {
	c := Columns{}
	for i, f := range Fields() {
		c[f] = i
	}
	return c
}

func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"1976": 1976, "c.1825-7": 1825, "c1850": 1850, "1960s": 1960, "date not known": 0, "1835, after": 1835, "exhibited 1900": 1900,
		"1 Jan 1976": 1976, "01/02/1976": 1976, "1976-02-01": 1976, "300 BC": 0, "1200 BC": 0, "c.1200 b.c.": 0, "1599": 1599, "c. 950": 950, "0": 0, "2016–17": 2016, "": 0, "12345": 0,
	} {
		if y, _, ok := year(text); y != want || ok != (want > 0) {
			t.Errorf("%q is %d, want %d", text, y, want)
		}
	}
	row := one(t, "title,date", "A,c.1825-7")
	if row.Year != 1825 || row.Notes != "Date in the file: c.1825-7" {
		t.Errorf("%+v", row)
	}
	if row := one(t, "title,date", "A,2099"); row.Year != 0 || row.Problems[0].Kind != "no year" {
		t.Errorf("%+v", row)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header, cells string
		h, w, d       int64
	}{
		{"title,height_mm,width_mm", "A,419,394", 4190, 3940, 0},
		{"title,height (in),width", "A,10,16½ in", 2540, 4191, 0},
		{"title,height,width,depth", "A,\"41,9\",30.5 cm,45 mm", 4190, 3050, 450},
		{"title,height,width", "A,\"1,200 mm\",16 1/2 in", 12000, 4191, 0},
		{"title,dimensions", "A,70 x 50 cm", 7000, 5000, 0},
		{"title,dimensions", "A,support: 305 x 406 mm", 3050, 4060, 0},
		{"title,dimensions", "A,70 × 50 × 4", 7000, 5000, 400},
		{"title,dimensions (mm)", "A,700x500", 7000, 5000, 0},
		{"title,size", "A,\"H: 70 cm, W: 50 cm, D: 4 cm\"", 7000, 5000, 400},
		{"title,size", "A,\"image: 10 x 20 cm; sheet: 30 x 40 cm\"", 1000, 2000, 0},
		{"title,height,width", "A,(left):,99999999", 0, 0, 0},
		{"title,size", "A,large", 0, 0, 0},
	} {
		row := one(t, c.header, c.cells)
		if row.Height != c.h || row.Width != c.w || row.Depth != c.d {
			t.Errorf("%s: %d × %d × %d, want %d × %d × %d", c.cells, row.Height, row.Width, row.Depth, c.h, c.w, c.d)
		}
		if c.h == 0 && !slices.ContainsFunc(row.Problems, func(p Problem) bool { return p.Kind == "no size" }) {
			t.Errorf("%s: it is not said that the size is missing", c.cells)
		}
	}
	list := rows(t, "title,height,width\nA,10,20\n", Settings{Unit: Millimetres, Medium: "painting"})
	if list[0].Height != 100 || list[0].Width != 200 {
		t.Errorf("the chosen unit does not hold: %+v", list[0])
	}
}

func TestMoneyAndPieces(t *testing.T) {
	t.Parallel()
	const header = "title,price,edition,quantity,for sale"
	for cells, want := range map[string]Row{
		"A,\"£2,200.50\",,,":    {Price: 220050, ForSale: true, Edition: "unique", Quantity: 1},
		"A,,,,":                 {Edition: "unique", Quantity: 1},
		"A,poa,,,":              {Edition: "unique", Quantity: 1},
		"A,95 GBP,3/30,27,":     {Price: 9500, ForSale: true, Edition: "limited", EditionSize: 30, Quantity: 27},
		"A,95,edition of 30,,":  {Price: 9500, ForSale: true, Edition: "limited", EditionSize: 30, Quantity: 1},
		"A,95,Open edition,5,N": {Price: 9500, Edition: "open", Quantity: 5},
		"A,95,unique,7,yes":     {Price: 9500, ForSale: true, Edition: "unique", Quantity: 1},
		"A,95,,0,yes":           {Price: 9500, Edition: "unique"},
		"A,0.1.2,a few,some,":   {Edition: "unique", Quantity: 1},
	} {
		got := one(t, header, cells)
		if got.Price != want.Price || got.ForSale != want.ForSale || got.Edition != want.Edition || got.EditionSize != want.EditionSize || got.Quantity != want.Quantity {
			t.Errorf("%s: %+v", cells, got)
		}
	}
	list := rows(t, "title,price\nA,\nB,30\n", Settings{Price: "100", Medium: "painting"})
	if list[0].Price != 10000 || list[0].ForSale || list[1].Price != 3000 || !list[1].ForSale {
		t.Errorf("%+v", list)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Oil paint on canvas": "painting", "on paper, print": "printmaking", "Photograph, gelatin silver print on paper": "photography",
		"Digital art": "digital_art", "Textile Art": "textile", "Mixed media": "mixed_media", "Bronze": "sculpture", "Stoneware": "ceramics",
		"painting": "painting", "Graphite on paper": "", "": "",
	} {
		if got := medium(text, "", market.Media); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := medium("on paper, unique", "Watercolour on paper", market.Media); got != "painting" {
		t.Errorf("%q", got)
	}
}

func TestRowsThatAreRefused(t *testing.T) {
	t.Parallel()
	list := rows(t, "id,title,medium\n1,,oil\n2,B,fog\n1,A,oil\n3,C,oil\n3,D,oil\n4,E,oil,more\n", Settings{})
	want := []string{"no title", "kind unknown", "", "", "twice in the file", "too many columns"}
	for i, row := range list {
		kind := ""
		if row.Refused != nil {
			kind = row.Refused.Kind
		}
		if kind != want[i] || row.Line != i+2 {
			t.Errorf("line %d: %q, want %q", row.Line, kind, want[i])
		}
	}
	if !strings.Contains(list[4].Refused.Sentence, "line 5") {
		t.Error(list[4].Refused.Sentence)
	}
	// Without numbers, the same row twice is one work, and rows that differ are two.
	list = rows(t, "title,medium\nA,oil\nA,oil\nA,oil on card\n", Settings{})
	if list[0].Refused != nil || list[1].Refused == nil || list[2].Refused != nil {
		t.Errorf("%+v", list)
	}
}

func TestLongTextsStayInTheNotes(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("a long title ", 30))
	row := one(t, "title,material,notes", long+","+long+",Mine.")
	if n := len([]rune(row.Title)); n > 200 || n < 180 || !strings.HasSuffix(row.Title, "…") {
		t.Errorf("%d: %s", n, row.Title)
	}
	if row.Notes != "Mine.\nTitle in the file: "+long+"\nMaterial in the file: "+long {
		t.Error(row.Notes)
	}
}

func TestSubjectsAreListed(t *testing.T) {
	t.Parallel()
	if row := one(t, "title,keywords", "Weir,heron| low tide ||boats"); row.Subjects != "heron, low tide, boats" || row.Notes != "" {
		t.Errorf("%q, noted %q", row.Subjects, row.Notes)
	}
	many := strings.TrimSuffix(strings.Repeat("heron|", 50), "|")
	if row := one(t, "title,subjects", "Weir,"+many); len([]rune(row.Subjects)) > 200 || row.Notes != "Subjects in the file: "+many {
		t.Errorf("%q, noted %q", row.Subjects, row.Notes)
	}
}

func TestImagesAreNamed(t *testing.T) {
	t.Parallel()
	row := one(t, "title,image,alt", `A,C:\work\front.JPG| side/back.png ;..,A sill.`)
	if !slices.Equal(row.Images, []string{"front.JPG", "back.png"}) || row.Alt != "A sill." {
		t.Errorf("%q %q", row.Images, row.Alt)
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	hostile := []string{"=1+1", "+44", "-2", "@home", "'=x", "''-y", "'tis", "\tx", "a\"b,c\nd;e", "x", "'", ""}
	var b bytes.Buffer
	w, err := NewWriter(&b, "title")
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range hostile {
		if g := guard(cell); g != "" && strings.IndexByte(formula, g[0]) >= 0 {
			t.Errorf("%q is written as %q", cell, g)
		}
		if back := unguard(guard(cell)); back != cell {
			t.Errorf("%q comes back as %q", cell, back)
		}
		if err := w.Copy("why", []string{cell}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil || strings.Contains(b.String(), ",=") {
		t.Errorf("%v %s", err, b.String())
	}
}

func FuzzReader(f *testing.F) {
	f.Add("title,height,date,edition,price\nA,10 x 20,c.1825-7,1/30,£3\n")
	f.Add("titel;maße\n\"A;½\n")
	f.Fuzz(func(t *testing.T, file string) {
		r, err := Open(strings.NewReader(file), Settings{Medium: "painting"}, market)
		for err == nil {
			var row Row
			if row, err = r.Next(); err == nil && row.Refused == nil && (row.Title == "" || row.Height < 0 || row.Edition == "limited" && row.Quantity > row.EditionSize) {
				t.Errorf("%+v", row)
			}
		}
	})
}
