package stripefake

import (
	"net/http"
	"net/url"
	"slices"
)

// transfer passes money of the market's on to an account.
func (s *Stripe) transfer(to string, pence int64, currency string) *transfer {
	t := &transfer{ID: s.id("tr"), Object: "transfer", Amount: pence, Currency: currency, Destination: to}
	s.passed = append(s.passed, t)
	s.move(Market, to, pence)
	return t
}

// reverse takes money that was passed on back.
func (s *Stripe) reverse(t *transfer, pence int64, metadata map[string]string) *reversal {
	r := &reversal{ID: s.id("trr"), Object: "transfer_reversal", Amount: pence, Currency: t.Currency, Transfer: t.ID, Metadata: metadata}
	t.reversals = append(t.reversals, r)
	t.Reversed += pence
	s.move(t.Destination, Market, pence)
	return r
}

// poor is the refusal of what an account has not.
func poor(text string) *problem {
	return &problem{status: http.StatusBadRequest, kind: "invalid_request_error", code: "balance_insufficient", text: text, kept: true}
}

func (s *Stripe) createTransfer(form url.Values) (any, *problem) {
	pence, refused := amount(form, "amount")
	if refused != nil {
		return nil, refused
	}
	to := s.accounts[form.Get("destination")]
	switch {
	case form.Get("currency") != "gbp":
		return nil, invalid("currency", "Invalid currency: "+form.Get("currency"))
	case to == nil:
		return nil, invalid("destination", "No such destination: '"+form.Get("destination")+"'")
	case s.balances[Market] < pence:
		return nil, poor("You have insufficient available funds in your Stripe account.")
	}
	t := s.transfer(to.ID, pence, "gbp")
	t.Group, t.Metadata = form.Get("transfer_group"), metadata(form, "metadata")
	return t, nil
}

func (s *Stripe) listTransfers(form url.Values) any {
	data := []*transfer{}
	for _, t := range slices.Backward(s.passed) {
		if t.Group == form.Get("transfer_group") {
			data = append(data, t)
		}
	}
	return map[string]any{"object": "list", "url": "/v1/transfers", "has_more": false, "data": data}
}

func (s *Stripe) createReversal(id string, form url.Values) (any, *problem) {
	i := slices.IndexFunc(s.passed, func(t *transfer) bool { return t.ID == id })
	if i < 0 {
		return nil, missing("transfer", id)
	}
	t := s.passed[i]
	pence, refused := amount(form, "amount")
	switch {
	case refused != nil:
		return nil, refused
	case pence > t.Amount-t.Reversed:
		return nil, invalid("amount", "Transfer reversal amount is greater than the unreversed amount of the transfer")
	case s.balances[t.Destination] < pence:
		return nil, poor("The destination account has insufficient funds for this reversal.")
	}
	return s.reverse(t, pence, metadata(form, "metadata")), nil
}

func (s *Stripe) listReversals(id string) (any, *problem) {
	i := slices.IndexFunc(s.passed, func(t *transfer) bool { return t.ID == id })
	if i < 0 {
		return nil, missing("transfer", id)
	}
	data := slices.Clone(s.passed[i].reversals)
	slices.Reverse(data)
	return map[string]any{"object": "list", "url": "/v1/transfers/" + id + "/reversals", "has_more": false, "data": data}, nil
}

// PayOut sends all that an artist has to the artist's bank, and returns how much
// that was.
func (s *Stripe) PayOut(account string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	pence := s.balances[account]
	s.balances[account] = 0
	return pence
}

// PayIn puts money into an account.
func (s *Stripe) PayIn(account string, pence int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.balances[account] += pence
}

// Reversals are the amounts that were taken back of what was passed on, in order.
func (s *Stripe) Reversals() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []int64
	for _, t := range s.passed {
		for _, r := range t.reversals {
			list = append(list, r.Amount)
		}
	}
	return list
}
