package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// AwayWordsMost is how much an artist may write of being away, in characters.
const AwayWordsMost = 300

// awayMost bounds how far ahead the day of coming back may lie.
const awayMost = 366 * day

// Holiday is until when an artist is away, and what they say of it. The day is
// the first on which they are back, at midnight UTC; nil: they are here.
type Holiday struct {
	Until *time.Time `db:"away_until"`
	Words string     `db:"away_words"`
}

// away reports whether an artist who is back on the day until is away now, in
// London.
func away(until *time.Time, now time.Time) bool {
	return until != nil && today(now).Before(*until)
}

// today is the day of a moment in London, at midnight UTC.
func today(now time.Time) time.Time {
	if london, err := time.LoadLocation("Europe/London"); err == nil { // the data is in the program
		now = now.In(london)
	}
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
}

// Holiday returns the artist's holiday; one that is over is none.
func (s *Store) Holiday(ctx context.Context, artist Member) (Holiday, error) {
	var h Holiday
	err := s.getRow(ctx, &h, `SELECT away_until, away_words FROM members WHERE id = $1`, artist.ID)
	if err != nil || !away(h.Until, s.now()) {
		return Holiday{}, err
	}
	return h, nil
}

// GoOnHoliday pauses requests for the artist's works until a day, as browsers
// write it: "2026-06-12". Meanwhile no request lapses; what was asked before can
// be answered all the same. It fails with *Invalid for the fields "until" and
// "words".
func (s *Store) GoOnHoliday(ctx context.Context, artist Member, until, words string) error {
	var inv Invalid
	words = written(words)
	now := today(s.now())
	back, err := time.Parse(time.DateOnly, strings.TrimSpace(until))
	switch {
	case err != nil:
		inv.Add("until", "Enter the day on which you are back, for example "+now.AddDate(0, 0, 14).Format("2 January 2006")+".")
	case !now.Before(back):
		inv.Add("until", "Choose a day after today.")
	case back.Sub(now) > awayMost:
		inv.Add("until", "At most a year ahead.")
	}
	limit(&inv, "words", words, AwayWordsMost)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.setHoliday(ctx, artist, `true`, back, words)
}

// EndHoliday lets requests come in again. Those that wait for an answer have as
// long as new ones from the beginning of this day on.
func (s *Store) EndHoliday(ctx context.Context, artist Member) error {
	return s.setHoliday(ctx, artist, `away_until > $2`, today(s.now()), "")
}

func (s *Store) setHoliday(ctx context.Context, artist Member, where string, back time.Time, words string) error {
	if !artist.IsArtist() {
		return ErrForbidden
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE members SET away_until = $2, away_words = $3, updated_at = $4 WHERE id = $1 AND `+where,
			artist.ID, back, words, s.now())
		if err != nil {
			return fmt.Errorf("set the holiday of member %d: %w", artist.ID, err)
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}
