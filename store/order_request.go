package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Request is what a collector sends to ask for a work.
type Request struct {
	Key      string // a UUID of the form: the same form sent twice is one request
	Address  string // street and number, or the name of the house
	Town     string
	Postcode string
	Note     string // to the artist, at most 500 characters
	Seen     Pence  // the total that the collector was shown
	Line     bool   // the collector was shown that every piece is held, and joins the line
	Gallery  int64  // where the collector came upon the work, 0 for elsewhere; see credit
	Collect  bool   // from the studio; Address, Town and Postcode are not looked at
}

// QuoteArtwork computes what one piece costs delivered to a postcode. It fails
// with *Invalid for the field "postcode", and with a *Conflict when the work is
// not for sale.
func (s *Store) QuoteArtwork(ctx context.Context, artworkID int64, postcode string) (Quote, error) {
	to, err := deliverable(postcode)
	if err != nil {
		return Quote{}, err
	}
	return s.quoteArtwork(ctx, artworkID, to, false)
}

// QuoteCollection computes what one piece costs that is collected from the studio.
// It fails with a *Conflict when the work is not for sale, or its artist lets
// nobody collect.
func (s *Store) QuoteCollection(ctx context.Context, artworkID int64) (Quote, error) {
	return s.quoteArtwork(ctx, artworkID, "", true)
}

func (s *Store) quoteArtwork(ctx context.Context, artworkID int64, to string, collect bool) (Quote, error) {
	var w requested
	if err := s.getRow(ctx, &w, requestedQuery, artworkID); err != nil {
		return Quote{}, err
	}
	if err := w.buyable(s.now()); err != nil {
		return Quote{}, err
	}
	return s.quoteOf(w, to, collect)
}

// deliverable normalises a postcode that a parcel can go to.
func deliverable(postcode string) (string, error) {
	to, ok := ParsePostcode(postcode)
	if !ok {
		return "", &Invalid{Fields: []FieldError{{"postcode", "Not a full UK postcode, for example LS6 3QT."}}}
	}
	return to, nil
}

// requested is what a request needs to know of a work.
type requested struct {
	ArtworkID   int64        `db:"id"`
	ArtistID    int64        `db:"artist_id"`
	AwayUntil   *time.Time   `db:"away_until"`
	ArtistName  string       `db:"artist_name"`
	From        string       `db:"postcode"`
	State       ArtworkState `db:"state"`
	Title       string       `db:"title"`
	Year        int          `db:"year"`
	Medium      Medium       `db:"medium"`
	Material    string       `db:"material"`
	Width       Hundredths   `db:"width"`
	Height      Hundredths   `db:"height"`
	Depth       Hundredths   `db:"depth"`
	Weight      Hundredths   `db:"weight"`
	Price       Pence        `db:"price"`
	Quantity    int          `db:"quantity"`
	ForSale     bool         `db:"for_sale"`
	Edition     Edition      `db:"edition"`
	EditionSize int          `db:"edition_size"`
	ImageKey    string       `db:"image_key"`
	ImageWidth  int          `db:"image_width"`
	ImageHeight int          `db:"image_height"`
	DeliveryTerms
}

const requestedQuery = `
	SELECT a.id, a.artist_id, m.away_until, m.first_name || ' ' || m.last_name AS artist_name, m.postcode, a.state, a.title, a.year, a.medium,
		a.material, a.width, a.height, COALESCE(a.depth, 0) AS depth, COALESCE(a.weight, 0) AS weight, a.price, a.quantity,
		a.for_sale, a.edition, COALESCE(a.edition_size, 0) AS edition_size, COALESCE(i.key, '') AS image_key,
		COALESCE(i.width, 0) AS image_width, COALESCE(i.height, 0) AS image_height, a.rates, m.collection, m.collection_words
	FROM artworks a
	JOIN members m ON m.id = a.artist_id
	LEFT JOIN images i ON i.artwork_id = a.id AND i.position = 0 AND i.state = 'ready'
	WHERE a.id = $1`

func (w requested) buyable(now time.Time) error {
	switch {
	case w.State != Listed:
		return ErrNotFound
	case w.Quantity == 0:
		return &Conflict{"This work is sold. Nothing was asked for and nothing is charged."}
	case !w.ForSale:
		return &Conflict{"This work is not for sale now."}
	case away(w.AwayUntil, now):
		return &Conflict{w.ArtistName + " is away. Requests are paused until " + w.AwayUntil.Format("2 January 2006") + "."}
	}
	return nil
}

