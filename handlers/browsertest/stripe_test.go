package browsertest

import (
	"fmt"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/store/payment/stripefake"
	"openstudio/store/storetest"
)

// TestBeingPaid sets an artist up at Stripe, as a fake, and a collector pays there:
// forms lead out of the site and back, under its policy, with and without JavaScript.
func TestBeingPaid(t *testing.T) {
	t.Parallel()
	bare := desk
	bare.NoScript = true
	evening := phone
	evening.Evening = true
	for _, l := range []look{desk, phone, evening, bare} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			bePaid(t, l)
		})
	}
}

func bePaid(t *testing.T, l look) {
	const key, secret = "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "whsec_test_5WbX1nq4xkLwQbUJ"
	m := storetest.New(t)
	f := stripefake.New(key, secret, m.Clock.Now)
	t.Cleanup(f.Close)
	g, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret}, URL: f.URL, Now: m.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	site := handlertest.OpenThrough(t, m, g)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Held Breath"}, 1200, 900)
	order := fmt.Sprintf("/orders/%d", site.Order(t, site.Ben, work, store.Pending).ID)
	inspect := func(p *person, what string) {
		if !l.NoScript { // axe-core is a script
			p.inspect(what)
		}
	}

	ana := open(t, site, "Ana", l)
	ana.signIn(site.Ana)
	ana.visit(order)
	ana.pressText("Accept")
	ana.sees("Nothing was accepted: you cannot be paid yet.")
	inspect(ana, "accepting refused")
	ana.visit("/studio/orders")
	ana.sees("You cannot be paid yet.")
	inspect(ana, "orders unpaid")
	ana.pressText("Set up how you are paid")
	ana.at("/studio/payments")
	inspect(ana, "being paid, not begun")
	ana.pressText("Set up with Stripe")
	ana.at(f.URL + "/setup/")
	ana.visit("/studio/payments")
	ana.sees("Stripe still needs:")
	inspect(ana, "being paid, wanting")
	ana.pressText("Go on with Stripe")
	ana.at(f.URL + "/setup/")
	ana.pressText("Finish")
	ana.at("/studio/payments")
	ana.sees("You can be paid")
	inspect(ana, "being paid, ready")
	f.Restrict(f.Accounts()[0])
	ana.visit("/studio/payments/return")
	ana.sees("Stripe is checking")
	inspect(ana, "being paid, checking")
	f.Finish(f.Accounts()[0])
	ana.pressText("Ask Stripe how it stands")
	ana.sees("You can be paid")
	ana.visit(order)
	ana.pressText("Accept")
	ana.sees("Held for Ben")

	ben := open(t, site, "Ben", l)
	ben.signIn(site.Ben)
	ben.visit(order)
	ben.pressText("Pay £")
	ben.at(f.URL + "/pay/")
	ben.pressText("Pay")
	ben.at(order)
	ben.sees("You paid for Held Breath.")
	inspect(ben, "paid by Stripe")
}
