package store

import (
	"fmt"
	"strconv"
	"strings"
)

// Pence is an amount of pounds sterling in whole pence. All sums of the market
// are made of it; there are no floats.
type Pence int64

// String prints the amount in full: "£3,400.00".
func (p Pence) String() string {
	sign := ""
	if p < 0 {
		sign, p = "−", -p
	}
	return fmt.Sprintf("%s£%s.%02d", sign, grouped(int64(p)/100), int64(p)%100)
}

// Short prints whole pounds without pence: "£3,400", but "£3,400.50".
func (p Pence) Short() string {
	if p%100 != 0 {
		return p.String()
	}
	return strings.TrimSuffix(p.String(), ".00")
}

// Plain prints the amount as it is typed into a form: "3400", "3400.50".
func (p Pence) Plain() string {
	return strings.TrimSuffix(fmt.Sprintf("%d.%02d", int64(p)/100, int64(p)%100), ".00")
}

// ParsePence reads pounds as people type them: "2200", "2,200.50", "£ 95".
// At most two decimals; ok is false for anything else.
func ParsePence(s string) (p Pence, ok bool) {
	n, ok := parseHundredths(strings.TrimPrefix(strings.TrimSpace(s), "£"))
	return Pence(n), ok
}

// Hundredths is a length in hundredths of a centimetre or a weight in
// hundredths of a kilogram. 0 stands for "not given".
type Hundredths int64

// String prints the number without trailing zeros: "120", "7.2", "0.05".
func (h Hundredths) String() string {
	if h%100 == 0 {
		return strconv.FormatInt(int64(h)/100, 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%02d", int64(h)/100, int64(h)%100), "0")
}

// typed prints the number as it stands in a form: nothing where none is given.
func (h Hundredths) typed() string {
	if h == 0 {
		return ""
	}
	return h.String()
}

// ParseHundredths reads a size or weight as people type it: "60", "7.25",
// "7,5". At most two decimals; ok is false for anything else.
func ParseHundredths(s string) (h Hundredths, ok bool) {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, ','); i >= 0 && strings.Count(s, ",") == 1 && !strings.Contains(s, ".") && len(s)-i-1 <= 2 {
		s = s[:i] + "." + s[i+1:] // a decimal comma, as on the continent
	}
	n, ok := parseHundredths(s)
	return Hundredths(n), ok
}

// parseHundredths reads a plain non-negative decimal with at most two
// decimals, in which commas may group thousands, and returns it times 100.
func parseHundredths(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	whole, frac, _ := strings.Cut(s, ".")
	if groups := strings.Split(whole, ","); len(groups) > 1 {
		for i, g := range groups {
			if i > 0 && len(g) != 3 || i == 0 && (len(g) == 0 || len(g) > 3) {
				return 0, false
			}
		}
		whole = strings.Join(groups, "")
	}
	if whole == "" && frac == "" || len(frac) > 2 || len(whole) > 12 {
		return 0, false
	}
	for len(frac) < 2 {
		frac += "0"
	}
	for _, r := range whole + frac {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	return n, err == nil
}

// grouped prints n with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
