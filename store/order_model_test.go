package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openstudio/store"
	"openstudio/store/storetest"
)

// modelTime is how long TestOrdersWhateverHappens tries, and modelLeast how many
// markets the models try at least, however slow the machine is.
const (
	modelTime  = 8 * time.Second
	modelLeast = 12
)

// recipients is how many people each kind of event is told to.
var recipients = map[store.EventKind]int{
	store.EventRequested: 1, store.EventJoined: 1, store.EventAccepted: 1, store.EventDeclined: 1, store.EventCancelled: 1,
	store.EventPaid: 1, store.EventPaymentDeclined: 1, store.EventSoldOut: 1, store.EventShipped: 1, store.EventCompleted: 1,
	store.EventPutInLine: 1, store.EventPromoted: 2, store.EventLapsedByArtist: 2, store.EventLapsedByCollector: 2,
	store.EventPriceLowered: 1, store.EventReminded: 1, store.EventOverdue: 2, store.EventTurnCame: 2,
	store.EventMoneyBack: 2, store.EventCancelAsked: 1, store.EventCancelRefused: 1, store.EventCalledOff: 1, store.EventPartRefund: 1,
	store.EventRefunded: 2, store.EventRefundFailed: 2, store.EventChargedBack: 2, store.EventChargeBackWon: 2, store.EventChargeBackLost: 2,
}

// TestOrdersWhateverHappens lets an artist, her collectors, the gateway and the
// clock do whatever they like in any order, allowed or not, and looks after each
// step whether a piece was given away twice, somebody was told twice or not at all,
// or a refused step left something behind.
func TestOrdersWhateverHappens(t *testing.T) {
	t.Parallel()
	whateverHappens(t, modelTime, func(*rapid.T, *whatever) {}, func(w *whatever) map[string]func(*rapid.T) {
		return map[string]func(*rapid.T){
			"request":     w.request,
			"accept":      w.accept(),
			"put in line": w.verb(func(o int64, who store.Member) error { return w.Store.PutInLine(w.ctx, who, o) }, true),
			"cancel":      w.verb(func(o int64, who store.Member) error { return w.Store.CancelOrder(w.ctx, who, o) }, false),
			"end":         w.end,
			"ask again":   w.request,
			"accept too":  w.accept(),
			"pay":         w.pay,
			"settle":      w.settle,
			"settle too":  w.settle,
			"undo":        w.undo,
			"undo too":    w.undo,
			"give back":   w.giveBack,
			"charge back": w.chargeBack,
			"recover":     w.recover,
			"by hand":     w.byHand,
			"time":        w.time,
			"lower":       w.lower,
			"":            w.invariants,
		}
	})
}

// TestMoneyWhateverHappens begins with an order that is paid, and lets everybody do
// with the money whatever they like.
func TestMoneyWhateverHappens(t *testing.T) {
	t.Parallel()
	paid := func(t *rapid.T, w *whatever) {
		for len(w.orders) == 0 {
			w.request(t)
		}
		o := w.orders[0]
		if err := w.Store.AcceptQuoting(w.ctx, w.Ana, o.ID, "95"); err != nil {
			t.Fatal(err)
		}
		p, err := w.Store.BeginPayment(w.ctx, w.buyer(o), o.ID, storetest.Gateway, 0)
		if err != nil {
			t.Fatal(err)
		}
		w.attempts = append(w.attempts, p)
		for len(w.taken) == 0 {
			w.settle(t)
		}
	}
	whateverHappens(t, modelTime/2, paid, func(w *whatever) map[string]func(*rapid.T) {
		return map[string]func(*rapid.T){
			"charge back": w.chargeBack,
			"recover":     w.recover,
			"recover too": w.recover,
			"by hand":     w.byHand,
			"undo":        w.undo,
			"give back":   w.giveBack,
			"end":         w.end,
			"time":        w.time,
			"":            w.invariants,
		}
	})
}

