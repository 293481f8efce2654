package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Action is what somebody can do to an order.
type Action string

// The actions.
const (
	Accept   Action = "accept"
	Decline  Action = "decline"
	Cancel   Action = "cancel"
	Pay      Action = "pay"
	Ship     Action = "ship"
	Complete Action = "complete"

	PutInLine Action = "put in line"
	HandOver  Action = "hand over" // to a collector who has come for it

	// Of an order that is paid.
	CallOff        Action = "call off"
	AskToCancel    Action = "ask to cancel"
	RefuseToCancel Action = "refuse to cancel"
	TakeMoneyBack  Action = "take the money back"
	GiveBackPart   Action = "give a part back"
	SettlePiece    Action = "say what became of the piece"

	// Of the clock and the gateway; no page has a button for them.
	promote      Action = "promote"
	turn         Action = "ask for a quote"
	lapseRequest Action = "lapse unanswered"
	lapseHold    Action = "lapse unpaid"
	sellOut      Action = "sell out"
	remind       Action = "remind"
	overdue      Action = "say overdue"
	lowerPrice   Action = "lower the price"
	payLate      Action = "pay late"

	approveCancel Action = "approve a cancellation"
	callOffUnpaid Action = "call off unpaid"
	pieceGone     Action = "say that the piece is gone"
)

// actor is the part that somebody plays in an order.
type actor string

const (
	theArtist    actor = "artist"
	theCollector actor = "collector"
	theClock     actor = "clock"
)

// step is one row of the table of an order's life.
type step struct {
	action Action
	from   []Status
	by     []actor
	to     Status
	event  EventKind
	told   []actor // nil: the other party; both, when it is the clock
}

// steps is the whole life of an order after the request. Pages show their
// buttons by it and advance obeys it; there is no other place.
var steps = []step{
	{Accept, []Status{Pending}, []actor{theArtist}, Accepted, EventAccepted, nil},
	{PutInLine, []Status{Pending}, []actor{theArtist}, Pending, EventPutInLine, nil},
	{Decline, []Status{Pending}, []actor{theArtist}, Cancelled, EventDeclined, nil},
	{Cancel, []Status{Pending, Accepted}, []actor{theCollector}, Cancelled, EventCancelled, nil},
	{Pay, []Status{Accepted}, []actor{theCollector}, ReadyToShip, EventPaid, nil},
	{Ship, []Status{ReadyToShip}, []actor{theArtist}, Shipped, EventShipped, nil},
	{Complete, []Status{Shipped}, []actor{theCollector, theClock}, Completed, EventCompleted, nil},
	{HandOver, []Status{Shipped}, []actor{theArtist}, Completed, EventCompleted, nil},

	{promote, []Status{Pending}, []actor{theClock}, Accepted, EventPromoted, nil},
	{turn, []Status{Pending}, []actor{theClock}, Pending, EventTurnCame, nil},
	{lapseRequest, []Status{Pending}, []actor{theClock}, Cancelled, EventLapsedByArtist, nil},
	{lapseHold, []Status{Accepted}, []actor{theClock}, Cancelled, EventLapsedByCollector, nil},
	{sellOut, []Status{Pending}, []actor{theClock}, Cancelled, EventSoldOut, []actor{theCollector}},
	{remind, []Status{ReadyToShip}, []actor{theClock}, ReadyToShip, EventReminded, []actor{theArtist}},
	{overdue, []Status{ReadyToShip}, []actor{theClock}, ReadyToShip, EventOverdue, nil},
	{lowerPrice, []Status{Pending, Accepted}, []actor{theArtist}, "", EventPriceLowered, nil},
	{CallOff, []Status{ReadyToShip}, []actor{theArtist}, Cancelled, EventCalledOff, nil},
	{AskToCancel, []Status{ReadyToShip}, []actor{theCollector}, ReadyToShip, EventCancelAsked, nil},
	{RefuseToCancel, []Status{ReadyToShip}, []actor{theArtist}, ReadyToShip, EventCancelRefused, nil},
	{TakeMoneyBack, []Status{ReadyToShip}, []actor{theCollector}, Cancelled, EventCalledOff, nil},
	{GiveBackPart, []Status{ReadyToShip, Shipped, Completed}, []actor{theArtist}, "", EventPartRefund, nil},
	{approveCancel, []Status{ReadyToShip}, []actor{theClock}, Cancelled, EventCalledOff, nil},
	{callOffUnpaid, []Status{ReadyToShip}, []actor{theClock}, Cancelled, EventCalledOff, nil},
	{SettlePiece, []Status{Cancelled}, []actor{theArtist}, Cancelled, EventPieceBack, []actor{}},
	{pieceGone, []Status{Cancelled}, []actor{theArtist}, Cancelled, EventPieceGone, []actor{}},

	// A payment that was begun in time and settles when its hold has ended.
	{payLate, []Status{Cancelled}, []actor{theCollector}, ReadyToShip, EventPaid, nil},
}

