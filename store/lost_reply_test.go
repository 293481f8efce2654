package store_test

import (
	"context"
	"errors"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

// TestLostReplies lets the reply of a commit get lost under each verb that a
// person or a gateway would repeat: nothing is written twice.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	s, lossy := m.Lossy(t)
	count := func(query string, want int) {
		t.Helper()
		var n int
		if err := m.DB.Get(&n, query); err != nil {
			t.Fatal(err)
		}
		if n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	work := m.Work(t, m.Ana, storetest.Work{Quantity: 5})
	q, err := s.QuoteArtwork(ctx, work, m.Ben.Postcode)
	if err != nil {
		t.Fatal(err)
	}

	lossy.LoseNextCommit()
	o, err := s.RequestOrder(ctx, m.Ben, work, store.Request{Key: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
		Address: m.Ben.Address, Town: m.Ben.Town, Postcode: m.Ben.Postcode, Seen: q.Total()})
	if err != nil || o.ID == 0 {
		t.Fatalf("the request was made, but its reply was lost: %v", err)
	}
	count(`SELECT count(*) FROM orders`, 1)

	lossy.LoseNextCommit()
	if err := s.AcceptOrder(ctx, m.Ana, o.ID); err == nil {
		t.Error("a lost reply is no success")
	}
	if err := s.AcceptOrder(ctx, m.Ana, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("accepting again: %v", err)
	}
	count(`SELECT count(*) FROM order_events WHERE kind = 'accepted'`, 1)
	count(`SELECT count(*) FROM notifications`, 2)

	p, err := s.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil {
		t.Fatal(err)
	}
	event := store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_1", Taken: true, Payment: p.ID, Amount: p.Amount, Currency: "GBP"}
	lossy.LoseNextCommit()
	if _, err := s.SettlePayment(ctx, event); err == nil {
		t.Error("a lost reply is no success: the gateway must send its message again")
	}
	if outcome, err := s.SettlePayment(ctx, event); err != nil || outcome != store.Settled {
		t.Errorf("the message again: %s, %v", outcome, err)
	}
	count(`SELECT quantity FROM artworks`, 4)
	count(`SELECT count(*) FROM order_events WHERE kind = 'paid'`, 1)
	count(`SELECT count(*) FROM outbox WHERE event_id = (SELECT id FROM order_events WHERE kind = 'paid')`, 2)

	lossy.LoseNextCommit()
	r := store.Registration{Role: store.Collector, Username: "eve", FirstName: "Eve", LastName: "Lund", Email: "eve@example.org",
		Address: "1 Mill Lane", Town: "York", Postcode: "YO1 7HH", Password: storetest.Password, PasswordAgain: storetest.Password}
	if eve, err := s.Register(ctx, r); err != nil || eve.ID == 0 {
		t.Errorf("Eve is registered, but the reply was lost: %v", err)
	}
	var inv *store.Invalid
	if _, err := s.Register(ctx, r); !errors.As(err, &inv) {
		t.Errorf("registering again: %v", err)
	}
	count(`SELECT count(*) FROM members WHERE email = 'eve@example.org'`, 1)
	count(`SELECT count(*) FROM galleries g JOIN members m ON m.id = g.collector_id WHERE m.email = 'eve@example.org'`, 1)

	if lossy.Lost.Load() != 4 {
		t.Errorf("%d replies were lost, want 4: the test tests nothing else", lossy.Lost.Load())
	}
}
