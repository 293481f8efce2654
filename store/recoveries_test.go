package store_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// disputed is an order of which the market keeps a commission, and which a bank
// charges back.
type disputed struct {
	*storetest.Market
	t      *testing.T
	o      store.Order
	fee    store.Pence
	charge string
}

func dispute(t *testing.T, m *storetest.Market, fee store.Pence) disputed {
	t.Helper()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	if _, err := m.DB.Exec(`UPDATE orders SET commission = $2 WHERE id = $1`, o.ID, fee); err != nil {
		t.Fatal(err)
	}
	if outcome, err := m.Pay(m.Ben, o.ID); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	return disputed{m, t, o, fee, paidBy(t, m, o.ID)}
}

// hear lets the gateway say, twice, how the charge-back stands.
func (d disputed) hear(states ...string) {
	d.t.Helper()
	for _, state := range states {
		for range 2 {
			if err := d.Store.SettleChargeBack(context.Background(), store.ChargeBackEvent{Gateway: storetest.Gateway, Charge: d.charge, Amount: d.o.Total, State: state}); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

// claim takes the one recovery that is due, or nil.
func (d disputed) claim() *store.Recovery {
	d.t.Helper()
	list, err := d.Store.ClaimRecoveries(context.Background(), storetest.Gateway, 10)
	if err != nil || len(list) > 1 {
		d.t.Fatalf("%d recoveries are due, %v", len(list), err)
	}
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

func (d disputed) due() store.Recovery {
	d.t.Helper()
	r := d.claim()
	if r == nil {
		d.t.Fatal("nothing is due")
	}
	return *r
}

// recovered says, twice, that the gateway has taken so much.
func (d disputed) recovered(r store.Recovery, taken store.Pence) {
	d.t.Helper()
	for range 2 {
		if err := d.Store.Recovered(context.Background(), r, taken); err != nil {
			d.t.Fatal(err)
		}
	}
}

// books fails unless the accounts of the order stand so: gateway, artist, market.
func (d disputed) books(when string, gateway, artist, market store.Pence) {
	d.t.Helper()
	got := balances(d.t, d.Market, d.o.ID)
	if got["gateway"] != int64(gateway) || got["artist"] != int64(artist) || got["market"] != int64(market) || got["collector"] != 0 {
		d.t.Errorf("%s: the books stand at %v, not at %d, %d, %d", when, got, gateway, artist, market)
	}
}

func (d disputed) kinds() string {
	d.t.Helper()
	var list []string
	if err := d.DB.Select(&list, `SELECT kind FROM journal_entries WHERE order_id = $1 ORDER BY id OFFSET 3`, d.o.ID); err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

func TestAChargeBackIsRecovered(t *testing.T) {
	t.Parallel()
	for _, fee := range []store.Pence{0, 1001} {
		m := storetest.New(t)
		other, d := m.Open(t), dispute(t, m, fee)
		theirs := d.o.Total - fee
		d.books("sold", fee, 0, -fee)
		d.hear("open")
		d.books("charged back", fee-d.o.Total, theirs, 0)
		takings, err := m.Store.Takings(t.Context(), m.Ana)
		if err != nil || takings.Owing != -theirs {
			t.Errorf("the artist does not owe it: %+v, %v", takings, err)
		}

		// Two instances, and whatever looks at once: one asks.
		var wait sync.WaitGroup
		claims := make([][]store.Recovery, 16)
		for i := range claims {
			s := []*store.Store{m.Store, other}[i%2]
			wait.Go(func() { claims[i], _ = s.ClaimRecoveries(context.Background(), storetest.Gateway, 10) })
		}
		wait.Wait()
		all := slices.Concat(claims...)
		if len(all) != 1 || all[0].Amount != theirs || all[0].Charge != d.charge || all[0].Currency != "GBP" || all[0].Try != 1 || all[0].Looking() || all[0].Returning() {
			t.Fatalf("asked for: %+v", all)
		}
		d.recovered(all[0], theirs)
		d.books("recovered", 0, 0, 0)
		takings, err = m.Store.Takings(t.Context(), m.Ana)
		if err != nil || takings.Owing != 0 || takings.Back != takings.Sold {
			t.Errorf("recovered: %+v, %v", takings, err)
		}

		d.hear("lost", "open", "won")
		m.Clock.Advance(48 * time.Hour)
		if r := d.claim(); r != nil {
			t.Errorf("lost, and yet due: %+v", r)
		}
		if got := d.kinds(); got != "charge-back, recovered" {
			t.Errorf("booked: %s", got)
		}
	}
}

// TestAChargeBackThatIsWon: what was taken is passed on again, whenever the word
// comes.
func TestAChargeBackThatIsWon(t *testing.T) {
	t.Parallel()
	const fee = 1001
	for name, test := range map[string]struct {
		do    func(disputed)
		kinds string
	}{
		"after it was recovered": {func(d disputed) {
			d.hear("open")
			r := d.due()
			d.recovered(r, d.o.Total-fee)
			d.recovered(r, 0) // another answer, that comes late
			d.hear("won")
			d.books("won", d.o.Total, fee-d.o.Total, -fee) // it is owed to the artist
			d.passOn(d.due(), d.o.Total-fee)
		}, "charge-back, recovered, charge-back won, passed on"},
		"before it was asked for": {func(d disputed) {
			d.hear("open", "won")
		}, "charge-back, charge-back won"},
		"at first": {func(d disputed) {
			d.hear("won", "open", "lost")
		}, "charge-back, charge-back won"},
		"while the gateway is asked": {func(d disputed) {
			d.hear("open")
			r := d.due()
			d.hear("won")
			d.recovered(r, d.o.Total-fee)
			d.passOn(d.due(), d.o.Total-fee)
		}, "charge-back, charge-back won, recovered, passed on"},
		"when an instance was killed that had asked": {func(d disputed) {
			d.hear("open")
			d.due()
			d.hear("won")
			if r := d.claim(); r != nil {
				d.t.Error("asked while the other request may be under way")
			}
			d.Clock.Advance(2 * time.Minute)
			r := d.due()
			if !r.Looking() {
				d.t.Errorf("it is taken, though it was won: %+v", r)
			}
			d.recovered(r, d.o.Total-fee)
			d.passOn(d.due(), d.o.Total-fee)
		}, "charge-back, charge-back won, recovered, passed on"},
		"when an instance was killed that was about to ask": {func(d disputed) {
			d.hear("open")
			d.due()
			d.hear("won")
			d.Clock.Advance(2 * time.Minute)
			d.recovered(d.due(), 0)
		}, "charge-back, charge-back won"},
		"and an answer that comes after all": {func(d disputed) {
			d.hear("open")
			slow := d.due()
			d.hear("won")
			d.Clock.Advance(2 * time.Minute)
			d.recovered(d.due(), 0)
			d.recovered(slow, d.o.Total-fee)
			d.passOn(d.due(), d.o.Total-fee)
		}, "charge-back, charge-back won, recovered, passed on"},
		"when nothing was left to recover": {func(d disputed) {
			d.hear("open")
			d.recovered(d.due(), 0)
			d.hear("won")
		}, "charge-back, charge-back won"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dispute(t, storetest.New(t), fee)
			test.do(d)
			d.Clock.Advance(48 * time.Hour)
			if r := d.claim(); r != nil {
				t.Errorf("still due: %+v", r)
			}
			d.books("in the end", fee, 0, -fee)
			if got := d.kinds(); got != test.kinds {
				t.Errorf("booked: %s", got)
			}
			if takings, err := d.Store.Takings(t.Context(), d.Ana); err != nil || takings.Back != 0 || takings.Owing != 0 || takings.Sold != d.o.Total-fee {
				t.Errorf("%+v, %v", takings, err)
			}
		})
	}
}

// passOn says, twice, that the gateway has passed on what it had taken.
func (d disputed) passOn(r store.Recovery, want store.Pence) {
	d.t.Helper()
	if !r.Returning() || r.Taken != want {
		d.t.Errorf("passed on: %+v", r)
	}
	for range 2 {
		if err := d.Store.PassedOn(context.Background(), r); err != nil {
			d.t.Fatal(err)
		}
	}
}

func TestARecoveryThatTakesLong(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	d := dispute(t, m, 0)
	d.hear("lost", "open") // in the wrong order
	off := func(r store.Recovery, refused bool) {
		t.Helper()
		if err := m.Store.RecoveryPutOff(t.Context(), r, refused); err != nil {
			t.Fatal(err)
		}
	}
	wait := func(d disputed, long time.Duration) store.Recovery {
		t.Helper()
		m.Clock.Advance(long - time.Second)
		if r := d.claim(); r != nil {
			t.Fatalf("asked again before %v: %+v", long, r)
		}
		m.Clock.Advance(time.Second)
		return d.due()
	}
	// It is not heard: later each time.
	first := d.due()
	off(first, false)
	again := wait(d, 10*time.Second)
	off(again, false)
	again = wait(d, 20*time.Second)
	if again.ID != first.ID || again.Try != 1 {
		t.Errorf("not the same request: %+v", again)
	}
	// The instance that asks is killed.
	again = wait(d, 2*time.Minute)
	// It is refused: once a day, as another try, and the artist owes it.
	for day := range 3 {
		off(again, true)
		again = wait(d, 24*time.Hour)
		if again.ID != first.ID || again.Try != 2+day {
			t.Errorf("after %d refusals: %+v", 1+day, again)
		}
		d.books("refused", -d.o.Total, d.o.Total, 0)
	}
	// A part of it is there.
	d.recovered(again, d.o.Total-5_00)
	d.books("in part", -5_00, 5_00, 0)
	off(again, true) // of an old answer
	m.Clock.Advance(48 * time.Hour)
	if r := d.claim(); r != nil {
		t.Errorf("due again: %+v", r)
	}
}

// TestChargeBacksFromBefore were booked as the artist's alone, and are undone so.
func TestChargeBacksFromBefore(t *testing.T) {
	t.Parallel()
	d := dispute(t, storetest.New(t), 1001)
	for _, statement := range []string{
		`INSERT INTO charge_backs (payment_id, order_id, amount, state, opened_at) SELECT id, order_id, amount, 'open', now() FROM payments WHERE charge = $1`,
		`INSERT INTO journal_entries (entry_key, kind, order_id, payment_id, at) SELECT 'charge-back ' || id, 'charge-back', order_id, id, now() FROM payments WHERE charge = $1`,
		`INSERT INTO journal_postings (entry_id, account, member_id, amount)
			SELECT e.id, side.account, CASE side.account WHEN 'artist' THEN o.seller_id END, side.sign * o.total
			FROM journal_entries e JOIN payments p ON p.id = e.payment_id JOIN orders o ON o.id = e.order_id,
				(VALUES ('artist', 1), ('gateway', -1)) side (account, sign) WHERE e.kind = 'charge-back' AND p.charge = $1`,
	} {
		if _, err := d.DB.Exec(statement, d.charge); err != nil {
			t.Fatal(err)
		}
	}
	d.hear("open", "won")
	if r := d.claim(); r != nil {
		t.Errorf("due: %+v", r)
	}
	d.books("won", 1001, 0, -1001)
}
