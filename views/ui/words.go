package ui

import (
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // the market keeps London time wherever it runs
)

var london = sync.OnceValue(func() *time.Location {
	here, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the data is in the program
	}
	return here
})

// Day gives "24 November 2026", in London.
func Day(t time.Time) string { return t.In(london()).Format("2 January 2006") }

// Moment gives "24 Nov, 09:12", in London.
func Moment(t time.Time) string { return t.In(london()).Format("2 Jan, 15:04") }

// Ago says how long before now something happened: "12 minutes ago" within
// the hour, "3 hours ago" within the day, then "Yesterday", "19 November" and,
// in another year, "19 November 2025".
func Ago(t, now time.Time) string {
	t, now = t.In(london()), now.In(london())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch past := now.Sub(t); {
	case past < time.Minute:
		return "Just now"
	case past < time.Hour:
		return plural(int(past/time.Minute), "minute") + " ago"
	case !t.Before(today):
		return plural(int(past/time.Hour), "hour") + " ago"
	case !t.Before(today.AddDate(0, 0, -1)):
		return "Yesterday"
	case t.Year() == now.Year():
		return t.Format("2 January")
	}
	return Day(t)
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

func toPutRight(n int) string {
	words := [...]string{"One thing", "Two things", "Three things", "Four things", "Five things", "Six things", "Seven things", "Eight things", "Nine things"}
	if n <= len(words) {
		return words[n-1] + " to put right"
	}
	return strconv.Itoa(n) + " things to put right"
}