// stepOf finds an action's row.
func stepOf(a Action) step {
	for _, st := range steps {
		if st.action == a {
			return st
		}
	}
	panic("store: no such action: " + string(a))
}

// Can reports whether the member may do a to the order now. Whether a piece is
// there to accept it, Acceptable says.
func (o Order) Can(m Member, a Action) bool {
	st := stepOf(a)
	part, ok := o.part(m.ID)
	return ok && slices.Contains(st.by, part) && slices.Contains(st.from, o.Status) && o.ripe(a)
}

// ripe reports whether what an action needs beside its status is there.
func (o Order) ripe(a Action) bool {
	switch a {
	case PutInLine:
		return o.LineAt == nil && !o.Acceptable()
	case HandOver:
		return o.Collection && !o.Frozen()
	case AskToCancel:
		return o.CancelAskedAt == nil && !o.Frozen()
	case RefuseToCancel:
		return o.cancelAsked() && !o.Frozen()
	case TakeMoneyBack:
		return o.Overdue() && !o.Frozen()
	case GiveBackPart:
		return o.Left() > 0 && !o.Frozen()
	case SettlePiece:
		return o.Piece == PieceUnsure
	}
	return !o.Frozen()
}

// part is the member's part in the order; ok is false for outsiders.
func (o Order) part(member int64) (part actor, ok bool) {
	switch member {
	case o.SellerID:
		return theArtist, true
	case o.BuyerID:
		return theCollector, true
	}
	return "", false
}

// notNow says why an action cannot be done, by where the order stands.
func (o Order) notNow() error {
	words := map[Status]string{
		Pending:     "This order waits for the artist’s answer.",
		Accepted:    "This order has been accepted and waits for payment.",
		ReadyToShip: "This order has been paid and waits to be shipped.",
		Shipped:     "This order has been shipped.",
		Completed:   "This order is completed.",
		Cancelled:   "This order has been cancelled.",
	}
	if o.Collection {
		words[ReadyToShip] = "This order has been paid and waits to be made ready."
		words[Shipped] = "This order is ready for collection."
	}
	if o.Lapsed() {
		words[Cancelled] = "This order has lapsed."
	}
	return &Conflict{"That was not possible: the order has moved on. " + words[o.Status]}
}

// errFrozen is the answer while a charge-back stands.
var errFrozen = &Conflict{"The collector’s bank has asked for the money back, so this order stands still until that is decided."}

// orderForUpdate is what an order has to know to go on.
const orderForUpdate = `
	SELECT o.id, o.artwork_id, o.buyer_id, o.seller_id, o.status, o.version, o.price, o.delivery, o.cover, o.total,
		o.medium, o.edition, COALESCE(o.edition_size, 0) AS edition_size, COALESCE(o.edition_number, 0) AS edition_number,
		o.reason, COALESCE(o.cancelled_by, '') AS cancelled_by, o.hold_until, o.line_at, o.turn_at, o.reminded, o.stretched, o.paid_at, o.shipped_at,
		o.direct, o.transfer_sent_at, o.transfer_missing_at,
		o.commission_rate, o.commission, o.unquoted, o.collection, o.collection_code,
		o.payment, o.cancel_asked_at, o.cancel_refused, o.piece
	FROM orders o`

const orderOfParty = orderForUpdate + ` WHERE o.id = $1 AND ($2::bigint = 0 OR $2 IN (o.buyer_id, o.seller_id))`

