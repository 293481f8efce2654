package store

import (
	"context"
	"fmt"
	"time"
)

// Status is where an order stands.
type Status string

// The six states of an order.
const (
	Pending     Status = "pending"
	Accepted    Status = "accepted"
	ReadyToShip Status = "ready to ship"
	Shipped     Status = "shipped"
	Completed   Status = "completed"
	Cancelled   Status = "cancelled"
)

// Statuses lists the six in the order of an order's life.
func Statuses() []Status {
	return []Status{Pending, Accepted, ReadyToShip, Shipped, Completed, Cancelled}
}

// Label is the status as people read it.
func (s Status) Label() string {
	switch s {
	case Pending:
		return "Pending"
	case Accepted:
		return "Accepted"
	case ReadyToShip:
		return "Ready to ship"
	case Shipped:
		return "Shipped"
	case Completed:
		return "Completed"
	case Cancelled:
		return "Cancelled"
	}
	return ""
}

// Label is a status of the order as people read it: what is fetched from the
// studio is not shipped.
func (o Order) Label(s Status) string {
	if o.Collection {
		switch s {
		case ReadyToShip:
			return "To be collected"
		case Shipped:
			return "Ready for collection"
		}
	}
	return s.Label()
}

// Amount is the total as far as it is known: "£1,464.50", "£1,464.50 plus
// delivery".
func (o Order) Amount() string { return amount(o.Total, o.Unquoted) }

func amount(total Pence, unquoted bool) string {
	if unquoted {
		return total.String() + " plus delivery"
	}
	return total.String()
}

