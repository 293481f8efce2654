package payment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

// StripeConfig says which account at Stripe takes the money.
type StripeConfig struct {
	// Key is the account's secret key, or a restricted one: sk_test_, sk_live_,
	// rk_test_ or rk_live_ and more.
	Key string
	// Secrets are those of the account's webhook endpoints, whsec_ and more: one
	// hears of the account itself, another of the artists' accounts, and while one is
	// rolled it has two.
	Secrets []string
	// URL is where Stripe's interface is; "" is Stripe itself.
	URL string
	// Now is the clock by which messages are too old; nil is the machine's.
	Now func() time.Time
	// Timeout bounds one request; 0 is 15 seconds.
	Timeout time.Duration
}

// Stripe takes money by Stripe Checkout. Each payment is a destination charge: it
// is made out to the market, and Stripe passes it on to the artist's own account
// at once, less the market's fee.
type Stripe struct {
	StripeConfig
	client *stripe.Client
	live   bool
}

// The reasons why a genuine message of Stripe's is refused: the market's settings
// at Stripe are wrong.
var (
	// ErrMode: the message is of test mode and the key of live mode, or the reverse.
	ErrMode = errors.New("the message is of Stripe's other mode: test and live are kept apart")
	// ErrVersion: what the message says could be misread.
	ErrVersion = errors.New("the message is of another version of Stripe's interface: set the webhook endpoint to " + stripe.APIVersion)
)

// errUnderWay is said of a page on which a slow payment was begun.
var errUnderWay = errors.New("stripe: the money is on its way, and nobody can say whether it arrives")

// The lives that Stripe gives a page, with a minute to spare at both ends.
const shortest, longest = 31 * time.Minute, 24*time.Hour - time.Minute

// NewStripe opens the gateway. It asks Stripe nothing. What is wrong with a
// configuration is said without the secrets in it.
func NewStripe(c StripeConfig) (*Stripe, error) {
	s := &Stripe{StripeConfig: c}
	switch kind, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(c.Key, "sk_"), "rk_"), "_"); {
	case !strings.HasPrefix(c.Key, "sk_") && !strings.HasPrefix(c.Key, "rk_"), kind != "test" && kind != "live", rest == "":
		return nil, errors.New("the key is not a secret key of Stripe: those begin with sk_test_ or sk_live_")
	default:
		s.live = kind == "live"
	}
	if len(c.Secrets) == 0 || slices.ContainsFunc(c.Secrets, func(w string) bool { return !strings.HasPrefix(w, "whsec_") || len(w) < 16 }) {
		return nil, errors.New("the webhook secret is not one of Stripe: those begin with whsec_")
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	config := &stripe.BackendConfig{
		HTTPClient:        &http.Client{Timeout: cmp.Or(c.Timeout, 15*time.Second)},
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull}, // what fails is returned, and logged once
		EnableTelemetry:   stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(1),
	}
	if c.URL != "" {
		config.URL = stripe.String(c.URL)
	}
	s.client = stripe.NewClient(c.Key, stripe.WithBackends(stripe.NewBackendsWithConfig(config)))
	return s, nil
}

// Name implements Gateway.
func (s *Stripe) Name() string { return "stripe" }

// Live reports whether the key takes real money.
func (s *Stripe) Live() bool { return s.live }

// Hosts implements Elsewhere.
func (s *Stripe) Hosts() []string {
	if s.URL != "" {
		return []string{s.URL}
	}
	return []string{"https://checkout.stripe.com", "https://connect.stripe.com"}
}

// Begin implements Gateway. Stripe answers a repeated request with the page that
// it made before, if the request is the same in every word. So that it is, the end
// of a page follows from the attempt alone, where its time allows.
func (s *Stripe) Begin(ctx context.Context, a Attempt) (Page, error) {
	if a.Account == "" {
		return Page{}, fmt.Errorf("stripe: begin: %w: there is no account to pay into", ErrRefused)
	}
	var err error
	for _, end := range ends(a.Until, s.Now()) {
		var session *stripe.CheckoutSession
		session, err = s.client.V1CheckoutSessions.Create(ctx, checkout(a, end))
		if err == nil {
			return Page{Session: session.ID, URL: session.URL}, nil
		}
		if !otherEnd(err) {
			break
		}
	}
	return Page{}, s.failed("begin", err)
}