// whateverHappens tries markets of one work, so long, each from a beginning by steps
// in any order.
func whateverHappens(t *testing.T, long time.Duration, begin func(*rapid.T, *whatever), steps func(*whatever) map[string]func(*rapid.T)) {
	m := storetest.New(t)
	until := time.Now().Add(long)
	cases, failed := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		if cases >= modelLeast && time.Now().After(until) && !failed { // a failure is made small, however long that takes
			return
		}
		cases++
		defer func() { failed = failed || rt.Failed() }()
		w := &whatever{Market: m, ctx: context.Background(), people: []store.Member{m.Ben, m.Cleo}, taken: map[string]store.Pence{},
			recovered: map[string]store.Pence{}, made: map[string]store.Pence{}}
		pieces := rapid.IntRange(1, 2).Draw(rt, "pieces")
		w.work, w.pieces = m.Work(t, m.Ana, storetest.Work{Edition: store.LimitedEdition, Size: 3, Quantity: pieces,
			Weight: rapid.SampledFrom([]store.Hundredths{650, 4200}).Draw(rt, "weight")}), pieces // 42 kg: the artist quotes delivery
		w.people = append(w.people, more(t, m)...)
		begin(rt, w)
		rt.Repeat(steps(w))
	})
	if cases < modelLeast {
		t.Errorf("only %d markets were tried", cases)
	}
}