// Order is one collector's request for one work, from request to completion,
// as the member who asked for it may see it. All but the people's ids is a
// snapshot of what was agreed.
type Order struct {
	ID        int64  `db:"id"`
	ArtworkID int64  `db:"artwork_id"`
	BuyerID   int64  `db:"buyer_id"`
	SellerID  int64  `db:"seller_id"`
	Status    Status `db:"status"`
	Version   int    `db:"version"` // counts changes

	Price    Pence `db:"price"`
	Delivery Pence `db:"delivery"`
	Cover    Pence `db:"cover"`
	Total    Pence `db:"total"` // while Unquoted, all but the delivery

	Rate       Commission `db:"commission_rate"`
	Commission Pence      `db:"commission"` // what the market keeps of the price, as agreed
	Unquoted   bool       `db:"unquoted"`   // the artist says what delivery costs when accepting

	Title          string     `db:"title"`
	Year           int        `db:"year"`
	Medium         Medium     `db:"medium"`
	Material       string     `db:"material"`
	Width          Hundredths `db:"width"`
	Height         Hundredths `db:"height"`
	Depth          Hundredths `db:"depth"`
	Weight         Hundredths `db:"weight"`
	Edition        Edition    `db:"edition"`
	EditionSize    int        `db:"edition_size"`
	EditionNumber  int        `db:"edition_number"` // the piece of a limited edition that is held or sold; 0 until accepted
	ImageKey       string     `db:"image_key"`      // "" for a work without a photograph
	ImageWidth     int        `db:"image_width"`
	ImageHeight    int        `db:"image_height"`
	ArtistName     string     `db:"artist_name"`
	ArtistUsername string     `db:"artist_username"`
	BuyerName      string     `db:"buyer_name"`

	// Where it goes. ShipAddress and the inward half of ShipPostcode are blank
	// unless the asker may see them: the buyer always, the seller from
	// acceptance on.
	ShipAddress  string `db:"ship_address"`
	ShipTown     string `db:"ship_town"`
	ShipPostcode string `db:"ship_postcode"`

	// Of a work that is fetched from the studio. The address is blank to all but
	// the buyer, and to them until it is paid and after it was fetched; so is the
	// code, which there is while it is ready.
	Collection      bool   `db:"collection"`
	CollectionWords string `db:"collection_words"` // the artist's own: when, and roughly where
	StudioAddress   string `db:"studio_address"`
	StudioTown      string `db:"studio_town"`
	StudioPostcode  string `db:"studio_postcode"`
	CollectionCode  string `db:"collection_code"`

	Note        string `db:"note"`         // the collector's, with the request
	Reason      string `db:"reason"`       // of a decline, one of DeclineReasons; of a lapse, the clock's
	ReasonWords string `db:"reason_words"` // the artist's own
	CancelledBy Role   `db:"cancelled_by"` // Artist, Collector, or "clock" when it lapsed; "" unless cancelled
	Carrier     string `db:"carrier"`
	Tracking    string `db:"tracking"`

	CreatedAt   time.Time  `db:"created_at"`
	AcceptedAt  *time.Time `db:"accepted_at"`
	PaidAt      *time.Time `db:"paid_at"`
	ShippedAt   *time.Time `db:"shipped_at"`
	CompletedAt *time.Time `db:"completed_at"`
	CancelledAt *time.Time `db:"cancelled_at"`

	ReplyBy   time.Time  `db:"reply_by"`   // when a request that is not in line lapses; later while its artist is away
	HoldUntil *time.Time `db:"hold_until"` // of an accepted order
	LineAt    *time.Time `db:"line_at"`    // since when it is in line, or was before it was accepted
	TurnAt    *time.Time `db:"turn_at"`    // when the turn of an Unquoted one came; it waits for its artist's quote since

	// The gallery in which the buyer came upon the work, 0 for none. While it is
	// not public, nobody is told its name: both names are "".
	GalleryID      int64  `db:"gallery_id"`
	GalleryTitle   string `db:"gallery_title"`
	GalleryCurator string `db:"gallery_curator"`

	// How the work stands, for an order that is pending or accepted.
	Free    int        `db:"free"`     // pieces that nobody holds
	Ahead   int        `db:"ahead"`    // how many in line come before it; for an accepted one, the whole line
	Others  int        `db:"others"`   // for an accepted one: requests that are neither in line nor answered
	FreedAt *time.Time `db:"freed_at"` // for a pending one: when the first hold on the work ends

	Payment       PaymentState `db:"payment"`
	Refunded      Pence        `db:"refunded"`        // of the total, what goes back or has gone
	CancelAskedAt *time.Time   `db:"cancel_asked_at"` // since when the collector asks to call the paid order off
	CancelRefused bool         `db:"cancel_refused"`  // the artist had handed it over
	CancelWords   string       `db:"cancel_words"`    // the collector's
	Piece         Piece        `db:"piece"`           // of a sale that was undone; "" for others

	// Of an order that is paid to the artist directly.
	Direct            bool       `db:"direct"`
	TransferSentAt    *time.Time `db:"transfer_sent_at"`    // by the collector's word
	TransferMissingAt *time.Time `db:"transfer_missing_at"` // by the artist's, it has not come

	Reminded  int  `db:"reminded"`  // how often it was said that it waits to be shipped
	Stretched bool `db:"stretched"` // the hold, for a payment under way

	Refunds []Refund    `db:"-"` // filled for one order, not for lists
	Events  []Event     `db:"-"` // filled for one order, not for lists
	Numbers []int       `db:"-"` // of one order that the collector can pay: those of a limited edition to choose from
	Papers  []PaperLink `db:"-"` // of one order: those that the asker may read
	Packing *Packing    `db:"-"` // of one order that the artist can ship: how to pack it
	Packed  []Image     `db:"-"` // of one order: the work as it was packed, as far as the reader may see it
}

// EventKind says what happened.
type EventKind string

