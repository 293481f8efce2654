package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"openstudio/store"
	"openstudio/store/payment"
)

// Till is where money changes hands: it joins the store, which knows what an order
// costs and who may pay it, and the gateway, which has the money. Whatever a
// gateway says, by message or when it is asked, comes through the same few verbs.
type Till struct {
	store   *store.Store
	gateway payment.Gateway
	base    string // of the addresses that the gateway sends people back to
	log     *slog.Logger
}

// NewTill opens a till. base is the market's own address, without a slash at its
// end.
func NewTill(s *store.Store, g payment.Gateway, base string, log *slog.Logger) *Till {
	return &Till{store: s, gateway: g, base: base, log: log}
}

// Begin begins to pay an order and returns the gateway's page. It fails as
// store.BeginPayment does.
func (t *Till) Begin(ctx context.Context, collector store.Member, order int64, number int) (string, error) {
	account, err := t.payInto(ctx, collector, order)
	if err != nil {
		return "", err
	}
	p, err := t.store.BeginPayment(ctx, collector, order, t.gateway.Name(), number)
	if err != nil {
		return "", err
	}
	if p.Page != "" {
		return p.Page, nil
	}
	a := t.attempt(p)
	a.Account = account
	page, err := t.gateway.Begin(ctx, a)
	if err != nil {
		t.log.ErrorContext(ctx, "a payment could not be begun", "gateway", t.gateway.Name(), "order", order, "error", err)
		if errors.Is(err, payment.ErrRefused) { // another try may be taken, this one never
			if err := t.store.PageClosed(ctx, t.gateway.Name(), p.ID); err != nil {
				return "", err
			}
		}
		return "", errNoPage
	}
	return page.URL, t.store.PageOpened(ctx, p.ID, page.Session, page.URL)
}

// errNoPage is what a collector reads when the gateway does not answer as it should.
var errNoPage = &store.Conflict{Sentence: "The payment page could not be opened. Nothing was charged. Try again in a minute."}

// attempt is a payment as the gateway is told of it.
func (t *Till) attempt(p store.Payment) payment.Attempt {
	return payment.Attempt{ID: p.ID, Amount: int64(p.Amount), Fee: int64(p.Fee), Currency: p.Currency, Words: p.Title, Until: p.Until,
		Back: t.base + "/orders/" + strconv.FormatInt(p.OrderID, 10) + "/payment"}
}

// Hear takes in what the gateway says, however often it says it, and returns what
// became of it. It fails with store.ErrNotFound for what is not of this market.
func (t *Till) Hear(ctx context.Context, e payment.Event) (store.Outcome, error) {
	name := t.gateway.Name()
	switch e.Kind {
	case payment.Taken, payment.Declined:
		return t.store.SettlePayment(ctx, store.PaymentEvent{Gateway: name, ID: e.ID, Taken: e.Kind == payment.Taken,
			Payment: e.Attempt, Charge: e.Charge, Amount: store.Pence(e.Amount), Currency: e.Currency})
	case payment.Expired:
		return "closed", t.store.PageClosed(ctx, name, e.Attempt)
	case payment.AccountChanged:
		return store.Outcome(e.Kind), t.lookAtAccount(ctx, e.Account)
	case payment.Refunded, payment.RefundFailed:
		if e.Refund == "" {
			return t.hearByHand(ctx, e)
		}
		if e.Kind == payment.RefundFailed {
			t.log.ErrorContext(ctx, "a refund has failed, and is tried again in a day", "refund", e.Refund)
		}
		return store.Outcome(e.Kind), t.store.SettleRefund(ctx, store.RefundEvent{Gateway: name, Refund: e.Refund, Done: e.Kind == payment.Refunded})
	case payment.ChargedBack, payment.ChargeBackWon, payment.ChargeBackLost:
		state := map[payment.Kind]string{payment.ChargedBack: "open", payment.ChargeBackWon: "won", payment.ChargeBackLost: "lost"}[e.Kind]
		t.log.ErrorContext(ctx, "charge-back", "state", state, "charge", e.Charge)
		return store.Outcome(e.Kind), t.store.SettleChargeBack(ctx, store.ChargeBackEvent{Gateway: name, Charge: e.Charge, Amount: store.Pence(e.Amount), State: state})
	}
	return "ignored", nil
}

// hearByHand takes in a refund that somebody made on the gateway's own pages. What
// the operator has to look at is said.
func (t *Till) hearByHand(ctx context.Context, e payment.Event) (store.Outcome, error) {
	about := []any{"charge", e.Charge, "refund", e.Made, "amount", e.Amount}
	if e.Kind == payment.RefundFailed {
		t.log.ErrorContext(ctx, "a refund that was made on the gateway's own pages has failed", about...)
		return "not ours", nil
	}
	counted, err := t.store.SettleRefundByHand(ctx, store.RefundByHand{Gateway: t.gateway.Name(), Name: e.Made, Charge: e.Charge,
		Amount: store.Pence(e.Amount), Reversed: e.Reversed})
	switch {
	case err != nil:
		return "", err
	case int64(counted) < e.Amount:
		t.log.ErrorContext(ctx, "more was given back on the gateway's own pages than the books had left of the payment", append(about, "counted", counted)...)
	case !e.Reversed:
		t.log.ErrorContext(ctx, "money was given back on the gateway's own pages, and not out of the artist's account: the artist owes it", about...)
	}
	return store.Outcome(e.Kind), nil
}

