package store

import (
	"cmp"
	"errors"
	"time"
	_ "time/tzdata" // the market keeps London days wherever it runs
)

// Deadlines say how long each step of an order may take. A zero field means the
// default; `Deadlines{}.filled()` has them all.
type Deadlines struct {
	Reply    time.Duration // 48 h: an artist answers a request, or it lapses
	Hold     time.Duration // 48 h: an accepted collector pays, or the hold ends
	LineHold time.Duration // 12 h: the same for one who comes up in line
	Attempt  time.Duration // 30 min: a payment that is begun keeps the hold this long, once
	Remind   time.Duration // 3 days after payment the artist is reminded to ship
	Again    time.Duration // 7 days: and once more
	Overdue  time.Duration // 14 days: both are told that it was not shipped in time, and the collector may have the money back
	Cancel   time.Duration // 24 h: an artist says that a paid order has been handed over, or it is called off as its collector asked
}

// CompletesAfter is how long after shipping an order completes by itself. It is
// no setting: collectors have fourteen days to look at what has come.
const CompletesAfter = 14 * day

const day = 24 * time.Hour

// filled puts the defaults where nothing is said.
func (d Deadlines) filled() Deadlines {
	return Deadlines{
		Reply:    cmp.Or(d.Reply, 48*time.Hour),
		Hold:     cmp.Or(d.Hold, 48*time.Hour),
		LineHold: cmp.Or(d.LineHold, 12*time.Hour),
		Attempt:  cmp.Or(d.Attempt, 30*time.Minute),
		Remind:   cmp.Or(d.Remind, 3*day),
		Again:    cmp.Or(d.Again, 7*day),
		Overdue:  cmp.Or(d.Overdue, 14*day),
		Cancel:   cmp.Or(d.Cancel, day),
	}
}

// Check says what is wrong with deadlines that do not follow each other.
func (d Deadlines) Check() error {
	d = d.filled()
	if d.Again < d.Remind || d.Overdue < d.Again {
		return errors.New("remind, again and overdue are to follow each other")
	}
	return nil
}

// reminders is how often it is said that a paid order was not shipped.
const reminders = 3

// reminders are when, after payment, it is said that an order waits to be shipped.
func (d Deadlines) reminders() [reminders]time.Duration {
	return [...]time.Duration{d.Remind, d.Again, d.Overdue}
}

// Deadlines are those that the market keeps.
func (s *Store) Deadlines() Deadlines { return s.deadlines }

// Now is the market's time, in UTC.
func (s *Store) Now() time.Time { return s.now() }