// The kinds of event.
const (
	EventRequested       EventKind = "requested"
	EventAccepted        EventKind = "accepted"
	EventDeclined        EventKind = "declined"
	EventCancelled       EventKind = "cancelled"
	EventPaid            EventKind = "paid"
	EventPaymentDeclined EventKind = "payment declined"
	EventSoldOut         EventKind = "sold out" // a payment came too late; nothing was taken
	EventShipped         EventKind = "shipped"
	EventTransferSent    EventKind = "transfer sent"    // by the collector's word, to the artist directly
	EventTransferMissing EventKind = "transfer missing" // by the artist's
	EventCompleted       EventKind = "completed"

	EventJoined            EventKind = "joined the line" // a request while every piece was held
	EventPutInLine         EventKind = "put in line"     // by the artist
	EventPromoted          EventKind = "promoted"        // the next in line has a piece held
	EventLapsedByArtist    EventKind = "lapsed by artist"
	EventLapsedByCollector EventKind = "lapsed by collector"
	EventPriceLowered      EventKind = "price lowered"
	EventReminded          EventKind = "reminded"  // the artist, to ship
	EventOverdue           EventKind = "overdue"   // not shipped in time
	EventTurnCame          EventKind = "turn came" // the next in line waits for the artist to quote delivery

	EventMoneyBack      EventKind = "money back" // money came that is not settled, and goes back
	EventCancelAsked    EventKind = "cancellation asked"
	EventCancelRefused  EventKind = "cancellation refused"
	EventCalledOff      EventKind = "called off" // a paid order; the money goes back
	EventPartRefund     EventKind = "part refund"
	EventRefunded       EventKind = "refunded"
	EventRefundFailed   EventKind = "refund failed"
	EventChargedBack    EventKind = "charged back"
	EventChargeBackWon  EventKind = "charge-back won"
	EventChargeBackLost EventKind = "charge-back lost"
	EventPieceBack      EventKind = "piece back"
	EventPieceGone      EventKind = "piece gone"
)

// PaymentState is how an order stands with its money, beside its status.
type PaymentState string

// The states of an order's money.
const (
	Unpaid        PaymentState = "none"
	Processing    PaymentState = "processing" // a payment is under way
	PaymentFailed PaymentState = "failed"
	Paid          PaymentState = "paid"
	PartRefunded  PaymentState = "part_refunded"
	Refunded      PaymentState = "refunded"
	ChargedBack   PaymentState = "charged_back"
)

// Frozen reports whether the collector's bank has taken the money back: until it
// is decided, nothing can be done.
func (o Order) Frozen() bool { return o.Payment == ChargedBack }

// Left is what is left of what was paid, once all that is promised has gone back.
func (o Order) Left() Pence {
	switch o.Payment {
	case Paid, PartRefunded, ChargedBack:
		return o.Total - o.Refunded
	}
	return 0
}

// Overdue reports whether a paid order was not shipped in time, and the collector
// may have the money back.
func (o Order) Overdue() bool {
	return o.Status == ReadyToShip && o.Reminded == reminders
}

// cancelAsked reports whether the collector's wish to cancel waits for an answer.
func (o Order) cancelAsked() bool { return o.CancelAskedAt != nil && !o.CancelRefused }

// CancelAsked is the same of an order that is still to be shipped.
func (o Order) CancelAsked() bool { return o.Status == ReadyToShip && o.cancelAsked() }

// Event is one line of an order's history. ActorID is 0 for the clock and the
// payment gateway.
type Event struct {
	ID      int64     `db:"id"`
	Kind    EventKind `db:"kind"`
	ActorID int64     `db:"actor_id"`
	At      time.Time `db:"at"`
}

// Dimensions prints height × width (× depth) in centimetres.
func (o Order) Dimensions() string { return dimensions(o.Height, o.Width, o.Depth) }

// Declined reports whether the artist said no.
func (o Order) Declined() bool {
	return o.Status == Cancelled && o.CancelledBy == Artist && !o.CalledOff()
}

// byClock is who cancelled an order that lapsed.
const byClock Role = "clock"

// Why an order was cancelled by the clock.
const (
	noAnswer  = "no answer"
	notPaid   = "not paid"
	soldToAll = "sold" // the last piece, to somebody else
)

// CalledOff reports whether the order had been paid and was called off: the money
// goes back or has gone.
func (o Order) CalledOff() bool { return o.Status == Cancelled && o.Piece != "" }