// lockOrder reads an order and keeps everybody else from changing it until tx
// ends. member must be one of its two parties; 0 is the clock or the gateway.
func lockOrder(ctx context.Context, tx *sqlx.Tx, id, member int64) (Order, error) {
	var o Order
	err := found(tx.GetContext(ctx, &o, orderOfParty+` FOR UPDATE`, id, member))
	if err != nil {
		return Order{}, fmt.Errorf("lock order %d: %w", id, err)
	}
	return o, nil
}

// glance reads an order of a party as lockOrder does, and locks nothing: it may
// refuse, and never allow.
func (s *Store) glance(ctx context.Context, id, member int64) (Order, error) {
	var o Order
	err := s.getRow(ctx, &o, orderOfParty, id, member)
	return o, err
}

// change is a verb's own columns.
type change struct {
	set  string // "carrier = $3, tracking = $4": parameters from $3 on
	args []any
}

// advance takes an order one step on: it locks the row, finds the member's part in
// the locked row, obeys the table, writes the verb's own columns, and tells the
// other party. member 0 is the clock. verb, which may be nil, may refuse.
func (s *Store) advance(ctx context.Context, tx *sqlx.Tx, id, member int64, a Action, verb func(Order) (change, error)) error {
	o, err := lockOrder(ctx, tx, id, member)
	if err != nil {
		return err
	}
	return s.advanceLocked(ctx, tx, o, member, a, verb)
}

// advanceLocked is advance for an order that is locked already.
func (s *Store) advanceLocked(ctx context.Context, tx *sqlx.Tx, o Order, member int64, a Action, verb func(Order) (change, error)) error {
	part := theClock
	if member != 0 {
		part, _ = o.part(member)
	}
	st := stepOf(a)
	if !slices.Contains(st.by, part) {
		return ErrForbidden
	}
	if !slices.Contains(st.from, o.Status) {
		return o.notNow()
	}
	if o.Frozen() && o.Status != Cancelled {
		return errFrozen
	}
	var own change
	if verb != nil {
		var err error
		if own, err = verb(o); err != nil {
			return err
		}
	}
	to, err := s.move(ctx, tx, []Order{o}, st, part, member, own)
	if err != nil {
		return err
	}
	return tellOthers(ctx, tx, o, a, to)
}

// move is the only code that writes orders.status: it takes locked orders, which
// stand at one status, the same step on, and records that.
func (s *Store) move(ctx context.Context, tx *sqlx.Tx, list []Order, st step, part actor, member int64, own change) (to Status, err error) {
	from := list[0].Status
	if to = st.to; to == "" { // it stays where it is
		to = from
	}
	set := `status = $2, version = version + 1`
	if from == Accepted && to != Accepted {
		set += `, hold_until = NULL`
	}
	if to == Cancelled {
		set += `, edition_number = NULL`
	}
	if to == Completed { // a code is good once
		set += `, collection_code = ''`
	}
	if own.set != "" {
		set += `, ` + own.set
	}
	ids := make([]int64, len(list))
	for i, o := range list {
		ids[i] = o.ID
	}
	args := append([]any{pq.Array(ids), to}, own.args...)
	if _, err := tx.ExecContext(ctx, `UPDATE orders SET `+set+` WHERE id = ANY ($1)`, args...); err != nil {
		return "", fmt.Errorf("%s orders %v: %w", st.action, ids, err)
	}
	if to == Cancelled {
		if err := s.closePayments(ctx, tx, ids); err != nil {
			return "", err
		}
	}
	parts := st.told
	if parts == nil {
		parts = map[actor][]actor{theArtist: {theCollector}, theCollector: {theArtist}, theClock: {theCollector, theArtist}}[part]
	}
	var told telling
	for _, o := range list {
		o.Status = to
		told.of(o, st.event, o.members(parts))
	}
	return to, s.recordAll(ctx, tx, told, st.event, to, member)
}

// members are the ids of those who play the parts.
func (o Order) members(parts []actor) []int64 {
	ids := make([]int64, len(parts))
	for i, p := range parts {
		ids[i] = map[actor]int64{theArtist: o.SellerID, theCollector: o.BuyerID}[p]
	}
	return ids
}

