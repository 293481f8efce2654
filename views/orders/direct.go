package orders

import (
	"openstudio/store"
	"openstudio/views/ui"
)

// unprotected is what both are told of money that goes past the market.
const unprotected = "This money goes straight from the collector to the artist. The market does not hold it and cannot protect it."

// transferState says how far a transfer has come, to the reader; "" where there is
// nothing to say.
func (p Props) transferState() string {
	o := p.Order
	switch {
	case !o.Direct:
		return ""
	case o.PaidAt != nil && o.Status != store.Cancelled:
		return "The money came on " + ui.Moment(*o.PaidAt) + "."
	case !o.TransferExpected():
		return ""
	case o.TransferSentAt == nil && p.seller():
		return "Waiting for " + p.other() + "’s transfer of " + o.Total.String() + ", reference " + o.TransferReference() + "."
	case o.TransferSentAt == nil:
		return "Waiting for your transfer."
	case o.TransferMissingAt != nil && p.seller():
		return p.other() + " said it was sent on " + ui.Moment(*o.TransferSentAt) + ". You said on " + ui.Moment(*o.TransferMissingAt) + " that it has not come."
	case o.TransferMissingAt != nil:
		return p.other() + " looked on " + ui.Moment(*o.TransferMissingAt) + ", and it has not come. Check with your bank, or write to " + p.other() + "."
	case p.seller():
		return p.other() + " said on " + ui.Moment(*o.TransferSentAt) + " that " + o.Total.String() + " was sent, reference " + o.TransferReference() + ". Look into your account."
	}
	return "You said you sent it on " + ui.Moment(*o.TransferSentAt) + "; " + p.other() + " has not seen it yet."
}

// pay is what the button says that begins to pay.
func (p Props) pay() string {
	switch {
	case p.Direct && p.Order.Direct && p.Order.Payment == store.Processing:
		return "See where to send it"
	case p.Direct:
		return "Pay " + p.Order.Total.String() + " by bank transfer"
	}
	return "Pay " + p.Order.Total.String()
}

// byHand are the refunds that the reader is to send back.
func (p Props) byHand() []store.Refund {
	var list []store.Refund
	for _, r := range p.Order.Refunds {
		if r.ByHand() && p.seller() {
			list = append(list, r)
		}
	}
	return list
}

// TransferProps are the page on which a collector pays an artist directly.
type TransferProps struct {
	store.Transfer
	Props
}

// changed warns of details that are newer than the acceptance.
func (t TransferProps) changed() string {
	accepted := t.Transfer.AcceptedAt
	if accepted == nil || !t.Bank.ChangedAt.After(*accepted) {
		return ""
	}
	return "They were changed on " + ui.Moment(t.Bank.ChangedAt) + ", after your request was accepted. Ask " + t.other() + " in a message whether that is right before you send anything."
}
