package catalogue

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// number is a number as people write it: 419, 41.9, 41,9, 1,200, 16 1/2, 16½.
const number = `(\d[\d.,]*(?:\s*[½¼¾⅛⅜⅝⅞])?(?:\s+\d+/\d+)?|[½¼¾⅛⅜⅝⅞]|\d+/\d+)`

const unitWord = `(mm|cm|inches|inch|in\.?|"|”|″)`

var (
	oneLength = regexp.MustCompile(`(?i)^(?:ca?\.?\s*)?` + number + `\s*` + unitWord + `?$`)
	lengths   = regexp.MustCompile(`(?i)` + number + `\s*` + unitWord + `?\s*(?:\(?[hwdb]\)?)?\s*[x×*]\s*` + number + `\s*` + unitWord +
		`?\s*(?:\(?[hwdb]\)?)?(?:\s*[x×*]\s*` + number + `\s*` + unitWord + `?)?`)
	named = regexp.MustCompile(`(?i)\b(h|height|w|width|d|depth)[:.]?\s*` + number + `\s*` + unitWord + `?`)
)

var fractions = map[rune]float64{'½': .5, '¼': .25, '¾': .75, '⅛': .125, '⅜': .375, '⅝': .625, '⅞': .875}

// amount reads a number.
func amount(s string) (float64, bool) {
	sum := 0.0
	for r, part := range fractions {
		if strings.ContainsRune(s, r) {
			sum += part
			s = strings.ReplaceAll(s, string(r), "")
		}
	}
	for _, word := range strings.Fields(s) {
		above, below, isFraction := strings.Cut(word, "/")
		a, ok := decimal(above)
		if !ok {
			return 0, false
		}
		if isFraction {
			b, ok := decimal(below)
			if !ok || b == 0 {
				return 0, false
			}
			a /= b
		}
		sum += a
	}
	return sum, true
}

// decimal reads digits in which commas or points group thousands or begin the
// fraction: the last mark begins it, unless three digits follow a comma.
func decimal(s string) (float64, bool) {
	s = strings.TrimRight(s, ".,")
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case comma > point && (point >= 0 || len(s)-comma-1 != 3) && strings.Count(s, ",") == 1:
		s = strings.ReplaceAll(s, ".", "")
		s = strings.Replace(s, ",", ".", 1)
	default:
		s = strings.ReplaceAll(s, ",", "")
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && f < 1e12
}

// hundredths is a length in hundredths of a centimetre.
func hundredths(f float64, u Unit) int64 {
	switch u {
	case Millimetres:
		f /= 10
	case Inches:
		f *= 2.54
	}
	return int64(math.Round(f * 100))
}

// length reads one length. The unit beside it goes before the others.
func length(s string, units ...Unit) (int64, bool) {
	m := oneLength.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	f, ok := amount(m[1])
	return hundredths(f, pick(append([]Unit{unitOf(m[2])}, units...)...)), ok
}

func pick(units ...Unit) Unit {
	for _, u := range units {
		if u != NoUnit {
			return u
		}
	}
	return Centimetres
}

// size reads height × width (× depth) from one text. The first size in it counts.
func size(s string, units ...Unit) (height, width, depth int64, ok bool) {
	if m := lengths.FindStringSubmatch(s); m != nil {
		// A unit after the last length is that of all.
		last := unitOf(m[6])
		if last == NoUnit {
			last = unitOf(m[4])
		}
		read := func(text, unit string) int64 {
			f, good := amount(text)
			ok = ok && good
			return hundredths(f, pick(append([]Unit{unitOf(unit), last}, units...)...))
		}
		ok = true
		height, width = read(m[1], m[2]), read(m[3], m[4])
		if m[5] != "" {
			depth = read(m[5], m[6])
		}
		return height, width, depth, ok
	}
	all := named.FindAllStringSubmatch(s, -1)
	last := NoUnit
	for _, m := range all {
		if u := unitOf(m[3]); u != NoUnit {
			last = u
		}
	}
	for _, m := range all {
		f, good := amount(m[2])
		if !good {
			continue
		}
		n := hundredths(f, pick(append([]Unit{unitOf(m[3]), last}, units...)...))
		switch strings.ToLower(m[1][:1]) {
		case "h":
			height = n
		case "w":
			width = n
		case "d":
			depth = n
		}
		ok = true
	}
	return height, width, depth, ok
}

var kilograms = regexp.MustCompile(`(?i)^` + number + `\s*(kgs?|g|lbs?)?\.?$`)

// weight reads a weight in hundredths of a kilogram.
func weight(s string) (int64, bool) {
	m := kilograms.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	f, ok := amount(m[1])
	switch strings.ToLower(m[2]) {
	case "g":
		f /= 1000
	case "lb", "lbs":
		f *= 0.45359237
	}
	return int64(math.Round(f * 100)), ok
}

var pounds = regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?$`)

// pence reads pounds, exactly: "£2,200.50", "GBP 95".
func pence(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 3 && strings.EqualFold(s[:3], "gbp") {
		s = s[3:]
	} else if len(s) > 3 && strings.EqualFold(s[len(s)-3:], "gbp") {
		s = s[:len(s)-3]
	}
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "£"))
	m := pounds.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", "")+(m[2] + "00")[:2], 10, 64)
	return n, err == nil
}
