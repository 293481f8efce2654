package store

import (
	"regexp"
	"strings"
)

// WallAir is the room that a work needs on each side of it.
const WallAir Hundredths = 500

// Wall is the free wall that a work is to hang on; 0 is a side that is not
// known.
type Wall struct{ Width, Height Hundredths }

func (w Wall) open() bool { return w.Width <= 0 && w.Height <= 0 }

// condition is that a work hangs on the wall, with air around it. Works that
// stand in the room hang on none.
func (w Wall) condition(arg func(any) string) []string {
	if w.open() {
		return nil
	}
	sql := []string{"a.medium NOT IN ('sculpture', 'ceramics')"}
	if w.Width > 0 {
		sql = append(sql, "a.width <= "+arg(w.Width-2*WallAir))
	}
	if w.Height > 0 {
		sql = append(sql, "a.height <= "+arg(w.Height-2*WallAir))
	}
	if w.Width > 0 && w.Height > 0 {
		sql = append(sql, "a.longest <= "+arg(max(w.Width, w.Height)-2*WallAir))
	}
	return sql
}

// Spare is how much of the wall stays free on each side of a work, and above and
// below it; 0 on sides that are not known.
func (w Wall) Spare(c Card) (side, above Hundredths) {
	if w.Width > 0 {
		side = (w.Width - c.Width) / 2
	}
	if w.Height > 0 {
		above = (w.Height - c.Height) / 2
	}
	return side, above
}

var outwardForm = regexp.MustCompile(`^([A-Z]{1,2})([0-9][A-Z0-9]?)?$`)

// ParseOutward reads where a parcel goes, as far as its price hangs on it: a
// full postcode, of which the outward half is kept, that half alone, or the
// letters of an area. ok is false for all else.
func ParseOutward(s string) (outward string, ok bool) {
	if full, ok := ParsePostcode(s); ok {
		if full == "GIR 0AA" {
			return "L20", true // Bootle, where it stands
		}
		return Outward(full), true
	}
	if len(s) > 64 {
		return "", false
	}
	s = strings.Join(strings.Fields(strings.Map(asciiUpper, s)), "")
	form := outwardForm.FindStringSubmatch(s)
	if s == "BFPO" || form != nil && zone(s+" ") > 0 {
		return s, true
	}
	return "", false
}

// delivers reports whether a most that can be paid is asked for.
func (f Filter) delivers() bool { return f.Most > 0 && f.To != "" }

// delivered is what a work costs at the place of the filter, in pence.
func (f Filter) delivered(arg func(any) string) string { return deliveredTo(arg(zone(f.To + " "))) }

// deliveredTo is what a work costs in a zone, in pence; NULL where its artist
// quotes.
func deliveredTo(zone string) string {
	return "delivered(a.price, a.medium, a.width, a.height, a.depth, a.weight, a.zone, " + zone + ", a.rates)"
}