// quoteOf is what a piece of the work costs, delivered to a normalised postcode or
// collected.
func (s *Store) quoteOf(w requested, to string, collect bool) (Quote, error) {
	q := Quote{Price: w.Price, Collection: true}
	switch {
	case !collect:
		q = quote(w.Price, w.Medium, w.Width, w.Height, w.Depth, w.Weight, w.From, to, w.Rates)
	case !w.Collection || w.Medium == DigitalArt:
		return Quote{}, &Conflict{"This work cannot be collected from the studio. Say where it is to be delivered, then ask."}
	}
	q.Rate = s.commission
	return q, nil
}

// RequestOrder asks an artist for one piece of a work. The price is computed
// here, whatever the collector was shown; when it differs from what they saw, the
// request fails with a *Conflict that names both. What is collected needs no
// address; what its artist quotes is asked for without a price of delivery. While every piece is held the
// request waits in line; one that was not to fails with a *Conflict. It fails with
// *Invalid for the fields "address", "town", "postcode" and "note", with
// ErrForbidden for anybody but a collector, and with a *Conflict when the collector
// has a live request for the work, the work is not for sale or its artist is away.
func (s *Store) RequestOrder(ctx context.Context, collector Member, artworkID int64, r Request) (Order, error) {
	if !collector.IsCollector() {
		return Order{}, ErrForbidden
	}
	r.Address, r.Town, r.Note = written(r.Address), written(r.Town), written(r.Note)
	var inv Invalid
	to, ok := "", false
	if r.Collect {
		r.Address, r.Town = "", ""
	} else {
		checkAddress(&inv, r.Address, r.Town)
		if to, ok = ParsePostcode(r.Postcode); !ok {
			inv.Add("postcode", "Not a full UK postcode, for example LS6 3QT.")
		}
	}
	limit(&inv, "note", r.Note, 500)
	if err := inv.Err(); err != nil {
		return Order{}, err
	}
	if !validUUID(r.Key) {
		r.Key = newUUID()
	}
	var id int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var err error
		id, err = s.request(ctx, tx, collector, artworkID, to, r)
		return err
	})
	if violates(err, "orders_live_request_key") {
		return Order{}, errAskedAlready
	}
	if violates(err, "orders_request_key_key") || err != nil && !isAnswer(err) {
		// Sent twice at once, or the reply of the commit was lost: the key tells
		// what became of it.
		if found := s.getRow(ctx, &id, `SELECT id FROM orders WHERE request_key = $1 AND buyer_id = $2`, r.Key, collector.ID); found != nil {
			return Order{}, err
		}
	} else if err != nil {
		return Order{}, err
	}
	return s.Order(ctx, collector, id)
}

var errAskedAlready = &Conflict{"You have asked for this work already. The request is under Purchases."}

// isAnswer reports whether err is the model's own answer rather than a fault.
func isAnswer(err error) bool {
	_, invalid := errorAs[*Invalid](err)
	return invalid || errors.Is(err, ErrNotFound) || errors.Is(err, ErrForbidden) || errors.Is(err, ErrConflict)
}

