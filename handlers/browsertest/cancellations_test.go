package browsertest

import (
	"fmt"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestAPaidOrderIsCalledOff lets a collector ask to call a paid order off, its
// artist agree, and the money go back, in two windows.
func TestAPaidOrderIsCalledOff(t *testing.T) {
	t.Parallel()
	bare, evening := desk, phone
	bare.NoScript = true
	evening.Evening = true
	for _, l := range []look{desk, evening, bare} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			callOff(t, l)
		})
	}
}

func callOff(t *testing.T, l look) {
	site := handlertest.New(t)
	o := site.Order(t, site.Ben, site.Hang(t, site.Ana, storetest.Work{Title: "Lido"}, 1200, 900), store.ReadyToShip)
	home := fmt.Sprintf("/orders/%d", o.ID)
	ana, ben := open(t, site, "Ana", l), open(t, site, "Ben", l)
	inspect := func(p *person, what string) {
		if !l.NoScript { // axe-core is a script
			p.inspect(what)
		}
	}
	again := func(p *person) { // where pages do not renew themselves
		if l.NoScript {
			p.visit(home)
		}
	}

	ana.signIn(site.Ana)
	ana.visit(home)
	ana.pressText("Give a part back…")
	ana.sees("Up to " + o.Total.String() + " can go back")
	inspect(ana, "a part of the money")
	ana.fill("#amount", "twenty")
	ana.pressText("Give it back")
	ana.sees("Enter an amount in pounds")
	inspect(ana, "a part of the money, refused")
	ana.fill("#amount", "20")
	ana.explain("#words", "A scratch on the frame.")
	ana.pressText("Give it back")
	ana.sees("£20.00, on its way back.")

	ben.signIn(site.Ben)
	ben.visit(home)
	ben.sees("£20.00, on its way back.")
	ben.pressText("Ask to call the order off…")
	ben.sees("has a day to say")
	inspect(ben, "asking to call the order off")
	ben.explain("#words", "I have moved.")
	ben.pressText("Ask for it")
	ben.sees("You asked to call the order off.")

	again(ana)
	ana.sees("I have moved.")
	inspect(ana, "asked to call the order off")
	ana.pressText("Call it off…")
	ana.sees("You cannot undo this.")
	inspect(ana, "calling the order off")
	ana.press("#calling-off button")
	ana.sees("Say whether the piece is still there.")
	ana.choose("#piece", string(store.PieceBack))
	ana.press("#calling-off button")
	ana.sees("gets all the money back.")

	again(ben)
	ben.sees("You get all the money back")
	inspect(ben, "the order is called off")
	if _, err := site.Server.Till().Refund(t.Context()); err != nil {
		t.Fatal(err)
	}
	again(ben)
	ben.sees("all the money has gone back")
	inspect(ben, "the money is back")
	again(ana)
	ana.sees("all the money has gone back")
	inspect(ana, "the money is back, to the artist")

	// An order that was not shipped in time, called off by its collector.
	late := site.Order(t, site.Ben, site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 1200, 900), store.ReadyToShip)
	home = fmt.Sprintf("/orders/%d", late.ID)
	site.Clock.Advance(14 * 24 * time.Hour)
	if _, err := site.Store.KeepTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	ben.visit(home)
	ben.pressText("Take the money back…")
	ben.sees("It was not shipped in time.")
	inspect(ben, "taking the money back")
	ben.pressText("Take it back")
	ben.sees("You get all the money back")
	ana.visit(home)
	ana.sees("Is the piece still with you?")
	inspect(ana, "what became of the piece")
	ana.pressText("Yes, sell it again")
	ana.sees("It is for sale again.")

	// A bank takes the money of another back.
	frozen := site.Order(t, site.Ben, site.Hang(t, site.Ana, storetest.Work{Title: "Tide"}, 1200, 900), store.ReadyToShip)
	var charge string
	if err := site.DB.Get(&charge, `SELECT charge FROM payments WHERE order_id = $1`, frozen.ID); err != nil {
		t.Fatal(err)
	}
	if err := site.Store.SettleChargeBack(t.Context(), store.ChargeBackEvent{Gateway: storetest.Gateway, Charge: charge, Amount: frozen.Total, State: "open"}); err != nil {
		t.Fatal(err)
	}
	home = fmt.Sprintf("/orders/%d", frozen.ID)
	ana.visit(home)
	ana.sees("Stands still")
	inspect(ana, "an order that stands still")
}