// Ask asks the gateway what has become of a payment, and takes in the answer as
// if it had been sent. Where the order waits no longer, its page is closed first.
func (t *Till) Ask(ctx context.Context, p store.Payment) error {
	e, err := t.gateway.Look(ctx, p.ID, p.Session)
	if err == nil && e.Kind == "" && p.Late {
		err = t.gateway.Close(ctx, p.Session)
		switch {
		case errors.Is(err, payment.ErrPaid): // between the two questions
			e, err = t.gateway.Look(ctx, p.ID, p.Session)
		case err == nil:
			e.Kind, e.Attempt = payment.Expired, p.ID
		}
	}
	if err == nil && e.Kind != "" {
		_, err = t.Hear(ctx, e)
	}
	if err != nil {
		return fmt.Errorf("ask %s about a payment: %w", t.gateway.Name(), err)
	}
	return nil
}

// Shut closes the page of an order that is about to be cancelled, if there is one.
// It fails with a *store.Conflict when it has been paid, or nobody can say.
func (t *Till) Shut(ctx context.Context, m store.Member, order int64) error {
	p, err := t.store.OpenPayment(ctx, m, order)
	if errors.Is(err, store.ErrNotFound) || err == nil && p.Session == "" {
		return nil
	}
	if err != nil {
		return err
	}
	p.Late = true
	if err := t.Ask(ctx, p); err != nil {
		t.log.WarnContext(ctx, "a payment page could not be closed", "order", order, "error", err)
		return &store.Conflict{Sentence: "The page on which this can be paid could not be closed, so nothing was changed. Try again in a minute."}
	}
	return nil
}

// atOnce is how many payments or refunds are taken up together, and refundsAtOnce
// how many refunds or recoveries are asked for at one time.
const atOnce, refundsAtOnce = 20, 4

// Reconcile asks the gateway about payments that it has not spoken of, so that a
// message that was lost is only time, and closes the pages of those whose hold is
// over. It returns how many it asked about.
func (t *Till) Reconcile(ctx context.Context) (int, error) {
	due, err := t.store.ClaimUnsettled(ctx, t.gateway.Name(), atOnce)
	if err != nil {
		return 0, err
	}
	var problems []error
	for _, p := range due {
		if err := t.Ask(ctx, p); err != nil {
			problems = append(problems, err)
		}
	}
	return len(due) - len(problems), errors.Join(problems...)
}

// Refund asks the gateway for refunds that are due, and returns how many it heard
// of.
func (t *Till) Refund(ctx context.Context) (int, error) {
	due, err := t.store.ClaimRefunds(ctx, t.gateway.Name(), atOnce)
	if err != nil {
		return 0, err
	}
	return len(due), together(due, func(r store.Refund) error { return t.refund(context.WithoutCancel(ctx), r) })
}

// together does something for each of a few things, some at one time.
func together[T any](due []T, do func(T) error) error {
	problems := make([]error, len(due))
	var asking sync.WaitGroup
	places := make(chan struct{}, refundsAtOnce)
	for i, thing := range due {
		places <- struct{}{}
		asking.Go(func() {
			defer func() { <-places }()
			problems[i] = do(thing)
		})
	}
	asking.Wait()
	return errors.Join(problems...)
}

func (t *Till) refund(ctx context.Context, r store.Refund) error {
	e, err := t.gateway.Refund(ctx, payment.Refund{ID: r.ID, Charge: r.Charge, Amount: int64(r.Amount), Currency: r.Currency, Settled: r.Settled()})
	switch {
	case errors.Is(err, payment.ErrRefused):
		_, heard := t.Hear(ctx, payment.Event{Kind: payment.RefundFailed, Refund: r.ID})
		return errors.Join(fmt.Errorf("refund at %s: %w", t.gateway.Name(), err), heard)
	case err != nil:
		return errors.Join(fmt.Errorf("refund at %s: %w", t.gateway.Name(), err), t.store.RefundPutOff(ctx, r))
	case e.Kind == "":
		return t.store.RefundAsked(ctx, r.ID)
	}
	_, err = t.Hear(ctx, e)
	return err
}

// Recover asks the gateway to take what collectors' banks have charged back out of
// the artists' accounts, and to pass on again what was won. It returns how many
// requests that were.
func (t *Till) Recover(ctx context.Context) (int, error) {
	due, err := t.store.ClaimRecoveries(ctx, t.gateway.Name(), refundsAtOnce)
	if err != nil {
		return 0, err
	}
	return len(due), together(due, func(r store.Recovery) error { return t.recover(context.WithoutCancel(ctx), r) })
}

func (t *Till) recover(ctx context.Context, r store.Recovery) error {
	asked := payment.Recovery{ID: r.ID, Try: r.Try, Charge: r.Charge, Amount: int64(r.Amount), Currency: r.Currency, Looking: r.Looking()}
	var taken int64
	var err error
	if r.Returning() {
		asked.Amount = int64(r.Taken)
		err = t.gateway.PassOn(ctx, asked)
	} else {
		taken, err = t.gateway.Recover(ctx, asked)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("recover the money of order %d at %s: %w", r.OrderID, t.gateway.Name(), err)
		return errors.Join(err, t.store.RecoveryPutOff(ctx, r, errors.Is(err, payment.ErrRefused)))
	case r.Returning():
		return t.store.PassedOn(ctx, r)
	}
	return t.store.Recovered(ctx, r, store.Pence(taken))
}
