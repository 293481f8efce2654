package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// look reads an order as its collector sees it.
func look(t *testing.T, m *storetest.Market, who store.Member, id int64) store.Order {
	t.Helper()
	o, err := m.Store.Order(context.Background(), who, id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func accept(t *testing.T, m *storetest.Market, id int64) {
	t.Helper()
	if err := m.Store.AcceptOrder(context.Background(), m.Ana, id); err != nil {
		t.Fatal(err)
	}
}

// keepTime lets the market's clock look, and expects it to move so many orders on.
func keepTime(t *testing.T, m *storetest.Market, want int) {
	t.Helper()
	if n, err := m.Store.KeepTime(context.Background()); n != want || err != nil {
		t.Fatalf("the clock moved %d orders on, not %d: %v", n, want, err)
	}
}

// told fails unless one event of a kind is in the order's history, and each of
// those who are to hear of it has one notification and one letter.
func told(t *testing.T, m *storetest.Market, id int64, kind store.EventKind, recipients ...store.Member) {
	t.Helper()
	var n struct{ Events, Notifications, Letters int }
	err := m.DB.Get(&n, `
		WITH e AS (SELECT id FROM order_events WHERE order_id = $1 AND kind = $2)
		SELECT (SELECT count(*) FROM e) AS events, (SELECT count(*) FROM notifications WHERE event_id IN (SELECT id FROM e)) AS notifications,
			(SELECT count(*) FROM outbox WHERE event_id IN (SELECT id FROM e)) AS letters`, id, kind)
	letters := len(recipients)
	if kind == store.EventJoined || kind == store.EventCompleted && len(recipients) == 1 && recipients[0].IsArtist() {
		letters++ // the collector has it in writing
	}
	if err != nil || n.Events != 1 || n.Notifications != len(recipients) || n.Letters != letters {
		t.Errorf("%q of order %d: %+v for %d people, %v", kind, id, n, len(recipients), err)
	}
	for _, r := range recipients {
		var one int
		err := m.DB.Get(&one, `
			SELECT count(*) FROM notifications n JOIN order_events e ON e.id = n.event_id JOIN outbox b ON b.event_id = e.id AND b.recipient_id = n.recipient_id
			WHERE e.order_id = $1 AND e.kind = $2 AND n.recipient_id = $3`, id, kind, r.ID)
		if err != nil || one != 1 {
			t.Errorf("%s was told %d times that order %d is %q, %v", r.FirstName, one, id, kind, err)
		}
	}
}

func TestAPieceIsHeldForOne(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	ben, cleo := m.Ask(t, m.Ben, work), m.Ask(t, m.Cleo, work)
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i, id := range []int64{ben.ID, cleo.ID} {
		both.Go(func() { errs[i] = m.Store.AcceptOrder(ctx, m.Ana, id) })
	}
	both.Wait()
	if errs[0] != nil { // so that Ben is the one
		ben, cleo, errs[0], errs[1] = cleo, ben, errs[1], errs[0]
		m.Ben, m.Cleo = m.Cleo, m.Ben
	}
	var conflict *store.Conflict
	if errs[0] != nil || !errors.As(errs[1], &conflict) || !strings.Contains(conflict.Sentence, "Put this request in line") {
		t.Fatalf("two accepts for one piece: %v", errs)
	}
	ben, cleo = look(t, m, m.Ben, ben.ID), look(t, m, m.Cleo, cleo.ID)
	if ben.HoldUntil == nil || !ben.HoldUntil.Equal(m.Clock.Now().Add(48*time.Hour)) || ben.Others != 1 {
		t.Errorf("held until %v, %d others", ben.HoldUntil, ben.Others)
	}
	if cleo.Status != store.Pending || cleo.Acceptable() || !cleo.Can(m.Ana, store.PutInLine) || cleo.FreedAt == nil || !cleo.FreedAt.Equal(*ben.HoldUntil) {
		t.Errorf("the other is %+v", cleo)
	}
	if err := m.Store.PutInLine(ctx, m.Cleo, cleo.ID); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("put in line by a collector: %v", err)
	}
	if err := m.Store.PutInLine(ctx, m.Ana, cleo.ID); err != nil {
		t.Fatal(err)
	}
	told(t, m, cleo.ID, store.EventPutInLine, m.Cleo)
	if cleo = look(t, m, m.Cleo, cleo.ID); cleo.Place() != 1 || cleo.Can(m.Ana, store.PutInLine) {
		t.Errorf("place %d in line", cleo.Place())
	}
	if err := m.Store.PutInLine(ctx, m.Ana, cleo.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("put in line again: %v", err)
	}
	if n, err := m.Store.WaitingCount(ctx, m.Ana); n != 0 || err != nil {
		t.Errorf("%d orders wait for Ana, %v: one in line does not", n, err)
	}
	// Neither does a request in line lapse for want of an answer.
	m.Clock.Advance(47 * time.Hour)
	keepTime(t, m, 0)
	if _, err := m.Pay(m.Ben, ben.ID); err != nil {
		t.Fatal(err)
	}
	keepTime(t, m, 1)
	told(t, m, cleo.ID, store.EventSoldOut, m.Cleo)
	if cleo = look(t, m, m.Cleo, cleo.ID); cleo.Status != store.Cancelled || !cleo.Lapsed() {
		t.Errorf("in line for a sold work: %+v", cleo)
	}
}

func TestJoiningTheLine(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	m.Order(t, m.Ben, work, store.Accepted)
	q, err := m.Store.QuoteArtwork(ctx, work, m.Cleo.Postcode)
	if err != nil {
		t.Fatal(err)
	}
	r := store.Request{Address: m.Cleo.Address, Town: m.Cleo.Town, Postcode: m.Cleo.Postcode, Seen: q.Total()}
	if _, err := m.Store.RequestOrder(ctx, m.Cleo, work, r); !errors.Is(err, store.ErrConflict) {
		t.Errorf("asked for a held piece without a word of the line: %v", err)
	}
	r.Line = true
	o, err := m.Store.RequestOrder(ctx, m.Cleo, work, r)
	if err != nil || o.Place() != 1 {
		t.Fatalf("place %d, %v", o.Place(), err)
	}
	told(t, m, o.ID, store.EventJoined, m.Ana)
	// One's own hold, and one's own place, are no obstacle and no second chance.
	for _, who := range []store.Member{m.Ben, m.Cleo} {
		r.Key = ""
		var conflict *store.Conflict
		if _, err := m.Store.RequestOrder(ctx, who, work, r); !errors.As(err, &conflict) || !strings.Contains(conflict.Sentence, "asked for this work already") {
			t.Errorf("%s asks again: %v", who.FirstName, err)
		}
	}
	others := m.Collectors(t, 2)
	second, third := m.Ask(t, others[0], work), m.Ask(t, others[1], work)
	if second.Place() != 2 || third.Place() != 3 {
		t.Errorf("places %d, %d", second.Place(), third.Place())
	}
	a, err := m.Store.Artwork(ctx, 0, work)
	if err != nil || !a.OnHold() || a.Line != 3 || a.HeldUntil == nil {
		t.Errorf("the work: %+v, %v", a, err)
	}
	before, err := m.Store.OrderStamp(ctx, others[1], third.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Store.CancelOrder(ctx, others[0], second.ID); err != nil {
		t.Fatal(err)
	}
	if third = look(t, m, others[1], third.ID); third.Place() != 2 || third.Stamp() == before {
		t.Errorf("moved up to %d", third.Place())
	}
	if err := m.Store.DeclineOrder(ctx, m.Ana, o.ID, "other", ""); err != nil {
		t.Errorf("one in line is declined: %v", err)
	}
}

func TestTheNextInLineComesUpOnce(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	ben := m.Order(t, m.Ben, work, store.Accepted)
	cleo := m.Ask(t, m.Cleo, work)
	payer := m.Collectors(t, 1)[0]
	last := m.Ask(t, payer, work)
	m.Clock.Advance(48*time.Hour - time.Second)
	keepTime(t, m, 0)
	m.Clock.Advance(time.Second)

	other := m.Open(t)
	var all sync.WaitGroup
	for i := range 8 {
		s := m.Store
		if i%2 == 0 {
			s = other
		}
		all.Go(func() {
			if _, err := s.KeepTime(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	told(t, m, ben.ID, store.EventLapsedByCollector, m.Ben, m.Ana)
	told(t, m, cleo.ID, store.EventPromoted, m.Cleo, m.Ana)
	ben, cleo, last = look(t, m, m.Ben, ben.ID), look(t, m, m.Cleo, cleo.ID), look(t, m, payer, last.ID)
	if !ben.Lapsed() || ben.HoldUntil != nil {
		t.Errorf("Ben’s order: %+v", ben)
	}
	if cleo.Status != store.Accepted || !cleo.HoldUntil.Equal(m.Clock.Now().Add(12*time.Hour)) {
		t.Errorf("Cleo’s order is %s until %v", cleo.Status, cleo.HoldUntil)
	}
	if last.Place() != 1 {
		t.Errorf("the last is in place %d", last.Place())
	}
	keepTime(t, m, 0)

	// A hold that is given back goes to the next one, too.
	if err := m.Store.CancelOrder(ctx, m.Cleo, cleo.ID); err != nil {
		t.Fatal(err)
	}
	keepTime(t, m, 1)
	if outcome, err := m.Pay(payer, last.ID); outcome != store.Settled || err != nil {
		t.Errorf("%s, %v", outcome, err)
	}
}

func TestAnAcceptDoesNotPassTheLine(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	payer := m.Collectors(t, 1)[0]
	asked := m.Ask(t, payer, work) // not in line, and not answered
	ben := m.Order(t, m.Ben, work, store.Accepted)
	cleo := m.Ask(t, m.Cleo, work)
	if err := m.Store.CancelOrder(ctx, m.Ben, ben.ID); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.AcceptOrder(ctx, m.Ana, asked.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("accepted past the line: %v", err)
	}
	if again := m.Ask(t, m.Ben, work); again.Place() != 2 {
		t.Errorf("asked past the line: place %d", again.Place())
	}
	m.Clock.Advance(time.Second)
	if n, err := m.Store.PutOthersInLine(ctx, m.Ana, work); n != 1 || err != nil {
		t.Errorf("%d put in line, %v", n, err)
	}
	if _, err := m.Store.PutOthersInLine(ctx, m.Dora, work); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("for somebody else’s work: %v", err)
	}
	accept(t, m, cleo.ID)
}

// TestTheClockTwice brings everything due at once, lets the clock look, and lets it
// look again.
func TestTheClockTwice(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	shipped := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	paid := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	m.Clock.Advance(14*24*time.Hour - 48*time.Hour)
	keepTime(t, m, 1) // reminds once of what was due twice
	told(t, m, paid.ID, store.EventReminded, m.Ana)
	asked := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Pending)
	held := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	next := m.Ask(t, m.Cleo, held.ArtworkID)
	m.Clock.Advance(48 * time.Hour)

	keepTime(t, m, 5)
	told(t, m, shipped.ID, store.EventCompleted, m.Ben, m.Ana)
	told(t, m, paid.ID, store.EventOverdue, m.Ben, m.Ana)
	told(t, m, asked.ID, store.EventLapsedByArtist, m.Ben, m.Ana)
	told(t, m, held.ID, store.EventLapsedByCollector, m.Ben, m.Ana)
	told(t, m, next.ID, store.EventPromoted, m.Cleo, m.Ana)

	rows := func() string {
		var text string
		if err := m.DB.Get(&text, `
			SELECT (SELECT string_agg(o::text, E'\n' ORDER BY id) FROM orders o) || (SELECT count(*) FROM order_events) || ' ' ||
				(SELECT count(*) FROM notifications) || ' ' || (SELECT count(*) FROM outbox) || (SELECT string_agg(a::text, E'\n' ORDER BY id) FROM artworks a)`); err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := rows()
	keepTime(t, m, 0)
	if _, err := m.Open(t).KeepTime(ctx); err != nil {
		t.Fatal(err)
	}
	if rows() != before {
		t.Error("the second look changed something")
	}
	if o := look(t, m, m.Ben, asked.ID); o.Status != store.Cancelled || o.Declined() || !o.Lapsed() {
		t.Errorf("not answered: %+v", o)
	}
}

// TestTheClockLooksAgain lets the clock find orders that are due while somebody
// has them in hand, who leaves them not due: it looks again, and lets them be.
func TestTheClockLooksAgain(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]string{
		"a hold is stretched":        `UPDATE orders SET hold_until = hold_until + interval '1 hour' WHERE id = $1`,
		"a request is put in line":   `UPDATE orders SET line_at = created_at WHERE id = $1`,
		"a work is not for sale now": `UPDATE artworks SET for_sale = false WHERE id = (SELECT artwork_id FROM orders WHERE id = $1)`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			m := storetest.New(t)
			work := m.Work(t, m.Ana, storetest.Work{})
			o := m.Ask(t, m.Ben, work)
			if what != "a request is put in line" {
				accept(t, m, o.ID)
			}
			if what == "a request is put in line" { // and has nothing to wait for
				if err := m.Store.SetForSale(context.Background(), m.Ana, work, false); err != nil {
					t.Fatal(err)
				}
			}
			if what == "a work is not for sale now" {
				next := m.Ask(t, m.Cleo, work)
				if err := m.Store.CancelOrder(context.Background(), m.Ben, o.ID); err != nil {
					t.Fatal(err)
				}
				o = next
			} else {
				m.Clock.Advance(48 * time.Hour)
			}
			tx, err := m.DB.Beginx()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec(change, o.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(`SELECT FROM orders WHERE id = $1 FOR UPDATE`, o.ID); err != nil {
				t.Fatal(err)
			}
			moved := make(chan int, 1)
			go func() {
				n, err := m.Store.KeepTime(context.Background())
				if err != nil {
					t.Error(err)
				}
				moved <- n
			}()
			awaitLock(t, m) // until the clock stands before the order
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if n := <-moved; n != 0 {
				t.Errorf("%d orders were moved on", n)
			}
		})
	}
}

func TestRemindersToShip(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	count := func(want int) {
		t.Helper()
		var n int
		if err := m.DB.Get(&n, `SELECT count(*) FROM notifications n JOIN order_events e ON e.id = n.event_id WHERE e.kind = 'reminded' AND n.recipient_id = $1`, m.Ana.ID); err != nil || n != want {
			t.Errorf("Ana was reminded %d times, not %d, %v", n, want, err)
		}
	}
	m.Clock.Advance(3*24*time.Hour - time.Second)
	keepTime(t, m, 0)
	m.Clock.Advance(time.Second)
	keepTime(t, m, 1)
	count(1)
	m.Clock.Advance(4 * 24 * time.Hour)
	keepTime(t, m, 1)
	count(2)
	if err := m.Store.ShipOrder(context.Background(), m.Ana, o.ID, "DPD", "1550 1234"); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(7 * 24 * time.Hour)
	keepTime(t, m, 0)
}

func TestAPaymentKeepsItsHold(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	begin := func() (store.Payment, error) { return m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0) }
	m.Clock.Advance(48*time.Hour - time.Minute)
	if _, err := begin(); err != nil {
		t.Fatal(err)
	}
	until := m.Clock.Now().Add(30 * time.Minute)
	if o = look(t, m, m.Ben, o.ID); !o.HoldUntil.Equal(until) {
		t.Errorf("held until %v, the payment lasts until %v", o.HoldUntil, until)
	}
	m.Clock.Advance(29 * time.Minute)
	keepTime(t, m, 0)
	p, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	if o = look(t, m, m.Ben, o.ID); !o.HoldUntil.Equal(until) {
		t.Errorf("stretched again, to %v", o.HoldUntil)
	}
	m.Clock.Advance(time.Minute)
	if _, err := begin(); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a payment begins when the hold is over: %v", err)
	}
	keepTime(t, m, 1)
	if p, err = m.Store.Payment(ctx, m.Ben, p.ID); err != nil || p.State != "released" {
		t.Errorf("the payment of a lapsed hold is %s, %v", p.State, err)
	}
}

func TestAPaymentThatComesLate(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	lapse := func(w storetest.Work) (store.Order, store.Payment) {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, w), store.Accepted)
		p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
		if err != nil {
			t.Fatal(err)
		}
		m.Clock.Advance(48 * time.Hour)
		if _, err := m.Store.KeepTime(ctx); err != nil {
			t.Fatal(err)
		}
		return o, p
	}
	settle := func(p store.Payment, id string, want store.Outcome) {
		t.Helper()
		outcome, err := m.Store.SettlePayment(ctx, store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_" + p.ID + id,
			Taken: true, Payment: p.ID, Amount: p.Amount, Currency: "GBP"})
		if outcome != want || err != nil {
			t.Errorf("%q, not %q: %v", outcome, want, err)
		}
	}
	o, p := lapse(storetest.Work{Edition: store.LimitedEdition, Size: 3, Quantity: 2})
	settle(p, "", store.Settled)
	settle(p, "", store.Settled)
	settle(p, "again", store.AlreadyClosed)
	if o = look(t, m, m.Ben, o.ID); o.Status != store.ReadyToShip || o.EditionNumber != 2 || o.CancelledAt != nil {
		t.Errorf("paid late: %+v", o)
	}

	o, p = lapse(storetest.Work{})
	m.Order(t, m.Cleo, o.ArtworkID, store.Accepted)
	settle(p, "", store.SoldOut)
	settle(p, "again", store.AlreadyClosed)
	told(t, m, o.ID, store.EventMoneyBack, m.Ben, m.Ana)

	o, p = lapse(storetest.Work{Quantity: 3})
	m.Ask(t, m.Ben, o.ArtworkID)
	settle(p, "", store.OrderClosed)
	if o = look(t, m, m.Ben, o.ID); o.Status != store.Cancelled {
		t.Errorf("who asked again pays the old request: %+v", o)
	}

	o, p = lapse(storetest.Work{Quantity: 3})
	if err := m.Store.SetForSale(ctx, m.Ana, o.ArtworkID, false); err != nil {
		t.Fatal(err)
	}
	settle(p, "", store.OrderClosed)
}

