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

// do calls the verb of an action as a member.
func do(m *storetest.Market, who store.Member, a store.Action, id int64) error {
	ctx := context.Background()
	switch a {
	case store.Accept:
		return m.Store.AcceptOrder(ctx, who, id)
	case store.Decline:
		return m.Store.DeclineOrder(ctx, who, id, "other", "")
	case store.Cancel:
		return m.Store.CancelOrder(ctx, who, id)
	case store.Pay:
		outcome, err := m.Pay(who, id)
		if err == nil && outcome != store.Settled {
			err = fmt.Errorf("payment: %s", outcome)
		}
		return err
	case store.Ship:
		return m.Store.ShipOrder(ctx, who, id, "DPD", "1550 1234")
	case store.Complete:
		return m.Store.CompleteOrder(ctx, who, id)
	case store.PutInLine:
		return m.Store.PutInLine(ctx, who, id)
	case store.CallOff:
		return m.Store.CallOff(ctx, who, id, store.PieceBack, "It fell off the wall.")
	case store.AskToCancel:
		return m.Store.AskToCancel(ctx, who, id, "")
	case store.RefuseToCancel:
		return m.Store.RefuseToCancel(ctx, who, id)
	case store.TakeMoneyBack:
		return m.Store.TakeMoneyBack(ctx, who, id)
	case store.GiveBackPart:
		return m.Store.GiveBackPart(ctx, who, id, "1", "A scratch.")
	case store.SettlePiece:
		return m.Store.SettlePiece(ctx, who, id, store.PieceGone)
	}
	panic(a)
}

// TestOrderTable tries every action on every status as everybody.
func TestOrderTable(t *testing.T) {
	t.Parallel()
	next := map[store.Status]map[store.Action]store.Status{
		store.Pending:     {store.Accept: store.Accepted, store.Decline: store.Cancelled, store.Cancel: store.Cancelled},
		store.Accepted:    {store.Cancel: store.Cancelled, store.Pay: store.ReadyToShip},
		store.ReadyToShip: {store.Ship: store.Shipped, store.CallOff: store.Cancelled, store.AskToCancel: store.ReadyToShip, store.GiveBackPart: store.ReadyToShip},
		store.Shipped:     {store.Complete: store.Completed, store.GiveBackPart: store.Shipped},
		store.Completed:   {store.GiveBackPart: store.Completed},
		store.Cancelled:   {},
	}
	artists := map[store.Action]bool{store.Accept: true, store.Decline: true, store.Ship: true, store.PutInLine: true,
		store.CallOff: true, store.RefuseToCancel: true, store.GiveBackPart: true, store.SettlePiece: true}
	actions := []store.Action{store.Accept, store.Decline, store.Cancel, store.Pay, store.Ship, store.Complete, store.PutInLine,
		store.CallOff, store.AskToCancel, store.RefuseToCancel, store.TakeMoneyBack, store.GiveBackPart, store.SettlePiece}
	ctx := context.Background()
	for _, status := range store.Statuses() {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			m := storetest.New(t)
			for _, a := range actions {
				work := m.Work(t, m.Ana, storetest.Work{})
				o := m.Order(t, m.Ben, work, status)
				if o.Status != status {
					t.Fatalf("the order is %q", o.Status)
				}
				for _, who := range []store.Member{m.Cleo, m.Dora} {
					if err := do(m, who, a, o.ID); !errors.Is(err, store.ErrNotFound) {
						t.Errorf("%s by outsider %s: %v", a, who.FirstName, err)
					}
					if o.Can(who, a) {
						t.Errorf("%s is offered to an outsider", a)
					}
				}
				right, wrong := m.Ben, m.Ana
				if artists[a] {
					right, wrong = m.Ana, m.Ben
				}
				if err := do(m, wrong, a, o.ID); !errors.Is(err, store.ErrForbidden) {
					t.Errorf("%s by the wrong party: %v", a, err)
				}
				if o.Can(wrong, a) {
					t.Errorf("%s is offered to the wrong party", a)
				}
				to, legal := next[status][a]
				if o.Can(right, a) != legal {
					t.Errorf("Can(%s) = %v", a, !legal)
				}
				err := do(m, right, a, o.ID)
				after, err2 := m.Store.Order(ctx, m.Ben, o.ID)
				if err2 != nil {
					t.Fatal(err2)
				}
				switch {
				case legal && (err != nil || after.Status != to):
					t.Errorf("%s: %v, status %q, want %q", a, err, after.Status, to)
				case legal && after.Version != o.Version+1:
					t.Errorf("%s: version %d after %d", a, after.Version, o.Version)
				case !legal && !errors.Is(err, store.ErrConflict):
					t.Errorf("%s from %q: %v", a, status, err)
				case !legal && (after.Status != status || after.Version != o.Version || len(after.Events) != len(o.Events)):
					t.Errorf("%s from %q changed the order: %+v", a, status, after)
				}
			}
		})
	}
}

