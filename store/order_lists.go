package store

import (
	"context"
	"fmt"
)

// ordersPage is how many orders a list shows at once.
const ordersPage = 20

// waitingMost bounds the list of orders that wait for an artist.
const waitingMost = 50

// StudioWaiting returns the orders that wait for the artist, to answer or to
// ship, those that have waited longest first, at most fifty.
func (s *Store) StudioWaiting(ctx context.Context, artist Member) ([]Order, error) {
	var rows []Order
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT `+orderColumns("$1")+` FROM `+orderTables+`
		WHERE o.seller_id = $1 AND (o.status = 'pending' AND (o.line_at IS NULL OR o.turn_at IS NOT NULL) OR o.status = 'ready to ship') ORDER BY o.id LIMIT %d`, waitingMost), artist.ID)
	return rows, err
}

// StudioOrders returns a page of the artist's orders, newest first. status ""
// means all.
func (s *Store) StudioOrders(ctx context.Context, artist Member, status Status, after string) (Page[Order], error) {
	var statuses []Status
	if status != "" {
		statuses = []Status{status}
	}
	return s.orders(ctx, "o.seller_id", artist.ID, statuses, after)
}

// PurchaseGroup is one of the tabs of a collector's purchases.
type PurchaseGroup string

// The tabs: what is under way, what has arrived, what came to nothing.
const (
	OpenPurchases      PurchaseGroup = "open"
	CompletedPurchases PurchaseGroup = "completed"
	CancelledPurchases PurchaseGroup = "cancelled"
)

func (g PurchaseGroup) statuses() []Status {
	switch g {
	case CompletedPurchases:
		return []Status{Completed}
	case CancelledPurchases:
		return []Status{Cancelled}
	}
	return []Status{Pending, Accepted, ReadyToShip, Shipped}
}

// Purchases returns a page of one group of the collector's orders, newest first.
func (s *Store) Purchases(ctx context.Context, collector Member, g PurchaseGroup, after string) (Page[Order], error) {
	return s.orders(ctx, "o.buyer_id", collector.ID, g.statuses(), after)
}

// PurchaseCounts is how many orders each tab holds, and whether one of the open
// ones waits for the collector: to pay, or to say that it has arrived.
type PurchaseCounts struct {
	Open      int  `db:"open"`
	Completed int  `db:"completed"`
	Cancelled int  `db:"cancelled"`
	Waiting   bool `db:"waiting"`
}

// PurchaseCounts counts the collector's orders.
func (s *Store) PurchaseCounts(ctx context.Context, collector Member) (PurchaseCounts, error) {
	var c PurchaseCounts
	err := s.getRow(ctx, &c, `
		SELECT count(*) FILTER (WHERE status NOT IN ('completed', 'cancelled')) AS open,
			count(*) FILTER (WHERE status = 'completed') AS completed,
			count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
			COALESCE(bool_or(status IN ('accepted', 'shipped')), false) AS waiting
		FROM orders WHERE buyer_id = $1`, collector.ID)
	return c, err
}

// WaitingCount is how many orders wait for the artist, to answer or to ship.
func (s *Store) WaitingCount(ctx context.Context, artist Member) (int, error) {
	var n int
	err := s.getRow(ctx, &n, `SELECT count(*) FROM orders WHERE seller_id = $1 AND (status = 'pending' AND line_at IS NULL OR status = 'ready to ship')`, artist.ID)
	return n, err
}

// orders reads one page of a party's orders by descending id.
func (s *Store) orders(ctx context.Context, party string, member int64, statuses []Status, after string) (Page[Order], error) {
	args := []any{member}
	where := party + ` = $1`
	if len(statuses) > 0 {
		marks := ""
		for i, st := range statuses {
			args = append(args, st)
			if i > 0 {
				marks += ", "
			}
			marks += fmt.Sprintf("$%d", len(args))
		}
		where += ` AND o.status IN (` + marks + `)`
	}
	if keys, ok := parseCursor(after, 1); ok {
		args = append(args, keys[0])
		where += fmt.Sprintf(` AND o.id < $%d`, len(args))
	}
	var rows []Order
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT `+orderColumns("$1")+` FROM `+orderTables+`
		WHERE %s ORDER BY o.id DESC LIMIT %d`, where, ordersPage+1), args...)
	if err != nil {
		return Page[Order]{}, err
	}
	return cut(rows, ordersPage, func(o Order) string { return cursor(o.ID) }), nil
}
