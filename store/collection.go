package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// ByCollection is the carrier of an order that its collector fetches.
const ByCollection = "collection"

// codesOfOrder is how many codes an artist may try for one order.
var codesOfOrder = allowance{"collection code of order", 5, time.Hour}

// ReadyForCollection says that a work which is paid can be fetched, and makes the
// code that its collector shows. It fails with a *Conflict for an order that is to
// be sent.
func (s *Store) ReadyForCollection(ctx context.Context, artist Member, id int64) error {
	code, err := newCollectionCode()
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return s.advance(ctx, tx, id, artist.ID, Ship, func(o Order) (change, error) {
			if !o.Collection {
				return change{}, &Conflict{"This order is to be sent. Say who carries it."}
			}
			return change{`shipped_at = $3, carrier = $4, collection_code = $5`, []any{s.now(), ByCollection, code}}, nil
		})
	})
}

func newCollectionCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("make a collection code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}

// HandOrderOver completes an order whose collector has come for it, by the code
// that the collector shows; the code is good once. It fails with *Invalid for the
// field "code", with *TooMany after five wrong ones within the hour, and with a
// *Conflict for an order that does not wait to be fetched.
func (s *Store) HandOrderOver(ctx context.Context, artist Member, id int64, code string) error {
	code = strings.Join(strings.Fields(code), "")
	o, err := s.Order(ctx, artist, id)
	if err != nil {
		return err
	}
	if part, _ := o.part(artist.ID); part != theArtist {
		return ErrForbidden
	}
	if !o.Can(artist, HandOver) {
		return o.notNow()
	}
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return &Invalid{Fields: []FieldError{{"code", "Enter the six digits that the collector shows you."}}}
	}
	// A wrong code counts although it changes nothing else.
	tries := 0
	err = s.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		tries, err = s.try(ctx, tx, codesOfOrder, strconv.FormatInt(id, 10))
		return err
	})
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		err := s.advance(ctx, tx, id, artist.ID, HandOver, func(o Order) (change, error) {
			if subtle.ConstantTimeCompare([]byte(o.CollectionCode), []byte(code)) != 1 {
				return change{}, &Invalid{Fields: []FieldError{{"code", wrongCode(codesOfOrder.most - tries)}}}
			}
			return change{`completed_at = $3`, []any{s.now()}}, nil
		})
		if err != nil {
			return err
		}
		return s.forget(ctx, tx, codesOfOrder, strconv.FormatInt(id, 10))
	})
}

// wrongCode says that a code is wrong, and how many tries are left.
func wrongCode(left int) string {
	const wrong = "That is not the code of this order. "
	switch left {
	case 0:
		return wrong + "Wait an hour before the next try."
	case 1:
		return wrong + "One try is left within the hour."
	}
	return wrong + strconv.Itoa(left) + " tries are left within the hour."
}
