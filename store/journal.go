package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The journal is the market's books in double entry. Each entry is about one
// thing that happened to a payment and is booked once; its postings sum to zero,
// which the schema sees to, and nothing is ever changed. Debits are positive. The
// accounts:
//
//   - gateway: what the payment gateway has of the money;
//   - collector: what is owed to a collector (a credit), while a payment is not
//     settled or is on its way back;
//   - artist: what is owed to an artist (a credit), or has been paid too much;
//   - market: the commission.
//
// The gateway pays an artist at the moment of the sale, so a payout is booked with
// it.
type bookAccount string

const (
	gatewayAccount   bookAccount = "gateway"
	collectorAccount bookAccount = "collector"
	artistAccount    bookAccount = "artist"
	marketAccount    bookAccount = "market"
)

// posting is one line of an entry.
type posting struct {
	account bookAccount
	amount  Pence // a debit, or a credit when negative
}

// entry is what is booked together. What tells it from others of its kind.
type entry struct {
	kind, what string
	postings   []posting
}

func (e entry) key() string { return e.kind + " " + e.what }

// book writes entries about a payment of a locked order; one that is there already
// is left alone.
func (s *Store) book(ctx context.Context, tx *sqlx.Tx, o Order, paymentID string, entries ...entry) error {
	var keys, kinds, of, accounts []string
	var amounts []int64
	for _, e := range entries {
		keys, kinds = append(keys, e.key()), append(kinds, e.kind)
		for _, p := range e.postings {
			if p.amount != 0 {
				of, accounts, amounts = append(of, e.key()), append(accounts, string(p.account)), append(amounts, int64(p.amount))
			}
		}
	}
	_, err := tx.ExecContext(ctx, `
		WITH entry AS (
			INSERT INTO journal_entries (entry_key, kind, order_id, payment_id, at)
			SELECT key, kind, $3, $4, $5 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS e (key, kind, n) ORDER BY n
			ON CONFLICT (entry_key) DO NOTHING RETURNING id, entry_key)
		INSERT INTO journal_postings (entry_id, account, member_id, amount)
		SELECT entry.id, p.account, CASE p.account WHEN 'collector' THEN $6::bigint WHEN 'artist' THEN $7::bigint END, p.amount
		FROM entry JOIN unnest($8::text[], $9::text[], $10::bigint[]) AS p (key, account, amount) ON p.key = entry.entry_key`,
		pq.Array(keys), pq.Array(kinds), o.ID, paymentID, s.now(), o.BuyerID, o.SellerID, pq.Array(of), pq.Array(accounts), pq.Array(amounts))
	if err != nil {
		return fmt.Errorf("book %s of order %d: %w", kinds, o.ID, err)
	}
	return nil
}

// taken says that a gateway has taken money: it is the collector's until it is
// settled.
func taken(e PaymentEvent) entry {
	return entry{"taken", e.charge(), []posting{{gatewayAccount, e.Amount}, {collectorAccount, -e.Amount}}}
}

// sale says that a payment has settled, and that the gateway has paid the artist.
func sale(p Payment) []entry {
	theirs := p.Amount - p.Fee
	return []entry{
		{"sale", p.ID, []posting{{collectorAccount, p.Amount}, {artistAccount, -theirs}, {marketAccount, -p.Fee}}},
		{"payout", p.ID, []posting{{artistAccount, theirs}, {gatewayAccount, -theirs}}},
	}
}

// bookRefund books that a sum goes back: the artist and the market owe it to the
// collector. For money that never settled it was the collector's all the time.
func (s *Store) bookRefund(ctx context.Context, tx *sqlx.Tx, o Order, r Refund) error {
	if !r.settled() {
		return nil
	}
	return s.book(ctx, tx, o, r.PaymentID, entry{"refund", r.ID,
		[]posting{{collectorAccount, -r.Amount}, {artistAccount, r.Amount - r.Fee}, {marketAccount, r.Fee}}})
}

// bookGivenBack books that a sum has gone back. What the artist had been paid of
// it, the gateway has taken again; where it was not reversed, the artist owes it.
func (s *Store) bookGivenBack(ctx context.Context, tx *sqlx.Tx, o Order, r Refund, reversed bool) error {
	var theirs Pence
	if r.settled() && reversed {
		theirs = r.Amount - r.Fee
	}
	return s.book(ctx, tx, o, r.PaymentID, entry{"given back", r.ID,
		[]posting{{collectorAccount, r.Amount}, {artistAccount, -theirs}, {gatewayAccount, theirs - r.Amount}}})
}

// bookChargeBack books that a collector's bank has taken a sum back: the artist
// owes it, less what the market gives back of its commission, and the gateway does
// not have it any more. Winning is the contrary.
func (s *Store) bookChargeBack(ctx context.Context, tx *sqlx.Tx, o Order, paymentID string, c chargeBack, won bool) error {
	kind, theirs, fee, amount := "charge-back", c.Amount-c.Fee, c.Fee, c.Amount
	if won {
		kind, theirs, fee, amount = "charge-back won", -theirs, -fee, -amount
	}
	return s.book(ctx, tx, o, paymentID, entry{kind, paymentID, []posting{{artistAccount, theirs}, {marketAccount, fee}, {gatewayAccount, -amount}}})
}

// bookRecovered books that the gateway has taken what an artist owes of a
// charge-back out of the artist's account. Passing it on again is the contrary.
func (s *Store) bookRecovered(ctx context.Context, tx *sqlx.Tx, o Order, paymentID string, amount Pence, taken bool) error {
	if amount == 0 {
		return nil
	}
	if taken {
		return s.book(ctx, tx, o, paymentID, entry{"recovered", paymentID, []posting{{gatewayAccount, amount}, {artistAccount, -amount}}})
	}
	return s.book(ctx, tx, o, paymentID, entry{"passed on", paymentID, []posting{{artistAccount, amount}, {gatewayAccount, -amount}}})
}

// Takings are the sums of an artist's sales by the journal.
type Takings struct {
	Sold  Pence `db:"sold"`  // to the artist's account, less commission
	Back  Pence `db:"back"`  // of it, given or taken back
	Owing Pence `db:"owing"` // to the artist; negative when the artist owes
}

// Takings returns the sums of the artist's own sales.
func (s *Store) Takings(ctx context.Context, artist Member) (Takings, error) {
	var t Takings
	err := s.getRow(ctx, &t, `
		SELECT COALESCE(-sum(p.amount) FILTER (WHERE e.kind = 'sale'), 0) AS sold,
			COALESCE(sum(p.amount) FILTER (WHERE e.kind IN ('refund', 'charge-back', 'charge-back won')), 0) AS back,
			COALESCE(-sum(p.amount), 0) AS owing
		FROM journal_postings p JOIN journal_entries e ON e.id = p.entry_id
		WHERE p.member_id = $1 AND p.account = 'artist'`, artist.ID)
	return t, err
}
