package catalogue

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	fourDigits  = regexp.MustCompile(`(?:^|\D)(\d{4})(?:\D|$)`)
	onlyYear    = regexp.MustCompile(`^\d{1,4}$`)
	beforeTime  = regexp.MustCompile(`(?i)\bb\.?\s?c\.?`)
	shortYear   = regexp.MustCompile(`(?i)(?:^|c\.?\s?|ad\s?)(\d{3})$`)
	notOnlyYear = regexp.MustCompile(`[^\d\s]`)
)

// year reads the year of a work: the first one that the text names. exact says
// that the text is nothing but a year.
func year(s string) (y int, exact, ok bool) {
	s = strings.TrimSpace(s)
	if onlyYear.MatchString(s) {
		y, _ = strconv.Atoi(s)
		return y, true, y > 0
	}
	if beforeTime.MatchString(s) {
		return 0, false, false
	}
	m := fourDigits.FindStringSubmatch(s)
	if m == nil {
		// The figures of "1960s" touch a letter, those of "c1850" another.
		m = shortYear.FindStringSubmatch(s)
	}
	if m == nil {
		return 0, false, false
	}
	y, _ = strconv.Atoi(m[1])
	return y, !notOnlyYear.MatchString(s), y > 0
}
