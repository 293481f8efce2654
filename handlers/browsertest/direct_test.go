package browsertest

import (
	"fmt"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// TestPaidDirectly lets a collector send money to an artist by hand, and the artist
// say that it came.
func TestPaidDirectly(t *testing.T) {
	t.Parallel()
	bare := desk
	bare.NoScript = true
	evening := phone
	evening.Evening = true
	for _, l := range []look{phone, {Width: 1280, Height: 900, Evening: true}, evening, bare} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			payDirectly(t, l)
		})
	}
}

func payDirectly(t *testing.T, l look) {
	m := storetest.New(t)
	m.Direct = true
	site := handlertest.OpenThrough(t, m, payment.Direct{})
	o := site.Ask(t, site.Ben, site.Hang(t, site.Ana, storetest.Work{Title: "Lido"}, 1200, 900))
	home := fmt.Sprintf("/orders/%d", o.ID)
	inspect := func(p *person, what string) {
		if !l.NoScript { // axe-core is a script
			p.inspect(what)
		}
	}
	again := func(p *person) {
		if l.NoScript {
			p.visit(home)
		}
	}
	ana, ben := open(t, site, "Ana", l), open(t, site, "Ben", l)
	ana.signIn(site.Ana)
	ana.visit(home)
	ana.sees("Before you can accept, enter your bank details.")
	inspect(ana, "direct no bank")
	ana.pressText("enter your bank details")
	ana.at("/studio/bank-details")
	ana.pressText("Keep these details")
	ana.sees("to put right")
	inspect(ana, "direct bank refused")
	ana.fill("#account_name", "Ana James")
	ana.fill("#sort_code", "20 41 63")
	ana.fill("#account_number", "73614402")
	ana.fill("#current_password", storetest.Password)
	ana.pressText("Keep these details")
	ana.sees("account ending in 4402")
	inspect(ana, "direct bank")
	ana.visit(home)
	ana.pressText("Accept")
	ana.sees("Held for Ben")

	ben.signIn(site.Ben)
	ben.visit(home)
	ben.pressText("Pay " + o.Total.String() + " by bank transfer")
	ben.at("/transfers/")
	ben.sees("73614402")
	inspect(ben, "direct transfer")
	ben.pressText("I have sent the money")
	ben.at(home)
	ben.sees("You said you sent it on 1 Jun, 10:00; Ana has not seen it yet.")
	inspect(ben, "direct sent")
	again(ana)
	ana.sees("Look into your account.")
	inspect(ana, "direct artist")
	ana.pressText("It has not come")
	ana.sees("You said on 1 Jun, 10:00 that it has not come.")
	again(ben)
	ben.sees("and it has not come. Check with your bank")
	again(ana)
	ana.pressText("The money came")
	ana.sees("The money came on 1 Jun, 10:00.")
	again(ben)
	ben.sees("The money came on 1 Jun, 10:00.")
	inspect(ben, "direct paid")
	ben.pressText("Receipt R1-0001")
	ben.sees("By bank transfer to the artist, to the account ending in 4402.")
}
