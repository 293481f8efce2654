package handlers_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

const list = "Accession,Title,Date,Medium,Height (mm),Width (mm),Image file,Alt\r\n" +
	"T1,\"Sill, \"\"March\"\"\",c.1976,Oil on linen,600,800,SILL,A pale field.\r\n" +
	"T2,,1977,Oil on linen,600,800,,\r\n" +
	"T3,Fog,1978,Breath,600,800,,\r\n"

// choose sends a catalogue and returns the page where it can be looked at.
func choose(t *testing.T, b *handlertest.Browser, file string, photographs ...handlertest.File) string {
	t.Helper()
	a := b.Upload("/studio/import", append([]handlertest.File{{Field: "file", Name: "works.csv", Content: []byte(file)}}, photographs...), nil)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	return a.Location
}

func TestAnArtistBringsACatalogue(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	preview := choose(t, ana, list, handlertest.File{Field: "photographs", Name: "sill.JPG", Content: picture(t, 1600, 1200)})

	shows(t, "the preview", ana.Get(preview), http.StatusOK, "Sill, &#34;March&#34;</cite>, 1976", "Painting, Oil on linen", "60 × 80 cm",
		"Import 1 work", "2 lines are refused", "Line 3:</b> It has no title.", "Line 4:</b> “Breath” does not tell")
	shows(t, "another way to read it", ana.Get(preview+"?column-title=Medium&kind=textile&unit=in&price=100"), http.StatusOK,
		"Oil on linen</cite>", "Import 3 works", "£100")
	a := ana.Get(preview + "?price=cheap")
	shows(t, "no price", a, http.StatusUnprocessableEntity, `id="price-error"`, `value="cheap"`)
	shows(t, "no column", ana.Get(preview+"?column-title=Nom"), http.StatusUnprocessableEntity, `id="column-title-error"`, "No column is called “Nom”")
	shows(t, "nothing to import", ana.Post(preview, "column-title", "-"), http.StatusUnprocessableEntity, "told to be the title")
	if dora := site.SignedIn(t, site.Dora); dora.Get(preview).Status != http.StatusNotFound || dora.Post(preview).Status != http.StatusNotFound {
		t.Error("another artist reads the list")
	}

	for range 2 { // sent twice, it is one import
		a = ana.Post(preview, "kind", "", "price", "100")
		if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/studio/imports/") {
			t.Fatalf("%d %s\n%s", a.Status, a.Location, a.Body)
		}
	}
	result := a.Location
	shows(t, "the result", ana.Get(result), http.StatusOK, "1 work came of it. Drafts: 1. Hung: 0.", "2 lines left out", "a packed weight: 1 work", "None of them can be hung yet")
	a = ana.Get(result + "/rejected.csv")
	shows(t, "the refused lines", a, http.StatusOK, "refused because,Accession,Title", "line 3: It has no title. “Untitled” is one.,T2,,1977", "T3,Fog")
	var work int64
	if err := site.DB.Get(&work, `
		SELECT a.id FROM artworks a JOIN images i ON i.artwork_id = a.id AND i.alt = 'A pale field.' AND i.name = 'sill.JPG'
		WHERE a.artist_id = $1 AND a.import_key = 'T1' AND a.state = 'draft' AND NOT a.for_sale AND a.price = 10000`, site.Ana.ID); err != nil {
		t.Fatal(err)
	}
	shows(t, "its form", ana.Get("/artworks/"+strconv.FormatInt(work, 10)+"/edit"), http.StatusOK, "Date in the file: c.1976")
	shows(t, "hanging nothing", ana.Post(result+"/listing"), http.StatusSeeOther)
	if _, err := site.DB.Exec(`UPDATE artworks SET weight = 650 WHERE id = $1`, work); err != nil {
		t.Fatal(err)
	}
	shows(t, "a whole draft", ana.Get(result), http.StatusOK, "Hang 1 work")
	shows(t, "hanging it", ana.Post(result+"/listing"), http.StatusSeeOther)
	shows(t, "hung", ana.Get(result), http.StatusOK, "Drafts: 0. Hung: 1.", "1 work hung. Everybody can see them.")
	if site.Visitor(t).Get("/artworks/"+strconv.FormatInt(work, 10)).Status != http.StatusOK {
		t.Error("it does not hang")
	}
}

func TestADraftWithGapsLeadsToItsForm(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	ana.Post(choose(t, ana, "title,medium\nBare,oil\n"))
	var work int64
	if err := site.DB.Get(&work, `SELECT id FROM artworks WHERE title = 'Bare'`); err != nil {
		t.Fatal(err)
	}
	shows(t, "the list", ana.Get("/studio"), http.StatusOK, "Bare</cite></a><", "Size to come, oil", "Price to come")
	if a := ana.Get("/artworks/" + strconv.FormatInt(work, 10)); a.Location != "/artworks/"+strconv.FormatInt(work, 10)+"/edit" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	shows(t, "hanging it", ana.Post("/artworks/"+strconv.FormatInt(work, 10)+"/listing", "listed", "1"), http.StatusConflict)
	if a := site.Visitor(t).Get("/artworks/" + strconv.FormatInt(work, 10)); a.Status != http.StatusNotFound {
		t.Errorf("a visitor sees it: %d", a.Status)
	}
}