// closePayments closes the payment pages of orders that are still open: they take
// nothing from here on.
func (s *Store) closePayments(ctx context.Context, tx *sqlx.Tx, orders []int64) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE payments SET state = 'released', closed_at = $2, looked_at = NULL WHERE order_id = ANY ($1) AND state = 'open'`, pq.Array(orders), s.now())
	if err != nil {
		return fmt.Errorf("close the payments: %w", err)
	}
	return nil
}

// telling is who hears of an event of which orders: on the site and by letter, or
// by letter alone.
type telling struct {
	orders             []int64
	noticed, noticedOf []int64 // members, and the order that each hears of
	written, writtenOf []int64
	signals            []Signal
	versions           int // by how many the orders go on, beside what has changed them before
}

// of adds an order whose event is told to recipients.
func (t *telling) of(o Order, kind EventKind, recipients []int64) {
	t.orders = append(t.orders, o.ID)
	letters := slices.Clone(recipients)
	switch kind {
	case EventRequested, EventJoined, EventPaid, EventCompleted:
		// The collector is not told of its own act, but has it in writing.
		if !slices.Contains(letters, o.BuyerID) {
			letters = append(letters, o.BuyerID)
		}
	}
	for _, r := range recipients {
		t.noticed, t.noticedOf = append(t.noticed, r), append(t.noticedOf, o.ID)
	}
	for _, r := range letters {
		t.written, t.writtenOf = append(t.written, r), append(t.writtenOf, o.ID)
	}
	t.signals = append(t.signals, parties(o, recipients...)...)
}

// record writes an event into an order's history and tells its recipients: a
// notification and a letter each, and a signal to every open page of both.
func (s *Store) record(ctx context.Context, tx *sqlx.Tx, o Order, kind EventKind, actorID int64, recipients []int64) error {
	var told telling
	told.of(o, kind, recipients)
	return s.recordAll(ctx, tx, told, kind, o.Status, actorID)
}

// recordAll writes an event into the histories of orders and tells of it, in one
// statement: the way to the database and back is the longest part of it.
func (s *Store) recordAll(ctx context.Context, tx *sqlx.Tx, told telling, kind EventKind, status Status, actorID int64) error {
	signals, err := payloads(told.signals)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		WITH event AS (
			INSERT INTO order_events (order_id, kind, status, actor_id, at)
			SELECT id, $2, $3, NULLIF($4::bigint, 0), $5::timestamptz FROM unnest($1::bigint[]) WITH ORDINALITY AS o (id, n) ORDER BY n
			RETURNING id, order_id),
		notice AS (
			INSERT INTO notifications (recipient_id, event_id, order_id, created_at)
			SELECT n.member, event.id, event.order_id, $5 FROM event JOIN unnest($6::bigint[], $7::bigint[]) AS n (member, about) ON n.about = event.order_id),
		unseen AS (
			UPDATE orders o SET version = version + $8, viewed_by_buyer = viewed_by_buyer AND buyer_id <> ALL (n.members),
				viewed_by_seller = viewed_by_seller AND seller_id <> ALL (n.members)
			FROM (SELECT about, array_agg(member) AS members FROM unnest($6::bigint[], $7::bigint[]) AS n (member, about) GROUP BY about) n
			WHERE o.id = n.about),
		letter AS (
			INSERT INTO outbox (letter_key, kind, recipient_id, event_id, state, due_at, created_at)
			SELECT 'event-' || event.id || '-' || l.member, 'order', l.member, event.id, 'waiting', $5, $5
			FROM event JOIN unnest($9::bigint[], $10::bigint[]) AS l (member, about) ON l.about = event.order_id
			ON CONFLICT (letter_key) DO NOTHING)
		SELECT pg_notify($11, signal) FROM unnest($12::text[]) AS signal`,
		pq.Array(told.orders), kind, status, actorID, s.now(), pq.Array(told.noticed), pq.Array(told.noticedOf), told.versions,
		pq.Array(told.written), pq.Array(told.writtenOf), channel, pq.Array(signals))
	if err != nil {
		return fmt.Errorf("record %q of orders %v: %w", kind, told.orders, err)
	}
	return nil
}