// ends lists when the page of an attempt may end: two minutes after nothing should
// be taken for it, which is late enough for one who begins at once, and where that
// is too near or too far, the first whole hours from it. The page that a repeated
// request asks for, if it is open still, ends at one of them.
func ends(until, now time.Time) []time.Time {
	end := until.Add(2 * time.Minute).Truncate(time.Second)
	var list []time.Time
	if left := end.Sub(now); left > 0 && left <= longest {
		list = append(list, end)
	}
	soon := end.Add(-end.Sub(now).Truncate(time.Hour))
	if !soon.After(now) {
		soon = soon.Add(time.Hour)
	}
	for ; ; soon = soon.Add(time.Hour) {
		if !slices.Contains(list, soon) {
			list = append(list, soon)
		}
		if soon.Sub(now) >= shortest {
			return list
		}
	}
}

// otherEnd reports whether a page was refused for when it ends: Stripe thinks that
// too soon, or has been asked for this attempt with another end.
func otherEnd(err error) bool {
	e, ok := asStripe(err)
	return ok && e.HTTPStatusCode == http.StatusBadRequest && (e.Type == stripe.ErrorTypeIdempotency || e.Param == "expires_at")
}

// checkout is the page of an attempt. Its payment methods are those that the
// market chose at Stripe and that say at once whether they pay: a piece is not held
// for the days that a bank debit takes.
func checkout(a Attempt, end time.Time) *stripe.CheckoutSessionCreateParams {
	ours := map[string]string{attemptKey: a.ID}
	p := &stripe.CheckoutSessionCreateParams{
		Mode:              stripe.String(string(stripe.CheckoutSessionModePayment)),
		ClientReferenceID: stripe.String(a.ID),
		Metadata:          ours,
		SuccessURL:        stripe.String(a.Back),
		CancelURL:         stripe.String(a.Back),
		ExpiresAt:         stripe.Int64(end.Unix()),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency:    stripe.String(strings.ToLower(a.Currency)),
				UnitAmount:  stripe.Int64(a.Amount),
				ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String(a.Words)},
			},
		}},
		ExcludedPaymentMethodTypes: stripe.StringSlice([]string{"bacs_debit"}),
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{
			Metadata:     ours,
			TransferData: &stripe.CheckoutSessionCreatePaymentIntentDataTransferDataParams{Destination: stripe.String(a.Account)},
		},
	}
	if a.Fee > 0 {
		p.PaymentIntentData.ApplicationFeeAmount = stripe.Int64(a.Fee)
	}
	p.SetIdempotencyKey("attempt-" + a.ID)
	return p
}

// What we write beside Stripe's things, and find again in its messages.
const attemptKey, refundKey = "attempt", "refund"

// Close implements Gateway. A page on which a slow payment was begun can neither be
// closed nor is it paid.
func (s *Stripe) Close(ctx context.Context, session string) error {
	_, err := s.client.V1CheckoutSessions.Expire(ctx, session, nil)
	if err == nil {
		return nil
	}
	// Stripe refuses to close what is not open, and does not say what it is.
	now, looked := s.session(ctx, session)
	if looked != nil {
		return s.failed("close", errors.Join(err, looked))
	}
	switch e := standing(now); {
	case e.Kind == Taken:
		return ErrPaid
	case e.Kind != "":
		return nil
	case now.Status == stripe.CheckoutSessionStatusComplete:
		return errUnderWay
	}
	return s.failed("close", err)
}

// Look implements Gateway.
func (s *Stripe) Look(ctx context.Context, attempt, session string) (Event, error) {
	now, err := s.session(ctx, session)
	if err != nil {
		return Event{}, s.failed("look", err)
	}
	e := standing(now)
	if e.Attempt != attempt {
		return Event{}, fmt.Errorf("stripe: look: %w: the page is not of this attempt", ErrRefused)
	}
	if e.Kind == "" {
		return Event{}, nil
	}
	return e, nil
}

func (s *Stripe) session(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	p := &stripe.CheckoutSessionRetrieveParams{}
	p.AddExpand("payment_intent")
	return s.client.V1CheckoutSessions.Retrieve(ctx, id, p)
}

// standing is what a page says, as an event. Its name is made of what it is about,
// so that a message and the answer when asked are one.
func standing(c *stripe.CheckoutSession) Event {
	e := Event{Attempt: c.ClientReferenceID, Amount: c.AmountTotal, Currency: strings.ToUpper(string(c.Currency))}
	switch {
	case c.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid && c.PaymentIntent != nil:
		e.Kind, e.Charge = Taken, c.PaymentIntent.ID
	case c.Status == stripe.CheckoutSessionStatusExpired:
		e.Kind = Expired
	case c.Status == stripe.CheckoutSessionStatusComplete && c.PaymentIntent != nil && failed(c.PaymentIntent.Status):
		e.Kind = Declined
	}
	e.ID = named(c.ID, e.Kind)
	return e
}

