package store

import (
	"context"
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
	Total    Pence `db:"total"`

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
	EditionNumber  int        `db:"edition_number"` // 0 until paid, and for open editions
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

	Note        string `db:"note"`         // the collector's, with the request
	Reason      string `db:"reason"`       // of a decline, one of DeclineReasons
	ReasonWords string `db:"reason_words"` // the artist's own
	CancelledBy Role   `db:"cancelled_by"` // "" unless cancelled
	Carrier     string `db:"carrier"`
	Tracking    string `db:"tracking"`

	CreatedAt   time.Time  `db:"created_at"`
	AcceptedAt  *time.Time `db:"accepted_at"`
	PaidAt      *time.Time `db:"paid_at"`
	ShippedAt   *time.Time `db:"shipped_at"`
	CompletedAt *time.Time `db:"completed_at"`
	CancelledAt *time.Time `db:"cancelled_at"`

	// The gallery in which the buyer came upon the work, 0 for none. While it is
	// not public, nobody is told its name: both names are "".
	GalleryID      int64  `db:"gallery_id"`
	GalleryTitle   string `db:"gallery_title"`
	GalleryCurator string `db:"gallery_curator"`

	// Available is how many pieces of the work are left, for the page of an
	// order that waits for payment.
	Available int `db:"available"`

	Events []Event `db:"-"` // filled for one order, not for lists
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
	EventCompleted       EventKind = "completed"
)

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
func (o Order) Declined() bool { return o.Status == Cancelled && o.CancelledBy == Artist }

// SoldToSomebodyElse reports that the order waits for a payment that cannot
// come: no piece is left.
func (o Order) SoldToSomebodyElse() bool { return o.Status == Accepted && o.Available == 0 }

// orderColumns reads an Order for the member that the SQL expression asker
// names. It is the one place that decides who sees where a parcel goes: the
// buyer always, the seller from acceptance on and not after a cancellation;
// until then the seller sees the town and the outward half of the postcode.
func orderColumns(asker string) string {
	mayRead := `(o.buyer_id = ` + asker + ` OR o.seller_id = ` + asker + ` AND o.status IN ('accepted', 'ready to ship', 'shipped', 'completed'))`
	return `
	o.id, o.artwork_id, o.buyer_id, o.seller_id, o.status, o.version, o.price, o.delivery, o.cover, o.total,
	o.title, o.year, o.medium, o.material, o.width, o.height, COALESCE(o.depth, 0) AS depth, COALESCE(o.weight, 0) AS weight,
	o.edition, COALESCE(o.edition_size, 0) AS edition_size, COALESCE(o.edition_number, 0) AS edition_number,
	o.image_key, o.image_width, o.image_height, o.artist_name, seller.username AS artist_username, o.buyer_name,
	CASE WHEN ` + mayRead + ` THEN o.ship_address ELSE '' END AS ship_address, o.ship_town,
	CASE WHEN ` + mayRead + ` THEN o.ship_postcode ELSE split_part(o.ship_postcode, ' ', 1) END AS ship_postcode,
	o.note, o.reason, o.reason_words, COALESCE(o.cancelled_by, '') AS cancelled_by, o.carrier, o.tracking,
	o.created_at, o.accepted_at, o.paid_at, o.shipped_at, o.completed_at, o.cancelled_at, work.quantity AS available,
	COALESCE(o.gallery_id, 0) AS gallery_id, CASE WHEN gallery.visibility = 'public' THEN o.gallery_title ELSE '' END AS gallery_title,
	CASE WHEN gallery.visibility = 'public' THEN o.gallery_curator ELSE '' END AS gallery_curator`
}

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
	return o, err
}

// OrderVersion returns the version of an order to one of its parties, for pages
// that ask whether they are still right.
func (s *Store) OrderVersion(ctx context.Context, m Member, id int64) (int, error) {
	var version int
	err := s.getRow(ctx, &version, `SELECT version FROM orders WHERE id = $1 AND $2 IN (buyer_id, seller_id)`, id, m.ID)
	return version, err
}