func TestHolidayPausesRequests(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	asked := m.Ask(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}))
	q, err := m.Store.QuoteArtwork(ctx, work, m.Ben.Postcode)
	if err != nil {
		t.Fatal(err)
	}
	for until, words := range map[string]string{"": "", "2026-06-01": "", "31 June": "", "2028-01-01": "", "2026-06-12": strings.Repeat("x", 301)} {
		var inv *store.Invalid
		if err := m.Store.GoOnHoliday(ctx, m.Ana, until, words); !errors.As(err, &inv) || inv.Get("until")+inv.Get("words") == "" {
			t.Errorf("away until %q: %v", until, err)
		}
	}
	if err := m.Store.GoOnHoliday(ctx, m.Ben, "2026-06-12", ""); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector goes on holiday: %v", err)
	}
	if err := m.Store.GoOnHoliday(ctx, m.Ana, "2026-06-12", "In Harris."); err != nil {
		t.Fatal(err)
	}
	r := store.Request{Address: m.Ben.Address, Town: m.Ben.Town, Postcode: m.Ben.Postcode, Seen: q.Total()}
	var conflict *store.Conflict
	if _, err := m.Store.RequestOrder(ctx, m.Ben, work, r); !errors.As(err, &conflict) || !strings.Contains(conflict.Sentence, "until 12 June 2026") {
		t.Errorf("asked while the artist is away: %v", err)
	}
	m.Clock.Advance(9 * 24 * time.Hour) // to the 10th
	keepTime(t, m, 0)
	if h, err := m.Store.Holiday(ctx, m.Ana); err != nil || h.Until == nil || h.Words != "In Harris." {
		t.Errorf("%+v, %v", h, err)
	}
	if err := m.Store.EndHoliday(ctx, m.Ana); err != nil { // at nine; two days count from midnight in London
		t.Fatal(err)
	}
	if h, err := m.Store.Holiday(ctx, m.Ana); err != nil || h.Until != nil {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := m.Store.RequestOrder(ctx, m.Ben, work, r); err != nil {
		t.Errorf("asked when the artist is back: %v", err)
	}
	by := time.Date(2026, 6, 11, 23, 0, 0, 0, time.UTC)
	if o := look(t, m, m.Cleo, asked.ID); !o.ReplyBy.Equal(by) {
		t.Errorf("to be answered by %v, not %v", o.ReplyBy, by)
	}
	m.Clock.Advance(by.Sub(m.Clock.Now()) - time.Second)
	keepTime(t, m, 0)
	m.Clock.Advance(time.Second)
	keepTime(t, m, 1)
	told(t, m, asked.ID, store.EventLapsedByArtist, m.Cleo, m.Ana)
}

