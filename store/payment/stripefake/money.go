package stripefake

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

func (s *Stripe) createSession(form url.Values) (any, *problem) {
	const item = "line_items[0]"
	total, refused := amount(form, item+"[price_data][unit_amount]")
	if refused != nil {
		return nil, refused
	}
	ends, refused := amount(form, "expires_at")
	if refused != nil {
		return nil, refused
	}
	now := s.now()
	if left := time.Unix(ends, 0).Sub(now); left < 30*time.Minute-time.Second || left > 24*time.Hour {
		return nil, invalid("expires_at", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	c := &session{Object: "checkout.session", Amount: total, Currency: form.Get(item + "[price_data][currency]"),
		Reference: form.Get("client_reference_id"), Metadata: metadata(form, "metadata"), Status: "open", PaymentStatus: "unpaid",
		ExpiresAt: ends, Success: form.Get("success_url"), Cancel: form.Get("cancel_url"), Livemode: s.Live,
		destination: form.Get("payment_intent_data[transfer_data][destination]"), intentMetadata: metadata(form, "payment_intent_data[metadata]")}
	switch a := s.accounts[c.destination]; {
	case form.Get("mode") != "payment" || form.Get(item+"[quantity]") != "1" || form.Get(item+"[price_data][product_data][name]") == "":
		return nil, invalid("line_items", "Missing required param.")
	case c.Currency != "gbp":
		return nil, invalid(item+"[price_data][currency]", "Invalid currency: "+c.Currency)
	case total < 30:
		return nil, &problem{status: 400, kind: "invalid_request_error", code: "amount_too_small", text: "The Checkout Session's total amount due must add up to at least £0.30 gbp"}
	case !strings.HasPrefix(c.Success, "http"):
		return nil, invalid("success_url", "Not a valid URL")
	case c.destination != "" && a == nil:
		return nil, invalid("payment_intent_data[transfer_data][destination]", "No such destination: '"+c.destination+"'")
	case c.destination != "" && a.Capabilities["transfers"] != "active":
		return nil, &problem{status: 400, kind: "invalid_request_error", code: "insufficient_capabilities_for_transfer",
			text: "Your destination account needs to have at least one of the following capabilities enabled: transfers"}
	}
	if form.Has("payment_intent_data[application_fee_amount]") {
		if c.fee, refused = amount(form, "payment_intent_data[application_fee_amount]"); refused != nil {
			return nil, refused
		}
	}
	c.ID = s.id("cs_test")
	page := s.URL + "/pay/" + c.ID
	c.URL = &page
	s.sessions[c.ID] = c
	return c, nil
}

// lapse ends a page whose time is over.
func (s *Stripe) lapse(c *session) {
	if c.Status == "open" && !s.now().Before(time.Unix(c.ExpiresAt, 0)) {
		s.shut(c)
	}
}

func (s *Stripe) shut(c *session) {
	c.Status, c.URL = "expired", nil
	s.tell("checkout.session.expired", c)
}

func (s *Stripe) showSession(id string, form url.Values) (any, *problem) {
	c := s.sessions[id]
	if c == nil {
		return nil, missing("checkout.session", id)
	}
	s.lapse(c)
	shown := *c
	if i := s.intents[c.intent]; i != nil && slices.Contains(form["expand[0]"], "payment_intent") {
		shown.Intent = i
	}
	return shown, nil
}

func (s *Stripe) expireSession(id string) (any, *problem) {
	c := s.sessions[id]
	if c == nil {
		return nil, missing("checkout.session", id)
	}
	s.lapse(c)
	if c.Status != "open" {
		return nil, invalid("", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `"+c.Status+"`.")
	}
	s.shut(c)
	return c, nil
}

// Pay lets a collector pay on a page with a card that is good. It reports whether
// the page was open.
func (s *Stripe) Pay(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pay(session)
}

func (s *Stripe) pay(session string) bool {
	c := s.complete(session)
	if c == nil {
		return false
	}
	s.arrive(c)
	s.tell("payment_intent.succeeded", s.intents[c.intent])
	s.tell("checkout.session.completed", c)
	return true
}

// PaySlowly lets a collector pay by a way that takes days; see Arrive.
func (s *Stripe) PaySlowly(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.complete(session); c != nil {
		s.tell("checkout.session.completed", c)
	}
}

// Arrive ends a slow payment: the money comes, or it does not.
func (s *Stripe) Arrive(session string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.sessions[session]
	if ok {
		s.arrive(c)
		s.tell("checkout.session.async_payment_succeeded", c)
		return
	}
	s.intents[c.intent].Status = "requires_payment_method"
	s.tell("checkout.session.async_payment_failed", c)
}

// DeclineCard lets a collector try a card that is not good. The page stays open.
func (s *Stripe) DeclineCard(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.sessions[session]
	s.tell("payment_intent.payment_failed", &intent{ID: s.id("pi"), Object: "payment_intent", Amount: c.Amount, Currency: c.Currency,
		Status: "requires_payment_method", Metadata: c.intentMetadata})
}

// Lapse ends the pages whose time is over.
func (s *Stripe) Lapse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.sessions {
		s.lapse(c)
	}
}

// complete closes a page on which somebody has paid, in some way.
func (s *Stripe) complete(id string) *session {
	c := s.sessions[id]
	if c == nil {
		return nil
	}
	if s.lapse(c); c.Status != "open" {
		return nil
	}
	i := &intent{ID: s.id("pi"), Object: "payment_intent", Amount: c.Amount, Currency: c.Currency, Status: "processing", Metadata: c.intentMetadata}
	s.intents[i.ID] = i
	c.Status, c.URL, c.Intent, c.intent = "complete", nil, i.ID, i.ID
	return c
}

// arrive takes the money of a page and passes it on.
func (s *Stripe) arrive(c *session) {
	i := s.intents[c.intent]
	paid := &charge{ID: s.id("ch"), Object: "charge", Amount: c.Amount, Currency: c.Currency, Intent: i.ID, Fee: c.fee, destination: c.destination}
	s.balances[Market] += c.Amount
	if c.destination != "" {
		paid.transfer = s.transfer(c.destination, c.Amount, c.Currency)
		paid.Transfer = paid.transfer.ID
		s.move(c.destination, Market, c.fee)
	}
	i.Status, i.charge, i.Charge, c.PaymentStatus = "succeeded", paid, paid.ID, "paid"
}

func (s *Stripe) move(from, to string, pence int64) {
	s.balances[from] -= pence
	s.balances[to] += pence
}

func (s *Stripe) showIntent(id string, form url.Values) (any, *problem) {
	i := s.intents[id]
	if i == nil {
		return nil, missing("payment_intent", id)
	}
	shown := *i
	if i.charge != nil && slices.Contains(form["expand[0]"], "latest_charge.transfer") {
		c := *i.charge
		if c.transfer != nil {
			c.Transfer = c.transfer
		}
		shown.Charge = c
	}
	return shown, nil
}

func (s *Stripe) createRefund(form url.Values) (any, *problem) {
	i := s.intents[form.Get("payment_intent")]
	if i == nil || i.charge == nil {
		return nil, missing("payment_intent", form.Get("payment_intent"))
	}
	pence, refused := amount(form, "amount")
	if refused != nil {
		return nil, refused
	}
	c := i.charge
	reverse := form.Get("reverse_transfer") == "true"
	switch left := c.Amount - c.Refunded; {
	case left == 0:
		return nil, &problem{status: 400, kind: "invalid_request_error", code: "charge_already_refunded", text: "Charge " + c.ID + " has already been refunded."}
	case pence > left:
		return nil, invalid("amount", "Refund amount is greater than unrefunded amount on charge")
	case reverse && c.transfer == nil:
		return nil, invalid("reverse_transfer", "Cannot reverse a transfer: the charge has none.")
	case reverse && pence > c.transfer.Amount-c.transfer.Reversed:
		return nil, invalid("reverse_transfer", "Transfer reversal amount is greater than the unreversed amount of the transfer")
	case form.Get("refund_application_fee") == "true" && c.Fee == 0:
		return nil, invalid("refund_application_fee", "The charge has no application fee.")
	}
	r := &refund{ID: s.id("re"), Object: "refund", Amount: pence, Currency: c.Currency, Charge: c.ID, Intent: i.ID, Status: "pending", Metadata: metadata(form, "metadata")}
	if reverse {
		r.Reversal = &s.reverse(c.transfer, pence, nil).ID
	}
	if form.Get("refund_application_fee") == "true" {
		r.fee = c.Fee * pence / c.Amount
	}
	s.refunds = append(s.refunds, r)
	c.Refunded += pence
	s.balances[Market] -= pence
	s.move(Market, c.destination, r.fee)
	if !s.SlowRefunds {
		r.Status = "succeeded"
	}
	s.tell("refund.created", r)
	s.tell("charge.refunded", c)
	return r, nil
}

func (s *Stripe) listRefunds(form url.Values) any {
	data := []*refund{}
	for _, r := range slices.Backward(s.refunds) {
		if r.Intent == form.Get("payment_intent") {
			data = append(data, r)
		}
	}
	return map[string]any{"object": "list", "url": "/v1/refunds", "has_more": false, "data": data}
}

// FinishRefund ends the refunds that wait: the money has come back to the
// collector, or it could not and is the market's again.
func (s *Stripe) FinishRefund(ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.refunds {
		switch {
		case r.Status != "pending":
		case ok:
			r.Status = "succeeded"
			s.tell("refund.updated", r)
		default:
			r.Status = "failed"
			s.intents[r.Intent].charge.Refunded -= r.Amount
			s.balances[Market] += r.Amount
			s.tell("refund.failed", r)
		}
	}
}

// RefundByHand gives all that is left of a payment back, as somebody at Stripe's own
// pages does, out of the market's account.
func (s *Stripe) RefundByHand(paymentIntent string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.intents[paymentIntent].charge
	s.refundByHand(c, c.Amount-c.Refunded, false)
}

// RefundPartByHand gives a part back, out of the artist's account and the fee.
func (s *Stripe) RefundPartByHand(paymentIntent string, pence int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refundByHand(s.intents[paymentIntent].charge, pence, true)
}

func (s *Stripe) refundByHand(c *charge, pence int64, reverse bool) {
	r := &refund{ID: s.id("re"), Object: "refund", Amount: pence, Currency: c.Currency, Charge: c.ID, Intent: c.Intent, Status: "succeeded"}
	if reverse {
		r.fee = c.Fee * pence / c.Amount
		r.Reversal = &s.reverse(c.transfer, pence, nil).ID
		s.move(Market, c.destination, r.fee)
	}
	s.refunds = append(s.refunds, r)
	c.Refunded += pence
	s.balances[Market] -= pence
	s.tell("refund.created", r)
}

// Dispute lets a collector's bank take a payment back, or only ask about it, and
// returns its name.
func (s *Stripe) Dispute(paymentIntent string, ask bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.intents[paymentIntent].charge
	d := &dispute{ID: s.id("dp"), Object: "dispute", Amount: c.Amount, Currency: c.Currency, Charge: c.ID, Intent: paymentIntent, Status: "warning_needs_response"}
	s.disputes[d.ID] = d
	if !ask {
		d.Status = "needs_response"
	}
	s.tell("charge.dispute.created", d)
	if !ask {
		s.withdraw(d)
	}
	return d.ID
}

func (s *Stripe) withdraw(d *dispute) {
	s.balances[Market] -= d.Amount
	s.tell("charge.dispute.funds_withdrawn", d)
}

// Press lets a bank that asked take the money back.
func (s *Stripe) Press(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.disputes[id]
	d.Status = "needs_response"
	s.withdraw(d)
}

// CloseDispute ends one as won, lost or warning_closed.
func (s *Stripe) CloseDispute(id, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.disputes[id]
	d.Status = status
	if status == "won" {
		s.balances[Market] += d.Amount
	}
	s.tell("charge.dispute.closed", d)
}

// Intent is the name of the payment that was made on a page.
func (s *Stripe) Intent(session string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[session].intent
}