func TestOrderTellsTheOtherParty(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Completed)
	kinds := func(who store.Member) (kinds []store.EventKind) {
		page, err := m.Store.Notifications(ctx, who, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range page.Items {
			kinds = append(kinds, n.Event)
		}
		return kinds
	}
	if got, want := fmt.Sprint(kinds(m.Ana)), "[completed paid requested]"; got != want {
		t.Errorf("Ana was told %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(kinds(m.Ben)), "[shipped accepted]"; got != want {
		t.Errorf("Ben was told %s, want %s", got, want)
	}
	if got := kinds(m.Cleo); got != nil {
		t.Errorf("Cleo was told %v", got)
	}
	letters, err := m.Store.RecentLetters(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, l := range letters {
		told[fmt.Sprintf("%s %s", l.Event, l.FirstName)]++
		if l.Order == nil || l.Order.ID != o.ID {
			t.Errorf("letter %q speaks of %v", l.Key, l.Order)
		}
	}
	want := map[string]int{"requested Ana": 1, "requested Ben": 1, "completed Ben": 1, "accepted Ben": 1, "paid Ana": 1, "paid Ben": 1, "shipped Ben": 1, "completed Ana": 1}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("letters %v, want %v", told, want)
	}
	var seen struct{ Buyer, Seller bool }
	if err := m.DB.Get(&seen, `SELECT viewed_by_buyer AS buyer, viewed_by_seller AS seller FROM orders WHERE id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	if seen.Buyer || seen.Seller {
		t.Errorf("viewed before anybody looked: %+v", seen)
	}
	if n, err := m.Store.SeeOrder(ctx, m.Ana, o.ID); n != 3 || err != nil {
		t.Errorf("SeeOrder: %d, %v", n, err)
	}
	if n, err := m.Store.SeeOrder(ctx, m.Cleo, o.ID); n != 0 || err != nil {
		t.Errorf("SeeOrder by an outsider: %d, %v", n, err)
	}
	if err := m.Store.SeeAll(ctx, m.Ben); err != nil {
		t.Fatal(err)
	}
	if err := m.DB.Get(&seen, `SELECT viewed_by_buyer AS buyer, viewed_by_seller AS seller FROM orders WHERE id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	if !seen.Buyer || !seen.Seller {
		t.Errorf("not viewed after both looked: %+v", seen)
	}
}

func TestAddressIsSeenFromAcceptanceOn(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	for status, visible := range map[store.Status]bool{
		store.Pending: false, store.Accepted: true, store.ReadyToShip: true, store.Shipped: true, store.Completed: true, store.Cancelled: false,
	} {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), status)
		if o.ShipAddress != m.Ben.Address || o.ShipPostcode != m.Ben.Postcode {
			t.Errorf("%s: the buyer sees %q %q", status, o.ShipAddress, o.ShipPostcode)
		}
		sellers, err := m.Store.Order(ctx, m.Ana, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if (sellers.ShipAddress != "") != visible || (sellers.ShipPostcode == m.Ben.Postcode) != visible || sellers.ShipPostcode[:3] != "BS1" {
			t.Errorf("%s: the seller sees %q, %q", status, sellers.ShipAddress, sellers.ShipPostcode)
		}
		if _, err := m.Store.Order(ctx, m.Cleo, o.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: an outsider gets %v", status, err)
		}
	}
	letters, err := m.Store.RecentLetters(ctx, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if l.Event == store.EventRequested && l.Recipient == m.Ana.ID && l.Order.Status == store.Pending && l.Order.ShipAddress != "" {
			t.Errorf("the letter of a request carries the address %q", l.Order.ShipAddress)
		}
	}
}

// TestLastPieces lets fifty collectors pay at once for one and for three pieces:
// each had begun to pay in time, and none holds a piece any more.
func TestLastPieces(t *testing.T) {
	t.Parallel()
	for _, pieces := range []int{1, 3} {
		t.Run(fmt.Sprint(pieces), func(t *testing.T) {
			t.Parallel()
			m := storetest.New(t)
			ctx := context.Background()
			w := storetest.Work{Quantity: pieces, Edition: store.LimitedEdition, Size: 5}
			work := m.Work(t, m.Ana, w)
			payers := m.Collectors(t, 50)
			orders := make([]int64, len(payers))
			attempts := make([]store.Payment, len(payers))
			for i, p := range payers {
				o := m.Ask(t, p, work)
				orders[i] = o.ID
				if err := m.Store.AcceptOrder(ctx, m.Ana, o.ID); err != nil {
					t.Fatal(err)
				}
				var err error
				if attempts[i], err = m.Store.BeginPayment(ctx, p, o.ID, storetest.Gateway, 0); err != nil {
					t.Fatal(err)
				}
				m.Clock.Advance(48 * time.Hour)
				if n, err := m.Store.KeepTime(ctx); n != 1 || err != nil {
					t.Fatalf("the hold did not end: %d, %v", n, err)
				}
			}
			outcomes := make([]store.Outcome, len(payers))
			var wg sync.WaitGroup
			for i, p := range attempts {
				wg.Go(func() {
					var err error
					outcomes[i], err = m.Store.SettlePayment(ctx, store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_" + p.ID,
						Taken: true, Payment: p.ID, Amount: p.Amount, Currency: p.Currency})
					if err != nil {
						t.Errorf("payer %d: %v", i, err)
					}
				})
			}
			wg.Wait()
			count := map[store.Outcome]int{}
			for _, o := range outcomes {
				count[o]++
			}
			if count[store.Settled] != pieces || count[store.SoldOut] != len(payers)-pieces {
				t.Errorf("outcomes %v", count)
			}
			var stock struct {
				Quantity, Sold int
				ForSale        bool `db:"for_sale"`
			}
			if err := m.DB.Get(&stock, `SELECT quantity, sold, for_sale FROM artworks WHERE id = $1`, work); err != nil {
				t.Fatal(err)
			}
			if stock.Quantity != 0 || stock.Sold != pieces || stock.ForSale {
				t.Errorf("stock %+v", stock)
			}
			var charged, numbers, told int
			for query, n := range map[string]*int{
				`SELECT count(*) FROM payments WHERE state = 'settled'`:                                                     &charged,
				`SELECT count(DISTINCT edition_number) FROM orders WHERE edition_number BETWEEN 1 AND 5`:                    &numbers,
				`SELECT count(*) FROM notifications n JOIN order_events e ON e.id = n.event_id WHERE e.kind = 'money back'`: &told,
			} {
				if err := m.DB.Get(n, query); err != nil {
					t.Fatal(err)
				}
			}
			if charged != pieces || numbers != pieces || told != 2*(len(payers)-pieces) {
				t.Errorf("charged %d, numbered %d, told %d", charged, numbers, told)
			}
			// Every later payer hears it before the gateway is asked.
			for i, o := range outcomes {
				if o == store.SoldOut {
					if _, err := m.Store.BeginPayment(ctx, payers[i], orders[i], storetest.Gateway, 0); !errors.Is(err, store.ErrConflict) {
						t.Errorf("a later payer gets %v", err)
					}
					break
				}
			}
		})
	}
}