func TestEditionNumbers(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Edition: store.LimitedEdition, Size: 8, Quantity: 6}) // two were sold elsewhere
	numbers := func(want string) {
		t.Helper()
		a, err := m.Store.Artwork(ctx, 0, work)
		if err != nil {
			t.Fatal(err)
		}
		l, err := m.Store.Ledger(ctx, a)
		if got := fmt.Sprint(l); got != want || err != nil {
			t.Errorf("the ledger is %s, not %s: %v", got, want, err)
		}
	}
	numbers("{[3 4 5 6 7 8] [] [1 2]}")
	ben, cleo := m.Order(t, m.Ben, work, store.Accepted), m.Order(t, m.Cleo, work, store.Accepted)
	if ben.EditionNumber != 3 || cleo.EditionNumber != 4 || fmt.Sprint(ben.Numbers) != "[3 4 5 6 7 8]" || fmt.Sprint(cleo.Numbers) != "[4 5 6 7 8]" {
		t.Errorf("held %d of %v, %d of %v", ben.EditionNumber, ben.Numbers, cleo.EditionNumber, cleo.Numbers)
	}
	numbers("{[5 6 7 8] [3 4] [1 2]}")
	errs := make([]error, 2)
	var both sync.WaitGroup
	both.Go(func() { _, errs[0] = m.Store.BeginPayment(ctx, m.Ben, ben.ID, storetest.Gateway, 7) })
	both.Go(func() { _, errs[1] = m.Store.BeginPayment(ctx, m.Cleo, cleo.ID, storetest.Gateway, 7) })
	both.Wait()
	var inv *store.Invalid
	if (errs[0] == nil) == (errs[1] == nil) || !errors.As(errors.Join(errs...), &inv) || inv.Get("number") == "" {
		t.Errorf("number 7 picked twice: %v", errs)
	}
	for _, n := range []int{1, 9, -1} {
		if _, err := m.Store.BeginPayment(ctx, m.Ben, ben.ID, storetest.Gateway, n); !errors.As(err, &inv) {
			t.Errorf("number %d picked: %v", n, err)
		}
	}
	if _, err := m.Store.BeginPayment(ctx, m.Ben, ben.ID, storetest.Gateway, 8); err != nil {
		t.Fatal(err)
	}
	if outcome, err := m.Pay(m.Ben, ben.ID); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	if ben = look(t, m, m.Ben, ben.ID); ben.EditionNumber != 8 {
		t.Errorf("paid for 8, got %d", ben.EditionNumber)
	}
	if err := m.Store.CancelOrder(ctx, m.Cleo, cleo.ID); err != nil {
		t.Fatal(err)
	}
	numbers("{[3 4 5 6 7] [] [1 2 8]}")
}

