package orders

import (
	"slices"

	"openstudio/store"
	"openstudio/views/ui"
)

// refunds are those that the reader should know of: what failed was made anew.
func (p Props) refunds() []store.Refund {
	return slices.DeleteFunc(slices.Clone(p.Order.Refunds), func(r store.Refund) bool { return r.State == "failed" })
}

// refundState says how far a refund has come.
func refundState(r store.Refund) string {
	switch {
	case r.Done():
		return "gone back on " + ui.Moment(*r.ClosedAt)
	case r.ByHand():
		return "to be sent back by the artist, by hand"
	case r.Try > 1:
		return "could not be given back yet and is tried again each day"
	}
	return "on its way back"
}