func TestFilesThatCannotBeImported(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	for name, c := range map[string]struct{ file, said string }{
		"empty":     {"", "with something in it"},
		"a picture": {string(picture(t, 64, 64)), "not a CSV file"},
		"too many":  {"title\n" + strings.Repeat("A,\n", 10_001), "more than 10000 rows"},
		"too large": {"title\n" + strings.Repeat("A long line of text\n", 1<<20+1), "larger than 20 MB"},
	} {
		a := ana.Upload("/studio/import", []handlertest.File{{Field: "file", Name: "works.csv", Content: []byte(c.file)}}, nil)
		shows(t, name, a, http.StatusUnprocessableEntity, c.said, `aria-describedby="file-hint file-error"`)
	}
	var kept int
	if err := site.DB.Get(&kept, `SELECT count(*) FROM uploads`); err != nil || kept != 0 {
		t.Errorf("%d files are kept: %v", kept, err)
	}
}

// TestAnExportComesBackUnchanged exports works of every kind, imports them for
// another artist, and exports them again.
func TestAnExportComesBackUnchanged(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	for _, title := range []string{"=cmd|'/c calc'!A1", "+44", "-2", "@home", "'=twice", "''", "'Tis", "a \"b\", c; d\te", "Zeile\nzwei", "Ünïcode 雪", "  ", strings.Repeat("x", 200)} {
		if strings.TrimSpace(title) == "" {
			title = "Untitled"
		}
		site.Hang(t, site.Ana, storetest.Work{Title: title}, 40, 30)
	}
	site.Work(t, site.Ana, storetest.Work{Edition: store.LimitedEdition, Size: 30, Quantity: 28, NoImage: true, NotForSale: true})
	site.Work(t, site.Ana, storetest.Work{Edition: store.OpenEdition, Quantity: 7, Medium: store.DigitalArt, State: store.Draft})
	site.Work(t, site.Ana, storetest.Work{SoldOut: true, Medium: store.Textile})
	if _, err := site.DB.Exec(`UPDATE artworks SET notes = E'=1\n"two"', description = '-', depth = NULL WHERE title = '-2'`); err != nil {
		t.Fatal(err)
	}
	ana, dora := site.SignedIn(t, site.Ana), site.SignedIn(t, site.Dora)
	export := func(b *handlertest.Browser) string {
		a := b.Get("/studio/export.csv")
		if a.Status != http.StatusOK || a.Header.Get("Content-Disposition") != `attachment; filename="works.csv"` {
			t.Fatalf("%d %v", a.Status, a.Header)
		}
		return a.Body
	}
	first := export(ana)
	if found := regexp.MustCompile(`(?m)(^|,)"?[=+@-]`).FindString(first); found != "" {
		t.Errorf("a cell is a formula: %q", found)
	}
	if a := dora.Post(choose(t, dora, first)); a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	// States, sales and photographs are the market's; all else is the list's.
	own := regexp.MustCompile(`,[^,\r]*,[^,\r]*,(draft|listed|unlisted),[01]\r\n`)
	before, after := own.ReplaceAllString(first, "\r\n"), own.ReplaceAllString(export(dora), "\r\n")
	if before != after {
		t.Errorf("it went as\n%s\nand came back as\n%s", before, after)
	}
	// Brought back by its own artist, nothing is made twice.
	ana.Post(choose(t, ana, first))
	if export(ana) != first {
		t.Error("importing one's own export changed something")
	}
}

func TestOrdersAreExported(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "=Sill", Quantity: 3})
	site.Order(t, site.Ben, work, store.Pending)
	site.Order(t, site.Cleo, work, store.Accepted)
	sales := site.SignedIn(t, site.Ana).Get("/studio/orders.csv")
	shows(t, "sales", sales, http.StatusOK, "'=Sill", "Ben Okoro", "81 Rye Lane")
	if strings.Contains(sales.Body, site.Ben.Address) || strings.Contains(sales.Body, "6SN") {
		t.Errorf("the address of a request is told:\n%s", sales.Body)
	}
	bought := site.SignedIn(t, site.Ben).Get("/purchases.csv")
	shows(t, "purchases", bought, http.StatusOK, "Ana James", site.Ben.Address)
	if strings.Contains(bought.Body, "Cleo") {
		t.Error("a stranger's order is told")
	}
}
