package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// What an artist may say of their practice.
const (
	StatementMost   = 2000 // characters
	ExhibitionMost  = 150  // characters of what, and of where
	ExhibitionsMost = 50   // lines
)

// Exhibition is a line of an artist's curriculum vitae.
type Exhibition struct {
	Year  int    `db:"year"`
	What  string `db:"what"`
	Place string `db:"place"` // may be ""
}

// ExhibitionForm is a line as it is typed.
type ExhibitionForm struct{ Year, What, Place string }

// Form is the line as its form shows it.
func (e Exhibition) Form() ExhibitionForm {
	return ExhibitionForm{strconv.Itoa(e.Year), e.What, e.Place}
}

// Empty reports whether nothing is typed in the line.
func (f ExhibitionForm) Empty() bool {
	return strings.TrimSpace(f.Year+f.What+f.Place) == ""
}

// ExhibitionField names an input, "year", "what" or "place", of the form's n-th
// line, counted from 0.
func ExhibitionField(input string, n int) string { return input + "-" + strconv.Itoa(n) }

// Exhibitions returns the lines of an artist's curriculum vitae in their order.
func (s *Store) Exhibitions(ctx context.Context, artistID int64) ([]Exhibition, error) {
	var rows []Exhibition
	err := s.selectRows(ctx, &rows, `SELECT year, what, place FROM exhibitions WHERE artist_id = $1 ORDER BY position`, artistID)
	if err != nil {
		return nil, fmt.Errorf("list the exhibitions of artist %d: %w", artistID, err)
	}
	return rows, nil
}

// Statement returns what the artist says of their practice.
func (s *Store) Statement(ctx context.Context, artist Member) (string, error) {
	var statement string
	err := s.getRow(ctx, &statement, `SELECT statement FROM members WHERE id = $1`, artist.ID)
	return statement, err
}

// UpdateStatement keeps what the artist says of their practice. It fails with
// *Invalid for the field "statement", and with ErrForbidden for members who are
// no artists.
func (s *Store) UpdateStatement(ctx context.Context, artist Member, statement string) error {
	if !artist.IsArtist() {
		return ErrForbidden
	}
	statement = written(statement)
	var inv Invalid
	limit(&inv, "statement", statement, StatementMost)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE members SET statement = $2, updated_at = $3 WHERE id = $1`, artist.ID, statement, s.now())
		if err != nil {
			return fmt.Errorf("keep the statement of artist %d: %w", artist.ID, err)
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// SaveExhibitions keeps the lines of the artist's curriculum vitae in the order
// given, in place of those before. Lines in which nothing is typed are left out.
// It fails with *Invalid for the fields that ExhibitionField names, for
// "exhibitions" when there are too many lines, and with ErrForbidden for members
// who are no artists.
func (s *Store) SaveExhibitions(ctx context.Context, artist Member, lines []ExhibitionForm) error {
	if !artist.IsArtist() {
		return ErrForbidden
	}
	var inv Invalid
	var years []int64
	var whats, places []string
	for i, f := range lines {
		if f.Empty() {
			continue
		}
		field := func(input string) string { return ExhibitionField(input, i) }
		years = append(years, int64(whole(&inv, field("year"), f.Year, 1800, s.now().Year()+5, "a year, for example "+strconv.Itoa(s.now().Year()))))
		what, place := oneLine(f.What), oneLine(f.Place)
		if what == "" {
			inv.Add(field("what"), "Say what it was, for example a solo exhibition and its title.")
		}
		limit(&inv, field("what"), what, ExhibitionMost)
		limit(&inv, field("place"), place, ExhibitionMost)
		whats, places = append(whats, what), append(places, place)
	}
	if extra := len(years) - ExhibitionsMost; extra > 0 {
		inv.Add("exhibitions", fmt.Sprintf("Fifty lines are the most. Remove %d.", extra))
	}
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockArtist(ctx, tx, artist.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM exhibitions WHERE artist_id = $1`, artist.ID); err != nil {
			return fmt.Errorf("keep exhibitions: %w", err)
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO exhibitions (artist_id, position, year, what, place)
			SELECT $1, l.n - 1, l.year, l.what, l.place
			FROM unnest($2::integer[], $3::text[], $4::text[]) WITH ORDINALITY AS l (year, what, place, n)`,
			artist.ID, pq.Int64Array(years), pq.StringArray(whats), pq.StringArray(places))
		if err != nil {
			return fmt.Errorf("keep exhibitions: %w", err)
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// lockArtist lets one change at a time through to the ordered lists of an artist.
func lockArtist(ctx context.Context, tx *sqlx.Tx, artistID int64) error {
	_, err := tx.ExecContext(ctx, `SELECT FROM members WHERE id = $1 FOR NO KEY UPDATE`, artistID)
	if err != nil {
		return fmt.Errorf("lock artist %d: %w", artistID, err)
	}
	return nil
}