// failed reports whether a slow payment did not arrive.
func failed(status stripe.PaymentIntentStatus) bool {
	return status == stripe.PaymentIntentStatusRequiresPaymentMethod || status == stripe.PaymentIntentStatusCanceled
}

func named(id string, k Kind) string { return id + "/" + string(k) }

// Refund implements Gateway. It takes the money back out of the artist's account,
// and the fee's share from the market's, whenever Stripe has passed it on, which
// does not wait for us: so what is not settled goes back out of it as well. After a
// charge-back that was won the money is in transfers of its own; see takeBack. Stripe
// forgets a repeated request after a day; what was given back for the same refund
// is looked for first.
func (s *Stripe) Refund(ctx context.Context, r Refund) (Event, error) {
	before := &stripe.RefundListParams{PaymentIntent: stripe.String(r.Charge)}
	before.Limit = stripe.Int64(100)
	for made, err := range s.client.V1Refunds.List(ctx, before).All(ctx) {
		if err != nil {
			return Event{}, s.failed("refund", err)
		}
		if made.Metadata[refundKey] == r.ID {
			return refunded(made), nil
		}
	}
	c, err := s.charge(ctx, r.Charge)
	if err != nil {
		return Event{}, s.failed("refund", err)
	}
	p := &stripe.RefundCreateParams{
		PaymentIntent: stripe.String(r.Charge),
		Amount:        stripe.Int64(r.Amount),
		Metadata:      map[string]string{refundKey: r.ID},
	}
	if c != nil && c.Transfer != nil {
		var won []*stripe.Transfer
		if left(c.Transfer) < c.Amount-c.AmountRefunded { // more was taken back than was given back
			if won, err = s.passedOn(ctx, r.Charge); err != nil {
				return Event{}, s.failed("refund", err)
			}
		}
		if len(won) > 0 {
			if err := s.takeBack(ctx, r, c, won); err != nil {
				return Event{}, s.failed("refund", err)
			}
		} else {
			p.ReverseTransfer = stripe.Bool(true)
			if c.ApplicationFeeAmount > 0 {
				p.RefundApplicationFee = stripe.Bool(true)
			}
		}
	}
	p.SetIdempotencyKey("refund-" + r.ID)
	made, err := s.client.V1Refunds.Create(ctx, p)
	if e, ok := asStripe(err); ok && e.Code == stripe.ErrorCodeChargeAlreadyRefunded {
		// All of it went back by hand, on Stripe's own pages.
		return Event{ID: named(r.ID, Refunded), Kind: Refunded, Charge: r.Charge, Refund: r.ID, Amount: r.Amount, Currency: r.Currency}, nil
	}
	if err != nil {
		return Event{}, s.failed("refund", err)
	}
	return refunded(made), nil
}

// refunded is how a refund stands, as an event; it has no kind while the money is
// on its way.
func refunded(r *stripe.Refund) Event {
	e := Event{Refund: r.Metadata[refundKey], Made: r.ID, Reversed: r.TransferReversal != nil, Amount: r.Amount, Currency: strings.ToUpper(string(r.Currency))}
	if r.PaymentIntent != nil {
		e.Charge = r.PaymentIntent.ID
	}
	switch r.Status {
	case stripe.RefundStatusSucceeded:
		e.Kind = Refunded
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		e.Kind = RefundFailed
	default:
		return Event{}
	}
	e.ID = named(r.ID, e.Kind)
	return e
}

