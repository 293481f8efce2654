package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// CollectionWordsMost is how much an artist may say of when and where works can be
// collected, in characters.
const CollectionWordsMost = 300

// rateMost bounds an artist's own rate and a quote of delivery, in pence.
const rateMost = 999999

// Zones are the numbers of the delivery zones.
func Zones() []int { return []int{1, 2, 3, 4, 5} }

// ZoneName says where a delivery zone lies.
func ZoneName(zone int) string {
	switch zone {
	case 1:
		return "London"
	case 2:
		return "The South East, the East of England and the Midlands"
	case 3:
		return "The South West, the North of England and Wales"
	case 4:
		return "Scotland and Northern Ireland"
	case 5:
		return "Guernsey, Jersey and the Isle of Man"
	}
	return ""
}

// Rates are an artist's own prices of delivery to the zones 1 to 5. One that is
// not valid leaves it to the formula.
type Rates [5]sql.NullInt64

// To is the rate for a zone, and whether there is one.
func (r Rates) To(zone int) (Pence, bool) {
	if zone < 1 || zone > len(r) {
		return 0, false
	}
	return Pence(r[zone-1].Int64), r[zone-1].Valid
}

// Scan reads the column: empty, or five.
func (r *Rates) Scan(src any) error {
	var list []sql.NullInt64
	if err := pq.Array(&list).Scan(src); err != nil {
		return err
	}
	*r = Rates{}
	copy(r[:], list)
	return nil
}

// Value writes the column.
func (r Rates) Value() (driver.Value, error) {
	if r == (Rates{}) {
		return "{}", nil
	}
	return pq.Array(r[:]).Value()
}

// DeliveryTerms are how an artist's works reach their collectors.
type DeliveryTerms struct {
	Rates      Rates  `db:"rates"`
	Collection bool   `db:"collection"`       // works can be fetched from the studio
	Words      string `db:"collection_words"` // when, and roughly where
}

// DeliveryForm is what an artist types of it.
type DeliveryForm struct {
	Rates      [5]string // in pounds; "" leaves it to the formula
	Collection bool
	Words      string
}

// Form is what stands in the form.
func (t DeliveryTerms) Form() DeliveryForm {
	f := DeliveryForm{Collection: t.Collection, Words: t.Words}
	for i, zone := range Zones() {
		if rate, ok := t.Rates.To(zone); ok {
			f.Rates[i] = rate.Plain()
		}
	}
	return f
}

// RateField is the name of the input of a zone's rate.
func RateField(zone int) string { return fmt.Sprintf("rate-%d", zone) }

// DeliveryTerms returns the artist's own.
func (s *Store) DeliveryTerms(ctx context.Context, artist Member) (DeliveryTerms, error) {
	var t DeliveryTerms
	err := s.getRow(ctx, &t, `SELECT rates, collection, collection_words FROM members WHERE id = $1`, artist.ID)
	return t, err
}

// SetDeliveryTerms keeps how the artist's works reach their collectors. What was
// asked for before stays as it was agreed. It fails with *Invalid for the fields
// "words" and those of RateField, and with ErrForbidden for anybody but an artist.
func (s *Store) SetDeliveryTerms(ctx context.Context, artist Member, f DeliveryForm) error {
	if !artist.IsArtist() {
		return ErrForbidden
	}
	var inv Invalid
	var rates Rates
	for i, zone := range Zones() {
		if strings.TrimSpace(f.Rates[i]) == "" {
			continue
		}
		rate := parseDelivery(&inv, RateField(zone), f.Rates[i])
		rates[i] = sql.NullInt64{Int64: int64(rate), Valid: true}
	}
	words := written(f.Words)
	if f.Collection && words == "" {
		inv.Add("words", "Say when works can be collected, and roughly where.")
	}
	limit(&inv, "words", words, CollectionWordsMost)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE members SET rates = $2, collection = $3, collection_words = $4, updated_at = $5 WHERE id = $1`,
			artist.ID, rates, f.Collection, words, s.now())
		if err != nil {
			return fmt.Errorf("set the delivery terms of member %d: %w", artist.ID, err)
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// parseDelivery reads a price of delivery in pounds, or says what is wrong with it.
func parseDelivery(inv *Invalid, field, typed string) Pence {
	rate, ok := ParsePence(typed)
	switch {
	case !ok:
		inv.Add(field, "Enter pounds, for example 45 or 45.50; 0 for nothing.")
	case rate > rateMost:
		inv.Add(field, "At most "+Pence(rateMost).String()+".")
	}
	return rate
}
