// Package orders shows orders to their two parties.
package orders

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// Places where the panel of an order stands. An action answers with the panel
// as it stood.
const (
	OnPage = "page"
	InList = "list"
)

// Props are an order as one of its parties sees it.
type Props struct {
	Order   store.Order
	Member  store.Member
	Photo   ui.Photo        // Src is "" without a photograph
	In      string          // OnPage or InList
	Talk    templ.Component // what was said and done; nil but on the page
	Now     time.Time
	Renewed bool // it takes the place of a panel that has changed

	Direct bool // collectors pay artists directly in this market
	NoBank bool // the reader is an artist who has not said where

	// Of an action that was refused, what was typed and what is wrong with it.
	Carrier, Tracking string
	Delivery          string // what the artist quotes
	Code              string // that the collector shows
	Errors            *store.Invalid

	Packed  []PackedPicture // the packed work, as far as the reader may see it
	Refused []string        // what is wrong with files that were sent
}

func (p Props) num() string    { return strconv.FormatInt(p.Order.ID, 10) }
func (p Props) path() string   { return "/orders/" + p.num() }
func (p Props) id() string     { return "order-" + p.num() }
func (p Props) target() string { return "#" + p.id() }
func (p Props) seller() bool   { return p.Member.ID == p.Order.SellerID }

// fresh is where the panel asks whether it is still right.
func (p Props) fresh() string {
	return p.path() + "/panel?in=" + p.In + "&version=" + p.Order.Stamp()
}

// trigger is when the panel asks. One that has just renewed itself asks once more:
// what changed while it was on its way was said to the panel that it replaced.
func (p Props) trigger() string {
	when := "sse:" + p.id() + ", every 60s"
	if p.Renewed {
		when += ", load delay:1s"
	}
	return when
}

func (p Props) can(a store.Action) bool { return p.Order.Can(p.Member, a) }

// due says what the order waits for and until when, to the reader.
func (p Props) due() string {
	o := p.Order
	switch {
	case o.HoldUntil != nil && p.seller():
		return "Held for " + p.other() + " until " + ui.Until(*o.HoldUntil, p.Now) + "." + inLine(o.Ahead, "")
	case o.HoldUntil != nil:
		return "Held for you until " + ui.Until(*o.HoldUntil, p.Now) + "." + inLine(o.Ahead, " after you")
	case o.CancelAsked() && p.seller():
		return p.other() + " asked on " + ui.Moment(*o.CancelAskedAt) + " to call the order off."
	case o.InLine() && p.seller():
		return p.other() + " is " + ui.Ordinal(o.Place()) + " in line." + p.freed()
	case o.InLine():
		return "You are " + ui.Ordinal(o.Place()) + " in line." + p.freed()
	case o.Status == store.Pending && p.seller():
		return "Answer by " + ui.Until(o.ReplyBy, p.Now) + ", or the request lapses." + p.freed()
	case o.Status == store.Pending:
		return p.other() + " answers by " + ui.Until(o.ReplyBy, p.Now) + ", or the request lapses."
	}
	return ""
}

// freed says until when others hold every piece.
func (p Props) freed() string {
	if p.Order.Acceptable() || p.Order.FreedAt == nil {
		return ""
	}
	return " The work is on hold until " + ui.Until(*p.Order.FreedAt, p.Now) + "."
}

func inLine(n int, where string) string {
	if n == 0 {
		return ""
	}
	return " " + strconv.Itoa(n) + " in line" + where + "."
}

// others says that requests for the same work wait for an answer that cannot be
// yes while it is held.
func (p Props) others() string {
	if p.Order.Others == 1 {
		return "One more request waits for this work."
	}
	return strconv.Itoa(p.Order.Others) + " more requests wait for this work."
}

// numbers are the pieces of the edition that the collector can choose from.
func (p Props) numbers() []ui.Option {
	options := make([]ui.Option, len(p.Order.Numbers))
	for i, n := range p.Order.Numbers {
		options[i] = ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n) + " of " + strconv.Itoa(p.Order.EditionSize)}
	}
	return options
}

// answer is where the button of an artist's answer leads.
func (p Props) answer() string {
	if p.Order.Acceptable() {
		return "/acceptance"
	}
	return "/line"
}

// arrived are the words of the button by which the collector has the work.
func (p Props) arrived() string {
	if p.Order.Collection {
		return "I have collected it"
	}
	return "It has arrived"
}

func (p Props) number() string { return strconv.Itoa(p.Order.EditionNumber) }

