package browsertest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestLettersOfOrders lets everything happen to orders that somebody gets a letter
// about, and reads every letter as mail programs show it: narrow and wide, in both
// lights.
func TestLettersOfOrders(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	everythingHappens(t, site)
	var letters []struct {
		ID    int64
		About string
	}
	// The newest of each kind to each side: it is about an order that the kind is usual for.
	err := site.DB.Select(&letters, `
		SELECT max(b.id) AS id, e.kind || CASE WHEN o.collection THEN ' of a collection' ELSE '' END || CASE b.recipient_id WHEN o.seller_id THEN ' to the artist' ELSE ' to the collector' END AS about
		FROM outbox b JOIN order_events e ON e.id = b.event_id JOIN orders o ON o.id = e.order_id
		GROUP BY 2 UNION SELECT max(id), kind FROM outbox WHERE event_id IS NULL GROUP BY kind ORDER BY 2`)
	if err != nil {
		t.Fatal(err)
	}
	var about []string
	for _, l := range letters {
		about = append(about, l.About)
	}
	if !slices.Equal(about, lettersOfOrders) {
		t.Fatalf("there are letters of\n%q", about)
	}
	for _, l := range []look{phone, {Width: 680, Height: 900, Evening: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			reader := open(t, site, "reader", l)
			for _, letter := range letters {
				reader.do("open the letter", chromedp.Navigate(fmt.Sprintf("%s/dev/mail/%d/html", site.URL, letter.ID)), chromedp.WaitReady("h1", chromedp.ByQuery))
				reader.inspect("letter of " + letter.About)
			}
		})
	}
}

// lettersOfOrders are what letters can be about, and to whom.
var lettersOfOrders = []string{
	"accepted of a collection to the collector", "accepted to the collector", "bank details changed", "called off to the artist",
	"called off to the collector", "cancellation asked to the artist", "cancellation refused to the collector",
	"cancelled to the artist", "charge-back lost to the artist", "charge-back lost to the collector",
	"charge-back won to the artist", "charge-back won to the collector", "charged back to the artist",
	"charged back to the collector", "completed of a collection to the collector", "completed to the artist",
	"completed to the collector", "declined to the collector", "digest", "digest confirmation", "email changed",
	"joined the line to the artist", "joined the line to the collector", "lapsed by artist to the artist",
	"lapsed by artist to the collector", "lapsed by collector to the artist", "lapsed by collector to the collector", "messages",
	"money back to the artist", "money back to the collector", "overdue of a collection to the artist",
	"overdue of a collection to the collector", "overdue to the artist", "overdue to the collector",
	"paid of a collection to the artist", "paid of a collection to the collector", "paid to the artist", "paid to the collector",
	"part refund to the collector", "password changed", "password reset", "payment declined to the collector",
	"price lowered to the collector", "promoted to the artist", "promoted to the collector", "put in line to the collector",
	"refund failed to the artist", "refund failed to the collector", "refunded to the artist", "refunded to the collector",
	"reminded of a collection to the artist", "reminded to the artist", "requested of a collection to the artist",
	"requested of a collection to the collector", "requested to the artist", "requested to the collector", "searches",
	"shipped of a collection to the collector", "shipped to the collector", "sold out to the collector", "test",
	"transfer missing to the collector", "transfer sent to the artist", "turn came to the artist", "turn came to the collector",
}

