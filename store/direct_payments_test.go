package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

const direct = "direct"

// directMarket is a market whose collectors pay artists directly.
func directMarket(t *testing.T) *storetest.Market {
	t.Helper()
	m := storetest.New(t)
	m.GoDirect(t)
	return m
}

// begin begins to pay an accepted order directly.
func begin(t *testing.T, m *storetest.Market, collector store.Member, order int64) store.Payment {
	t.Helper()
	p, err := m.Store.BeginPayment(context.Background(), collector, order, direct, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sent(t *testing.T, m *storetest.Market, collector store.Member, attempt string) {
	t.Helper()
	if _, err := m.Store.SayTransferSent(context.Background(), collector, attempt); err != nil {
		t.Fatal(err)
	}
}

func TestBankDetailsAreChecked(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	for _, c := range []struct {
		typed  store.BankDetails
		wrong  string // the field, or ""
		ending string
	}{
		{store.BankDetails{AccountName: "Ana  James", SortCode: "204163", AccountNumber: "7361 4401"}, "", "4401"},
		{store.BankDetails{AccountName: "Ana James", IBAN: "gb29 nwbk 6016 1331 9268 19"}, "", "6819"},
		{store.BankDetails{AccountName: "Ana James", IBAN: "DE89370400440532013000"}, "", "3000"},
		{store.BankDetails{AccountName: "Ana James", IBAN: "GB29NWBK60161331926818"}, "iban", ""}, // a digit
		{store.BankDetails{AccountName: "Ana James", IBAN: "GB92NWBK60161331926819"}, "iban", ""}, // two swapped
		{store.BankDetails{AccountName: "Ana James", IBAN: "DE8937040044053201300"}, "iban", ""},  // short
		{store.BankDetails{AccountName: "Ana James", IBAN: "GB29 <script>"}, "iban", ""},          // no IBAN
		{store.BankDetails{AccountName: " ", SortCode: "204163", AccountNumber: "73614401"}, "account_name", ""},
		{store.BankDetails{AccountName: strings.Repeat("é", 71), SortCode: "204163", AccountNumber: "73614401"}, "account_name", ""},
		{store.BankDetails{AccountName: "Ana James", SortCode: "20416", AccountNumber: "73614401"}, "sort_code", ""},
		{store.BankDetails{AccountName: "Ana James", SortCode: "20-41-6x", AccountNumber: "73614401"}, "sort_code", ""},
		{store.BankDetails{AccountName: "Ana James", SortCode: "204163", AccountNumber: "7361440"}, "account_number", ""},
		{store.BankDetails{AccountName: "Ana James", SortCode: "204163", AccountNumber: "٧٣٦١٤٤٠١"}, "account_number", ""},
		{store.BankDetails{AccountName: "Ana James"}, "sort_code", ""},
		{store.BankDetails{AccountName: "Ana James", SortCode: "204163", IBAN: "GB29NWBK60161331926819"}, "iban", ""},
	} {
		err := m.Store.SetBankDetails(ctx, m.Ana, c.typed, storetest.Password)
		var invalid *store.Invalid
		errors.As(err, &invalid)
		if c.wrong == "" && err != nil || c.wrong != "" && invalid.Get(c.wrong) == "" {
			t.Errorf("%+v: %v, want %q to be wrong", c.typed, err, c.wrong)
		}
		if c.wrong != "" {
			continue
		}
		if b, err := m.Store.BankDetails(ctx, m.Ana); err != nil || b.Ending() != c.ending || b.AccountName != "Ana James" {
			t.Errorf("%+v: kept as %+v, %v", c.typed, b, err)
		}
	}
	for _, password := range []string{"", "not my password"} {
		err := m.Store.SetBankDetails(ctx, m.Dora, store.BankDetails{AccountName: "Dora", SortCode: "204163", AccountNumber: "73614401"}, password)
		if invalid, ok := errors.AsType[*store.Invalid](err); !ok || invalid.Get("current_password") == "" {
			t.Errorf("the password %q: %v", password, err)
		}
	}
	if err := m.Store.SetBankDetails(ctx, m.Ben, store.BankDetails{}, storetest.Password); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector keeps bank details: %v", err)
	}
	var n, letters int
	if err := m.DB.Get(&n, `SELECT count(*) FROM bank_details`); n != 1 || err != nil {
		t.Errorf("%d bank details, %v", n, err)
	}
	// A letter for each time that they changed.
	err := m.DB.Get(&letters, `SELECT count(*) FROM outbox WHERE kind = $1 AND recipient_id = $2`, store.BankDetailsLetter, m.Ana.ID)
	if err != nil || letters != 3 {
		t.Errorf("%d letters of bank details, %v", letters, err)
	}
}

// TestBankDetailsAreSealed: the database alone does not tell them, and they open
// for their artist alone.
func TestBankDetailsAreSealed(t *testing.T) {
	t.Parallel()
	m := directMarket(t)
	ctx := context.Background()
	ana, err := m.Store.BankDetails(ctx, m.Ana)
	if err != nil {
		t.Fatal(err)
	}
	var kept string
	if err := m.DB.Get(&kept, `SELECT string_agg(encode(sealed, 'escape') || bank_details::text, ' ') FROM bank_details`); err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{ana.AccountNumber, ana.SortCode, "204163", "Ana"} {
		if strings.Contains(kept, plain) {
			t.Errorf("the database tells %q", plain)
		}
	}
	if _, err := m.DB.Exec(`UPDATE bank_details SET sealed = (SELECT sealed FROM bank_details WHERE artist_id = $1)`, m.Dora.ID); err != nil {
		t.Fatal(err)
	}
	if b, err := m.Store.BankDetails(ctx, m.Ana); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Dora’s details are taken for Ana’s: %+v, %v", b, err)
	}
	if lacks, err := m.Store.LacksBankDetails(ctx, m.Ana); !lacks || err != nil {
		t.Errorf("Ana, whose details do not open, lacks none: %v", err)
	}
}

