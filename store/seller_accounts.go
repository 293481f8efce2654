package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// SellerAccount is an artist's account at a gateway, as the gateway last said.
type SellerAccount struct {
	Key       string         `db:"key"`     // ours, told to the gateway; "" while the artist has not begun
	Account   string         `db:"account"` // the gateway's name for it; "" while none is open
	Ready     bool           `db:"ready"`   // money reaches the artist
	Wanting   pq.StringArray `db:"wanting"` // what the gateway still asks for, in plain words
	ChangedAt time.Time      `db:"changed_at"`
}

const sellerAccountColumns = `key, COALESCE(account, '') AS account, ready, wanting, changed_at`

// SellerAccount returns the artist's account at a gateway; the zero one when they
// have not begun to open it.
func (s *Store) SellerAccount(ctx context.Context, artist Member, gateway string) (SellerAccount, error) {
	var a SellerAccount
	err := s.getRow(ctx, &a, `SELECT `+sellerAccountColumns+` FROM seller_accounts WHERE member_id = $1 AND gateway = $2`, artist.ID, gateway)
	if errors.Is(err, ErrNotFound) {
		return SellerAccount{}, nil
	}
	return a, err
}

// BeginSellerAccount returns the artist's account at a gateway with the key to open
// it by. Beginning again returns the same key.
func (s *Store) BeginSellerAccount(ctx context.Context, artist Member, gateway string) (SellerAccount, error) {
	if !artist.IsArtist() {
		return SellerAccount{}, ErrForbidden
	}
	var a SellerAccount
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO seller_accounts (member_id, gateway, key, changed_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT ON CONSTRAINT seller_accounts_pkey DO NOTHING`, artist.ID, gateway, newUUID(), s.now())
		if err != nil {
			return fmt.Errorf("begin an account of member %d: %w", artist.ID, err)
		}
		return tx.GetContext(ctx, &a, `
			SELECT `+sellerAccountColumns+` FROM seller_accounts WHERE member_id = $1 AND gateway = $2`, artist.ID, gateway)
	})
	return a, err
}

// SellerAccountOpened keeps the gateway's name for the artist's account. The first
// that is named stays.
func (s *Store) SellerAccountOpened(ctx context.Context, artist Member, gateway, account string) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE seller_accounts SET account = $3 WHERE member_id = $1 AND gateway = $2 AND account IS NULL`, artist.ID, gateway, account)
		if err != nil {
			return fmt.Errorf("keep the account of member %d: %w", artist.ID, err)
		}
		return nil
	})
}

// SellerAccountStands keeps how an account stands, as the gateway said when it was
// asked at a time: an older answer does not undo a newer one. It fails with
// ErrNotFound for an account that is no artist's here.
func (s *Store) SellerAccountStands(ctx context.Context, gateway, account string, ready bool, wanting []string, asked time.Time) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var member int64
		err := found(tx.GetContext(ctx, &member, `SELECT member_id FROM seller_accounts WHERE gateway = $1 AND account = $2 FOR UPDATE`, gateway, account))
		if err != nil {
			return err
		}
		if wanting == nil {
			wanting = []string{}
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE seller_accounts SET ready = $3, wanting = $4, changed_at = $5 WHERE member_id = $1 AND gateway = $2 AND changed_at <= $5`,
			member, gateway, ready, pq.StringArray(wanting), asked)
		if err != nil {
			return fmt.Errorf("keep how the account of member %d stands: %w", member, err)
		}
		return nil
	})
}

// errNoAccount is what an artist reads whom the gateway could not pay.
var errNoAccount = &Conflict{"Nothing was accepted: you cannot be paid yet. Set that up in your studio under Being paid; the request waits."}

// hasAccount fails with errNoAccount unless the gateway can pay the artist of a work.
func (s *Store) hasAccount(ctx context.Context, tx *sqlx.Tx, artwork int64) error {
	var ready bool
	err := tx.GetContext(ctx, &ready, `
		SELECT EXISTS (SELECT FROM seller_accounts s JOIN artworks a ON a.artist_id = s.member_id WHERE a.id = $1 AND s.gateway = $2 AND s.ready)`,
		artwork, s.accounts)
	if err != nil {
		return fmt.Errorf("look whether the artist of artwork %d can be paid: %w", artwork, err)
	}
	if !ready {
		return errNoAccount
	}
	return nil
}

// PayInto returns the account into which the collector pays an order that waits to
// be paid; "" when there is none that is ready. It fails with ErrNotFound when the
// collector has nothing to pay there.
func (s *Store) PayInto(ctx context.Context, collector Member, order int64, gateway string) (string, error) {
	var account sql.NullString
	err := s.getRow(ctx, &account, `
		SELECT a.account FROM orders o LEFT JOIN seller_accounts a ON a.member_id = o.seller_id AND a.gateway = $3 AND a.ready
		WHERE o.id = $1 AND o.buyer_id = $2 AND o.status = 'accepted'`, order, collector.ID, gateway)
	return account.String, err
}