// everythingHappens brings orders through all that can become of them, and writes
// the letters that are about no order.
func everythingHappens(t *testing.T, site *handlertest.Site) {
	t.Helper()
	ctx := context.Background()
	ana, ben, cleo := site.Ana, site.Ben, site.Cleo
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pass := func(d time.Duration) {
		t.Helper()
		site.Clock.Advance(d)
		for {
			n, err := site.Store.KeepTime(ctx)
			must(err)
			if n == 0 {
				break
			}
		}
		_, err := site.Store.CompleteOverdueOrders(ctx)
		must(err)
	}
	hang := func(title string) int64 { return site.Work(t, ana, storetest.Work{Title: title}) }
	begin := func(who store.Member, order int64, gateway string) store.Payment {
		t.Helper()
		p, err := site.Store.BeginPayment(ctx, who, order, gateway, 0)
		must(err)
		return p
	}
	settle := func(p store.Payment, taken bool, want store.Outcome) {
		t.Helper()
		outcome, err := site.Store.SettlePayment(ctx, store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_" + p.ID, Taken: taken, Charge: "ch_" + p.ID, Payment: p.ID, Amount: p.Amount, Currency: p.Currency})
		if err != nil || outcome != want {
			t.Fatal(outcome, err)
		}
	}
	giveBack := func(done bool) {
		t.Helper()
		due, err := site.Store.ClaimRefunds(ctx, storetest.Gateway, 20)
		must(err)
		for _, r := range due {
			must(site.Store.SettleRefund(ctx, store.RefundEvent{Gateway: storetest.Gateway, Refund: r.ID, Done: done}))
		}
	}

	// A line that moves on, a payment that is declined, one that comes too late, and
	// requests that end without one.
	must(site.Store.DeclineOrder(ctx, ana, site.Ask(t, ben, hang("Pears on a Blue Cloth")).ID, "other", "It is promised to my sister."))
	site.Order(t, ben, hang("Low Tide"), store.Cancelled)
	lido := hang("Lido")
	lapses := site.Ask(t, ben, lido)
	turns := site.Ask(t, cleo, lido)
	must(site.Store.AcceptOrder(ctx, ana, lapses.ID))
	must(site.Store.PutInLine(ctx, ana, turns.ID))
	site.Ask(t, site.Collectors(t, 1)[0], lido)
	late := begin(ben, lapses.ID, storetest.Gateway)
	site.Ask(t, ben, hang("Unanswered"))
	pass(49 * time.Hour)
	settle(begin(cleo, turns.ID, storetest.Gateway), false, store.NotPaid)
	settle(begin(cleo, turns.ID, storetest.Gateway), true, store.Settled)
	settle(late, true, store.SoldOut)
	giveBack(true)
	pass(0) // the work is sold

	// Prices, and deliveries that the artist quotes.
	dear := hang("The Sea Wall at Dusk")
	site.Order(t, ben, dear, store.Accepted)
	_, err := site.DB.Exec(`UPDATE artworks SET price = price - 20000 WHERE id = $1`, dear)
	must(err)
	_, err = site.Store.LowerRequests(ctx, ana, dear)
	must(err)
	block := site.Work(t, ana, storetest.Work{Title: "Block", Weight: 4000})
	first := site.Ask(t, ben, block)
	must(site.Store.AcceptQuoting(ctx, ana, first.ID, "100"))
	site.Ask(t, cleo, block)
	must(site.Store.CancelOrder(ctx, ben, first.ID))
	pass(0)

	// Sent late, sent in time, and completed by word and by the clock.
	site.Order(t, ben, hang("Forgotten"), store.ReadyToShip)
	site.Order(t, ben, hang("Arrived"), store.Completed)
	site.Order(t, ben, hang("On Its Way"), store.Shipped)
	must(site.Store.SetDeliveryTerms(ctx, ana, store.DeliveryForm{Collection: true, Words: "Saturdays, by the canal."}))
	site.Collected(t, ben, hang("Not Made Ready"), store.ReadyToShip)
	var code string
	fetched := site.Collected(t, ben, hang("Fetched"), store.Shipped)
	must(site.DB.Get(&code, `SELECT collection_code FROM orders WHERE id = $1`, fetched.ID))
	must(site.Store.HandOrderOver(ctx, ana, fetched.ID, code))
	for range 15 {
		pass(24 * time.Hour)
	}

	// Called off, given back, and taken back by a bank.
	asks := site.Order(t, ben, hang("Second Thoughts"), store.ReadyToShip)
	must(site.Store.AskToCancel(ctx, ben, asks.ID, "The wall is not what I thought."))
	must(site.Store.RefuseToCancel(ctx, ana, asks.ID))
	must(site.Store.AskToCancel(ctx, ben, site.Order(t, ben, hang("Not Handed Over"), store.ReadyToShip).ID, ""))
	broken := site.Order(t, ben, hang("Broken"), store.ReadyToShip)
	must(site.Store.CallOff(ctx, ana, broken.ID, store.PieceGone, "The glass broke and cut the paper."))
	giveBack(false)
	pass(25 * time.Hour)
	giveBack(true)
	must(site.Store.GiveBackPart(ctx, ana, site.Order(t, ben, hang("Scratched"), store.Shipped).ID, "40", "For the scratch on the frame."))
	for _, end := range []string{"won", "lost"} {
		o := site.Order(t, ben, hang("Disputed"), store.Accepted)
		p := begin(ben, o.ID, storetest.Gateway)
		settle(p, true, store.Settled)
		for _, state := range []string{"open", end} {
			must(site.Store.SettleChargeBack(ctx, store.ChargeBackEvent{Gateway: storetest.Gateway, Charge: "ch_" + p.ID, Amount: p.Amount, State: state}))
		}
	}

	// Without an order.
	must(site.Store.RequestPasswordReset(ctx, cleo.Email, "192.0.2.7"))
	must(site.Store.ChangePassword(ctx, cleo, 0, storetest.Password, "another quiet light", "another quiet light"))
	must(site.Store.RequestDigest(ctx, ana.Username, "reader@example.org", "192.0.2.7"))
	_, err = site.Store.Follow(ctx, cleo, ana.Username)
	must(err)
	must(site.Store.SetDigest(ctx, cleo, true))
	_, _, err = site.Store.SaveSearch(ctx, cleo, store.Filter{Mediums: []store.Medium{store.Painting}}, "Paintings")
	must(err)
	_, err = site.DB.Exec(`UPDATE saved_searches SET letter = 'daily'`)
	must(err)
	pass(time.Hour)
	must(site.Store.SetListed(ctx, ana, site.Work(t, ana, storetest.Work{Title: "Just Hung", State: store.Draft}), true))
	_, err = site.Store.TellOfNewWorks(ctx)
	must(err)
	pass(8 * 24 * time.Hour)
	_, err = site.Store.WriteDigests(ctx)
	must(err)
	talk, err := site.Store.OrderConversation(ctx, ben, asks.ID)
	must(err)
	must(site.Store.SendMessage(ctx, ben, talk, store.MessageForm{Key: uuid.NewString(), Text: "Is it framed?\n\nAnd may I see the back?"}))
	_, err = site.DB.Exec(`INSERT INTO troubled_addresses (email, kind, code, since) VALUES ($1, 'refused', '5.1.1', now())`, cleo.Email)
	must(err)
	_, err = site.Store.TryAddress(ctx, cleo)
	must(err)

	must(site.Store.UpdateProfile(ctx, ben, store.Profile{Username: ben.Username, FirstName: ben.FirstName, LastName: ben.LastName, Email: "ben@elsewhere.example",
		Address: ben.Address, Town: ben.Town, Postcode: ben.Postcode, Password: storetest.Password}))

	// Directly from hand to hand.
	site.GoDirect(t)
	slow := site.Order(t, ben, hang("Paid by Transfer"), store.Accepted)
	p := begin(ben, slow.ID, "direct")
	_, err = site.Store.SayTransferSent(ctx, ben, p.ID)
	must(err)
	must(site.Store.SayTransferMissing(ctx, ana, slow.ID))
	pass(10 * 24 * time.Hour)
	_, err = site.Store.SayTransferCame(ctx, ana, slow.ID)
	must(err)
}
