package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// Of the storms of payers: how many come, and how far the database is away.
const (
	payers   = 200
	distance = 20 * time.Millisecond
)

// money is what the gateway has taken for each order of a work less what it has given
// back, in pence, once all that is to go back has gone. Orders for
// which it has nothing are not in it.
func (c *crowded) money(work int64) map[int64]int64 {
	c.t.Helper()
	c.until("refunds on their way", `SELECT count(*) FROM refunds WHERE state <> 'done'`, 0)
	var rows []struct {
		Order int64 `db:"order_id"`
		Sum   int64
	}
	err := c.DB.Select(&rows, `
		SELECT e.order_id, sum(p.amount) AS sum FROM journal_entries e JOIN journal_postings p ON p.entry_id = e.id JOIN orders o ON o.id = e.order_id
		WHERE o.artwork_id = $1 AND p.account = 'gateway' AND e.kind <> 'payout' GROUP BY 1 HAVING sum(p.amount) <> 0`, work)
	if err != nil {
		c.t.Fatal(err)
	}
	has := map[int64]int64{}
	for _, r := range rows {
		has[r.Order] = r.Sum
	}
	return has
}

// until waits for a number.
func (c *crowded) until(what, query string, want int) {
	c.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var n int
		if err := c.DB.Get(&n, query); err != nil {
			c.t.Fatal(err)
		}
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%d %s, want %d", n, what, want)
		}
	}
}

// soldOnce fails unless exactly n pieces of a work are sold, paid and told of, and
// nothing else is.
func (c *crowded) soldOnce(work int64, n int) {
	c.t.Helper()
	var is struct {
		Quantity, Held, Sold                        int
		Bought, Events, Notifications, Letters, Own int
	}
	err := c.DB.Get(&is, `
		WITH paid AS (SELECT e.id, o.buyer_id, o.seller_id FROM order_events e JOIN orders o ON o.id = e.order_id WHERE o.artwork_id = $1 AND e.kind = 'paid')
		SELECT quantity, held, sold,
			(SELECT count(*) FROM orders WHERE artwork_id = $1 AND status = 'ready to ship') AS bought,
			(SELECT count(*) FROM paid) AS events,
			(SELECT count(*) FROM notifications n JOIN paid ON paid.id = n.event_id AND n.recipient_id = paid.seller_id) AS notifications,
			(SELECT count(*) FROM outbox b JOIN paid ON paid.id = b.event_id AND b.recipient_id = paid.seller_id) AS letters,
			(SELECT count(*) FROM outbox b JOIN paid ON paid.id = b.event_id AND b.recipient_id = paid.buyer_id) AS own
		FROM artworks WHERE id = $1`, work)
	if err != nil {
		c.t.Fatal(err)
	}
	if is.Quantity != 0 || is.Held != 0 || is.Sold != n || is.Bought != n || is.Events != n || is.Notifications != n || is.Letters != n || is.Own != n {
		c.t.Errorf("of %d pieces: %+v", n, is)
	}
	var total int64
	if err := c.DB.Get(&total, `SELECT max(total) FROM orders WHERE artwork_id = $1`, work); err != nil {
		c.t.Fatal(err)
	}
	paid := c.money(work)
	for order, sum := range paid {
		var status store.Status
		if err := c.DB.Get(&status, `SELECT status FROM orders WHERE id = $1`, order); err != nil || status != store.ReadyToShip || sum != total {
			c.t.Errorf("the gateway has %d of %d pence for order %d, which is %s, %v", sum, total, order, status, err)
		}
	}
	if len(paid) != n {
		c.t.Errorf("%d have paid for %d pieces: %v", len(paid), n, paid)
	}
}

// opened opens the page of an order of each of the people at once, at the instance
// that they will ask, and its stream at the other one. It returns how long half of
// the pages took: what people are used to from this market on this machine.
func (c *crowded) opened(people []person, orders []int64) (pages []*stream, usual time.Duration) {
	c.t.Helper()
	pages = make([]*stream, len(people))
	var took []time.Duration
	for i, r := range atOnce(len(people), func(i int) reply {
		r := c.ask(&people[i], http.MethodGet, fmt.Sprintf("%s/orders/%d", c.base(i), orders[i]), "")
		if r.err == nil {
			pages[i], r.err = c.listen(people[i], c.base(i+1))
		}
		return r
	}) {
		if r.err != nil || r.status != http.StatusOK {
			c.t.Fatalf("the page of order %d: %d, %v", orders[i], r.status, r.err)
		}
		took = append(took, r.took())
	}
	c.t.Logf("%d pages of orders: %s", len(took), spread(took))
	return pages, median(took)
}

// soon is how long people who have lost may wait until they are told.
const soon = time.Second