func TestAnEditionDoesNotGrow(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Edition: store.LimitedEdition, Size: 8, Quantity: 6})
	save := func(change func(*store.ArtworkForm)) *store.Invalid {
		t.Helper()
		a, err := m.Store.Artwork(ctx, m.Ana.ID, work)
		if err != nil {
			t.Fatal(err)
		}
		f := a.Form()
		change(&f)
		var inv *store.Invalid
		if err := m.Store.UpdateArtwork(ctx, m.Ana, work, f); err != nil && !errors.As(err, &inv) {
			t.Fatal(err)
		}
		return inv
	}
	if inv := save(func(f *store.ArtworkForm) { f.EditionSize = "9" }); inv != nil {
		t.Errorf("before the first sale: %v", inv)
	}
	m.Order(t, m.Ben, work, store.ReadyToShip)
	m.Order(t, m.Cleo, work, store.Accepted)
	for field, change := range map[string]func(*store.ArtworkForm){
		"edition_size": func(f *store.ArtworkForm) { f.EditionSize = "10" },
		"edition":      func(f *store.ArtworkForm) { f.Edition = store.OpenEdition },
		"quantity":     func(f *store.ArtworkForm) { f.Quantity = "0"; f.ForSale = false },
	} {
		if inv := save(change); inv.Get(field) == "" {
			t.Errorf("%s: %v", field, inv)
		}
	}
	if inv := save(func(f *store.ArtworkForm) { f.Quantity, f.EditionSize = "1", "4" }); inv.Get("edition_size") == "" {
		t.Errorf("smaller than a number that is held: %v", inv)
	}
	for query, constraint := range map[string]string{
		`UPDATE artworks SET edition_size = 10 WHERE id = $1`:                            "artworks_edition_closed",
		`UPDATE artworks SET edition = 'open', edition_size = NULL WHERE id = $1`:        "artworks_edition_closed",
		`UPDATE artworks SET quantity = 0, for_sale = false WHERE id = $1`:               "artworks_held",
		`UPDATE orders SET status = 'accepted', hold_until = NULL WHERE artwork_id = $1`: "orders_held_while_accepted",
	} {
		if _, err := m.DB.Exec(query, work); err == nil || !strings.Contains(err.Error(), constraint) && !strings.Contains(err.Error(), "cannot grow") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestALowerPriceForEveryOpenRequest(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Quantity: 1, Price: 100000})
	held := m.Order(t, m.Ben, work, store.Accepted)
	p, err := m.Store.BeginPayment(ctx, m.Ben, held.ID, storetest.Gateway, 0)
	if err != nil {
		t.Fatal(err)
	}
	line := m.Ask(t, m.Cleo, work)
	price := func(to store.Pence, want int) {
		t.Helper()
		if _, err := m.DB.Exec(`UPDATE artworks SET price = $2 WHERE id = $1`, work, to); err != nil {
			t.Fatal(err)
		}
		if n, err := m.Store.DearerRequests(ctx, m.Ana, work); n != want || err != nil {
			t.Errorf("%d dearer requests, not %d, %v", n, want, err)
		}
		if n, err := m.Store.LowerRequests(ctx, m.Ana, work); n != want || err != nil {
			t.Errorf("%d requests at another price, not %d, %v", n, want, err)
		}
	}
	price(120000, 0)
	price(80000, 2)
	for _, o := range []store.Order{held, line} {
		who := map[int64]store.Member{m.Ben.ID: m.Ben, m.Cleo.ID: m.Cleo}[o.BuyerID]
		after := look(t, m, who, o.ID)
		if after.Price != 80000 || after.Cover != 800 || after.Delivery != o.Delivery || after.Total != 80800+o.Delivery || after.Status != o.Status {
			t.Errorf("%+v", after)
		}
		told(t, m, o.ID, store.EventPriceLowered, who)
	}
	if _, err := m.Store.LowerRequests(ctx, m.Dora, work); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("by another artist: %v", err)
	}
	// What is paid at the old price goes back; the new one is paid.
	outcome, err := m.Store.SettlePayment(ctx, store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_old", Taken: true, Payment: p.ID, Amount: p.Amount, Currency: "GBP"})
	if outcome != store.AmountMismatch || err != nil {
		t.Errorf("%s, %v", outcome, err)
	}
	told(t, m, held.ID, store.EventMoneyBack, m.Ben, m.Ana)
	if outcome, err := m.Pay(m.Ben, held.ID); outcome != store.Settled || err != nil {
		t.Errorf("%s, %v", outcome, err)
	}
}

