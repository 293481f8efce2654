package store

import (
	"strconv"
	"unicode/utf8"
)

// limit adds a sentence to inv when a text is longer than max characters.
func limit(inv *Invalid, field, text string, max int) {
	if n := utf8.RuneCountInString(text); n > max {
		inv.Add(field, "That is "+strconv.Itoa(n)+" characters; "+strconv.Itoa(max)+" is the most.")
	}
}