func TestNobodyAcceptsWithoutBankDetails(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}))
	m.Direct = true
	s := m.Open(t)
	err := s.AcceptOrder(ctx, m.Ana, o.ID)
	var conflict *store.Conflict
	if !errors.As(err, &conflict) || !strings.Contains(conflict.Sentence, "bank details") {
		t.Errorf("accepted: %v", err)
	}
	if o := look(t, m, m.Ben, o.ID); o.Status != store.Pending {
		t.Errorf("the order is %s", o.Status)
	}
	if err := s.SetBankDetails(ctx, m.Ana, store.BankDetails{AccountName: "Ana", SortCode: "204163", AccountNumber: "73614401"}, storetest.Password); err != nil {
		t.Fatal(err)
	}
	if err := s.AcceptOrder(ctx, m.Ana, o.ID); err != nil {
		t.Error(err)
	}
}

// TestATransferThatComes follows the money from the collector's word to the
// artist's.
func TestATransferThatComes(t *testing.T) {
	t.Parallel()
	m := directMarket(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	o := m.Order(t, m.Ben, work, store.Accepted)
	if _, err := m.Store.SayTransferCame(ctx, m.Ana, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("it came before anybody began to pay: %v", err)
	}
	p := begin(t, m, m.Ben, o.ID)
	transfer, err := m.Store.Transfer(ctx, m.Ben, p.ID)
	if err != nil || transfer.Amount != o.Total || transfer.Reference != o.TransferReference() || transfer.Bank.AccountNumber == "" {
		t.Fatalf("%+v, %v", transfer, err)
	}
	for _, who := range []store.Member{m.Cleo, m.Ana, m.Dora} {
		if _, err := m.Store.Transfer(ctx, who, p.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s sees the bank details: %v", who.FirstName, err)
		}
		if _, err := m.Store.SayTransferSent(ctx, who, p.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s says that it is sent: %v", who.FirstName, err)
		}
	}
	if err := m.Store.SayTransferMissing(ctx, m.Ana, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("it is missing before it is sent: %v", err)
	}
	m.Clock.Advance(time.Hour)
	sent(t, m, m.Ben, p.ID)
	told(t, m, o.ID, store.EventTransferSent, m.Ana)
	until := time.Date(2026, 6, 8, 10, 0, 0, 0, time.UTC) // five working days after Monday
	if now := look(t, m, m.Ben, o.ID); !now.HoldUntil.Equal(until) || now.TransferSentAt == nil {
		t.Errorf("held until %s, not %s", now.HoldUntil, until)
	}
	m.Clock.Advance(24 * time.Hour)
	sent(t, m, m.Ben, p.ID) // once more
	told(t, m, o.ID, store.EventTransferSent, m.Ana)
	if now := look(t, m, m.Ben, o.ID); !now.HoldUntil.Equal(until) {
		t.Errorf("stretched twice, to %s", now.HoldUntil)
	}
	if err := m.Store.CancelOrder(ctx, m.Ben, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("taken back with the money on its way: %v", err)
	}
	if _, err := m.DB.Exec(`UPDATE artworks SET price = price - 5000 WHERE id = $1`, work); err != nil {
		t.Fatal(err)
	}
	if n, err := m.Store.LowerRequests(ctx, m.Ana, work); n != 0 || err != nil {
		t.Errorf("the price of %d orders was lowered with the money on its way, %v", n, err)
	}
	if err := m.Store.SayTransferMissing(ctx, m.Ben, o.ID); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("Ben says that it is missing: %v", err)
	}
	if err := m.Store.SayTransferMissing(ctx, m.Dora, o.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Dora says that it is missing: %v", err)
	}
	if err := m.Store.SayTransferMissing(ctx, m.Ana, o.ID); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.SayTransferMissing(ctx, m.Ana, o.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("missing twice: %v", err)
	}
	told(t, m, o.ID, store.EventTransferMissing, m.Ben)
	if now := look(t, m, m.Ben, o.ID); now.Status != store.Accepted || !now.HoldUntil.Equal(until) {
		t.Errorf("after it is missing: %s until %s", now.Status, now.HoldUntil)
	}
	if _, err := m.Store.SayTransferCame(ctx, m.Ben, o.ID); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("Ben says that it came: %v", err)
	}
	if _, err := m.Store.SayTransferCame(ctx, m.Cleo, o.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Cleo says that it came: %v", err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if outcome, err := m.Store.SayTransferCame(ctx, m.Ana, o.ID); outcome != store.Settled || err != nil {
				t.Errorf("%s, %v", outcome, err)
			}
		})
	}
	all.Wait()
	now := look(t, m, m.Ben, o.ID)
	if now.Status != store.ReadyToShip || now.Payment != store.Paid {
		t.Errorf("the order is %s and %s", now.Status, now.Payment)
	}
	receipt := paper(t, m, m.Ben, o.ID, store.ReceiptPaper)
	if receipt.PaymentReference != o.TransferReference() || !strings.Contains(receipt.PaidHow, "ending in "+transfer.Bank.Ending()) || strings.Contains(receipt.PaidHow, transfer.Bank.AccountNumber) {
		t.Errorf("the receipt says %q, %q", receipt.PaidHow, receipt.PaymentReference)
	}
	var n int
	if err := m.DB.Get(&n, `SELECT quantity * 100 + sold * 10 + (SELECT count(*) FROM refunds) FROM artworks WHERE id = $1`, work); n != 10 || err != nil {
		t.Errorf("stock, sold and refunds are %d, %v", n, err)
	}
	if _, err := m.Store.Transfer(ctx, m.Ben, p.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("Ben still sees the bank details: %v", err)
	}
}

