package store

import (
	"regexp"
	"strings"
)

var (
	postcodeForm = regexp.MustCompile(`^([A-Z]{1,2})[0-9][A-Z0-9]?[0-9][ABD-HJLNP-UW-Z]{2}$`)
	forcesForm   = regexp.MustCompile(`^BFPO[1-9][0-9]{0,2}$`)
)

// ParsePostcode normalises a postcode of the United Kingdom, the Channel Islands
// or the Isle of Man, typed in any case and with any spacing: "ls63qt" is
// "LS6 3QT". British Forces addresses are known as "BF1 3AA" and as "BFPO 57".
// ok is false for what is no full postcode, or lies in an area that does not
// exist.
func ParsePostcode(s string) (postcode string, ok bool) {
	if len(s) > 64 {
		return "", false
	}
	s = strings.Join(strings.Fields(strings.Map(asciiUpper, s)), "")
	if forcesForm.MatchString(s) {
		return "BFPO " + s[4:], true
	}
	if s == "GIR0AA" {
		return "GIR 0AA", true
	}
	form := postcodeForm.FindStringSubmatch(s)
	if form == nil || zones[form[1]] == 0 && form[1] != "BF" {
		return "", false
	}
	return s[:len(s)-3] + " " + s[len(s)-3:], true
}

// asciiUpper leaves letters of other scripts as they are, so that none of them
// turns into a Latin one.
func asciiUpper(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

// Outward is the half of a normalised postcode that names the district, "LS6" of
// "LS6 3QT": enough to say where a parcel goes, too little to find a door.
func Outward(postcode string) string {
	outward, _, _ := strings.Cut(postcode, " ")
	return outward
}
