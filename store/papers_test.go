package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// paper reads the paper of an order that is for a member.
func paper(t *testing.T, m *storetest.Market, who store.Member, order int64, kind store.PaperKind) store.Paper {
	t.Helper()
	p, err := m.Store.OrderPaper(context.Background(), who, order, kind)
	if err != nil {
		t.Fatalf("the %s of order %d: %v", kind, order, err)
	}
	return p
}

// TestPapersOfASale: what is on them is the order's, and stays so.
func TestPapersOfASale(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Title: "Sill", Edition: store.LimitedEdition, Size: 5, Quantity: 3})
	o := m.Order(t, m.Ben, work, store.Accepted)
	for _, kind := range []store.PaperKind{store.ReceiptPaper, store.StatementPaper} {
		who := map[store.PaperKind]store.Member{store.ReceiptPaper: m.Ben, store.StatementPaper: m.Ana}[kind]
		if _, err := m.Store.OrderPaper(ctx, who, o.ID, kind); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the %s before it is paid: %v", kind, err)
		}
	}
	m.Clock.Advance(time.Hour)
	if outcome, err := m.Pay(m.Ben, o.ID); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	o = look(t, m, m.Ben, o.ID)
	receipt, statement := paper(t, m, m.Ben, o.ID, store.ReceiptPaper), paper(t, m, m.Ana, o.ID, store.StatementPaper)
	if want := fmt.Sprintf("R%d-0001", m.Ana.ID); receipt.Reference != want {
		t.Errorf("the receipt is %s, not %s", receipt.Reference, want)
	}
	if want := fmt.Sprintf("S%d-0001", m.Ana.ID); statement.Reference != want {
		t.Errorf("the statement is %s, not %s", statement.Reference, want)
	}
	for _, p := range []store.Paper{receipt, statement} {
		if p.Price != o.Price || p.Delivery != o.Delivery || p.Cover != o.Cover || p.Total != o.Total || p.Receives() != o.Total-p.Commission {
			t.Errorf("the sums of the %s are not the order's: %+v", p.Kind, p)
		}
		if p.Title != "Sill" || p.Year != o.Year || p.EditionNumber != o.EditionNumber || p.EditionNumber == 0 || p.EditionSize != 5 || p.Dimensions() != o.Dimensions() || p.ArtistName != "Ana James" || p.BuyerName != "Ben Okoro" {
			t.Errorf("the %s is of another sale: %+v", p.Kind, p)
		}
		if !p.PaidAt.Equal(*o.PaidAt) || !p.IssuedAt.Equal(m.Clock.Now()) || p.PaymentReference == "" {
			t.Errorf("the times of the %s: %+v", p.Kind, p)
		}
	}
	if receipt.ShipAddress != "" || statement.ShipAddress != m.Ben.Address || statement.ShipPostcode != m.Ben.Postcode {
		t.Errorf("the receipt says %q and the statement %q", receipt.ShipAddress, statement.ShipAddress)
	}
	links := look(t, m, m.Ben, o.ID).Papers
	if len(links) != 1 || links[0].Reference != receipt.Reference {
		t.Errorf("Ben’s papers: %+v", links)
	}

	// All that it came from may change.
	for _, change := range []string{
		`UPDATE members SET first_name = 'Anna', last_name = 'Other', address = '1 New Road'`,
		`UPDATE artworks SET title = 'Ledge', price = 2000, year = 1999`,
		`UPDATE orders SET title = 'Ledge', artist_name = 'A', buyer_name = 'B', ship_address = 'C', price = 5, delivery = 5, cover = 5, total = 15`,
	} {
		if _, err := m.DB.Exec(change); err != nil {
			t.Fatal(err)
		}
	}
	if again := paper(t, m, m.Ben, o.ID, store.ReceiptPaper); again != receipt {
		t.Errorf("the receipt changed:\n%+v\n%+v", receipt, again)
	}
	if again := paper(t, m, m.Ana, o.ID, store.StatementPaper); again != statement {
		t.Errorf("the statement changed:\n%+v\n%+v", statement, again)
	}
	for _, change := range []string{`UPDATE papers SET total = total`, `DELETE FROM papers`, `DELETE FROM papers WHERE false`, `TRUNCATE papers`} {
		if _, err := m.DB.Exec(change); err == nil || !strings.Contains(err.Error(), "papers are not changed") {
			t.Errorf("%s: %v", change, err)
		}
	}
	// An order that was called off shows the artist no address, and nor does its statement.
	if _, err := m.DB.Exec(`UPDATE orders SET status = 'cancelled', edition_number = NULL WHERE id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	if p := paper(t, m, m.Ana, o.ID, store.StatementPaper); p.ShipAddress != "" || p.ShipPostcode != "" {
		t.Errorf("the statement of a cancelled order still says %q", p.ShipAddress)
	}
}

// TestPaperNumbersHaveNoGaps settles fifty payments of one artist at once, each of
// which comes to nothing at first, after it has its numbers.
func TestPaperNumbersHaveNoGaps(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	const sales = 50
	payments := make([]store.Payment, sales)
	for i, payer := range m.Collectors(t, sales) {
		o := m.Order(t, payer, m.Work(t, m.Ana, storetest.Work{NoImage: true}), store.Accepted)
		var err error
		if payments[i], err = m.Store.BeginPayment(ctx, payer, o.ID, storetest.Gateway, 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{
		`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it came to nothing'; END $$`,
		`CREATE TRIGGER fail BEFORE INSERT ON payment_events FOR EACH ROW WHEN (NEW.event_id LIKE 'fail%') EXECUTE FUNCTION fail()`,
	} {
		if _, err := m.DB.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for _, p := range payments {
		all.Go(func() {
			e := store.PaymentEvent{Gateway: storetest.Gateway, ID: "fail-" + p.ID, Taken: true, Payment: p.ID, Amount: p.Amount, Currency: p.Currency}
			if outcome, err := m.Store.SettlePayment(ctx, e); err == nil {
				t.Errorf("it did not come to nothing: %s", outcome)
			}
			e.ID = "evt-" + p.ID
			if outcome, err := m.Store.SettlePayment(ctx, e); outcome != store.Settled || err != nil {
				t.Errorf("%s, %v", outcome, err)
			}
		})
	}
	all.Wait()
	want := make([]int, sales)
	for i := range want {
		want[i] = i + 1
	}
	for _, kind := range []store.PaperKind{store.ReceiptPaper, store.StatementPaper} {
		var numbers []int
		if err := m.DB.Select(&numbers, `SELECT number FROM papers WHERE artist_id = $1 AND kind = $2 ORDER BY number`, m.Ana.ID, kind); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(numbers, want) {
			t.Errorf("the numbers of the %ss: %v", kind, numbers)
		}
	}
	// Another artist has a series of their own.
	o := m.Order(t, m.Ben, m.Work(t, m.Dora, storetest.Work{}), store.ReadyToShip)
	if p := paper(t, m, m.Ben, o.ID, store.ReceiptPaper); p.Number != 1 {
		t.Errorf("Dora’s first receipt is %s", p.Reference)
	}
}

