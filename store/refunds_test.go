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

// balances are the sums of the journal's accounts for one order.
func balances(t *testing.T, m *storetest.Market, order int64) map[string]int64 {
	t.Helper()
	var rows []struct {
		Account string
		Sum     int64
	}
	err := m.DB.Select(&rows, `
		SELECT p.account, sum(p.amount) AS sum FROM journal_postings p JOIN journal_entries e ON e.id = p.entry_id
		WHERE e.order_id = $1 GROUP BY p.account HAVING sum(p.amount) <> 0`, order)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for _, r := range rows {
		all[r.Account] = r.Sum
	}
	return all
}

// stocked is how many pieces of a work are there and are sold.
func stocked(t *testing.T, m *storetest.Market, work int64) (quantity, sold int) {
	t.Helper()
	if err := m.DB.QueryRow(`SELECT quantity, sold FROM artworks WHERE id = $1`, work).Scan(&quantity, &sold); err != nil {
		t.Fatal(err)
	}
	return quantity, sold
}

// giveBack lets the gateway do every refund that is due, or refuse it, and
// returns how many that were.
func giveBack(t *testing.T, m *storetest.Market, done bool) int {
	t.Helper()
	ctx := context.Background()
	due, err := m.Store.ClaimRefunds(ctx, storetest.Gateway, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range due {
		for range 2 { // what is repeated changes nothing
			if err := m.Store.SettleRefund(ctx, store.RefundEvent{Gateway: storetest.Gateway, Refund: r.ID, Done: done}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return len(due)
}

func TestTheArtistCallsAPaidOrderOff(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Edition: store.LimitedEdition, Size: 2, Quantity: 2})
	o := m.Order(t, m.Ben, work, store.ReadyToShip)
	if o.Payment != store.Paid || o.Left() != o.Total {
		t.Fatalf("paid: %+v", o)
	}
	if got := balances(t, m, o.ID); len(got) != 0 { // without commission the artist has all of it
		t.Errorf("after the sale the books stand at %v", got)
	}

	var inv *store.Invalid
	if err := m.Store.CallOff(ctx, m.Ana, o.ID, "", " "); !errors.As(err, &inv) || inv.Get("piece") == "" || inv.Get("words") == "" {
		t.Errorf("without a word: %v", err)
	}
	if err := m.Store.CallOff(ctx, m.Ben, o.ID, store.PieceBack, "I am not the artist."); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("by the collector: %v", err)
	}
	if err := m.Store.CallOff(ctx, m.Ana, o.ID, store.PieceBack, "The paint has cracked."); err != nil {
		t.Fatal(err)
	}
	o = look(t, m, m.Ben, o.ID)
	if o.Status != store.Cancelled || o.Payment != store.Paid || o.Refunded != o.Total || !o.CalledOff() || o.Declined() || len(o.Refunds) != 1 || o.Refunds[0].Done() {
		t.Errorf("called off, and the money is not back yet: %+v", o)
	}
	if quantity, sold := stocked(t, m, work); quantity != 2 || sold != 0 {
		t.Errorf("%d there, %d sold", quantity, sold)
	}
	told(t, m, o.ID, store.EventCalledOff, m.Ben)
	if owed := balances(t, m, o.ID); owed["collector"] != -int64(o.Total) {
		t.Errorf("while the money is on its way the books stand at %v", owed)
	}

	if n := giveBack(t, m, true); n != 1 {
		t.Fatalf("%d refunds are due", n)
	}
	o = look(t, m, m.Ben, o.ID)
	if o.Payment != store.Refunded || !o.Refunds[0].Done() {
		t.Errorf("given back: %+v", o)
	}
	told(t, m, o.ID, store.EventRefunded, m.Ben, m.Ana)
	if got := balances(t, m, o.ID); len(got) != 0 {
		t.Errorf("when all is back the books stand at %v", got)
	}
	if n := giveBack(t, m, true); n != 0 {
		t.Errorf("%d more refunds are due", n)
	}
	if again := m.Order(t, m.Cleo, work, store.ReadyToShip); again.EditionNumber != 1 {
		t.Errorf("the number of the piece that came back: %d", again.EditionNumber)
	}
}

func TestAskingToCallAPaidOrderOff(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	ask := func() store.Order {
		t.Helper()
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
		if err := m.Store.RefuseToCancel(ctx, m.Ana, o.ID); !errors.Is(err, store.ErrConflict) {
			t.Errorf("refused before it was asked: %v", err)
		}
		if err := m.Store.AskToCancel(ctx, m.Ben, o.ID, "I have moved."); err != nil {
			t.Fatal(err)
		}
		if err := m.Store.AskToCancel(ctx, m.Ben, o.ID, "Again."); !errors.Is(err, store.ErrConflict) {
			t.Errorf("asked twice: %v", err)
		}
		return o
	}

	refused := ask()
	if err := m.Store.RefuseToCancel(ctx, m.Ana, refused.ID); err != nil {
		t.Fatal(err)
	}
	told(t, m, refused.ID, store.EventCancelAsked, m.Ana)
	told(t, m, refused.ID, store.EventCancelRefused, m.Ben)

	agreed := ask()
	if err := m.Store.CallOff(ctx, m.Ana, agreed.ID, store.PieceGone, ""); err != nil {
		t.Errorf("agreed without a word: %v", err)
	}
	if quantity, sold := stocked(t, m, agreed.ArtworkID); quantity != 0 || sold != 0 {
		t.Errorf("a piece that is gone: %d there, %d sold", quantity, sold)
	}

	silent := ask()
	m.Clock.Advance(24*time.Hour - time.Second)
	if _, err := m.Store.KeepTime(ctx); err != nil {
		t.Fatal(err)
	}
	if o := look(t, m, m.Ben, silent.ID); o.Status != store.ReadyToShip || !o.CancelAsked() {
		t.Errorf("before a day is over: %+v", o)
	}
	m.Clock.Advance(time.Second)
	for _, want := range []int{1, 0} {
		if n, err := m.Store.KeepTime(ctx); n != want || err != nil {
			t.Errorf("%d called off, want %d, %v", n, want, err)
		}
	}
	told(t, m, silent.ID, store.EventCalledOff, m.Ben, m.Ana)
	if o := look(t, m, m.Ben, silent.ID); o.Piece != store.PieceUnsure || o.Refunded != o.Total {
		t.Errorf("called off by the clock: %+v", o)
	}
	if o := look(t, m, m.Ben, refused.ID); o.Status != store.ReadyToShip {
		t.Errorf("the one that was handed over: %q", o.Status)
	}

	for _, who := range []store.Member{m.Ben, m.Cleo} {
		if err := m.Store.SettlePiece(ctx, who, silent.ID, store.PieceBack); err == nil {
			t.Errorf("%s said what became of the piece", who.FirstName)
		}
	}
	if quantity, _ := stocked(t, m, silent.ArtworkID); quantity != 0 {
		t.Error("the piece is for sale before the artist has said so")
	}
	if err := m.Store.SettlePiece(ctx, m.Ana, silent.ID, store.PieceBack); err != nil {
		t.Fatal(err)
	}
	if quantity, sold := stocked(t, m, silent.ArtworkID); quantity != 1 || sold != 0 {
		t.Errorf("%d there, %d sold", quantity, sold)
	}
	if err := m.Store.SettlePiece(ctx, m.Ana, silent.ID, store.PieceBack); !errors.Is(err, store.ErrConflict) {
		t.Errorf("said twice: %v", err)
	}
	if o := m.Order(t, m.Cleo, silent.ArtworkID, store.ReadyToShip); o.Status != store.ReadyToShip {
		t.Error("the piece that came back cannot be sold")
	}
}

func TestMoneyOfWhatWasNotShipped(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	m.Clock.Advance(14*24*time.Hour - time.Second)
	if _, err := m.Store.KeepTime(ctx); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.TakeMoneyBack(ctx, m.Ben, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("before the time is up: %v", err)
	}
	m.Clock.Advance(time.Second)
	if _, err := m.Store.KeepTime(ctx); err != nil {
		t.Fatal(err)
	}
	if o = look(t, m, m.Ben, o.ID); !o.Can(m.Ben, store.TakeMoneyBack) || o.Can(m.Ana, store.TakeMoneyBack) {
		t.Fatalf("overdue: %+v", o)
	}
	if err := m.Store.TakeMoneyBack(ctx, m.Ben, o.ID); err != nil {
		t.Fatal(err)
	}
	told(t, m, o.ID, store.EventCalledOff, m.Ana)
	giveBack(t, m, true)
	if o = look(t, m, m.Ben, o.ID); o.Payment != store.Refunded || o.Piece != store.PieceUnsure {
		t.Errorf("given back: %+v", o)
	}
}

func TestPartsThatGoBack(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	var inv *store.Invalid
	for _, bad := range []string{"", "0", "-5", "many", (o.Total + 1).Plain()} {
		if err := m.Store.GiveBackPart(ctx, m.Ana, o.ID, bad, "A scratch."); !errors.As(err, &inv) || inv.Get("amount") == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := m.Store.GiveBackPart(ctx, m.Ana, o.ID, "10", strings.Repeat("x", 301)); !errors.As(err, &inv) || inv.Get("words") == "" {
		t.Errorf("too many words: %v", err)
	}
	if err := m.Store.GiveBackPart(ctx, m.Ana, o.ID, "12.50", "A scratch on the frame."); err != nil {
		t.Fatal(err)
	}
	told(t, m, o.ID, store.EventPartRefund, m.Ben)
	if o = look(t, m, m.Ben, o.ID); o.Payment != store.Paid || o.Left() != o.Total-1250 {
		t.Errorf("promised: %+v", o)
	}
	giveBack(t, m, true)
	if o = look(t, m, m.Ben, o.ID); o.Payment != store.PartRefunded || o.Status != store.Shipped {
		t.Errorf("given back: %+v", o)
	}
	// Two windows give all the rest back: once.
	left := o.Left()
	var wait sync.WaitGroup
	problems := make([]error, 8)
	for i := range problems {
		wait.Go(func() { problems[i] = m.Store.GiveBackPart(ctx, m.Ana, o.ID, left.Plain(), "All of it.") })
	}
	wait.Wait()
	good := 0
	for _, err := range problems {
		if err == nil {
			good++
		} else if !errors.As(err, &inv) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("all the rest went back %d times", good)
	}
	giveBack(t, m, true)
	if o = look(t, m, m.Ben, o.ID); o.Payment != store.Refunded || o.Left() != 0 || o.Status != store.Shipped {
		t.Errorf("all given back: %+v", o)
	}
	if got := balances(t, m, o.ID); len(got) != 0 {
		t.Errorf("the books stand at %v", got)
	}
}

func TestARefundThatFails(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	if err := m.Store.CallOff(ctx, m.Ana, o.ID, store.PieceBack, "It is cracked."); err != nil {
		t.Fatal(err)
	}
	// The gateway does not hear: the same refund is asked again, later each time.
	first, err := m.Store.ClaimRefunds(ctx, storetest.Gateway, 10)
	if err != nil || len(first) != 1 {
		t.Fatalf("%d refunds, %v", len(first), err)
	}
	if err := m.Store.RefundPutOff(ctx, first[0]); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(9 * time.Second)
	if due, _ := m.Store.ClaimRefunds(ctx, storetest.Gateway, 10); len(due) != 0 {
		t.Error("asked again at once")
	}
	m.Clock.Advance(time.Second)
	if due, _ := m.Store.ClaimRefunds(ctx, storetest.Gateway, 10); len(due) != 1 || due[0].ID != first[0].ID || due[0].Tries != 2 {
		t.Errorf("asked again: %+v", due)
	}
	// It refuses: nobody says "refunded", both are told once, and a new one follows.
	refuse := store.RefundEvent{Gateway: storetest.Gateway, Refund: first[0].ID}
	for range 2 {
		if err := m.Store.SettleRefund(ctx, refuse); err != nil {
			t.Fatal(err)
		}
	}
	if o = look(t, m, m.Ben, o.ID); o.Payment != store.Paid || o.Refunded != o.Total {
		t.Errorf("refused: %+v", o)
	}
	m.Clock.Advance(24 * time.Hour)
	if n := giveBack(t, m, false); n != 1 {
		t.Errorf("%d refunds are due", n)
	}
	told(t, m, o.ID, store.EventRefundFailed, m.Ben, m.Ana)
	m.Clock.Advance(24 * time.Hour)
	if n := giveBack(t, m, true); n != 1 {
		t.Errorf("%d refunds are due", n)
	}
	if o = look(t, m, m.Ben, o.ID); o.Payment != store.Refunded {
		t.Errorf("given back at last: %+v", o)
	}
	if err := m.Store.SettleRefund(ctx, store.RefundEvent{Gateway: "other", Refund: first[0].ID, Done: true}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another gateway's word: %v", err)
	}
}

// TestMoneyThatCannotBeSettled lets money come in every way in which it cannot be
// an order's: it goes back once, and both are told once.
func TestMoneyThatCannotBeSettled(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	begin := func() (store.Order, store.Payment) {
		t.Helper()
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
		p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
		if err != nil {
			t.Fatal(err)
		}
		return o, p
	}
	hear := func(p store.Payment, charge string, change func(*store.PaymentEvent)) store.Outcome {
		t.Helper()
		e := store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt " + charge, Taken: true, Payment: p.ID, Charge: charge, Amount: p.Amount, Currency: "GBP"}
		if change != nil {
			change(&e)
		}
		outcome, err := m.Store.SettlePayment(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		return outcome
	}
	back := func(o store.Order, amount store.Pence) {
		t.Helper()
		told(t, m, o.ID, store.EventMoneyBack, m.Ben, m.Ana)
		o = look(t, m, m.Ben, o.ID)
		if len(o.Refunds) != 1 || o.Refunds[0].Amount != amount || o.Refunds[0].Settled() {
			t.Errorf("goes back: %+v", o.Refunds)
		}
	}

	o, p := begin()
	if err := m.Store.CancelOrder(ctx, m.Ben, o.ID); err != nil {
		t.Fatal(err)
	}
	hear(p, "cancelled", nil)
	hear(p, "cancelled", func(e *store.PaymentEvent) { e.ID += " said again, in other words" })
	back(o, o.Total)

	o, p = begin()
	if got := hear(p, "too little", func(e *store.PaymentEvent) { e.Amount-- }); got != store.AmountMismatch {
		t.Errorf("too little: %s", got)
	}
	back(o, o.Total-1)
	if o = look(t, m, m.Ben, o.ID); o.Status != store.Accepted || o.Payment != store.PaymentFailed {
		t.Errorf("too little: %+v", o)
	}

	o, p = begin()
	if got := hear(p, "the first", nil); got != store.Settled {
		t.Fatal(got)
	}
	if got := hear(p, "the first", func(e *store.PaymentEvent) { e.ID += " again" }); got != store.AlreadyClosed {
		t.Errorf("the same money said twice: %s", got)
	}
	if list := look(t, m, m.Ben, o.ID).Refunds; len(list) != 0 {
		t.Errorf("the money of the sale goes back: %+v", list)
	}
	hear(p, "the second", nil)
	back(o, o.Total)

	giveBack(t, m, true)
	var off []int64
	if err := m.DB.Select(&off, `
		SELECT e.order_id FROM journal_entries e JOIN journal_postings p ON p.entry_id = e.id GROUP BY e.order_id, p.account HAVING sum(p.amount) <> 0`); err != nil || len(off) > 0 {
		t.Errorf("the books of %v are not even, %v", off, err)
	}
}

// TestBooksWithCommission takes a commission, and gives it back with each part.
func TestBooksWithCommission(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	if _, err := m.DB.Exec(`UPDATE orders SET commission = 1001 WHERE id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	if outcome, err := m.Pay(m.Ben, o.ID); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	if got := balances(t, m, o.ID); len(got) != 2 || got["market"] != -1001 || got["gateway"] != 1001 {
		t.Errorf("after the sale the books stand at %v", got)
	}
	if takings, err := m.Store.Takings(ctx, m.Ana); takings.Sold != o.Total-1001 || err != nil {
		t.Errorf("%+v, %v", takings, err)
	}
	for _, part := range []string{"0.01", "333.33", "500", "200.01"} {
		if err := m.Store.GiveBackPart(ctx, m.Ana, o.ID, part, "A scratch."); err != nil {
			t.Fatal(err)
		}
	}
	giveBack(t, m, true)
	if got := balances(t, m, o.ID); got["market"] >= 0 || got["market"] <= -1001 || got["collector"] != 0 || got["artist"] != 0 {
		t.Errorf("when parts are back the books stand at %v", got)
	}
	if err := m.Store.CallOff(ctx, m.Ana, o.ID, store.PieceGone, "It is cracked."); err != nil {
		t.Fatal(err)
	}
	giveBack(t, m, true)
	if got := balances(t, m, o.ID); len(got) != 0 {
		t.Errorf("when all is back the books stand at %v", got)
	}
}

func TestAPageThatIsClosedATouchTooLate(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Store.PageClosed(ctx, storetest.Gateway, p.ID); err != nil {
		t.Fatal(err)
	}
	second, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil || second.ID == p.ID {
		t.Fatalf("a new page: %+v, %v", second, err)
	}
	event := store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt", Taken: true, Payment: p.ID, Amount: p.Amount, Currency: "GBP"}
	if outcome, err := m.Store.SettlePayment(ctx, event); outcome != store.Settled || err != nil {
		t.Fatalf("paid on the first page: %s, %v", outcome, err)
	}
	event.ID, event.Payment = "evt 2", second.ID
	if outcome, err := m.Store.SettlePayment(ctx, event); outcome == store.Settled || err != nil {
		t.Errorf("and on the second: %s, %v", outcome, err)
	}
	told(t, m, o.ID, store.EventMoneyBack, m.Ben, m.Ana)
}

func TestAHoldWaitsForItsPage(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Store.PageOpened(ctx, p.ID, "session", "https://pay.example.org/1"); err != nil {
		t.Fatal(err)
	}
	if again, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0); err != nil || again.Page != "https://pay.example.org/1" {
		t.Errorf("a second tab: %+v, %v", again, err)
	}
	due := func(want int) []store.Payment {
		t.Helper()
		list, err := m.Store.ClaimUnsettled(ctx, storetest.Gateway, 10)
		if err != nil || len(list) != want {
			t.Fatalf("%d payments to ask about, want %d, %v", len(list), want, err)
		}
		return list
	}
	if due(1)[0].Late {
		t.Error("the hold is not over")
	}
	due(0)
	m.Clock.Advance(48 * time.Hour)
	keep := func(want store.Status) {
		t.Helper()
		if _, err := m.Store.KeepTime(ctx); err != nil {
			t.Fatal(err)
		}
		if got := look(t, m, m.Ben, o.ID).Status; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	keep(store.Accepted)
	if !due(1)[0].Late {
		t.Error("the hold is over, and its page is not to be closed")
	}
	if err := m.Store.PageClosed(ctx, storetest.Gateway, p.ID); err != nil {
		t.Fatal(err)
	}
	keep(store.Cancelled)

	// A gateway that nobody reaches does not hold a piece for ever.
	o = m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	if p, err = m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.PageOpened(ctx, p.ID, "session 2", ""); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(48*time.Hour + 59*time.Minute)
	keep(store.Accepted)
	m.Clock.Advance(time.Minute)
	keep(store.Cancelled)
}

func TestAChargeBackFreezesTheOrder(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	back := func(o store.Order, state string) {
		t.Helper()
		e := store.ChargeBackEvent{Gateway: storetest.Gateway, Charge: paidBy(t, m, o.ID), Amount: o.Total, State: state}
		for range 2 {
			if err := m.Store.SettleChargeBack(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, end := range []string{"lost", "won"} {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
		back(o, "open")
		told(t, m, o.ID, store.EventChargedBack, m.Ben, m.Ana)
		o = look(t, m, m.Ana, o.ID)
		if o.Payment != store.ChargedBack || o.Can(m.Ana, store.Ship) || o.Can(m.Ana, store.CallOff) {
			t.Errorf("it does not stand still: %+v", o)
		}
		for _, a := range []store.Action{store.Ship, store.CallOff, store.GiveBackPart} {
			if err := do(m, m.Ana, a, o.ID); !errors.Is(err, store.ErrConflict) {
				t.Errorf("%s: %v", a, err)
			}
		}
		m.Clock.Advance(20 * 24 * time.Hour)
		if n, err := m.Store.KeepTime(ctx); n != 0 || err != nil {
			t.Errorf("the clock moved %d on, %v", n, err)
		}
		back(o, end)
		back(o, "open") // a message that comes late
		o = look(t, m, m.Ana, o.ID)
		if won := end == "won"; o.Can(m.Ana, store.Ship) != won || (o.Payment == store.Paid) != won {
			t.Errorf("%s: %+v", end, o)
		}
		want := map[string]map[string]int64{"won": {}, "lost": {"artist": int64(o.Total), "gateway": -int64(o.Total)}}[end]
		if got := balances(t, m, o.ID); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: the books stand at %v", end, got)
		}
	}
}

// paidBy is the charge that an order was paid with.
func paidBy(t *testing.T, m *storetest.Market, order int64) (charge string) {
	t.Helper()
	if err := m.DB.Get(&charge, `SELECT charge FROM payments WHERE order_id = $1 AND state = 'settled'`, order); err != nil {
		t.Fatal(err)
	}
	return charge
}

func TestTheJournalIsKept(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	for _, change := range []string{
		`UPDATE journal_postings SET amount = amount + 1`, `DELETE FROM journal_postings`, `DELETE FROM journal_entries`,
		`INSERT INTO journal_postings (entry_id, account, amount) SELECT max(id), 'market', 1 FROM journal_entries`,
	} {
		if _, err := m.DB.Exec(change); err == nil {
			t.Errorf("done: %s", change)
		}
	}
	takings, err := m.Store.Takings(context.Background(), m.Ana)
	if err != nil || takings.Sold != o.Total || takings.Back != 0 || takings.Owing != 0 {
		t.Errorf("%+v, %v", takings, err)
	}
}