// StateOf is the status square of an order and its word.
func StateOf(o store.Order) (state, word string) {
	switch {
	case o.Frozen():
		return "cancelled", "Stands still"
	case o.Status == store.ReadyToShip:
		return "ready", o.Label(o.Status)
	case o.Declined():
		return "cancelled", "Declined"
	case o.Lapsed():
		return "cancelled", "Lapsed"
	case o.CalledOff() && o.Payment == store.Refunded:
		return "cancelled", "Refunded"
	case o.CalledOff():
		return "cancelled", "Called off"
	case o.InLine():
		return string(o.Status), "In line"
	}
	return string(o.Status), o.Label(o.Status)
}

// steps are the five steps with the times of those that are done.
func steps(o store.Order) []ui.Step {
	at := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	list := []struct {
		status store.Status
		at     time.Time
		suffix string
	}{
		{store.Pending, o.CreatedAt, ""}, {store.Accepted, at(o.AcceptedAt), ""}, {store.ReadyToShip, at(o.PaidAt), ", paid"},
		{store.Shipped, at(o.ShippedAt), ""}, {store.Completed, at(o.CompletedAt), ""},
	}
	steps := make([]ui.Step, len(list))
	short := map[store.Status]string{} // five stand side by side on a phone
	if o.Collection {
		short = map[store.Status]string{store.ReadyToShip: "To collect", store.Shipped: "Ready"}
	}
	for i, l := range list {
		steps[i] = ui.Step{Word: cmp.Or(short[l.status], l.status.Label()), At: l.at, Now: o.Status == l.status, Dot: o.Status == l.status && l.status == store.Completed}
		if !l.at.IsZero() {
			steps[i].When = ui.Moment(l.at) + l.suffix
		}
	}
	return steps
}

// Sum is the price strip, the same on every page of an order.
func Sum(o store.Order) []ui.SumRow {
	return quoteRows(o.Medium, store.Quote{Price: o.Price, Delivery: o.Delivery, Cover: o.Cover, Rate: o.Rate, Unquoted: o.Unquoted, Collection: o.Collection}, o.Commission)
}

func quoteRows(medium store.Medium, q store.Quote, commission store.Pence) []ui.SumRow {
	rows := []ui.SumRow{{Label: "Price", Amount: q.Price.String()}}
	switch {
	case medium == store.DigitalArt:
		rows = append(rows, ui.SumRow{Label: "Delivery, as a file", Amount: q.Delivery.String()})
	case q.Collection:
		rows = append(rows, ui.SumRow{Label: "Collected from the studio", Amount: q.Delivery.String()})
	case q.Unquoted:
		rows = append(rows, ui.SumRow{Label: "Delivery", Amount: "The artist will quote"}, ui.SumRow{Label: "Insurance", Amount: q.Cover.String()})
	default:
		rows = append(rows, ui.SumRow{Label: "Delivery", Amount: q.Delivery.String()}, ui.SumRow{Label: "Insurance", Amount: q.Cover.String()})
	}
	total, received := q.Total().String(), (q.Total() - commission).String()
	if q.Unquoted {
		total, received = total+" plus delivery, which the artist quotes", received+" plus delivery"
	}
	rows = append(rows, ui.SumRow{Label: "Total", Amount: total, Total: true})
	if commission > 0 {
		rows = append(rows, ui.SumRow{Label: "Commission, " + q.Rate.String() + " of the price", Amount: commission.String()})
	}
	return append(rows, ui.SumRow{Label: "The artist receives", Amount: received})
}

// facts are the lines of the wall label.
func facts(o store.Order) string { return o.Medium.Label() + ", " + o.Material }

func size(o store.Order) string {
	s := o.Dimensions()
	switch {
	case o.EditionNumber > 0:
		s += " · " + strconv.Itoa(o.EditionNumber) + " of " + strconv.Itoa(o.EditionSize)
	case o.Edition == store.LimitedEdition:
		s += " · Edition of " + strconv.Itoa(o.EditionSize)
	}
	return s
}

// place is where the parcel goes, as far as the reader may know.
func place(o store.Order) string {
	if o.Collection {
		return "to be collected"
	}
	return o.ShipTown + " " + o.ShipPostcode
}

// costs are the price and what is added to it, for a line of a list.
func costs(o store.Order) string {
	switch {
	case o.Collection:
		return o.Price.String() + ", to be collected"
	case o.Unquoted:
		return o.Price.String() + " + " + o.Cover.String() + " insurance; you quote delivery"
	}
	return o.Price.String() + " + " + (o.Delivery + o.Cover).String() + " delivery and insurance"
}

// spaced is a code of six digits as it is read out: "123 456".
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}