// Verify implements Gateway. It fails with ErrMode or ErrVersion, too.
func (s *Stripe) Verify(body []byte, header func(string) string) (Event, error) {
	if !s.signed(body, header("Stripe-Signature")) {
		return Event{}, ErrSignature
	}
	var m stripe.Event
	if err := json.Unmarshal(body, &m); err != nil || m.Object != "event" || m.ID == "" || m.Data == nil {
		return Event{}, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	switch {
	case m.Livemode != s.live:
		return Event{}, ErrMode
	case m.APIVersion != stripe.APIVersion:
		return Event{}, ErrVersion
	}
	return hear(&m)
}

// signed reports whether one of the secrets signed a body, not long ago and not in
// the future. Stripe's library asks only the first and the second.
func (s *Stripe) signed(body []byte, header string) bool {
	var at int64
	for part := range strings.SplitSeq(header, ",") {
		if t, is := strings.CutPrefix(part, "t="); is {
			at, _ = strconv.ParseInt(t, 10, 64)
		}
	}
	if s.Now().Sub(time.Unix(at, 0)).Abs() > tolerance {
		return false
	}
	return slices.ContainsFunc(s.Secrets, func(secret string) bool {
		return webhook.ValidatePayloadIgnoringTolerance(body, header, secret) == nil
	})
}

// hear reads a message that is Stripe's. A card that is declined is not told of:
// the page stays open for another, so the attempt is not over.
func hear(m *stripe.Event) (Event, error) {
	switch m.Type {
	case stripe.EventTypeCheckoutSessionCompleted, stripe.EventTypeCheckoutSessionAsyncPaymentSucceeded,
		stripe.EventTypeCheckoutSessionAsyncPaymentFailed, stripe.EventTypeCheckoutSessionExpired:
		c, err := object[stripe.CheckoutSession](m)
		if err != nil {
			return Event{}, err
		}
		e := standing(c)
		if m.Type == stripe.EventTypeCheckoutSessionAsyncPaymentFailed {
			e.Kind, e.ID = Declined, named(c.ID, Declined)
		}
		return ours(e, c.Metadata[attemptKey] != "" && c.Metadata[attemptKey] == e.Attempt)

	case stripe.EventTypeRefundCreated, stripe.EventTypeRefundUpdated, stripe.EventTypeRefundFailed, stripe.EventTypeChargeRefundUpdated:
		r, err := object[stripe.Refund](m)
		if err != nil {
			return Event{}, err
		}
		return ours(refunded(r), r.PaymentIntent != nil)

	case stripe.EventTypeChargeRefunded:
		// It says how much of a charge has gone back, and by which refunds only if it
		// carries them; each of them is told of by itself as well.
		c, err := object[stripe.Charge](m)
		if err != nil {
			return Event{}, err
		}
		if c.Refunds == nil || len(c.Refunds.Data) == 0 {
			return Event{}, ErrNotOurs
		}
		e := refunded(c.Refunds.Data[0]) // the newest
		return ours(e, e.Charge != "")

	case stripe.EventTypeChargeDisputeCreated, stripe.EventTypeChargeDisputeFundsWithdrawn, stripe.EventTypeChargeDisputeClosed:
		d, err := object[stripe.Dispute](m)
		if err != nil {
			return Event{}, err
		}
		return ours(disputed(d, m.Type), d.PaymentIntent != nil)

	case stripe.EventTypeAccountUpdated:
		a, err := object[stripe.Account](m)
		if err != nil {
			return Event{}, err
		}
		return ours(Event{ID: m.ID, Kind: AccountChanged, Account: a.ID}, a.ID != "")
	}
	return Event{}, ErrNotOurs
}

// disputed is a dispute as an event. A question of the bank's takes nothing back: it
// is a charge-back only once it has become one.
func disputed(d *stripe.Dispute, told stripe.EventType) Event {
	e := Event{Amount: d.Amount, Currency: strings.ToUpper(string(d.Currency))}
	if d.PaymentIntent != nil {
		e.Charge = d.PaymentIntent.ID
	}
	question := strings.HasPrefix(string(d.Status), "warning_") || d.Status == stripe.DisputeStatusPrevented
	switch {
	case told == stripe.EventTypeChargeDisputeClosed && d.Status == stripe.DisputeStatusWon:
		e.Kind = ChargeBackWon
	case told == stripe.EventTypeChargeDisputeClosed && d.Status == stripe.DisputeStatusLost:
		e.Kind = ChargeBackLost
	case told != stripe.EventTypeChargeDisputeClosed && !question:
		e.Kind = ChargedBack
	}
	e.ID = named(d.ID, e.Kind)
	return e
}

// object reads what a message is about.
func object[T any](m *stripe.Event) (*T, error) {
	var o T
	if err := json.Unmarshal(m.Data.Raw, &o); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	return &o, nil
}

// ours returns an event that says something and is of this market.
func ours(e Event, is bool) (Event, error) {
	if !is || e.Kind == "" {
		return Event{}, ErrNotOurs
	}
	return e, nil
}

func asStripe(err error) (*stripe.Error, bool) {
	var e *stripe.Error
	ok := errors.As(err, &e)
	return e, ok
}

// failed says what Stripe answered, for the log: without the key, and with
// ErrRefused where asking again changes nothing.
func (s *Stripe) failed(doing string, err error) error {
	text := err.Error()
	e, answered := asStripe(err)
	if answered {
		text = fmt.Sprintf("%d %s %s %s: %s (request %s)", e.HTTPStatusCode, e.Type, e.Code, e.Param, e.Msg, e.RequestID)
	}
	text = strings.ReplaceAll(text, s.Key, "the key")
	if answered && slices.Contains([]int{http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound}, e.HTTPStatusCode) {
		return fmt.Errorf("stripe: %s: %w: %s", doing, ErrRefused, text)
	}
	return fmt.Errorf("stripe: %s: %s", doing, text)
}