// TestATransferThatComesLate: when the hold has ended it makes the sale while the
// work is free, and else it is sent back by hand.
func TestATransferThatComesLate(t *testing.T) {
	t.Parallel()
	m := directMarket(t)
	ctx := context.Background()
	var orders []store.Order
	var works []int64
	for range 2 {
		work := m.Work(t, m.Ana, storetest.Work{})
		o := m.Order(t, m.Ben, work, store.Accepted)
		sent(t, m, m.Ben, begin(t, m, m.Ben, o.ID).ID)
		orders, works = append(orders, o), append(works, work)
	}
	m.Clock.Advance(7*24*time.Hour + time.Minute)
	keepTime(t, m, 2)
	for _, o := range orders {
		if now := look(t, m, m.Ben, o.ID); !now.Lapsed() || !now.TransferExpected() {
			t.Fatalf("order %d is %s", o.ID, now.Status)
		}
	}
	if outcome, err := m.Store.SayTransferCame(ctx, m.Ana, orders[0].ID); outcome != store.Settled || err != nil {
		t.Errorf("the work was free: %s, %v", outcome, err)
	}

	// Somebody else has the other one now.
	m.Order(t, m.Cleo, works[1], store.Accepted)
	for range 2 {
		if outcome, err := m.Store.SayTransferCame(ctx, m.Ana, orders[1].ID); outcome != store.SoldOut || err != nil {
			t.Errorf("the work was held: %s, %v", outcome, err)
		}
	}
	o := look(t, m, m.Ana, orders[1].ID)
	if len(o.Refunds) != 1 || o.Refunds[0].Amount != o.Total || !o.Refunds[0].ByHand() {
		t.Fatalf("what goes back: %+v", o.Refunds)
	}
	told(t, m, o.ID, store.EventMoneyBack, m.Ben, m.Ana)
	refund := o.Refunds[0].ID
	for who, want := range map[*store.Member]error{&m.Ben: store.ErrForbidden, &m.Cleo: store.ErrNotFound, &m.Dora: store.ErrNotFound} {
		if err := m.Store.SayRefundSent(ctx, *who, o.ID, refund); !errors.Is(err, want) {
			t.Errorf("%s says that it was sent back: %v", who.FirstName, err)
		}
	}
	for _, junk := range []string{"", "junk", "00000000-0000-4000-8000-000000000000"} {
		if err := m.Store.SayRefundSent(ctx, m.Ana, o.ID, junk); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the refund %q: %v", junk, err)
		}
	}
	if err := m.Store.SayRefundSent(ctx, m.Ana, orders[0].ID, refund); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the refund of another order: %v", err)
	}
	for range 2 {
		if err := m.Store.SayRefundSent(ctx, m.Ana, o.ID, refund); err != nil {
			t.Fatal(err)
		}
	}
	told(t, m, o.ID, store.EventRefunded, m.Ben, m.Ana)
	if now := look(t, m, m.Ana, o.ID); !now.Refunds[0].Done() || len(now.Papers) != 0 {
		t.Errorf("afterwards: %+v, %+v", now.Refunds, now.Papers)
	}
}