// parties are the signals that an order has changed, to the pages of both;
// recipients are those of them who have a notification of it.
func parties(o Order, recipients ...int64) []Signal {
	var list []Signal
	for _, m := range []int64{o.BuyerID, o.SellerID} {
		list = append(list, Signal{Member: m, Order: o.ID, Told: slices.Contains(recipients, m)})
	}
	return list
}

// tellParties tells the pages of both that an order has changed.
func tellParties(ctx context.Context, tx *sqlx.Tx, o Order) error {
	return tell(ctx, tx, parties(o)...)
}

// DeclineReason is why an artist says no.
type DeclineReason struct{ Value, Label string }

// DeclineReasons lists the reasons that an artist chooses from.
func DeclineReasons() []DeclineReason {
	return []DeclineReason{
		{"sold elsewhere", "It was sold elsewhere"},
		{"not for sale now", "It is not for sale now"},
		{"cannot ship there", "I cannot ship there"},
		{"price", "The price has changed"},
		{"other", "Another reason"},
	}
}

// Label is a reason as people read it.
func reasonLabel(value string) string {
	for _, r := range DeclineReasons() {
		if r.Value == value {
			return r.Label
		}
	}
	return ""
}

// ReasonLabel is the artist's reason for declining as people read it.
func (o Order) ReasonLabel() string { return reasonLabel(o.Reason) }

// DeclineOrder is the artist's no, with a reason of DeclineReasons and, if the
// artist likes, words of up to 300 characters. It fails with *Invalid for the
// fields "reason" and "words".
func (s *Store) DeclineOrder(ctx context.Context, artist Member, id int64, reason, words string) error {
	var inv Invalid
	words = written(words)
	if reasonLabel(reason) == "" {
		inv.Add("reason", "Choose a reason: the collector should know why.")
	}
	limit(&inv, "words", words, 300)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, Decline, func(Order) (change, error) {
			return change{`cancelled_at = $3, cancelled_by = 'artist', reason = $4, reason_words = $5`, []any{s.now(), reason, words}}, nil
		})
	})
}

// CancelOrder takes a request back before it is paid.
func (s *Store) CancelOrder(ctx context.Context, collector Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, collector.ID, Cancel, func(o Order) (change, error) {
			if o.TransferSentAt != nil {
				return change{}, &Conflict{"You said that you have sent the money, so this cannot be taken back before the artist has looked. Write to them."}
			}
			return change{`cancelled_at = $3, cancelled_by = 'collector'`, []any{s.now()}}, nil
		})
	})
}

// Carriers lists who may carry a work.
func Carriers() []string {
	return []string{"Royal Mail", "Parcelforce", "DHL", "DPD", "Evri", "FedEx", "UPS", "Art courier", "Another carrier", "By hand"}
}

// ShipOrder says that the artist has handed the work over, with a carrier of
// Carriers and its tracking number (up to 60 characters; none by hand). It fails
// with *Invalid for the fields "carrier" and "tracking", and with a *Conflict for a
// work that is collected.
func (s *Store) ShipOrder(ctx context.Context, artist Member, id int64, carrier, tracking string) error {
	var inv Invalid
	tracking = strings.Join(strings.Fields(written(tracking)), " ")
	if !slices.Contains(Carriers(), carrier) {
		inv.Add("carrier", "Choose who carries it.")
	}
	if tracking == "" && carrier != "By hand" && carrier != "Art courier" {
		inv.Add("tracking", "Enter the tracking number, so that the collector can follow the parcel.")
	}
	limit(&inv, "tracking", tracking, 60)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, Ship, func(o Order) (change, error) {
			if o.Collection {
				return change{}, &Conflict{"This work is collected from your studio. Say that it is ready, and the collector comes for it."}
			}
			return change{`shipped_at = $3, carrier = $4, tracking = $5`, []any{s.now(), carrier, tracking}}, nil
		})
	})
}

// CompleteOrder is the collector's word that the work has arrived.
func (s *Store) CompleteOrder(ctx context.Context, collector Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return s.complete(ctx, tx, id, collector.ID) })
}

func (s *Store) complete(ctx context.Context, tx *sqlx.Tx, id, member int64) error {
	return s.advance(ctx, tx, id, member, Complete, func(Order) (change, error) {
		return change{`completed_at = $3`, []any{s.now()}}, nil
	})
}
