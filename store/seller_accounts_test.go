package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// TestNothingIsHeldForWhoCannotBePaid lets an artist accept, and the next in line
// come up, only while the gateway can pay the artist.
func TestNothingIsHeldForWhoCannotBePaid(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Accounts = "stripe"
	m.Store = m.Open(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	bens, cleos := m.Ask(t, m.Ben, work), m.Ask(t, m.Cleo, work)
	if err := m.Store.AcceptOrder(ctx, m.Ana, bens.ID); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("accepted without an account: %v", err)
	}
	a, err := m.Store.BeginSellerAccount(ctx, m.Ana, "stripe")
	if err != nil || a.Key == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	stands := func(ready bool) {
		t.Helper()
		m.Clock.Advance(time.Second)
		if err := m.Store.SellerAccountStands(ctx, "stripe", "acct_ana", ready, nil, m.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Store.SellerAccountOpened(ctx, m.Ana, "stripe", "acct_ana"); err != nil {
		t.Fatal(err)
	}
	stands(true)
	if err := m.Store.AcceptOrder(ctx, m.Ana, bens.ID); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.PutInLine(ctx, m.Ana, cleos.ID); err != nil {
		t.Fatal(err)
	}
	// The gateway stops the account while Cleo waits: her turn comes when it is good.
	stands(false)
	m.Clock.Advance(48 * time.Hour)
	if _, err := m.Store.KeepTime(ctx); err != nil {
		t.Fatal(err)
	}
	if o := look(t, m, m.Cleo, cleos.ID); o.Status != store.Pending {
		t.Errorf("a piece is held that nobody can be paid for: %q", o.Status)
	}
	stands(true)
	if _, err := m.Store.KeepTime(ctx); err != nil {
		t.Fatal(err)
	}
	if o := look(t, m, m.Cleo, cleos.ID); o.Status != store.Accepted {
		t.Errorf("her turn has not come: %q", o.Status)
	}
}
