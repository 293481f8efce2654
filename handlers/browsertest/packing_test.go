package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestAPackedWorkIsPhotographed at a desk, on a phone in the evening and without
// scripts: photographs first, then the dispatch, and both see how it was packed.
func TestAPackedWorkIsPhotographed(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desk, {Width: 390, Height: 844, Evening: true}, {Width: 1280, Height: 900, NoScript: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			site.KeepDeveloping(t)
			work := site.Hang(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"}, 1500, 1200)
			order := fmt.Sprintf("/orders/%d", site.Order(t, site.Ben, work, store.ReadyToShip).ID)
			if _, err := site.DB.Exec(`INSERT INTO troubled_addresses (email, kind, code, since) VALUES (lower($1), 'returned', '5.2.2', now())`, site.Ben.Email); err != nil {
				t.Fatal(err)
			}
			ben, ana := open(t, site, "Ben", l), open(t, site, "Ana", l)
			ben.signIn(site.Ben)
			ana.signIn(site.Ana)
			ana.visit(order)
			ana.sees("How to pack it")
			ana.sees("At least 92 × 72 × 12 cm inside")
			if !l.NoScript { // axe is a script
				ana.inspect("order to pack")
			}
			ana.choose(`select[name="carrier"]`, "DHL")
			ana.do("choose photographs", chromedp.SetUploadFiles("#packed", []string{photograph(t), photograph(t)}, chromedp.ByQuery))
			ana.pressText("Only add the photographs")
			ana.sees("Up to two more")
			ana.holds("the carrier stays", `document.querySelector('select[name="carrier"]').value === "DHL"`)
			ana.press(`button[aria-label="Remove photograph 2"]`)
			ana.sees("Up to three more")
			ana.choose(`select[name="carrier"]`, "By hand")
			ana.pressText("Mark as shipped")
			ana.sees("How it was packed")
			ana.visit(order)
			ana.do("wait for the picture", chromedp.WaitReady(`img[alt="North Light, Tuesday, packed: photograph 1"]`, chromedp.ByQuery))
			ben.visit(order)
			ben.sees("How it was packed")
			ben.do("wait for the picture", chromedp.WaitReady(`img[alt="North Light, Tuesday, packed: photograph 1"]`, chromedp.ByQuery))
			ben.sees("Letters to you come back.")
			if !l.NoScript { // axe is a script
				ben.inspect("order packed")
			}
			ben.visit("/account")
			if !l.NoScript { // axe is a script
				ben.inspect("account without letters")
			}
			ben.pressText("Try again")
			ben.sees("is on its way")
		})
	}
}