// other is the first name of the party who is not the reader.
func (p Props) other() string {
	name := p.Order.ArtistName
	if p.seller() {
		name = p.Order.BuyerName
	}
	first, _, _ := strings.Cut(name, " ")
	return first
}

// follow is the carrier's page of a parcel, or "" where none is known.
func follow(o store.Order) string {
	number := strings.ReplaceAll(o.Tracking, " ", "")
	for _, r := range number {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	switch {
	case number == "":
		return ""
	case o.Carrier == "Royal Mail":
		return "https://www.royalmail.com/track-your-item#/tracking-results/" + number
	case o.Carrier == "Parcelforce":
		return "https://www.parcelforce.com/track-trace?trackNumber=" + number
	case o.Carrier == "DHL":
		return "https://www.dhl.com/gb-en/home/tracking.html?tracking-id=" + number
	case o.Carrier == "Evri":
		return "https://www.evri.com/track/parcel/" + number
	}
	return ""
}

func carriers() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose…"}}
	for _, c := range store.Carriers() {
		options = append(options, ui.Option{Value: c, Label: c})
	}
	return options
}

// List is a page of orders with what follows it.
type List struct {
	Orders []Props
	More   string // the next page, or ""
}

// PurchasesProps are a collector's orders.
type PurchasesProps struct {
	List
	Group  store.PurchaseGroup
	Counts store.PurchaseCounts
	Stamp  string // changes when the list does
}

func (p PurchasesProps) tabs() []ui.Tab {
	tab := func(g store.PurchaseGroup, label string, n int) ui.Tab {
		return ui.Tab{Href: "/purchases?show=" + string(g), Label: label, Count: strconv.Itoa(n), Current: p.Group == g}
	}
	open := tab(store.OpenPurchases, "Open", p.Counts.Open)
	if p.Counts.Waiting {
		open.Dot = "Something waits for you"
	}
	return []ui.Tab{open, tab(store.CompletedPurchases, "Completed", p.Counts.Completed), tab(store.CancelledPurchases, "Cancelled", p.Counts.Cancelled)}
}

func (p PurchasesProps) heading() string {
	switch p.Group {
	case store.CompletedPurchases:
		return "What has arrived"
	case store.CancelledPurchases:
		return "What came to nothing"
	}
	return "Under way"
}

func (p PurchasesProps) fresh() string {
	return "/purchases?show=" + string(p.Group) + "&stamp=" + p.Stamp
}

// Question is a dialog that asks before an order is declined or taken back.
type Question struct {
	Props
	Reason, Words string
	Piece, Amount string // of money that goes back
}

// OfferProps are what a collector can do about buying a work.
type OfferProps struct {
	ArtworkID int64
	Page      string // the address of the work
	Artist    string // first name
	From      string // the artist's town
	Medium    store.Medium
	Gallery   int64  // in which the work was come upon, or 0
	Live      int64  // the collector's live order of the work, or 0
	Absent    string // why it cannot be asked for, or ""
	Hold      Hold   // when every piece is held, or the artist is away

	Postcode, Address, Town, Note string
	Collection                    bool   // its artist lets collectors fetch it
	CollectionWords               string // the artist's own: when, and roughly where
	Collect                       bool   // this collector will
	Key                           string
	Quote                         *store.Quote // nil before there is a good postcode
	Errors                        *store.Invalid
	Sentence                      string // of a conflict
}

// Hold is why a work cannot be bought at once: every piece is held for somebody
// until a time, or its artist is away until a day.
type Hold struct {
	Until string // "Thu 14:32", or "" when nothing is held
	Place int    // in line, of whoever asks next
	Line  string // where to join the line; "" for whoever may not
	Owner bool   // its artist looks
	Away  string // "Ana is away until 12 June 2026", or ""
	Words string // the artist's own, of being away
}

// waiting says to the artist how many wait.
func (h Hold) waiting() string {
	if h.Place == 1 {
		return "Nobody waits in line yet."
	}
	return strconv.Itoa(h.Place-1) + " in line."
}

// nothing says that nothing is charged, and what comes before that.
func (p OfferProps) nothing() string {
	if p.Hold.Until != "" {
		return "Nothing is charged now. When it is your turn a piece is held for you, and you are told."
	}
	return "Nothing is charged now. You pay only if " + p.Artist + " accepts."
}

func (p OfferProps) button() string {
	if p.Hold.Until != "" {
		return "Join the line"
	}
	return "Ask to buy"
}

func (p OfferProps) artwork() string { return "/artworks/" + strconv.FormatInt(p.ArtworkID, 10) }

func (p OfferProps) sum() []ui.SumRow {
	return quoteRows(p.Medium, *p.Quote, p.Quote.Commission())
}