// more are two more collectors, the same for every case of a market.
func more(t *testing.T, m *storetest.Market) []store.Member {
	t.Helper()
	var list []store.Member
	err := m.DB.Select(&list, `SELECT id, role, username, email, first_name, last_name, address, town, postcode FROM members WHERE username LIKE 'payer-%' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		list = m.Collectors(t, 2)
	}
	return list
}

// whatever is one work and all that happens to it.
type whatever struct {
	*storetest.Market
	ctx      context.Context
	work     int64
	pieces   int // at first
	people   []store.Member
	orders   []store.Order
	attempts []store.Payment
	messages int
	taken    map[string]store.Pence // by payment: what the gateway has said that it took

	recovered map[string]store.Pence // by recovery: what the gateway has taken for it
	made      map[string]store.Pence // by refund that was made by hand: what was counted of it
	owed      store.Pence            // of those, what did not come from the artist
}

// fine fails for errors that are no answers.
func fine(t *rapid.T, err error) {
	t.Helper()
	var inv *store.Invalid
	if err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrForbidden) && !errors.Is(err, store.ErrNotFound) && !errors.As(err, &inv) {
		t.Fatalf("a fault: %v", err)
	}
}

// state is all that is kept of the work.
func (w *whatever) state(t *rapid.T) (text string, events int) {
	t.Helper()
	var row struct {
		Text   string
		Events int
	}
	err := w.DB.Get(&row, `
		SELECT COALESCE((SELECT string_agg(to_jsonb(o)::text, E'\n' ORDER BY id) FROM orders o WHERE artwork_id = a.id), '') || a::text || (SELECT count(*) FROM outbox)
				|| (SELECT count(*) FROM payments WHERE state = 'open') AS text,
			(SELECT count(*) FROM order_events e JOIN orders o ON o.id = e.order_id WHERE o.artwork_id = a.id) AS events
		FROM artworks a WHERE id = $1`, w.work)
	if err != nil {
		t.Fatal(err)
	}
	return row.Text, row.Events
}

// once runs a step that is one event or, refused, nothing at all.
func (w *whatever) once(t *rapid.T, step func() error) {
	t.Helper()
	before, events := w.state(t)
	err := step()
	fine(t, err)
	after, n := w.state(t)
	switch {
	case err == nil && n != events+1:
		t.Fatalf("%d events", n-events)
	case err != nil && after != before:
		t.Fatalf("%v, and yet something changed:\n%s\n%s", err, before, after)
	}
}

func (w *whatever) request(t *rapid.T) {
	who := rapid.SampledFrom(w.people).Draw(t, "who")
	line := rapid.Bool().Draw(t, "line")
	q, err := w.Store.QuoteArtwork(w.ctx, w.work, who.Postcode)
	fine(t, err)
	w.once(t, func() error {
		o, err := w.Store.RequestOrder(w.ctx, who, w.work, store.Request{Address: who.Address, Town: who.Town, Postcode: who.Postcode, Seen: q.Total(), Line: line})
		if err == nil {
			w.orders = append(w.orders, o)
		}
		return err
	})
}

func (w *whatever) accept() func(*rapid.T) {
	return w.verb(func(o int64, who store.Member) error { return w.Store.AcceptQuoting(w.ctx, who, o, "95") }, true)
}

// verb is a step of either party with any order; now and then it is the wrong one's.
func (w *whatever) verb(do func(order int64, who store.Member) error, artist bool) func(*rapid.T) {
	return func(t *rapid.T) {
		if len(w.orders) == 0 {
			t.Skip("no order yet")
		}
		o := w.order(t)
		who := w.buyer(o)
		if artist != (rapid.IntRange(0, 9).Draw(t, "right") == 0) {
			who = w.Ana
		}
		w.once(t, func() error { return do(o.ID, who) })
	}
}

// end declines, ships or completes, whichever it comes to.
func (w *whatever) end(t *rapid.T) {
	verbs := []func(*rapid.T){
		w.verb(func(o int64, who store.Member) error { return w.Store.DeclineOrder(w.ctx, who, o, "other", "") }, true),
		w.verb(func(o int64, who store.Member) error { return w.Store.ShipOrder(w.ctx, who, o, "By hand", "") }, true),
		w.verb(func(o int64, who store.Member) error { return w.Store.CompleteOrder(w.ctx, who, o) }, false),
	}
	verbs[rapid.IntRange(0, len(verbs)-1).Draw(t, "verb")](t)
}

// undo is whatever can be done about a paid order beside sending it.
func (w *whatever) undo(t *rapid.T) {
	var paid []int64
	if err := w.DB.Select(&paid, `SELECT id FROM orders WHERE artwork_id = $1 AND paid_at IS NOT NULL ORDER BY id`, w.work); err != nil {
		t.Fatal(err)
	}
	if len(paid) == 0 {
		t.Skip("nothing is paid")
	}
	id := rapid.SampledFrom(paid).Draw(t, "order")
	o := w.orders[slices.IndexFunc(w.orders, func(o store.Order) bool { return o.ID == id })]
	step := func(do func(int64, store.Member) error, artist bool) {
		who := w.buyer(o)
		if artist != (rapid.IntRange(0, 9).Draw(t, "right") == 0) {
			who = w.Ana
		}
		w.once(t, func() error { return do(o.ID, who) })
	}
	artist := []func(int64, store.Member) error{
		func(o int64, who store.Member) error {
			return w.Store.CallOff(w.ctx, who, o, rapid.SampledFrom([]store.Piece{store.PieceBack, store.PieceGone}).Draw(t, "piece"), "It is cracked.")
		},
		func(o int64, who store.Member) error { return w.Store.RefuseToCancel(w.ctx, who, o) },
		func(o int64, who store.Member) error {
			return w.Store.GiveBackPart(w.ctx, who, o, rapid.SampledFrom([]string{"0.01", "100", "1000"}).Draw(t, "amount"), "A scratch.")
		},
		func(o int64, who store.Member) error {
			return w.Store.SettlePiece(w.ctx, who, o, rapid.SampledFrom([]store.Piece{store.PieceBack, store.PieceGone}).Draw(t, "piece"))
		},
	}
	collector := []func(int64, store.Member) error{
		func(o int64, who store.Member) error { return w.Store.AskToCancel(w.ctx, who, o, "I have moved.") },
		func(o int64, who store.Member) error { return w.Store.TakeMoneyBack(w.ctx, who, o) },
	}
	if n := rapid.IntRange(0, len(artist)+len(collector)-1).Draw(t, "verb"); n < len(artist) {
		step(artist[n], true)
	} else {
		step(collector[n-len(artist)], false)
	}
}

// giveBack is the gateway's answer to the refunds that are due, twice.
func (w *whatever) giveBack(t *rapid.T) {
	due, err := w.Store.ClaimRefunds(w.ctx, storetest.Gateway, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range due {
		e := store.RefundEvent{Gateway: storetest.Gateway, Refund: r.ID, Done: rapid.IntRange(0, 3).Draw(t, "done") > 0}
		for range 2 {
			if err := w.Store.SettleRefund(w.ctx, e); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// paidFor is one of the payments that the money is likely to be asked back of: those
// that have settled, if there are any.
func (w *whatever) paidFor(t *rapid.T) store.Payment {
	if len(w.attempts) == 0 || rapid.IntRange(0, 2).Draw(t, "seldom") > 0 {
		t.Skip("nothing is asked back")
	}
	var settled []store.Payment
	err := w.DB.Select(&settled, `
		SELECT p.id, p.amount FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.artwork_id = $1 AND p.state = 'settled' ORDER BY p.opened_at, p.id`, w.work)
	if err != nil {
		t.Fatal(err)
	}
	if len(settled) == 0 {
		settled = w.attempts
	}
	return rapid.SampledFrom(settled).Draw(t, "payment")
}

// chargeBack is a bank's doing, now and then.
func (w *whatever) chargeBack(t *rapid.T) {
	p := w.paidFor(t)
	err := w.Store.SettleChargeBack(w.ctx, store.ChargeBackEvent{Gateway: storetest.Gateway, Charge: p.ID, Amount: p.Amount,
		State: rapid.SampledFrom([]string{"open", "open", "won", "lost"}).Draw(t, "state")})
	fine(t, err)
}

// recover is the gateway's answer to the recoveries that are due: it takes all or
// nothing, passes on what is won, refuses, or says nothing that anybody hears.
func (w *whatever) recover(t *rapid.T) {
	due, err := w.Store.ClaimRecoveries(w.ctx, storetest.Gateway, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range due {
		var step func() error
		switch answer := rapid.IntRange(0, 4).Draw(t, "answer"); {
		case answer == 0:
			continue // the instance was killed
		case answer == 1:
			refused := rapid.Bool().Draw(t, "refused")
			step = func() error { return w.Store.RecoveryPutOff(w.ctx, r, refused) }
		case r.Returning():
			step = func() error { return w.Store.PassedOn(w.ctx, r) }
		default:
			taken := rapid.SampledFrom([]store.Pence{r.Amount, r.Amount, 0}).Draw(t, "taken")
			if w.recovered[r.ID] > 0 || r.Looking() { // it says what it had taken before
				taken = w.recovered[r.ID]
			}
			w.recovered[r.ID] = taken
			if rapid.IntRange(0, 3).Draw(t, "lost") == 0 {
				continue
			}
			step = func() error { return w.Store.Recovered(w.ctx, r, taken) }
		}
		for range 2 {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// byHand is a refund that somebody makes on the gateway's own pages, told of more
// than once.
func (w *whatever) byHand(t *rapid.T) {
	p := w.paidFor(t)
	e := store.RefundByHand{Gateway: storetest.Gateway, Charge: p.ID, Amount: rapid.SampledFrom([]store.Pence{1, 100_00, p.Amount}).Draw(t, "amount"),
		Reversed: rapid.Bool().Draw(t, "reversed")}
	e.Name = fmt.Sprintf("re_%s_%d_%v", p.ID, e.Amount, e.Reversed)
	for range 2 {
		_, err := w.Store.SettleRefundByHand(w.ctx, e)
		fine(t, err)
		var counted store.Pence
		if err := w.DB.Get(&counted, `SELECT COALESCE(sum(amount), 0) FROM refunds WHERE name = $1`, e.Name); err != nil {
			t.Fatal(err)
		}
		before, heard := w.made[e.Name]
		switch {
		case counted == 0:
			continue
		case heard && counted != before:
			t.Fatalf("%s counted as %d and %d", e.Name, before, counted)
		case !heard && !e.Reversed:
			w.owed += counted
		}
		w.made[e.Name] = counted
	}
}

// kept fails for a recovery that is over while the gateway has the artist's money.
func (w *whatever) kept(t *rapid.T) {
	var over []string
	err := w.DB.Select(&over, `SELECT v.id FROM recoveries v JOIN orders o ON o.id = v.order_id WHERE o.artwork_id = $1 AND v.state = 'dropped'`, w.work)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range over {
		if w.recovered[id] > 0 {
			t.Fatalf("%d was recovered, and nobody passes it on", w.recovered[id])
		}
	}
}

// order is one of the newest: of the others most are over.
func (w *whatever) order(t *rapid.T) store.Order {
	return rapid.SampledFrom(w.orders[max(0, len(w.orders)-5):]).Draw(t, "order")
}

func (w *whatever) buyer(o store.Order) store.Member {
	return w.people[slices.IndexFunc(w.people, func(m store.Member) bool { return m.ID == o.BuyerID })]
}

func (w *whatever) pay(t *rapid.T) {
	if len(w.orders) == 0 {
		t.Skip("no order yet")
	}
	o := w.order(t)
	p, err := w.Store.BeginPayment(w.ctx, w.buyer(o), o.ID, storetest.Gateway, rapid.IntRange(0, 4).Draw(t, "number"))
	fine(t, err)
	if err == nil {
		w.attempts = append(w.attempts, p)
	}
}

func (w *whatever) settle(t *rapid.T) {
	if len(w.attempts) == 0 {
		t.Skip("no payment yet")
	}
	p := rapid.SampledFrom(w.attempts).Draw(t, "payment")
	w.messages++
	e := store.PaymentEvent{Gateway: storetest.Gateway, ID: fmt.Sprintf("evt_%s_%d", p.ID, w.messages), Taken: rapid.IntRange(0, 3).Draw(t, "yes") > 0,
		Payment: p.ID, Amount: p.Amount, Currency: "GBP"}
	outcome, err := w.Store.SettlePayment(w.ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	if e.Taken {
		w.taken[p.ID] = p.Amount
	}
	before, _ := w.state(t)
	if again, err := w.Store.SettlePayment(w.ctx, e); again != outcome || err != nil {
		t.Fatalf("%s, repeated %s, %v", outcome, again, err)
	}
	if after, _ := w.state(t); after != before {
		t.Fatal("a repeated message changed something")
	}
}

// time passes, and the clock looks, sometimes on two instances.
func (w *whatever) time(t *rapid.T) {
	hours := rapid.SampledFrom([]int{1, 1, 12, 12, 48, 48, 24 * 7, 24 * 14}).Draw(t, "hours")
	w.Clock.Advance(time.Duration(hours) * time.Hour)
	if _, err := w.Store.KeepTime(w.ctx); err != nil {
		t.Fatal(err)
	}
	before, _ := w.state(t)
	if n, err := w.Store.KeepTime(w.ctx); n != 0 || err != nil {
		t.Fatalf("the second look moved %d on, %v", n, err)
	}
	if after, _ := w.state(t); after != before {
		t.Fatal("the second look changed something")
	}
	w.none(t, "over", `SELECT id FROM orders WHERE artwork_id = $1 AND (status = 'accepted' AND hold_until <= $2 OR status = 'pending' AND (line_at IS NULL OR turn_at IS NOT NULL) AND reply_by <= $2)`,
		w.work, w.Clock.Now())
	w.none(t, "in line, though a piece is free", `
		SELECT o.id FROM orders o JOIN artworks a ON a.id = o.artwork_id WHERE a.id = $1 AND o.status = 'pending' AND (o.line_at IS NOT NULL AND o.turn_at IS NULL AND a.quantity - a.held > (
			SELECT count(*) FROM orders t WHERE t.artwork_id = a.id AND t.status = 'pending' AND t.turn_at IS NOT NULL) OR a.quantity = 0)`, w.work)
}

func (w *whatever) lower(t *rapid.T) {
	price := rapid.IntRange(100, 150).Draw(t, "price") * 1000
	if _, err := w.DB.Exec(`UPDATE artworks SET price = $2 WHERE id = $1`, w.work, price); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.LowerRequests(w.ctx, w.Ana, w.work); err != nil {
		t.Fatal(err)
	}
	w.none(t, "dearer than the work", `SELECT id FROM orders WHERE artwork_id = $1 AND status IN ('pending', 'accepted') AND price > $2`, w.work, price)
}

// none fails for orders that should not be.
func (w *whatever) none(t *rapid.T, what, query string, args ...any) {
	t.Helper()
	var ids []int64
	if err := w.DB.Select(&ids, query, args...); err != nil {
		t.Fatal(err)
	}
	if len(ids) > 0 {
		t.Fatalf("orders that are %s: %v", what, ids)
	}
}

func (w *whatever) invariants(t *rapid.T) {
	var n struct {
		Quantity, Sold, Held   int
		Accepted, Bought, Paid int
		Numbered, Away         int
	}
	err := w.DB.Get(&n, `
		SELECT a.quantity, a.sold, a.held,
			count(o.id) FILTER (WHERE o.status = 'accepted') AS accepted,
			count(o.id) FILTER (WHERE o.status IN ('ready to ship', 'shipped', 'completed')) AS bought,
			count(p.id) FILTER (WHERE o.piece = '') AS paid, count(DISTINCT o.edition_number) AS numbered,
			count(o.id) FILTER (WHERE o.piece IN ('unsure', 'gone')) AS away
		FROM artworks a LEFT JOIN orders o ON o.artwork_id = a.id LEFT JOIN payments p ON p.order_id = o.id AND p.state = 'settled'
		WHERE a.id = $1 GROUP BY a.id`, w.work)
	if err != nil {
		t.Fatal(err)
	}
	if n.Held+n.Sold > w.pieces || n.Quantity+n.Sold+n.Away != w.pieces || n.Held != n.Accepted || n.Sold != n.Bought || n.Sold != n.Paid || n.Numbered != n.Accepted+n.Bought {
		t.Fatalf("of %d pieces: %+v", w.pieces, n)
	}
	w.money(t)
	w.kept(t)
	w.none(t, "second live requests of a collector", `
		SELECT max(id) FROM orders WHERE artwork_id = $1 AND status IN ('pending', 'accepted') GROUP BY buyer_id HAVING count(*) > 1`, w.work)
	w.none(t, "not where their history says", `
		SELECT o.id FROM orders o WHERE artwork_id = $1 AND status <> (SELECT status FROM order_events e WHERE e.order_id = o.id ORDER BY e.id DESC LIMIT 1)`, w.work)
	w.none(t, "cancelled with a payment page open", `
		SELECT o.id FROM orders o JOIN payments p ON p.order_id = o.id AND p.state = 'open' WHERE o.artwork_id = $1 AND o.status <> 'accepted'`, w.work)
	var events []struct {
		Order   int64 `db:"order_id"`
		Kind    store.EventKind
		Clock   bool
		Told    int
		Letters int
	}
	err = w.DB.Select(&events, `
		SELECT e.order_id, e.kind, e.actor_id IS NULL AS clock, (SELECT count(*) FROM notifications WHERE event_id = e.id) AS told,
			(SELECT count(*) FROM outbox WHERE event_id = e.id) AS letters
		FROM order_events e JOIN orders o ON o.id = e.order_id WHERE o.artwork_id = $1`, w.work)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		want := recipients[e.Kind]
		if (e.Kind == store.EventCompleted || e.Kind == store.EventCalledOff) && e.Clock {
			want = 2
		}
		letters := want
		switch e.Kind {
		case store.EventRequested, store.EventJoined, store.EventPaid:
			letters++ // the collector has it in writing
		case store.EventCompleted:
			letters = 2
		}
		if e.Told != want || e.Letters != letters {
			t.Fatalf("%q of order %d was told to %d with %d letters", e.Kind, e.Order, e.Told, e.Letters)
		}
	}
}

// money looks whether the books are even, and whether what was taken is what was
// paid for, what goes back and what has gone back.
func (w *whatever) money(t *rapid.T) {
	var n struct {
		Uneven                            int
		Taken, Paid, Leaving, Gone        store.Pence
		Owed, Artist, Market, ChargedBack store.Pence
		Recovered                         store.Pence
		Wrong                             int
	}
	err := w.DB.Get(&n, `
		WITH o AS (SELECT id, payment FROM orders WHERE artwork_id = $1),
			p AS (SELECT * FROM payments WHERE order_id IN (SELECT id FROM o)),
			r AS (SELECT * FROM refunds WHERE order_id IN (SELECT id FROM o)),
			c AS (SELECT * FROM charge_backs WHERE order_id IN (SELECT id FROM o)),
			j AS (SELECT e.id, e.kind, l.account, l.amount FROM journal_entries e JOIN journal_postings l ON l.entry_id = e.id WHERE e.order_id IN (SELECT id FROM o))
		SELECT (SELECT count(*) FROM (SELECT FROM j GROUP BY id HAVING sum(amount) <> 0) x) AS uneven,
			(SELECT COALESCE(sum(amount), 0) FROM j WHERE kind = 'taken' AND account = 'gateway') AS taken,
			(SELECT COALESCE(sum(amount - refunded), 0) FROM p WHERE state = 'settled') AS paid,
			(SELECT COALESCE(sum(amount), 0) FROM r WHERE state IN ('waiting', 'asked')) AS leaving,
			(SELECT COALESCE(sum(amount), 0) FROM r WHERE state = 'done') AS gone,
			(SELECT COALESCE(sum(amount), 0) FROM j WHERE account = 'collector') AS owed,
			(SELECT COALESCE(sum(amount), 0) FROM j WHERE account = 'artist')
				- (SELECT COALESCE(sum(amount), 0) FROM r WHERE state IN ('waiting', 'asked') AND why <> 'not settled') AS artist,
			(SELECT COALESCE(sum(amount), 0) FROM j WHERE account = 'market') AS market,
			(SELECT COALESCE(sum(amount), 0) FROM c WHERE state <> 'won') AS chargedback,
			(SELECT COALESCE(sum(taken), 0) FROM recoveries WHERE order_id IN (SELECT id FROM o) AND state IN ('taken', 'returning')) AS recovered,
			(SELECT count(*) FROM o WHERE (payment IN ('paid', 'part_refunded', 'refunded', 'charged_back')) <> EXISTS (SELECT FROM p WHERE p.order_id = o.id AND p.state = 'settled')) AS wrong`,
		w.work)
	if err != nil {
		t.Fatal(err)
	}
	var taken store.Pence
	for _, amount := range w.taken {
		taken += amount
	}
	if n.Uneven > 0 || n.Wrong > 0 || n.Taken != taken || n.Taken != n.Paid+n.Leaving+n.Gone || n.Owed != -n.Leaving || n.Artist != n.ChargedBack-n.Recovered+w.owed || n.Market != 0 {
		t.Fatalf("the gateway took %d: %+v", taken, n)
	}
}