// Lapsed reports that nobody said no: a time was up, or the work was sold.
func (o Order) Lapsed() bool {
	return o.Status == Cancelled && o.CancelledBy == byClock && !o.CalledOff()
}

// holdLapsed reports that the order was accepted, and was not paid in time.
func (o Order) holdLapsed() bool { return o.Lapsed() && o.Reason == notPaid }

// InLine reports whether the order waits for a piece that others hold.
func (o Order) InLine() bool { return o.Status == Pending && o.LineAt != nil && o.TurnAt == nil }

// ArtistReceives is what the artist has of the total.
func (o Order) ArtistReceives() Pence { return o.Total - o.Commission }

// Place is the order's place in line, from 1; 0 when it is in none.
func (o Order) Place() int {
	if !o.InLine() {
		return 0
	}
	return o.Ahead + 1
}

// Acceptable reports whether a piece is there for the request: one that nobody
// holds and nobody before it in line waits for.
func (o Order) Acceptable() bool { return o.Status == Pending && o.Free > o.Ahead }

// Stamp changes when what the order's page says does.
func (o Order) Stamp() string {
	return fmt.Sprintf("%d.%d.%d.%t.%s", o.Version, o.Ahead, o.Others, o.Acceptable(), o.Payment)
}

// orderColumns reads an Order for the member that the SQL expression asker
// names. It is the one place that decides who sees where a parcel goes: the
// buyer always, the seller from acceptance on and not after a cancellation;
// until then the seller sees the town and the outward half of the postcode. And who
// fetches a work sees the address of the studio, from payment until it is fetched.
func orderColumns(asker string) string {
	mayRead := `(o.buyer_id = ` + asker + ` OR o.seller_id = ` + asker + ` AND o.status IN ('accepted', 'ready to ship', 'shipped', 'completed'))`
	mayFetch := `(o.collection AND o.buyer_id = ` + asker + ` AND o.status IN ('ready to ship', 'shipped'))`
	return `
	o.id, o.artwork_id, o.buyer_id, o.seller_id, o.status, o.version, o.price, o.delivery, o.cover, o.total,
	o.title, o.year, o.medium, o.material, o.width, o.height, COALESCE(o.depth, 0) AS depth, COALESCE(o.weight, 0) AS weight,
	o.edition, COALESCE(o.edition_size, 0) AS edition_size, COALESCE(o.edition_number, 0) AS edition_number,
	o.image_key, o.image_width, o.image_height, o.artist_name, seller.username AS artist_username, o.buyer_name,
	CASE WHEN ` + mayRead + ` THEN o.ship_address ELSE '' END AS ship_address, o.ship_town,
	CASE WHEN ` + mayRead + ` THEN o.ship_postcode ELSE split_part(o.ship_postcode, ' ', 1) END AS ship_postcode,
	o.note, o.reason, o.reason_words, COALESCE(o.cancelled_by, '') AS cancelled_by, o.carrier, o.tracking,
	o.created_at, o.accepted_at, o.paid_at, o.shipped_at, o.completed_at, o.cancelled_at,
	o.hold_until, o.line_at, o.turn_at, o.reminded, o.stretched, o.direct, o.transfer_sent_at, o.transfer_missing_at,
	o.commission_rate, o.commission, o.unquoted, o.collection, o.collection_words, seller.town AS studio_town,
	CASE WHEN ` + mayFetch + ` THEN seller.address ELSE '' END AS studio_address,
	CASE WHEN ` + mayFetch + ` THEN seller.postcode ELSE '' END AS studio_postcode,
	CASE WHEN o.buyer_id = ` + asker + ` THEN o.collection_code ELSE '' END AS collection_code,
	o.payment, o.cancel_asked_at, o.cancel_refused, o.cancel_words, o.piece,
	CASE WHEN o.payment IN ('paid', 'part_refunded', 'refunded', 'charged_back') THEN (
		SELECT p.refunded FROM payments p WHERE p.order_id = o.id AND p.state = 'settled') ELSE 0 END AS refunded,
	` + replyBy + ` AS reply_by, ` + standing + `,
	COALESCE(o.gallery_id, 0) AS gallery_id, CASE WHEN gallery.visibility = 'public' THEN o.gallery_title ELSE '' END AS gallery_title,
	CASE WHEN gallery.visibility = 'public' THEN o.gallery_curator ELSE '' END AS gallery_curator`
}