// TestPapersAreForTheirParty: the other party is refused, and for others there are
// none.
func TestPapersAreForTheirParty(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	for _, of := range []struct {
		who  store.Member
		kind store.PaperKind
		want error
	}{
		{m.Ben, store.ReceiptPaper, nil}, {m.Ana, store.ReceiptPaper, store.ErrForbidden},
		{m.Ana, store.StatementPaper, nil}, {m.Ben, store.StatementPaper, store.ErrForbidden},
		{m.Cleo, store.ReceiptPaper, store.ErrNotFound}, {m.Dora, store.StatementPaper, store.ErrNotFound},
	} {
		if _, err := m.Store.OrderPaper(ctx, of.who, o.ID, of.kind); !errors.Is(err, of.want) {
			t.Errorf("%s asks for the %s: %v, not %v", of.who.FirstName, of.kind, err, of.want)
		}
	}
}

// TestCreditNotes: one a refund, to both parties, and none for what never settled.
func TestCreditNotes(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{Title: "Sill"}), store.ReadyToShip)
	unpaid := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := m.Store.IssueCreditNote(ctx, o.ID, "first", 2500); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, refund := range []string{"first", "second"} {
		if err := m.Store.IssueCreditNote(ctx, o.ID, refund, 2500); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Store.IssueCreditNote(ctx, unpaid.ID, "third", 100); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := m.DB.Get(&n, `SELECT count(*) FROM papers WHERE kind = 'credit note'`); n != 2 || err != nil {
		t.Errorf("%d credit notes, %v", n, err)
	}
	for _, who := range []store.Member{m.Ben, m.Ana} {
		p, err := m.Store.CreditNote(ctx, who, o.ID, 1)
		if err != nil || p.Amount != 2500 || p.Sent() != -2500 || p.Title != "Sill" || p.Receipt != paper(t, m, m.Ben, o.ID, store.ReceiptPaper).Reference {
			t.Errorf("%s reads %+v, %v", who.FirstName, p, err)
		}
		if links := look(t, m, who, o.ID).Papers; len(links) != 3 || links[2].Reference != fmt.Sprintf("C%d-0002", m.Ana.ID) {
			t.Errorf("%s’s papers: %+v", who.FirstName, links)
		}
	}
	if _, err := m.Store.CreditNote(ctx, m.Cleo, o.ID, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Cleo asks for it: %v", err)
	}
	page, err := m.Store.Papers(ctx, m.Ana, "")
	if err != nil || len(page.Items) != 3 || page.Items[0].Kind != store.CreditNotePaper || page.Items[2].Kind != store.StatementPaper {
		t.Errorf("Ana’s list: %+v, %v", page, err)
	}
	if page, err = m.Store.Papers(ctx, m.Dora, ""); err != nil || len(page.Items) != 0 {
		t.Errorf("Dora’s list: %+v, %v", page, err)
	}
}

// TestARefundHasACreditNote: when the money is back, and not before.
func TestARefundHasACreditNote(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	if err := m.Store.GiveBackPart(ctx, m.Ana, o.ID, "25", "The frame was scratched."); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.CallOff(ctx, m.Ana, o.ID, store.PieceGone, "It fell."); err != nil {
		t.Fatal(err)
	}
	due, err := m.Store.ClaimRefunds(ctx, storetest.Gateway, 10)
	if err != nil || len(due) != 2 {
		t.Fatalf("%d refunds, %v", len(due), err)
	}
	if links := look(t, m, m.Ben, o.ID).Papers; len(links) != 1 {
		t.Errorf("before anything is back: %+v", links)
	}
	if err := m.Store.SettleRefund(ctx, store.RefundEvent{Gateway: storetest.Gateway, Refund: due[0].ID}); err != nil { // failed
		t.Fatal(err)
	}
	for range 2 { // repeated
		if err := m.Store.SettleRefund(ctx, store.RefundEvent{Gateway: storetest.Gateway, Refund: due[1].ID, Done: true}); err != nil {
			t.Fatal(err)
		}
	}
	if links := look(t, m, m.Ben, o.ID).Papers; len(links) != 2 {
		t.Errorf("when one is back: %+v", links)
	}
	p, err := m.Store.CreditNote(ctx, m.Ben, o.ID, 1)
	if err != nil || p.Amount != due[1].Amount {
		t.Errorf("%+v, %v", p, err)
	}
}
