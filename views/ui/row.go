package ui

import (
	"strconv"
	"strings"
)

// Row is a line of a list of people or galleries: a name and a few words at
// the left, up to three small pictures of works at the right.
type Row struct {
	Href, Name string
	Lines      []string // under the name
	Strip      []Thumb
}

// Thumb is a small picture that leads to its work. The picture's own words
// name the link.
type Thumb struct {
	Href  string
	Photo Photo
}

// Count says how many there are of something whose plural ends in s: "1 work",
// "1,204 works". Beyond most it says "more than 1,000 works"; most 0 is no end.
func Count(n, most int, one string) string {
	prefix := ""
	if most > 0 && n > most {
		n, prefix = most, "more than "
	}
	words := strconv.Itoa(n)
	for i := len(words) - 3; i > 0; i -= 3 {
		words = words[:i] + "," + words[i:]
	}
	if n != 1 {
		one += "s"
	}
	return prefix + words + " " + one
}

// Paragraphs are the parts of a text that empty lines divide.
func Paragraphs(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