// TestARequestWhileOneIsTakenBack lets a collector ask again while the hold is
// given back: order before artwork, so that neither waits for the other for ever.
func TestARequestWhileOneIsTakenBack(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Quantity: 2})
	q, err := m.Store.QuoteArtwork(ctx, work, m.Ben.Postcode)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		o := m.Order(t, m.Ben, work, store.Accepted)
		var again store.Order
		var both sync.WaitGroup
		both.Go(func() {
			if err := m.Store.CancelOrder(ctx, m.Ben, o.ID); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			var err error
			again, err = m.Store.RequestOrder(ctx, m.Ben, work, store.Request{Address: m.Ben.Address, Town: "Bristol", Postcode: "BS1 6SN", Seen: q.Total()})
			if err != nil && !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		})
		both.Wait()
		if again.ID != 0 {
			if err := m.Store.CancelOrder(ctx, m.Ben, again.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// awaitLock returns when somebody in the market waits for a lock. The database tells nobody
// that one does: it has to be asked until it is so.
func awaitLock(t *testing.T, m *storetest.Market) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); {
		var waits int
		if err := m.DB.Get(&waits, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`); err != nil {
			t.Fatal(err)
		}
		if waits > 0 {
			return
		}
	}
	t.Fatal("nobody waits for a lock")
}
