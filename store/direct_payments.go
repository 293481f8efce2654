package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// directGateway is the name of the gateway by which collectors pay artists
// directly; see payment.Direct.
const directGateway = "direct"

// Transfer is what a collector needs to pay an artist directly.
type Transfer struct {
	Order
	Attempt   string // the payment
	Amount    Pence
	Reference string // to write on the transfer
	Bank      BankDetails
}

// TransferReference is what a collector writes on a transfer, so that the artist
// finds it: eighteen letters and digits at most, as banks want it.
func (o Order) TransferReference() string { return fmt.Sprintf("OS%d", o.ID) }

// Transfer returns the collector's own open payment with the artist's bank details,
// as long as the order is accepted. A payment that is over, or is not made
// directly, is ErrConflict.
func (s *Store) Transfer(ctx context.Context, collector Member, attempt string) (Transfer, error) {
	p, err := s.Payment(ctx, collector, attempt)
	if err != nil {
		return Transfer{}, err
	}
	o, err := s.Order(ctx, collector, p.OrderID)
	if err != nil {
		return Transfer{}, err
	}
	t := Transfer{Order: o, Attempt: p.ID, Amount: p.Amount, Reference: o.TransferReference()}
	if p.Gateway != directGateway || p.State != "open" || o.Status != Accepted {
		return t, &Conflict{"This payment is over. The order shows how it stands."}
	}
	t.Bank, err = s.bankDetails(ctx, o.SellerID)
	if errors.Is(err, ErrNotFound) { // the market's secret has changed
		err = &Conflict{"The artist has to enter the bank details again. Write to them, and look here once more."}
	}
	return t, err
}

// transferDays is how many working days a transfer has to come, once its collector
// has said that it is sent.
const transferDays = 5

// workingDays is the moment so many working days later, at the same hour in London.
// Bank holidays count as working days.
func workingDays(from time.Time, n int) time.Time {
	at := from
	if london, err := time.LoadLocation("Europe/London"); err == nil { // the data is in the program
		at = at.In(london)
	}
	for n > 0 {
		at = at.AddDate(0, 0, 1)
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday {
			n--
		}
	}
	return at.UTC()
}

// SayTransferSent is the collector's word that the money of an open payment is on
// its way. The first time, the hold is made longer, to five working days from now;
// saying it again changes nothing. It fails with a *Conflict when the order does
// not wait for the payment any more.
func (s *Store) SayTransferSent(ctx context.Context, collector Member, attempt string) (order int64, err error) {
	p, err := s.Payment(ctx, collector, attempt)
	if err != nil {
		return 0, err
	}
	return p.OrderID, s.inTx(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, p.OrderID, collector.ID)
		if err != nil {
			return err
		}
		var state string
		if err := tx.GetContext(ctx, &state, `SELECT state FROM payments WHERE id = $1 AND gateway = $2 FOR UPDATE`, p.ID, directGateway); err != nil {
			return found(err)
		}
		switch {
		case o.Status != Accepted:
			return o.notNow()
		case state != "open":
			return &Conflict{"This payment was closed, because the order has changed. Look at the amount again before you send anything."}
		case o.TransferSentAt != nil:
			return nil
		case !o.HoldUntil.After(s.now()):
			return &Conflict{"The hold has ended. If you have sent the money, write to the artist."}
		}
		until := workingDays(s.now(), transferDays)
		if o.HoldUntil.After(until) {
			until = *o.HoldUntil
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE orders SET transfer_sent_at = $2, hold_until = $3, stretched = true, version = version + 1 WHERE id = $1`, o.ID, s.now(), until)
		if err != nil {
			return fmt.Errorf("keep that the transfer of order %d is sent: %w", o.ID, err)
		}
		if err := s.record(ctx, tx, o, EventTransferSent, collector.ID, []int64{o.SellerID}); err != nil {
			return err
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// SayTransferMissing is the artist's word that a transfer which its collector has
// sent has not come. The collector is told; the hold goes on until it ends.
func (s *Store) SayTransferMissing(ctx context.Context, artist Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, id, artist.ID)
		if err != nil {
			return err
		}
		if part, _ := o.part(artist.ID); part != theArtist {
			return ErrForbidden
		}
		switch {
		case o.Status != Accepted:
			return o.notNow()
		case o.TransferSentAt == nil:
			return &Conflict{"The collector has not said that the money is sent."}
		case o.TransferMissingAt != nil:
			return &Conflict{"You have said so already, and the collector has been told."}
		}
		_, err = tx.ExecContext(ctx, `UPDATE orders SET transfer_missing_at = $2, version = version + 1 WHERE id = $1`, o.ID, s.now())
		if err != nil {
			return fmt.Errorf("keep that the transfer of order %d has not come: %w", o.ID, err)
		}
		return s.record(ctx, tx, o, EventTransferMissing, artist.ID, []int64{o.BuyerID})
	})
}

// SayTransferCame is the artist's word that the money has come. It is taken in as
// any gateway's message is, once: the sale is made, or the money is to go back. It
// fails with a *Conflict when nobody has begun to pay.
func (s *Store) SayTransferCame(ctx context.Context, artist Member, id int64) (Outcome, error) {
	o, err := s.Order(ctx, artist, id)
	if err != nil {
		return "", err
	}
	if part, _ := o.part(artist.ID); part != theArtist {
		return "", ErrForbidden
	}
	var p Payment
	err = s.getRow(ctx, &p, `
		SELECT id, amount, currency FROM payments WHERE order_id = $1 AND gateway = 'direct' ORDER BY opened_at DESC LIMIT 1`, id)
	if errors.Is(err, ErrNotFound) {
		return "", &Conflict{"The collector has not begun to pay this order."}
	}
	if err != nil {
		return "", err
	}
	return s.SettlePayment(ctx, PaymentEvent{Gateway: directGateway, ID: "came-" + p.ID, Taken: true, Payment: p.ID, Amount: p.Amount, Currency: p.Currency})
}

// SayRefundSent is the artist's word that money which was paid directly has been
// sent back by hand: the refund is done. Refunds of other gateways, and those of
// other artists, are ErrNotFound.
func (s *Store) SayRefundSent(ctx context.Context, artist Member, id int64, refund string) error {
	if !validUUID(refund) {
		return ErrNotFound
	}
	o, err := s.Order(ctx, artist, id)
	if err != nil {
		return err
	}
	if part, _ := o.part(artist.ID); part != theArtist {
		return ErrForbidden
	}
	var found string
	if err := s.getRow(ctx, &found, `SELECT id FROM refunds WHERE id = $1 AND order_id = $2 AND gateway = 'direct'`, refund, id); err != nil {
		return err
	}
	return s.SettleRefund(ctx, RefundEvent{Gateway: directGateway, Refund: refund, Done: true})
}

// TransferExpected reports whether the artist is to look for a transfer: the
// collector has the bank details, and the money can still make the sale.
func (o Order) TransferExpected() bool {
	return o.Direct && (o.Status == Accepted || o.holdLapsed() && o.TransferSentAt != nil)
}

// ByHand reports whether the artist is to send a refund by hand.
func (r Refund) ByHand() bool { return r.Gateway == directGateway && r.ClosedAt == nil }