// TestALapseAndAnArrivalAtOnce: whichever is first, the money is the price of a
// sale or on its way back, and never both.
func TestALapseAndAnArrivalAtOnce(t *testing.T) {
	t.Parallel()
	m := directMarket(t)
	ctx := context.Background()
	for range 5 {
		o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
		sent(t, m, m.Ben, begin(t, m, m.Ben, o.ID).ID)
		m.Clock.Advance(8 * 24 * time.Hour)
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := m.Store.KeepTime(ctx); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if outcome, err := m.Store.SayTransferCame(ctx, m.Ana, o.ID); outcome != store.Settled || err != nil {
				t.Errorf("%s, %v", outcome, err)
			}
		})
		both.Wait()
		if now := look(t, m, m.Ben, o.ID); now.Status != store.ReadyToShip || len(now.Refunds) != 0 || len(now.Papers) != 1 {
			t.Errorf("the order is %s, with %d refunds and %d papers", now.Status, len(now.Refunds), len(now.Papers))
		}
	}
}

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		moment, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for from, want := range map[string]string{
		"2026-06-01T09:00:00Z": "2026-06-08T09:00:00Z", // Monday
		"2026-06-05T23:30:00Z": "2026-06-11T23:30:00Z", // Saturday already in London
		"2026-06-07T12:00:00Z": "2026-06-12T12:00:00Z", // Sunday
		"2026-03-27T10:00:00Z": "2026-04-03T09:00:00Z", // over the change of the clocks
	} {
		if got := store.WorkingDays(at(from), 5); !got.Equal(at(want)) {
			t.Errorf("five working days after %s is %s, not %s", from, got, want)
		}
	}
}