func (s *Store) request(ctx context.Context, tx *sqlx.Tx, collector Member, artworkID int64, to string, r Request) (int64, error) {
	var earlier int64
	err := found(tx.GetContext(ctx, &earlier, `SELECT id FROM orders WHERE request_key = $1 AND buyer_id = $2`, r.Key, collector.ID))
	if !errors.Is(err, ErrNotFound) {
		return earlier, err
	}
	// A request that is being taken back is waited for here, before the artwork is
	// locked: order before artwork, as everywhere.
	var live struct {
		ID  int64  `db:"id"`
		Key string `db:"request_key"`
	}
	err = found(tx.GetContext(ctx, &live, `
		SELECT id, request_key FROM orders WHERE buyer_id = $1 AND artwork_id = $2 AND status IN ('pending', 'accepted') FOR SHARE`, collector.ID, artworkID))
	switch {
	case err == nil && strings.EqualFold(live.Key, r.Key): // sent twice at once
		return live.ID, nil
	case err == nil:
		return 0, errAskedAlready
	case !errors.Is(err, ErrNotFound):
		return 0, fmt.Errorf("look for a live request: %w", err)
	}
	var w requested
	if err := found(tx.GetContext(ctx, &w, requestedQuery+` FOR SHARE OF a`, artworkID)); err != nil {
		return 0, err
	}
	if err := w.buyable(s.now()); err != nil {
		return 0, err
	}
	q, err := s.quoteOf(w, to, r.Collect)
	if err != nil {
		return 0, err
	}
	if r.Seen != q.Total() {
		return 0, &Conflict{fmt.Sprintf("The total has changed from %s to %s since you saw it. Look at it again, then ask.", r.Seen, q.Total())}
	}
	line, err := w.waits(ctx, tx)
	if err != nil {
		return 0, err
	}
	if line && !r.Line {
		return 0, &Conflict{"Every piece was put on hold a moment ago, so nothing was asked for. You can join the line."}
	}
	in, err := credit(ctx, tx, collector, artworkID, r.Gallery)
	if err != nil {
		return 0, err
	}
	now := s.now()
	event, since := EventRequested, sql.NullTime{}
	if line {
		event, since = EventJoined, sql.NullTime{Time: now, Valid: true}
	}
	var id int64
	err = tx.GetContext(ctx, &id, `
		INSERT INTO orders (artwork_id, buyer_id, seller_id, status, request_key, price, delivery, cover, total,
			title, year, medium, material, width, height, depth, weight, edition, edition_size,
			image_key, image_width, image_height, artist_name, buyer_name,
			ship_address, ship_town, ship_postcode, from_postcode, note, created_at, reply_by, line_at,
			gallery_id, gallery_title, gallery_curator, commission_rate, commission, unquoted, collection, collection_words)
		VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULLIF($15::integer, 0), NULLIF($16::integer, 0),
			$17, NULLIF($18::integer, 0), $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31,
			NULLIF($32::bigint, 0), $33, $34, $35, $36, $37, $38, CASE WHEN $38 THEN $39 ELSE '' END)
		RETURNING id`,
		artworkID, collector.ID, w.ArtistID, r.Key, q.Price, q.Delivery, q.Cover, q.Total(),
		w.Title, w.Year, w.Medium, w.Material, w.Width, w.Height, w.Depth, w.Weight, w.Edition, w.EditionSize,
		w.ImageKey, w.ImageWidth, w.ImageHeight, w.ArtistName, collector.Name(),
		r.Address, r.Town, to, w.From, r.Note, now, now.Add(s.deadlines.Reply), since,
		in.ID, in.Title, in.Curator, q.Rate, q.Commission(), q.Unquoted, q.Collection, w.Words)
	if err != nil {
		return 0, fmt.Errorf("request artwork %d: %w", artworkID, err)
	}
	o := Order{ID: id, Status: Pending, BuyerID: collector.ID, SellerID: w.ArtistID}
	if err := s.record(ctx, tx, o, event, collector.ID, []int64{w.ArtistID}); err != nil {
		return 0, err
	}
	if !line {
		return id, nil
	}
	return id, tellWaiting(ctx, tx, artworkID, stillOpen, false)
}

// waits reports whether a request made now has to wait in line: every piece is
// held, or free for those who are in line already.
func (w requested) waits(ctx context.Context, tx *sqlx.Tx) (bool, error) {
	var waits bool
	err := tx.GetContext(ctx, &waits, `
		SELECT a.quantity - a.held <= (SELECT count(*) FROM orders l WHERE l.artwork_id = a.id AND l.status = 'pending' AND l.line_at IS NOT NULL)
		FROM artworks a WHERE a.id = $1`, w.ArtworkID)
	if err != nil {
		return false, fmt.Errorf("look for a free piece of artwork %d: %w", w.ArtworkID, err)
	}
	return waits, nil
}

// credited is the gallery that an order remembers; ID is 0 for none.
type credited struct {
	ID      int64  `db:"id"`
	Title   string `db:"title"`
	Curator string `db:"curator"`
}

// credit is the gallery in which a collector says they came upon a work: a public
// one that holds it, and not their own. Anything else is no gallery, and no
// reason to refuse an order.
func credit(ctx context.Context, tx *sqlx.Tx, collector Member, artworkID, gallery int64) (credited, error) {
	var g credited
	if gallery <= 0 {
		return g, nil
	}
	err := found(tx.GetContext(ctx, &g, `
		SELECT g.id, g.title, m.first_name || ' ' || m.last_name AS curator
		FROM galleries g JOIN members m ON m.id = g.collector_id
		WHERE g.id = $1 AND g.visibility = 'public' AND g.collector_id <> $2
			AND EXISTS (SELECT FROM gallery_artworks h WHERE h.gallery_id = g.id AND h.artwork_id = $3)`, gallery, collector.ID, artworkID))
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return g, err
}

// LiveRequest returns the id of the collector's pending or accepted order for a
// work, or 0.
func (s *Store) LiveRequest(ctx context.Context, collector Member, artworkID int64) (int64, error) {
	var id int64
	err := s.getRow(ctx, &id, `SELECT id FROM orders WHERE buyer_id = $1 AND artwork_id = $2 AND status IN ('pending', 'accepted')`,
		collector.ID, artworkID)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return id, err
}
