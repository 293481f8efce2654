package payment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v85"
)

// Recover implements Gateway. A bank takes a charge-back from the market's account;
// the artist's part of it comes back by reversing the transfer that the charge came
// with. Stripe forgets a repeated request after a day; what was reversed for the
// same recovery is looked for first.
func (s *Stripe) Recover(ctx context.Context, r Recovery) (int64, error) {
	c, err := s.charge(ctx, r.Charge)
	if err != nil || c == nil || c.Transfer == nil {
		return 0, s.ifFailed("recover", err)
	}
	taken, err := s.reversed(ctx, c.Transfer.ID, r.ID)
	wanted := min(r.Amount, left(c.Transfer))
	if err != nil || r.Looking || taken > 0 || wanted <= 0 {
		return taken, s.ifFailed("recover", err)
	}
	taken, err = s.reverse(ctx, c.Transfer, wanted, recoveryKey, r.ID, "recovery-"+r.ID+"-"+strconv.Itoa(r.Try))
	return taken, s.ifFailed("recover", err)
}

// PassOn implements Gateway, by a new transfer into the account that the charge was
// passed on to, out of the market's own, to which the bank has given the money back.
// It is found again by its group.
func (s *Stripe) PassOn(ctx context.Context, r Recovery) error {
	c, err := s.charge(ctx, r.Charge)
	if err != nil {
		return s.failed("pass on", err)
	}
	if c == nil || c.Transfer == nil || c.Transfer.Destination == nil {
		return fmt.Errorf("stripe: pass on: %w: the charge was passed on to nobody", ErrRefused)
	}
	before, err := s.passedOn(ctx, r.Charge)
	if err != nil || slices.ContainsFunc(before, func(t *stripe.Transfer) bool { return t.Metadata[recoveryKey] == r.ID }) {
		return s.ifFailed("pass on", err)
	}
	p := &stripe.TransferCreateParams{
		Amount:        stripe.Int64(r.Amount),
		Currency:      stripe.String(strings.ToLower(r.Currency)),
		Destination:   stripe.String(c.Transfer.Destination.ID),
		TransferGroup: stripe.String(group(r.Charge)),
		Metadata:      map[string]string{recoveryKey: r.ID},
	}
	p.SetIdempotencyKey("pass-on-" + r.ID + "-" + strconv.Itoa(r.Try))
	_, err = s.client.V1Transfers.Create(ctx, p)
	return s.ifFailed("pass on", err)
}

// recoveryKey is what we write beside reversals and transfers, and find again.
const recoveryKey = "recovery"

// group names the transfers by which a charge was passed on once more.
func group(charge string) string { return "won-" + charge }

// left is what has not been reversed of a transfer.
func left(t *stripe.Transfer) int64 { return t.Amount - t.AmountReversed }

// charge reads a payment's charge, with the transfer that it came with; nil while
// there is none.
func (s *Stripe) charge(ctx context.Context, paymentIntent string) (*stripe.Charge, error) {
	p := &stripe.PaymentIntentRetrieveParams{}
	p.AddExpand("latest_charge.transfer")
	intent, err := s.client.V1PaymentIntents.Retrieve(ctx, paymentIntent, p)
	if err != nil {
		return nil, err
	}
	return intent.LatestCharge, nil
}

// passedOn lists the transfers by which a charge was passed on once more.
func (s *Stripe) passedOn(ctx context.Context, charge string) ([]*stripe.Transfer, error) {
	p := &stripe.TransferListParams{TransferGroup: stripe.String(group(charge))}
	p.Limit = stripe.Int64(100)
	var list []*stripe.Transfer
	for t, err := range s.client.V1Transfers.List(ctx, p).All(ctx) {
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// reversed is how much of a transfer was reversed for a recovery.
func (s *Stripe) reversed(ctx context.Context, transfer, recovery string) (int64, error) {
	p := &stripe.TransferReversalListParams{ID: stripe.String(transfer)}
	p.Limit = stripe.Int64(100)
	var sum int64
	for made, err := range s.client.V1TransferReversals.List(ctx, p).All(ctx) {
		if err != nil {
			return 0, err
		}
		if made.Metadata[recoveryKey] == recovery {
			sum += made.Amount
		}
	}
	return sum, nil
}

// reverse takes so much of a transfer back out of the account that it went to. What
// it is for is written beside it.
func (s *Stripe) reverse(ctx context.Context, t *stripe.Transfer, amount int64, key, id, once string) (int64, error) {
	p := &stripe.TransferReversalCreateParams{
		ID:       stripe.String(t.ID),
		Amount:   stripe.Int64(amount),
		Metadata: map[string]string{key: id},
	}
	p.SetIdempotencyKey(once)
	made, err := s.client.V1TransferReversals.Create(ctx, p)
	if err != nil {
		return 0, err
	}
	return made.Amount, nil
}

// takeBack takes the artist's part of a refund out of what was passed on once more:
// the charge's own transfer does not have it any more. What is to be left follows
// from what is left of the charge, so that a refund which is tried again does not
// take it twice. The market's part it has already.
func (s *Stripe) takeBack(ctx context.Context, r Refund, c *stripe.Charge, won []*stripe.Transfer) error {
	gone := c.AmountRefunded + r.Amount
	rest := -(c.Amount - gone - (c.ApplicationFeeAmount - c.ApplicationFeeAmount*gone/c.Amount))
	for _, t := range won {
		rest += left(t)
	}
	for _, t := range won {
		part := min(rest, left(t))
		if part <= 0 {
			continue
		}
		if _, err := s.reverse(ctx, t, part, refundKey, r.ID, "refund-"+r.ID+"-"+t.ID); err != nil {
			return err
		}
		rest -= part
	}
	return nil
}

// ifFailed is failed, for an error that may be none.
func (s *Stripe) ifFailed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return s.failed(doing, err)
}