func TestReplayedMessageHasOneEffect(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{Quantity: 10}), store.Accepted)
	p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil || again.ID != p.ID {
		t.Fatalf("a second tab opened %v, %v", again, err)
	}
	event := store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_1", Taken: true, Payment: p.ID, Amount: p.Amount, Currency: "GBP"}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if outcome, err := m.Store.SettlePayment(ctx, event); err != nil || outcome != store.Settled {
				t.Errorf("%s, %v", outcome, err)
			}
		})
	}
	wg.Wait()
	event.ID = "evt_2" // the same payment under another name
	if outcome, err := m.Store.SettlePayment(ctx, event); err != nil || outcome != store.AlreadyClosed {
		t.Errorf("%s, %v", outcome, err)
	}
	var quantity, paid int
	if err := m.DB.Get(&quantity, `SELECT quantity FROM artworks`); err != nil {
		t.Fatal(err)
	}
	if err := m.DB.Get(&paid, `SELECT count(*) FROM order_events WHERE kind = 'paid'`); err != nil {
		t.Fatal(err)
	}
	if quantity != 9 || paid != 1 {
		t.Errorf("quantity %d, paid %d times", quantity, paid)
	}
}

func TestMessagesThatTakeNothing(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	open := func() (store.Order, store.Payment) {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
		p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
		if err != nil {
			t.Fatal(err)
		}
		return o, p
	}
	settle := func(p store.Payment, change func(*store.PaymentEvent)) store.Outcome {
		e := store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_" + p.ID, Taken: true, Payment: p.ID, Amount: p.Amount, Currency: "GBP"}
		change(&e)
		outcome, err := m.Store.SettlePayment(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		return outcome
	}
	check := func(what string, got, want store.Outcome, o store.Order, status store.Status) {
		t.Helper()
		after, err := m.Store.Order(ctx, m.Ben, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		var quantity int
		if err := m.DB.Get(&quantity, `SELECT quantity FROM artworks WHERE id = $1`, o.ArtworkID); err != nil {
			t.Fatal(err)
		}
		if got != want || after.Status != status || quantity != 1 {
			t.Errorf("%s: outcome %q, order %q, %d left", what, got, after.Status, quantity)
		}
	}

	o, p := open()
	check("declined", settle(p, func(e *store.PaymentEvent) { e.Taken = false }), store.NotPaid, o, store.Accepted)
	if outcome, err := m.Pay(m.Ben, o.ID); err != nil || outcome != store.Settled {
		t.Errorf("a second try after a declined one: %s, %v", outcome, err)
	}
	o, p = open()
	check("wrong amount", settle(p, func(e *store.PaymentEvent) { e.Amount-- }), store.AmountMismatch, o, store.Accepted)
	o, p = open()
	check("wrong currency", settle(p, func(e *store.PaymentEvent) { e.Currency = "EUR" }), store.AmountMismatch, o, store.Accepted)
	o, p = open()
	if err := m.Store.CancelOrder(ctx, m.Ben, o.ID); err != nil {
		t.Fatal(err)
	}
	check("cancelled meanwhile", settle(p, func(*store.PaymentEvent) {}), store.AlreadyClosed, o, store.Cancelled)

	for _, e := range []store.PaymentEvent{
		{Gateway: storetest.Gateway, ID: "x", Taken: true, Payment: "00000000-0000-4000-8000-000000000000"},
		{Gateway: storetest.Gateway, ID: "x", Taken: true, Payment: "junk"},
		{Gateway: "other", ID: "x", Taken: true, Payment: p.ID},
	} {
		if _, err := m.Store.SettlePayment(ctx, e); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestOneLiveRequest(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Quantity: 3})
	q, err := m.Store.QuoteArtwork(ctx, work, m.Ben.Postcode)
	if err != nil {
		t.Fatal(err)
	}
	request := func(key string) (store.Order, error) {
		return m.Store.RequestOrder(ctx, m.Ben, work, store.Request{Key: key, Address: "4 Redcliffe Parade", Town: "Bristol", Postcode: "bs16sn", Seen: q.Total()})
	}
	// The same form twenty times at once is one request, and everybody gets it.
	var wg sync.WaitGroup
	ids := make([]int64, 20)
	for i := range ids {
		wg.Go(func() {
			o, err := request("7c9e6679-7425-40de-944b-e07fc1f90ae7")
			if err != nil {
				t.Error(err)
			}
			ids[i] = o.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("orders %v", ids)
		}
	}
	if _, err := request("7c9e6679-7425-40de-944b-e07fc1f90ae8"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second request: %v", err)
	}
	if err := m.Store.CancelOrder(ctx, m.Ben, ids[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := request("7c9e6679-7425-40de-944b-e07fc1f90ae9"); err != nil {
		t.Errorf("a request after a cancelled one: %v", err)
	}
}

func TestRequestIsRefused(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	good := func(work int64) store.Request {
		q, _ := m.Store.QuoteArtwork(ctx, work, "BS1 6SN")
		return store.Request{Address: "4 Redcliffe Parade", Town: "Bristol", Postcode: "BS1 6SN", Seen: q.Total()}
	}
	listed := m.Work(t, m.Ana, storetest.Work{})
	for _, c := range []struct {
		name string
		who  store.Member
		work int64
		want error
	}{
		{"by an artist", m.Dora, listed, store.ErrForbidden},
		{"by the artist of the work", m.Ana, listed, store.ErrForbidden},
		{"of a draft", m.Ben, m.Work(t, m.Ana, storetest.Work{State: store.Draft}), store.ErrNotFound},
		{"of an unlisted work", m.Ben, m.Work(t, m.Ana, storetest.Work{State: store.Unlisted}), store.ErrNotFound},
		{"of an archived work", m.Ben, m.Work(t, m.Ana, storetest.Work{State: store.Archived}), store.ErrNotFound},
		{"of a sold work", m.Ben, m.Work(t, m.Ana, storetest.Work{SoldOut: true}), store.ErrConflict},
		{"of a work not for sale", m.Ben, m.Work(t, m.Ana, storetest.Work{NotForSale: true}), store.ErrConflict},
		{"of nothing", m.Ben, 999999, store.ErrNotFound},
	} {
		if _, err := m.Store.RequestOrder(ctx, c.who, c.work, good(listed)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for field, change := range map[string]func(*store.Request){
		"address":  func(r *store.Request) { r.Address = "" },
		"town":     func(r *store.Request) { r.Town = "" },
		"postcode": func(r *store.Request) { r.Postcode = "QQ1 1AA" },
		"note":     func(r *store.Request) { r.Note = strings.Repeat("x", 501) },
	} {
		r := good(listed)
		change(&r)
		_, err := m.Store.RequestOrder(ctx, m.Ben, listed, r)
		var inv *store.Invalid
		if !errors.As(err, &inv) || inv.Get(field) == "" {
			t.Errorf("bad %s: %v", field, err)
		}
	}
	r := good(listed)
	r.Seen -= 1
	if _, err := m.Store.RequestOrder(ctx, m.Ben, listed, r); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a total of the collector's own: %v", err)
	}
	var n int
	if err := m.DB.Get(&n, `SELECT count(*) FROM orders`); err != nil || n != 0 {
		t.Errorf("%d orders were written, %v", n, err)
	}
}

func TestOrderKeepsItsSnapshot(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Title: "North Light"})
	before := m.Order(t, m.Ben, work, store.Accepted)
	for _, q := range []string{
		`UPDATE artworks SET title = 'Other', price = 9900, width = 1000`,
		`UPDATE members SET address = 'Elsewhere', postcode = 'ZE1 0EJ', first_name = 'Changed'`,
	} {
		if _, err := m.DB.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	after, err := m.Store.Order(ctx, m.Ben, before.ID)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) {
		t.Errorf("the order moved:\n%+v\n%+v", before, after)
	}
}

func TestShippedOrdersCompleteByThemselves(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	m.Clock.Advance(store.CompletesAfter - time.Second)
	if n, err := m.Store.CompleteOverdueOrders(ctx); n != 0 || err != nil {
		t.Fatalf("a second too early: %d, %v", n, err)
	}
	m.Clock.Advance(time.Second)
	var wg sync.WaitGroup
	total := make([]int, 4)
	for i := range total {
		wg.Go(func() {
			var err error
			if total[i], err = m.Store.CompleteOverdueOrders(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if total[0]+total[1]+total[2]+total[3] != 1 {
		t.Errorf("completed %v times", total)
	}
	after, err := m.Store.Order(ctx, m.Ben, o.ID)
	if err != nil || after.Status != store.Completed || after.CompletedAt == nil {
		t.Errorf("%+v, %v", after, err)
	}
	page, err := m.Store.Notifications(ctx, m.Ben, "")
	if err != nil || page.Items[0].Event != store.EventCompleted || !page.Items[0].ByClock {
		t.Errorf("Ben was told %+v, %v", page.Items, err)
	}
}

func TestLettersAreClaimedOnce(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted) // three letters
	var mu sync.Mutex
	claimed := map[int64]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			letters, err := m.Store.ClaimLetters(ctx, 10)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, l := range letters {
				claimed[l.ID]++
			}
		})
	}
	wg.Wait()
	if len(claimed) != 3 {
		t.Fatalf("claimed %v", claimed)
	}
	for id, n := range claimed {
		if n != 1 {
			t.Errorf("letter %d was claimed %d times", id, n)
		}
	}
	m.Clock.Advance(3 * time.Minute) // the claimant died
	letters, err := m.Store.ClaimLetters(ctx, 10)
	if err != nil || len(letters) != 3 {
		t.Fatalf("after the lease: %v, %v", letters, err)
	}
	if err := m.Store.LetterSent(ctx, letters[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.LetterSent(ctx, letters[2].ID); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.LetterFailed(ctx, letters[1], store.Failure{Reason: "451 later"}); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(7 * time.Hour)
	again, err := m.Store.ClaimLetters(ctx, 10)
	if err != nil || len(again) != 1 || again[0].ID != letters[1].ID {
		t.Errorf("after a failure: %v, %v", again, err)
	}
}
