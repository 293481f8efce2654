package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
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

// lockOrder reads an order and keeps everybody else from changing it until tx
// ends. member must be one of its two parties; 0 is the clock or the gateway.
func lockOrder(ctx context.Context, tx *sqlx.Tx, id, member int64) (Order, error) {
	var o Order
	err := found(tx.GetContext(ctx, &o, `
		SELECT o.id, o.artwork_id, o.buyer_id, o.seller_id, o.status, o.version, o.price, o.delivery, o.cover, o.total,
			o.medium, o.edition, COALESCE(o.edition_size, 0) AS edition_size, COALESCE(o.edition_number, 0) AS edition_number,
			o.reason, COALESCE(o.cancelled_by, '') AS cancelled_by, o.hold_until, o.line_at, o.turn_at, o.reminded, o.stretched, o.paid_at, o.shipped_at,
			o.direct, o.transfer_sent_at, o.transfer_missing_at,
			o.commission_rate, o.commission, o.unquoted, o.collection, o.collection_code,
			o.payment, o.cancel_asked_at, o.cancel_refused, o.piece
		FROM orders o
		WHERE o.id = $1 AND ($2::bigint = 0 OR $2 IN (o.buyer_id, o.seller_id))
		FOR UPDATE`, id, member))
	if err != nil {
		return Order{}, fmt.Errorf("lock order %d: %w", id, err)
	}
	return o, nil
}

// change is a verb's own columns.
type change struct {
	set  string // "carrier = $3, tracking = $4": parameters from $3 on
	args []any
}

// advance takes an order one step on and is the only code that writes
// orders.status: it locks the row, finds the member's part in the locked row,
// obeys the table, writes the verb's own columns, and tells the other party.
// member 0 is the clock. verb, which may be nil, may refuse.
func (s *Store) advance(ctx context.Context, tx *sqlx.Tx, id, member int64, a Action, verb func(Order) (change, error)) error {
	o, err := lockOrder(ctx, tx, id, member)
	if err != nil {
		return err
	}
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
		if own, err = verb(o); err != nil {
			return err
		}
	}
	to := st.to
	if to == "" { // it stays where it is
		to = o.Status
	}
	set := `status = $2, version = version + 1`
	if o.Status == Accepted && to != Accepted {
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
	args := append([]any{id, to}, own.args...)
	if _, err := tx.ExecContext(ctx, `UPDATE orders SET `+set+` WHERE id = $1`, args...); err != nil {
		return fmt.Errorf("%s order %d: %w", a, id, err)
	}
	if to == Cancelled {
		if err := s.closePayment(ctx, tx, id); err != nil {
			return err
		}
	}
	told := st.told
	if told == nil {
		told = map[actor][]actor{theArtist: {theCollector}, theCollector: {theArtist}, theClock: {theCollector, theArtist}}[part]
	}
	was := o
	o.Status = to
	if err := s.record(ctx, tx, o, st.event, member, o.members(told)); err != nil {
		return err
	}
	return tellOthers(ctx, tx, was, a, to)
}

// members are the ids of those who play the parts.
func (o Order) members(parts []actor) []int64 {
	ids := make([]int64, len(parts))
	for i, p := range parts {
		ids[i] = map[actor]int64{theArtist: o.SellerID, theCollector: o.BuyerID}[p]
	}
	return ids
}

// closePayment closes the payment page of an order that is still open: it takes
// nothing from here on.
func (s *Store) closePayment(ctx context.Context, tx *sqlx.Tx, id int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE payments SET state = 'released', closed_at = $2, looked_at = NULL WHERE order_id = $1 AND state = 'open'`, id, s.now())
	if err != nil {
		return fmt.Errorf("close the payment: %w", err)
	}
	return nil
}

// record writes an event into an order's history and tells its recipients: a
// notification and a letter each, and a signal to every open page of both.
func (s *Store) record(ctx context.Context, tx *sqlx.Tx, o Order, kind EventKind, actorID int64, recipients []int64) error {
	var event int64
	err := tx.GetContext(ctx, &event, `
		INSERT INTO order_events (order_id, kind, status, actor_id, at) VALUES ($1, $2, $3, NULLIF($4::bigint, 0), $5)
		RETURNING id`, o.ID, kind, o.Status, actorID, s.now())
	if err != nil {
		return fmt.Errorf("record %q of order %d: %w", kind, o.ID, err)
	}
	for _, r := range recipients {
		if err := s.notify(ctx, tx, o, event, r); err != nil {
			return err
		}
	}
	switch kind {
	case EventRequested, EventJoined, EventPaid, EventCompleted:
		// The collector is not told of its own act, but has it in writing.
		if err := s.post(ctx, tx, letterKey(event, o.BuyerID), OrderLetter, o.BuyerID, &event, nil); err != nil {
			return err
		}
	}
	return tellParties(ctx, tx, o, recipients...)
}

// tellParties tells the pages of both that an order has changed; recipients are
// those of them who have a notification of it.
func tellParties(ctx context.Context, tx *sqlx.Tx, o Order, recipients ...int64) error {
	for _, m := range []int64{o.BuyerID, o.SellerID} {
		if err := tell(ctx, tx, Signal{Member: m, Order: o.ID, Told: slices.Contains(recipients, m)}); err != nil {
			return err
		}
	}
	return nil
}

// notify tells one member of an event: on the site and by letter.
func (s *Store) notify(ctx context.Context, tx *sqlx.Tx, o Order, event, recipient int64) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO notifications (recipient_id, event_id, order_id, created_at) VALUES ($1, $2, $3, $4)`,
		recipient, event, o.ID, s.now())
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE orders SET viewed_by_buyer = viewed_by_buyer AND buyer_id <> $2,
		                  viewed_by_seller = viewed_by_seller AND seller_id <> $2
		WHERE id = $1`, o.ID, recipient)
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return s.post(ctx, tx, letterKey(event, recipient), OrderLetter, recipient, &event, nil)
}

func letterKey(event, recipient int64) string { return fmt.Sprintf("event-%d-%d", event, recipient) }

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
