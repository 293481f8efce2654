package store

import "strings"

// written is a text as a browser sends it made fit to keep: valid UTF-8 that
// PostgreSQL takes, lines that end in a line feed alone, no space around it.
func written(s string) string {
	s = strings.ToValidUTF8(s, "�")
	return strings.TrimSpace(lineEnds.Replace(s))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")
