package browsertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestPagesOfDelivery lets axe-core look at how works reach their collectors, on
// a desk and on a phone, in both lights.
func TestPagesOfDelivery(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Commission = 250
	m.Store = m.Open(t)
	site := handlertest.Open(t, m)
	ctx := context.Background()
	err := site.Store.SetDeliveryTerms(ctx, site.Ana, store.DeliveryForm{Rates: [5]string{"35", "", "25", "", "120"}, Collection: true, Words: "Weekdays after four, near the canal."})
	if err != nil {
		t.Fatal(err)
	}
	heavy := site.Hang(t, site.Ana, storetest.Work{Title: "Anchor", Weight: 4200}, 1200, 900)
	sill := site.Hang(t, site.Ana, storetest.Work{Title: "Sill", Price: 100000}, 1200, 900)
	asked := fmt.Sprintf("/orders/%d", site.Ask(t, site.Ben, heavy).ID)
	var collected []string
	for _, status := range []store.Status{store.Pending, store.ReadyToShip, store.Shipped, store.Completed} {
		w := site.Hang(t, site.Ana, storetest.Work{Title: "Fetched " + string(status)}, 900, 1200)
		collected = append(collected, fmt.Sprintf("/orders/%d", site.Collected(t, site.Ben, w, status).ID))
	}
	site.Ask(t, site.Cleo, sill)
	site.Clock.Advance(24 * time.Hour)
	if _, err := site.DB.Exec(`UPDATE artworks SET price = 80000, updated_at = $2 WHERE id = $1`, sill, site.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Store.LowerRequests(ctx, site.Ana, sill); err != nil {
		t.Fatal(err)
	}
	for _, l := range []look{desk, phone, {Width: 1280, Height: 900, Evening: true}, {Width: 390, Height: 844, Evening: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			visitor := open(t, site, "visitor", l)
			for _, path := range []string{"/about", "/artworks?to=BS1"} {
				visitor.visit(path)
				visitor.inspect("visitor" + path)
			}
			ben := open(t, site, "Ben", l)
			ben.signIn(site.Ben)
			for _, path := range append([]string{fmt.Sprintf("/artworks/%d?collect=1", sill), asked, "/purchases"}, collected...) {
				ben.visit(path)
				ben.inspect("collector" + path)
			}
			ben.visit(fmt.Sprintf("/artworks/%d", sill))
			ben.press("#offer > details > summary")
			ben.sees("Given to those who had asked before, too")
			ben.inspect("collector price history")
			ana := open(t, site, "Ana", l)
			ana.signIn(site.Ana)
			for _, path := range append([]string{"/studio/delivery", "/studio/orders"}, collected...) {
				ana.visit(path)
				ana.inspect("artist" + path)
			}
			ana.visit("/studio/delivery")
			ana.fill("#rate-2", "dear")
			ana.fill("#words", " ")
			ana.pressText("Save")
			ana.sees("Enter pounds, for example 45")
			ana.inspect("artist/studio/delivery refused")
			ana.visit(asked)
			ana.pressText("Accept")
			ana.sees("0 for nothing.")
			ana.inspect("artist quote refused")
		})
	}
}

// TestAWorkIsCollected lets a collector ask for a work that they fetch, and its
// artist hand it over by the code, with and without JavaScript.
func TestAWorkIsCollected(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desk, phone, {Width: 390, Height: 844, NoScript: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			if err := site.Store.SetDeliveryTerms(context.Background(), site.Ana, store.DeliveryForm{Collection: true, Words: "Near the canal."}); err != nil {
				t.Fatal(err)
			}
			work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 1200, 900)
			ben, ana := open(t, site, "Ben", l), open(t, site, "Ana", l)
			ben.signIn(site.Ben)
			ben.visit(fmt.Sprintf("/artworks/%d", work))
			ben.sees("Insurance")
			ben.press("#collect")
			if l.NoScript {
				ben.pressText("Update")
			}
			ben.sees("Near the canal.")
			ben.sees("Total £1,450.00")
			ben.pressText("Ask to buy")
			ben.sees("Request sent.")
			var id int64
			if err := site.DB.Get(&id, `SELECT max(id) FROM orders`); err != nil {
				t.Fatal(err)
			}
			page := fmt.Sprintf("/orders/%d", id)
			ana.signIn(site.Ana)
			ana.visit(page)
			ana.pressText("Accept")
			ana.sees("Held for Ben")
			if outcome, err := site.Pay(site.Ben, id); outcome != store.Settled || err != nil {
				t.Fatal(outcome, err)
			}
			ana.visit(page)
			ana.pressText("Ready for collection")
			ana.sees("Handed over")
			ben.visit(page)
			ben.sees(site.Ana.Address)
			o, err := site.Store.Order(context.Background(), site.Ben, id)
			if err != nil {
				t.Fatal(err)
			}
			ben.sees(o.CollectionCode[:3] + " " + o.CollectionCode[3:])
			code := fmt.Sprintf("#code-%d", id)
			ana.fill(code, "12")
			ana.pressText("Handed over")
			ana.sees("Enter the six digits that the collector shows you.")
			ana.fill(code, o.CollectionCode)
			ana.pressText("Handed over")
			ana.sees("You handed over Sill.")
		})
	}
}
