package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// refunded lets the till do what is due.
func refunded(t *testing.T, site *handlertest.Site) {
	t.Helper()
	if _, err := site.Server.Till().Refund(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAPaidOrderIsCalledOff(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ben, ana := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	paid := func() store.Order {
		t.Helper()
		return site.Order(t, site.Ben, site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300), store.ReadyToShip)
	}

	// The artist cannot supply it.
	o := paid()
	says(t, ana.Get(order(o.ID)), "I cannot supply it…", "Give a part back…")
	says(t, ana.Get(order(o.ID, "calling-off")), "Call the order off?", "Ben gets all that is left of the payment back: "+o.Total.String())
	a := ana.Post(order(o.ID, "calling-off"), "words", "<b>")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "&lt;b&gt;") {
		t.Errorf("without a piece: %d", a.Status)
	}
	says(t, a, "Say whether the piece is still there.")
	if a := ana.Post(order(o.ID, "calling-off"), "piece", "back", "words", "The canvas is torn."); a.Status != http.StatusSeeOther {
		t.Fatalf("called off: %d", a.Status)
	}
	says(t, ben.Get(order(o.ID)), "Called off", "The paid order of Sill was called off. The money goes back.", o.Total.String()+", on its way back.", "You get all the money back")
	refunded(t, site)
	says(t, ben.Get(order(o.ID)), "Refunded", "gone back on", "all the money has gone back")
	says(t, ana.Get(order(o.ID)), "Money paid for Sill has gone back.")

	// The collector asks, and it is handed over already.
	o = paid()
	says(t, ben.Get(order(o.ID)), "Ask to call the order off…")
	says(t, ben.Get(order(o.ID, "cancellation")), "Ask to call the order off?", "Ana has a day to say")
	a = ben.Post(order(o.ID, "cancellation"), "words", strings.Repeat("x", 301))
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, strings.Repeat("x", 301)) {
		t.Errorf("too many words: %d", a.Status)
	}
	ben.Post(order(o.ID, "cancellation"), "words", "I have moved.")
	says(t, ana.Get(order(o.ID)), "Ben asked on", "I have moved.", "Call it off…", "It is handed over")
	if a := ben.Post(order(o.ID, "cancellation/refusal")); a.Status != http.StatusForbidden {
		t.Errorf("refused by the collector: %d", a.Status)
	}
	ana.Post(order(o.ID, "cancellation/refusal"))
	says(t, ben.Get(order(o.ID)), "Ana James had handed over Sill already, so the order goes on.")

	// A part goes back.
	a = ana.Post(order(o.ID, "refunds"), "amount", "too much", "words", "")
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("no amount: %d", a.Status)
	}
	says(t, a, "Enter an amount in pounds", "Say what it is for")
	ana.Post(order(o.ID, "refunds"), "amount", "12.50", "words", "A scratch on the frame.")
	says(t, ben.Get(order(o.ID)), "£12.50, on its way back. A scratch on the frame.", "Ana James gave back a part of what was paid for Sill.")

	// It is not shipped in time, and the artist says later what became of the piece.
	o = paid()
	site.Clock.Advance(14 * 24 * time.Hour)
	if _, err := site.Store.KeepTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	ben, ana = site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	says(t, ben.Get(order(o.ID)), "Take the money back…")
	says(t, ben.Get(order(o.ID, "withdrawal")), "It was not shipped in time.")
	ben.Post(order(o.ID, "withdrawal"))
	says(t, ana.Get(order(o.ID)), "Is the piece still with you?")
	ana.Post(order(o.ID, "piece"), "piece", "back")
	says(t, site.Visitor(t).Get(fmt.Sprintf("/artworks/%d-sill", o.ArtworkID)), "Log in as a collector to ask for it")
}

func TestAFrozenOrder(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	o := site.Order(t, site.Ben, site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300), store.ReadyToShip)
	var charge string
	if err := site.DB.Get(&charge, `SELECT charge FROM payments WHERE order_id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	if err := site.Store.SettleChargeBack(t.Context(), store.ChargeBackEvent{Gateway: storetest.Gateway, Charge: charge, Amount: o.Total, State: "open"}); err != nil {
		t.Fatal(err)
	}
	ana := site.SignedIn(t, site.Ana)
	a := ana.Get(order(o.ID))
	says(t, a, "Stands still", "Ben Okoro’s bank has asked for the money for Sill back.")
	if strings.Contains(a.Body, "Mark as shipped") {
		t.Error("it can be shipped")
	}
	if a := ana.Post(order(o.ID, "shipment"), "carrier", "DPD", "tracking", "1"); a.Status != http.StatusConflict {
		t.Errorf("shipped: %d", a.Status)
	}
}