// told says how soon people were told, and fails when half of them were not told
// soon, unless the machine is so busy with other things that a page takes long, too:
// then they may wait for as long as for so many pages.
func (c *crowded) told(what string, took []time.Duration, usual time.Duration, pages int) {
	c.t.Helper()
	c.t.Logf("%d %s: %s", len(took), what, spread(took))
	if median(took) > max(soon, time.Duration(pages)*usual) {
		c.t.Errorf("half of those %s later than after %v, and a page takes %v", what, median(took), usual)
	}
}

func median(times []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(times))[len(times)/2]
}

// TestTwoHundredPayTheLastPieces lets two hundred collectors ask for one piece, and
// for seven, at two instances with a slow way to their database. The artist accepts
// all of them on two hundred connections at once, all of them pay at once, and the
// gateway says of every one that the money was taken, on both instances at once.
func TestTwoHundredPayTheLastPieces(t *testing.T) {
	for _, pieces := range []int{1, 7} {
		t.Run(fmt.Sprint(pieces), func(t *testing.T) {
			c := newCrowded(t)
			c.open(2, distance)
			work := c.Work(t, c.Ana, storetest.Work{Quantity: pieces})
			quote, err := c.Store.QuoteArtwork(t.Context(), work, "YO1 7HH")
			if err != nil {
				t.Fatal(err)
			}
			people, ana := c.people(payers), c.signedIn(c.Ana)[0]

			orders := make([]int64, payers)
			for i, r := range atOnce(payers, func(i int) reply {
				return c.press(people[i], fmt.Sprintf("%s/artworks/%d/orders", c.base(i), work), requestFields(people[i].Member, uuid.NewString(), quote.Total())...)
			}) {
				if orders[i], err = hxOrder(r); err != nil {
					t.Fatal(err)
				}
			}
			accepted := 0
			var late []time.Duration
			for _, r := range atOnce(payers, func(i int) reply {
				from := ana
				from.address = people[i].address // one address may not change so much at once
				return c.press(from, fmt.Sprintf("%s/orders/%d/acceptance", c.base(i), orders[i]))
			}) {
				switch {
				case r.err == nil && r.status == http.StatusOK:
					accepted++
				case r.err != nil || r.status != http.StatusConflict:
					t.Fatalf("an acceptance: %d, %v", r.status, r.err)
				default:
					late = append(late, r.took())
				}
			}
			if accepted != pieces {
				t.Fatalf("%d accepted for %d pieces", accepted, pieces)
			}
			t.Logf("%d acceptances for which nothing was left: %s", len(late), spread(late))

			pages, usual := c.opened(people, orders)
			attempts := make([]payment.Attempt, payers)
			holds := make([]bool, payers)
			var refused []time.Duration
			for i, r := range atOnce(payers, func(i int) reply {
				return c.press(people[i], fmt.Sprintf("%s/orders/%d/payment", c.base(i), orders[i]))
			}) {
				attempts[i] = payment.Attempt{Amount: int64(quote.Total()), Currency: "GBP"}
				switch id, begun := strings.CutPrefix(r.hx, "/test-gateway/"); {
				case r.err == nil && begun:
					attempts[i].ID, holds[i] = id, true
				case r.err != nil || r.status != http.StatusConflict || !strings.Contains(r.body, "This order waits for the artist’s answer."):
					t.Fatalf("a payment: %d, %v: %.300s", r.status, r.err, r.body)
				default:
					attempts[i].ID = c.forged(orders[i], quote.Total())
					refused = append(refused, r.took())
				}
			}
			c.told("who hold nothing were told so", refused, usual, 1)

			// Every message on both instances at once, among those of nobody's payment and
			// those that the gateway has not signed.
			begun := time.Now()
			outcomes := map[store.Outcome]int{}
			for n, r := range atOnce(4*payers, func(n int) reply {
				i, base := n/4, c.bases[n%2]
				switch n % 4 {
				case 2:
					return c.deliver(base, payment.Taken, payment.Attempt{ID: uuid.NewString(), Amount: attempts[i].Amount, Currency: "GBP"})
				case 3:
					body, _ := c.gateway.Message(payment.Taken, attempts[i])
					return c.ask(nil, http.MethodPost, base+"/webhooks/payments", string(body), payment.SignatureHeader, "t=1,v1=00")
				}
				return c.deliver(base, payment.Taken, attempts[i])
			}) {
				switch want := []int{200, 200, 404, 400}[n%4]; {
				case r.err != nil || r.status != want:
					t.Errorf("message %d: %d, want %d: %v", n, r.status, want, r.err)
				case want == 200 && (store.Outcome(r.body) == store.Settled) != holds[n/4]:
					t.Errorf("message %d: %s, and a hold is %t", n, r.body, holds[n/4])
				case want == 200:
					outcomes[store.Outcome(r.body)]++
				}
			}
			t.Logf("%d messages in %v: %v", 4*payers, time.Since(begun), outcomes)
			c.soldOnce(work, pieces)
			var gone, heard []time.Duration
			decided := c.decided(work, begun)
			for i := range holds {
				if holds[i] {
					continue
				}
				at, err := pages[i].after("notified", begun)
				if err != nil {
					t.Errorf("the page of payer %d: %v", i, err)
				}
				gone, heard = append(gone, at.Sub(begun)), append(heard, at.Sub(decided[orders[i]]))
			}
			c.pushed(heard)
			t.Logf("%d were told that the last piece is gone, or that their money goes back: %s", len(gone), spread(gone))
			c.sound()
		})
	}
}

