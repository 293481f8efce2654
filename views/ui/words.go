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

// Until gives the hour at which something ends, in London: "Thu 14:32" within six
// days of now, else "Thu 4 June, 14:32".
func Until(t, now time.Time) string {
	if t.Sub(now).Abs() < 6*24*time.Hour {
		return t.In(london()).Format("Mon 15:04")
	}
	return Deadline(t)
}

// Deadline gives the same to readers who read at any time: "Thu 4 June, 14:32".
func Deadline(t time.Time) string { return t.In(london()).Format("Mon 2 January, 15:04") }

// Ordinal gives "1st", "2nd", "11th".
func Ordinal(n int) string {
	suffix := "th"
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

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
