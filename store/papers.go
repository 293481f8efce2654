package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// PaperKind is what a paper is for.
type PaperKind string

// The kinds of paper.
const (
	ReceiptPaper    PaperKind = "receipt"     // of a sale, for the collector
	StatementPaper  PaperKind = "statement"   // of a sale, for the artist
	CreditNotePaper PaperKind = "credit note" // of money that went back, for both
)

// Label is the kind as people read it.
func (k PaperKind) Label() string {
	switch k {
	case ReceiptPaper:
		return "Receipt"
	case StatementPaper:
		return "Statement"
	case CreditNotePaper:
		return "Credit note"
	}
	return ""
}

// Paper is a receipt, a statement or a credit note, as it was issued: nothing of
// it follows what changes later.
//
// Its Reference is the kind's first letter with the artist's number, and a number
// that counts that artist's papers of the kind from 1: R12-0007 is the seventh
// receipt of artist 12. HMRC (VAT Notice 700, section 16) wants a sequential number
// that identifies the document, and lets a business keep several series that are
// told apart by a prefix. The business is the artist, who sells directly, and not
// the market: so each artist has series of their own, without gaps, and the prefix
// makes them unique in the market. There are no initials in it, as two artists may
// share them and people change their names, and no year, as a series that does not
// begin anew cannot be mistaken for one that does; the date stands on the paper.
type Paper struct {
	ID        int64     `db:"id"`
	Kind      PaperKind `db:"kind"`
	OrderID   int64     `db:"order_id"`
	Number    int       `db:"number"`
	Reference string    `db:"reference"`
	IssuedAt  time.Time `db:"issued_at"`

	PaidAt           time.Time `db:"paid_at"`
	PaidHow          string    `db:"paid_how"` // "By card, through Stripe"
	PaymentReference string    `db:"payment_reference"`

	ArtistName string `db:"artist_name"`
	BuyerName  string `db:"buyer_name"`
	// Where it went: on a statement, and only while the page of the order shows it
	// to the artist.
	ShipAddress  string `db:"ship_address"`
	ShipTown     string `db:"ship_town"`
	ShipPostcode string `db:"ship_postcode"`

	Title         string     `db:"title"`
	Year          int        `db:"year"`
	Medium        Medium     `db:"medium"`
	Material      string     `db:"material"`
	Width         Hundredths `db:"width"`
	Height        Hundredths `db:"height"`
	Depth         Hundredths `db:"depth"`
	Edition       Edition    `db:"edition"`
	EditionSize   int        `db:"edition_size"`
	EditionNumber int        `db:"edition_number"` // 0 where the pieces have none

	Price      Pence      `db:"price"`
	Delivery   Pence      `db:"delivery"`
	Cover      Pence      `db:"cover"`
	Total      Pence      `db:"total"`
	Commission Pence      `db:"commission"` // of the total, what the market keeps
	Rate       Commission `db:"commission_rate"`
	Collection bool       `db:"collection"` // it was fetched from the studio

	Amount  Pence  `db:"amount"`  // of a credit note: what went back
	Receipt string `db:"receipt"` // of a credit note: the reference of the receipt
}

// Dimensions prints height × width (× depth) in centimetres.
func (p Paper) Dimensions() string { return dimensions(p.Height, p.Width, p.Depth) }

// Receives is what the artist has of the sale.
func (p Paper) Receives() Pence { return p.Total - p.Commission }

// Sent is what the artist has of it by this paper: less than nothing by a credit
// note.
func (p Paper) Sent() Pence {
	if p.Kind == CreditNotePaper {
		return -p.Amount
	}
	return p.Receives()
}

const paperColumns = `
	p.id, p.kind, p.order_id, p.number, p.reference, p.issued_at, p.paid_at, p.paid_how, p.payment_reference, p.artist_name, p.buyer_name,
	CASE WHEN o.status <> 'cancelled' THEN p.ship_address ELSE '' END AS ship_address,
	CASE WHEN o.status <> 'cancelled' THEN p.ship_town ELSE '' END AS ship_town,
	CASE WHEN o.status <> 'cancelled' THEN p.ship_postcode ELSE '' END AS ship_postcode,
	p.title, p.year, p.medium, p.material, p.width, p.height, COALESCE(p.depth, 0) AS depth,
	p.edition, COALESCE(p.edition_size, 0) AS edition_size, COALESCE(p.edition_number, 0) AS edition_number,
	p.price, p.delivery, p.cover, p.total, p.commission, p.commission_rate, p.collection, COALESCE(p.amount, 0) AS amount, COALESCE(p.receipt, '') AS receipt`