// TestTwoHundredPayTooLate lets the gateway say of two hundred payments for one
// piece, and for seven, at once that the money was taken, when every hold has
// ended: the pieces are free, and only the messages decide who has them.
func TestTwoHundredPayTooLate(t *testing.T) {
	for _, pieces := range []int{1, 7} {
		t.Run(fmt.Sprint(pieces), func(t *testing.T) {
			c := newCrowded(t)
			people := c.people(payers)
			work := c.Work(t, c.Ana, storetest.Work{Quantity: pieces})
			orders, attempts := c.lapsed(work, people)
			c.open(2, distance)
			pages, usual := c.opened(people, orders)

			begun := time.Now()
			messages := atOnce(2*payers, func(n int) reply { return c.deliver(c.bases[n%2], payment.Taken, attempts[n/2]) })
			outcomes := map[store.Outcome]int{}
			var told, heard []time.Duration
			decided := c.decided(work, begun)
			for i := range people {
				first, second := messages[2*i], messages[2*i+1]
				if err := cmp.Or(first.err, second.err); err != nil || first.status != 200 || second.status != 200 || first.body != second.body {
					t.Fatalf("the message about order %d: %d %s and %d %s, %v", orders[i], first.status, first.body, second.status, second.body, err)
				}
				outcomes[store.Outcome(first.body)]++
				if store.Outcome(first.body) == store.Settled {
					continue
				}
				at, err := pages[i].after("notified", begun)
				if err != nil {
					t.Errorf("payer %d: %v", i, err)
				}
				told, heard = append(told, at.Sub(begun)), append(heard, at.Sub(decided[orders[i]]))
			}
			c.pushed(heard)
			c.told("who came too late were told so", told, usual, 2)
			if outcomes[store.Settled] != pieces || outcomes[store.SoldOut] != payers-pieces {
				t.Errorf("of %d pieces: %v", pieces, outcomes)
			}
			c.soldOnce(work, pieces)
			c.sound()
		})
	}
}

// decided are when it was first written since a moment what became of each order of a
// work that was not sold.
func (c *crowded) decided(work int64, since time.Time) map[int64]time.Time {
	c.t.Helper()
	var rows []struct {
		Order int64 `db:"order_id"`
		At    time.Time
	}
	err := c.DB.Select(&rows, `
		SELECT e.order_id, min(e.at) AS at FROM order_events e JOIN orders o ON o.id = e.order_id
		WHERE o.artwork_id = $1 AND e.at > $2 AND e.kind IN ('sold out', 'money back') GROUP BY 1`, work, since)
	if err != nil {
		c.t.Fatal(err)
	}
	times := map[int64]time.Time{}
	for _, r := range rows {
		times[r.Order] = r.At
	}
	return times
}

// pushed fails unless those to whom it was told on their open pages heard it within
// a second of what was decided.
func (c *crowded) pushed(heard []time.Duration) {
	c.t.Helper()
	c.t.Logf("%d heard of it so soon after it was decided: %s", len(heard), spread(heard))
	if sorted := slices.Sorted(slices.Values(heard)); sorted[len(sorted)*99/100] > time.Second {
		c.t.Error("they were not told within a second")
	}
}

// lapsed are orders of a work, each of a collector who held a piece, began to pay and
// let the hold end.
func (c *crowded) lapsed(work int64, people []person) (orders []int64, attempts []payment.Attempt) {
	c.t.Helper()
	const hold = 49 * time.Hour
	c.Clock.Advance(-hold)
	pattern := c.begun()
	c.Clock.Advance(hold)
	if n, err := c.Store.KeepTime(c.t.Context()); n != 1 || err != nil {
		c.t.Fatalf("%d holds have ended, %v", n, err)
	}
	return c.copies(pattern, []int64{work}, people)
}

// forged is a payment that nobody could have begun: its order holds nothing.
func (c *crowded) forged(order int64, amount store.Pence) string {
	c.t.Helper()
	id := uuid.NewString()
	_, err := c.DB.Exec(`
		INSERT INTO payments (id, order_id, amount, currency, gateway, state, opened_at, until)
		VALUES ($1, $2, $3, 'GBP', 'test', 'open', now(), now() + interval '1 hour')`, id, order, amount)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}
