package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestPapersOnPaper looks at the papers of a sale on the screen and as they are
// printed: one A4 sheet each, ink on white, however long the words on it are.
func TestPapersOnPaper(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	long := strings.TrimSpace(strings.Repeat("A Long Walk Along the Sea Wall ", 4))[:100]
	const name = "Wolfeschlegelsteinhausenbergerdorffwelchevoraltern Featherstonehaugh-Cholmondeley of Lower Kirkby"
	o := site.Order(t, site.Ben, site.Work(t, site.Ana, storetest.Work{Title: long, Price: 9999999, Edition: store.LimitedEdition, Size: 250, Quantity: 4}), store.Accepted)
	if _, err := site.DB.Exec(`UPDATE orders SET artist_name = $1, buyer_name = $1`, name); err != nil {
		t.Fatal(err)
	}
	if outcome, err := site.Pay(site.Ben, o.ID); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	_, err := site.DB.Exec(`
		INSERT INTO papers (kind, artist_id, order_id, number, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name,
			title, year, medium, material, width, height, edition, price, delivery, cover, total, commission, commission_rate, collection, refund_id, amount, receipt)
		SELECT 'credit note', artist_id, order_id, 1, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name,
			title, year, medium, material, width, height, 'open', price, delivery, cover, total, commission, commission_rate, collection, 'r1', 2500, reference
		FROM papers WHERE kind = 'receipt'`)
	if err != nil {
		t.Fatal(err)
	}
	home := fmt.Sprintf("/orders/%d", o.ID)
	for _, l := range []look{desk, phone, {Width: 1280, Height: 900, Evening: true}, {Width: 390, Height: 844, Evening: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			ben, ana := open(t, site, "Ben", l), open(t, site, "Ana", l)
			ben.signIn(site.Ben)
			ana.signIn(site.Ana)
			for _, at := range []struct {
				who  *person
				path string
			}{{ben, home + "/receipt"}, {ana, home + "/statement"}, {ben, home + "/credit-notes/1"}} {
				at.who.visit(at.path)
				at.who.inspect(at.path)
				at.who.print(at.path)
			}
			ana.visit("/studio/statements")
			ana.sees("S1-0001")
			ana.inspect("/studio/statements")
			ben.visit(home)
			ben.pressText("Receipt R1-0001")
			ben.at(home + "/receipt")
		})
	}
}

var pageOfPDF = regexp.MustCompile(`/Type\s*/Page\b`)

// print prints the page, and expects one sheet on which every ground is white.
func (p *person) print(what string) {
	p.t.Helper()
	var pdf []byte
	var ground, ink string
	p.do("print "+what,
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			pdf, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(true).Do(ctx)
			return err
		}),
		emulation.SetEmulatedMedia().WithMedia("print"),
		chromedp.Evaluate(`[...document.querySelectorAll('.paper')].map(n => getComputedStyle(n).backgroundColor).join()`, &ground),
		chromedp.Evaluate(`getComputedStyle(document.querySelector('.paper h1')).color`, &ink))
	if n := len(pageOfPDF.FindAll(pdf, -1)); n != 1 {
		p.t.Errorf("%s (%s) takes %d sheets", what, p.look, n)
	}
	if ground != "rgb(255, 255, 255)" || ink != "rgb(28, 26, 23)" {
		p.t.Errorf("%s (%s) is printed %s on %s", what, p.look, ink, ground)
	}
	if dir := os.Getenv("OPENSTUDIO_PICTURES"); dir != "" {
		name := strings.ReplaceAll(strings.ReplaceAll(fmt.Sprintf("%s %s", what, p.look), "/", "_"), " ", "-") + ".pdf"
		if err := os.WriteFile(filepath.Join(dir, name), pdf, 0o644); err != nil {
			p.t.Log(err)
		}
	}
	colour := "light"
	if p.look.Evening {
		colour = "dark"
	}
	p.do("look at the screen again", emulation.SetEmulatedMedia().WithMedia("").WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: colour}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
}
