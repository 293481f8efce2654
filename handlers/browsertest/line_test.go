package browsertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// TestHoldAndLine holds a print for one collector, lets another wait in line, come
// up when it is not paid in time, and pay; then both talk, it is sent and arrives,
// and each has the papers of the sale.
func TestHoldAndLine(t *testing.T) {
	t.Parallel()
	bare := desk
	bare.NoScript = true
	evening := phone
	evening.Evening = true
	for _, l := range []look{desk, evening, bare} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			waitInLine(t, l)
		})
	}
}

func waitInLine(t *testing.T, l look) {
	site := handlertest.New(t)
	id := site.Hang(t, site.Ana, storetest.Work{Title: "Lido", Edition: "limited", Size: 3, Quantity: 1}, 1200, 900)
	work := fmt.Sprintf("/artworks/%d-lido", id)
	ana, ben, cleo := open(t, site, "Ana", l), open(t, site, "Ben", l), open(t, site, "Cleo", l)
	inspect := func(p *person, what string) {
		if !l.NoScript { // axe-core is a script
			p.inspect(what)
		}
	}
	// again looks anew where pages do not renew themselves.
	again := func(p *person, path string) {
		if l.NoScript {
			p.visit(path)
		}
	}

	var address string

	// Ben asks, and Ana holds it for him.
	bens := fmt.Sprintf("/orders/%d", site.Ask(t, site.Ben, id).ID)
	ben.signIn(site.Ben)
	ben.visit(bens)
	ben.sees("Ana answers by Wed 10:00, or the request lapses.")
	ana.signIn(site.Ana)
	ana.visit(bens)
	ana.sees("Answer by Wed 10:00")
	ana.pressText("Accept")
	ana.sees("Held for Ben until Wed 10:00.")
	again(ben, bens)
	ben.sees("Held for you until Wed 10:00.")
	inspect(ben, "held order")

	// Cleo finds it held, and joins the line.
	cleo.signIn(site.Cleo)
	cleo.visit(work)
	cleo.sees("On hold until Wed 10:00: join the line (you would be 1st)")
	inspect(cleo, "held work")
	cleo.visit("/artworks?q=lido")
	cleo.sees("£1,450, on hold")
	cleo.visit(work)
	cleo.pressText("Join the line")
	cleo.at("/orders/")
	cleo.do("read the address", chromedp.Location(&address))
	cleo.sees("You are 1st in line. The work is on hold until Wed 10:00.")
	inspect(cleo, "order in line")
	again(ana, bens)
	ana.sees("1 in line.")

	// Ben does not pay; it is Cleo's turn.
	site.Clock.Advance(48 * time.Hour)
	if _, err := site.Store.KeepTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	again(ben, bens)
	ben.sees("The hold ended before it was paid. Nothing was charged.")
	inspect(ben, "lapsed order")
	again(cleo, address[len(site.URL):])
	cleo.sees("Held for you until Wed 22:00.")
	cleo.pressText("Pay £")
	cleo.at("/test-gateway/")
	cleo.pressText("Pay £")
	cleo.sees("Paid. The sale is made")
	cleo.sees("3 of 3")

	// Nobody else can have it, and its page says which numbers are gone.
	ben.visit(work)
	ben.sees("Edition sold out")
	ben.sees("1, 2, 3")
	inspect(ben, "sold edition")

	// They talk, it is sent, and it arrives.
	cleos := address[len(site.URL):]
	cleo.visit(cleos)
	cleo.write("Please leave it with the neighbour if I am out.")
	cleo.press("#send")
	cleo.sees("Please leave it with the neighbour if I am out.")
	ana.visit(cleos)
	ana.sees("Please leave it with the neighbour if I am out.")
	inspect(ana, "paid order")
	ana.choose(`select[name="carrier"]`, "Royal Mail")
	ana.fill(`input[name="tracking"]`, "RM 4418 2096 7GB")
	ana.pressText("Mark as shipped")
	ana.sees("Shipped. The collector has been told.")
	again(cleo, cleos)
	cleo.sees("RM 4418 2096 7GB")
	inspect(cleo, "shipped order")
	cleo.pressText("It has arrived")
	cleo.sees("Thank you. The artist has been told that it arrived.")
	again(ana, cleos)
	ana.sees("The sale is made.")
	inspect(ana, "completed order")
	cleo.pressText("Receipt R")
	cleo.at(cleos + "/receipt")
	cleo.sees("3 of 3")
	inspect(cleo, "receipt")
	ana.pressText("Statement S")
	ana.at(cleos + "/statement")
	inspect(ana, "statement")

	// Ana goes away.
	ana.visit("/studio/holiday")
	inspect(ana, "holiday")
	ana.pressText("Pause requests")
	ana.sees("Enter the day on which you are back")
	inspect(ana, "holiday refused")
	ana.do("choose a day", chromedp.SetValue("#until", site.Clock.Now().AddDate(0, 0, 9).Format(time.DateOnly), chromedp.ByQuery))
	ana.explain("#words", "In Harris with no signal and a lot of film.")
	ana.pressText("Pause requests")
	ana.sees("You are away until")
	ben.visit("/artists/" + site.Ana.Username)
	ben.sees("Ana is away until")
	ben.sees("a lot of film")
	inspect(ben, "artist on holiday")
}
