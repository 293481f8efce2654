package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// byHand lets somebody give money back on the gateway's own pages. The word of it
// comes twice, at the same time.
func (d disputed) byHand(name string, amount, want store.Pence, reversed bool) {
	d.t.Helper()
	e := store.RefundByHand{Gateway: storetest.Gateway, Name: name, Charge: d.charge, Amount: amount, Reversed: reversed}
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			if counted, err := d.Store.SettleRefundByHand(context.Background(), e); err != nil || counted != want {
				d.t.Errorf("%s: %d counted of %d, %v", name, counted, want, err)
			}
		})
	}
	wait.Wait()
}

// stands fails unless the order stands so, with so many credit notes and so many
// events of the kind, each told to both.
func (d disputed) stands(when string, status store.Status, paid store.PaymentState, refunded store.Pence, refunds int) {
	d.t.Helper()
	o := look(d.t, d.Market, d.Ben, d.o.ID)
	if o.Status != status || o.Payment != paid || o.Refunded != refunded {
		d.t.Errorf("%s it is %q, %q, with %v gone back", when, o.Status, o.Payment, o.Refunded)
	}
	var n struct{ Events, Told, Letters, Notes int }
	err := d.DB.Get(&n, `
		WITH e AS (SELECT id FROM order_events WHERE order_id = $1 AND kind = 'refunded')
		SELECT (SELECT count(*) FROM e) AS events, (SELECT count(*) FROM notifications WHERE event_id IN (SELECT id FROM e)) AS told,
			(SELECT count(*) FROM outbox WHERE event_id IN (SELECT id FROM e)) AS letters,
			(SELECT count(*) FROM papers WHERE order_id = $1 AND kind = 'credit note') AS notes`, d.o.ID)
	if err != nil || n.Events != refunds || n.Told != 2*refunds || n.Letters != 2*refunds || n.Notes != refunds {
		d.t.Errorf("%s: %+v of %d refunds, %v", when, n, refunds, err)
	}
}

func TestARefundByHandBeforeShipping(t *testing.T) {
	t.Parallel()
	d := dispute(t, storetest.New(t), 1001)
	d.byHand("re_1", 100_00, 100_00, true)
	d.stands("after a part", store.ReadyToShip, store.PartRefunded, 100_00, 1)
	d.books("after a part", 1001-1001*100_00/d.o.Total, 0, -1001+1001*100_00/d.o.Total)
	d.byHand("re_2", d.o.Total-100_00, d.o.Total-100_00, true)
	d.stands("after all of it", store.Cancelled, store.Refunded, d.o.Total, 2)
	d.books("after all of it", 0, 0, 0)
	told(t, d.Market, d.o.ID, store.EventCalledOff, d.Ben, d.Ana)
	o := look(t, d.Market, d.Ana, d.o.ID)
	if o.Piece != store.PieceUnsure || !o.CalledOff() || o.Can(d.Ana, store.Ship) || !o.Can(d.Ana, store.SettlePiece) {
		t.Errorf("called off: %+v", o)
	}
	if quantity, sold := stocked(t, d.Market, o.ArtworkID); quantity != 0 || sold != 0 {
		t.Errorf("%d there, %d sold", quantity, sold)
	}
	if n := giveBack(t, d.Market, true); n != 0 {
		t.Errorf("%d refunds are asked for, though all is back", n)
	}
	d.byHand("re_3", 5_00, 0, true) // nothing is left
	d.stands("after too much", store.Cancelled, store.Refunded, d.o.Total, 2)
	if err := d.Store.SettlePiece(t.Context(), d.Ana, d.o.ID, store.PieceBack); err != nil {
		t.Error(err)
	}
	if again := d.Order(t, d.Cleo, o.ArtworkID, store.ReadyToShip); again.Status != store.ReadyToShip {
		t.Error("the piece cannot be sold again")
	}
}

func TestARefundByHandAfterShipping(t *testing.T) {
	t.Parallel()
	d := dispute(t, storetest.New(t), 0)
	if err := d.Store.ShipOrder(t.Context(), d.Ana, d.o.ID, "By hand", ""); err != nil {
		t.Fatal(err)
	}
	d.byHand("re_1", d.o.Total+5_00, d.o.Total, false)
	d.stands("after too much", store.Shipped, store.Refunded, d.o.Total, 1)
	d.books("out of the market's account", -d.o.Total, d.o.Total, 0)
	if err := d.Store.CompleteOrder(t.Context(), d.Ben, d.o.ID); err != nil {
		t.Errorf("it cannot be completed: %v", err)
	}
	d.stands("in the end", store.Completed, store.Refunded, d.o.Total, 1)
}

// TestRefundsByHandAndAsked: what is promised already is not promised twice.
func TestRefundsByHandAndAsked(t *testing.T) {
	t.Parallel()
	d := dispute(t, storetest.New(t), 0)
	if err := d.Store.GiveBackPart(t.Context(), d.Ana, d.o.ID, "40", "A scratch."); err != nil {
		t.Fatal(err)
	}
	d.byHand("re_1", d.o.Total, d.o.Total-40_00, true)
	giveBack(t, d.Market, true)
	d.stands("after both", store.Cancelled, store.Refunded, d.o.Total, 2)
	d.books("after both", 0, 0, 0)
	if _, err := d.Store.SettleRefundByHand(t.Context(), store.RefundByHand{Gateway: storetest.Gateway, Name: "re_2", Charge: "another market's", Amount: 1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another market's: %v", err)
	}
}

// TestRefundsByHandOfAFrozenOrder leave it as it stands until the bank has decided.
func TestRefundsByHandOfAFrozenOrder(t *testing.T) {
	t.Parallel()
	d := dispute(t, storetest.New(t), 0)
	if err := d.Store.AskToCancel(t.Context(), d.Ben, d.o.ID, "I have moved."); err != nil {
		t.Fatal(err)
	}
	d.hear("open")
	d.byHand("re_1", d.o.Total, d.o.Total, true)
	d.stands("frozen", store.ReadyToShip, store.ChargedBack, d.o.Total, 1)
	d.hear("won")
	d.stands("won", store.Cancelled, store.Refunded, d.o.Total, 1)
	told(t, d.Market, d.o.ID, store.EventCalledOff, d.Ben, d.Ana)
	d.Clock.Advance(48 * time.Hour)
	if _, err := d.Store.KeepTime(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestCallingOffWhatHasAllGoneBack gives nothing back once more.
func TestCallingOffWhatHasAllGoneBack(t *testing.T) {
	t.Parallel()
	d := dispute(t, storetest.New(t), 0)
	if err := d.Store.GiveBackPart(t.Context(), d.Ana, d.o.ID, d.o.Total.Plain(), "All of it."); err != nil {
		t.Fatal(err)
	}
	if err := d.Store.AskToCancel(t.Context(), d.Ben, d.o.ID, ""); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(24 * time.Hour)
	if _, err := d.Store.KeepTime(t.Context()); err != nil {
		t.Error(err)
	}
	giveBack(t, d.Market, true)
	d.stands("called off", store.Cancelled, store.Refunded, d.o.Total, 1)
}