// issuePapers issues the receipt and the statement of an order that a payment has
// just settled. The counters are locked after everything else, in the order of the
// house: order, artwork, payment, counter.
func (s *Store) issuePapers(ctx context.Context, tx *sqlx.Tx, o Order, p Payment) error {
	how, reference, err := s.paidHow(ctx, tx, o, p)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		WITH n AS (`+nextPapers("'receipt', 'statement'")+`)
		INSERT INTO papers (kind, artist_id, order_id, number, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name,
			ship_address, ship_town, ship_postcode, title, year, medium, material, width, height, depth, edition, edition_size, edition_number,
			price, delivery, cover, total, commission, commission_rate, collection)
		SELECT n.kind, o.seller_id, o.id, n.last, $3, o.paid_at, $4, $5, o.artist_name, o.buyer_name,
			CASE WHEN sent THEN o.ship_address ELSE '' END, CASE WHEN sent THEN o.ship_town ELSE '' END, CASE WHEN sent THEN o.ship_postcode ELSE '' END,
			o.title, o.year, o.medium, o.material, o.width, o.height, o.depth, o.edition, o.edition_size, o.edition_number,
			o.price, o.delivery, o.cover, o.total, $6, o.commission_rate, o.collection
		FROM orders o, n, LATERAL (SELECT n.kind = 'statement' AND $7 AS sent) s WHERE o.id = $2 ORDER BY n.kind`,
		o.SellerID, o.ID, s.now(), how, reference, p.Fee, o.Medium != DigitalArt && !o.Collection)
	if err != nil {
		return fmt.Errorf("issue the papers of order %d: %w", o.ID, err)
	}
	return nil
}

// issueCreditNote issues the credit note of money that has gone back, once a
// refund, whatever how often it is heard of. Money that never settled has no
// receipt to take it from, and gets none. The order and its payment are locked.
func (s *Store) issueCreditNote(ctx context.Context, tx *sqlx.Tx, order int64, refund string, amount Pence) error {
	var of struct {
		ID     int64 `db:"id"`
		Artist int64 `db:"artist_id"`
		Issued bool  `db:"issued"`
	}
	err := found(tx.GetContext(ctx, &of, `
		SELECT id, artist_id, EXISTS (SELECT FROM papers WHERE refund_id = $2) AS issued
		FROM papers WHERE order_id = $1 AND kind = 'receipt'`, order, refund))
	if errors.Is(err, ErrNotFound) || of.Issued {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the receipt of order %d: %w", order, err)
	}
	_, err = tx.ExecContext(ctx, `
		WITH n AS (`+nextPapers("'credit note'")+`)
		INSERT INTO papers (kind, artist_id, order_id, number, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name,
			title, year, medium, material, width, height, depth, edition, edition_size, edition_number,
			price, delivery, cover, total, commission, commission_rate, collection, refund_id, amount, receipt)
		SELECT n.kind, artist_id, order_id, n.last, $3, paid_at, paid_how, payment_reference, artist_name, buyer_name,
			title, year, medium, material, width, height, depth, edition, edition_size, edition_number,
			price, delivery, cover, total, commission, commission_rate, collection, $4, $5, reference
		FROM papers, n WHERE id = $2`, of.Artist, of.ID, s.now(), refund, amount)
	if err != nil {
		return fmt.Errorf("issue a credit note of order %d: %w", order, err)
	}
	return nil
}

// nextPapers counts an artist's next papers, $1 being the artist: a query of the
// kinds with their last numbers. Whoever wants one at the same time waits until the
// transaction has ended, and has this one if it comes to nothing: so there are no
// gaps.
func nextPapers(kinds string) string {
	return `
		INSERT INTO paper_counters (artist_id, kind, last) SELECT $1, kind, 1 FROM unnest(ARRAY[` + kinds + `]) kind
		ON CONFLICT (artist_id, kind) DO UPDATE SET last = paper_counters.last + 1 RETURNING kind, last`
}

// paidHow says how an order was paid, and by what reference the payment is found
// again.
func (s *Store) paidHow(ctx context.Context, tx *sqlx.Tx, o Order, p Payment) (how, reference string, err error) {
	switch p.Gateway {
	case "test":
		return "Through the test gateway, where no money moves", p.ID, nil
	case directGateway:
		var ending string
		if err := tx.GetContext(ctx, &ending, `SELECT COALESCE(min(ending), '?') FROM bank_details WHERE artist_id = $1`, o.SellerID); err != nil {
			return "", "", fmt.Errorf("look where order %d was paid: %w", o.ID, err)
		}
		return "By bank transfer to the artist, to the account ending in " + ending, o.TransferReference(), nil
	case "stripe":
		return "Through Stripe", p.ID, nil
	}
	return "Through " + p.Gateway, p.ID, nil
}

// OrderPaper returns the receipt of an order to its collector, or the statement to
// its artist. The other party gets ErrForbidden, and everybody else ErrNotFound, as
// the right party does before the sale is made.
func (s *Store) OrderPaper(ctx context.Context, m Member, order int64, kind PaperKind) (Paper, error) {
	whose := map[PaperKind]actor{ReceiptPaper: theCollector, StatementPaper: theArtist}[kind]
	return s.paper(ctx, m, order, whose, `p.kind = $2`, kind)
}

// CreditNote returns a credit note of an order, by its number in the artist's
// series, to one of the two parties.
func (s *Store) CreditNote(ctx context.Context, m Member, order, number int64) (Paper, error) {
	return s.paper(ctx, m, order, "", `p.kind = 'credit note' AND p.number = $2`, number)
}

// paper reads one paper of an order for one of its parties, or for the one that it
// is for.
func (s *Store) paper(ctx context.Context, m Member, order int64, whose actor, where string, arg any) (Paper, error) {
	var o Order
	if err := s.getRow(ctx, &o, `SELECT buyer_id, seller_id FROM orders WHERE id = $1`, order); err != nil {
		return Paper{}, err
	}
	part, ok := o.part(m.ID)
	switch {
	case !ok:
		return Paper{}, ErrNotFound
	case whose != "" && whose != part:
		return Paper{}, ErrForbidden
	}
	var p Paper
	err := s.getRow(ctx, &p, `SELECT `+paperColumns+` FROM papers p JOIN orders o ON o.id = p.order_id WHERE p.order_id = $1 AND `+where, order, arg)
	return p, err
}

// PaperLink names a paper of an order.
type PaperLink struct {
	Kind      PaperKind `db:"kind"`
	Number    int       `db:"number"`
	Reference string    `db:"reference"`
}

// papersOf are the papers of an order that one of its parties may read.
func (s *Store) papersOf(ctx context.Context, o Order, m Member) ([]PaperLink, error) {
	other := StatementPaper
	if m.ID == o.SellerID {
		other = ReceiptPaper
	}
	var list []PaperLink
	err := s.selectRows(ctx, &list, `SELECT kind, number, reference FROM papers WHERE order_id = $1 AND kind <> $2 ORDER BY id`, o.ID, other)
	return list, err
}

// papersPage is how many papers a list shows at once.
const papersPage = 30

// Papers returns a page of the artist's statements and credit notes, the newest
// first.
func (s *Store) Papers(ctx context.Context, artist Member, after string) (Page[Paper], error) {
	before := int64(1<<63 - 1)
	if keys, ok := parseCursor(after, 1); ok {
		before = keys[0]
	}
	var rows []Paper
	err := s.selectRows(ctx, &rows, `
		SELECT `+paperColumns+` FROM papers p JOIN orders o ON o.id = p.order_id
		WHERE p.artist_id = $1 AND p.kind <> 'receipt' AND p.id < $2 ORDER BY p.id DESC LIMIT $3`, artist.ID, before, papersPage+1)
	if err != nil {
		return Page[Paper]{}, err
	}
	return cut(rows, papersPage, func(p Paper) string { return cursor(p.ID) }), nil
}

// ExportPapers calls each with all statements and credit notes of the artist, the
// oldest first.
func (s *Store) ExportPapers(ctx context.Context, artist Member, each func(Paper) error) error {
	return export(func(after int64) ([]Paper, error) {
		var rows []Paper
		err := s.selectRows(ctx, &rows, `
			SELECT `+paperColumns+` FROM papers p JOIN orders o ON o.id = p.order_id
			WHERE p.artist_id = $1 AND p.kind <> 'receipt' AND p.id > $2 ORDER BY p.id LIMIT $3`, artist.ID, after, exportBatch)
		return rows, err
	}, func(p Paper) int64 { return p.ID }, each)
}