// replyBy is when a request lapses: not before its artist, back again, has had
// the time to answer that every request has.
const replyBy = `GREATEST(o.reply_by, seller.away_until::timestamp AT TIME ZONE 'Europe/London' + (o.reply_by - o.created_at))`

// standing is how the work of an order stands. Only orders that wait for a piece
// or hold one look.
const standing = `
	work.quantity - work.held AS free,
	CASE WHEN o.status IN ('pending', 'accepted') THEN (
		SELECT count(*) FROM orders l
		WHERE l.artwork_id = o.artwork_id AND l.status = 'pending' AND l.line_at IS NOT NULL
			AND (o.status = 'accepted' OR o.line_at IS NULL OR (l.line_at, l.id) < (o.line_at, o.id))) ELSE 0 END AS ahead,
	CASE WHEN o.status = 'accepted' THEN (
		SELECT count(*) FROM orders p WHERE p.artwork_id = o.artwork_id AND p.status = 'pending' AND p.line_at IS NULL) ELSE 0 END AS others,
	CASE WHEN o.status = 'pending' THEN (
		SELECT min(h.hold_until) FROM orders h WHERE h.artwork_id = o.artwork_id AND h.status = 'accepted') END AS freed_at`

const orderTables = `
	orders o
	JOIN members seller ON seller.id = o.seller_id
	JOIN artworks work ON work.id = o.artwork_id
	LEFT JOIN galleries gallery ON gallery.id = o.gallery_id`

// Order returns an order with its history to one of its two parties; to
// everybody else there is no such order.
func (s *Store) Order(ctx context.Context, m Member, id int64) (Order, error) {
	var o Order
	err := s.getRow(ctx, &o, `
		SELECT `+orderColumns("$1")+` FROM `+orderTables+`
		WHERE o.id = $2 AND $1 IN (o.buyer_id, o.seller_id)`, m.ID, id)
	if err != nil {
		return Order{}, err
	}
	err = s.selectRows(ctx, &o.Events, `
		SELECT id, kind, COALESCE(actor_id, 0) AS actor_id, at FROM order_events WHERE order_id = $1 ORDER BY id`, id)
	if err == nil {
		err = s.selectRows(ctx, &o.Refunds, `SELECT `+refundColumns+` FROM refunds r WHERE r.order_id = $1 ORDER BY r.created_at, r.id`, id)
	}
	if err == nil && o.BuyerID == m.ID {
		o.Numbers, err = s.freeNumbers(ctx, o)
	}
	if err == nil && o.PaidAt != nil {
		o.Papers, err = s.papersOf(ctx, o, m)
	}
	if err == nil && o.Can(m, Ship) && o.Medium != DigitalArt && !o.Collection {
		o.Packing, err = s.packing(ctx, o)
	}
	if err == nil && o.PaidAt != nil {
		o.Packed, err = s.packedPictures(ctx, m, id)
	}
	return o, err
}

// OrderStamp returns the Stamp of an order to one of its parties, for pages that
// ask whether they are still right.
func (s *Store) OrderStamp(ctx context.Context, m Member, id int64) (string, error) {
	var o Order
	err := s.getRow(ctx, &o, `
		SELECT o.status, o.version, o.line_at, o.payment, `+standing+`
		FROM orders o JOIN artworks work ON work.id = o.artwork_id
		WHERE o.id = $1 AND $2 IN (o.buyer_id, o.seller_id)`, id, m.ID)
	return o.Stamp(), err
}
