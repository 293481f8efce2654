package store

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How long a password is, in characters. The upper bound keeps hashing cheap.
const (
	PasswordLeast = 8
	PasswordMost  = 128
)

// commonPasswords holds one password a line, in small letters: those that are
// tried first. All are at least PasswordLeast characters long and none is a
// number, since such passwords are refused anyway. A list as text in the program
// costs 150 KB of disk and no memory of its own; to search it takes some
// microseconds beside a hash of some milliseconds.
//
//go:embed common_passwords.txt
var commonPasswords string

// checkPassword adds what is wrong with a new password to inv, for the fields
// "password" and "password_again". own is what others may know of its owner: a
// password must not be like it.
func checkPassword(inv *Invalid, password, again string, own ...string) {
	n := utf8.RuneCountInString(password)
	switch {
	case password == "":
		inv.Add("password", "Choose a password.")
	case n < PasswordLeast:
		inv.Add("password", characters(n)+"; it needs at least 8.")
	case n > PasswordMost:
		inv.Add("password", characters(n)+"; 128 is the most.")
	case strings.TrimFunc(password, unicode.IsDigit) == "":
		inv.Add("password", "Digits alone are guessed too soon. Add some words.")
	case common(password):
		inv.Add("password", "Many people use this password, so it is tried first. Choose another.")
	case likeAny(password, own):
		inv.Add("password", "That is too much like your name or email. Choose another.")
	}
	if again != password && inv.Get("password") == "" {
		inv.Add("password_again", "The two passwords differ. Write the same one twice.")
	}
}

// common reports whether a password is among the first that are tried: one of
// the list, or hardly more than one key.
func common(password string) bool {
	p := strings.ToLower(strings.TrimSpace(password))
	distinct := make(map[rune]bool)
	for _, r := range p {
		distinct[r] = true
	}
	if len(distinct) < 4 {
		return true
	}
	line := p + "\n"
	return !strings.Contains(p, "\n") && (strings.HasPrefix(commonPasswords, line) || strings.Contains(commonPasswords, "\n"+line))
}

// likeAny reports whether a password is at least 70 % one of the texts, or a
// word of it.
func likeAny(password string, texts []string) bool {
	p := strings.ToLower(password)
	for _, text := range texts {
		text = strings.ToLower(text)
		words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
		for _, w := range append(words, text) {
			if likeness(p, w) >= 0.7 {
				return true
			}
		}
	}
	return false
}

// likeness is the share of letters that two texts have in common and in the same
// order, from 0 to 1.
func likeness(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	row := make([]int, len(y)+1) // of the table of longest common subsequences
	for _, r := range x {
		diagonal := 0
		for j, q := range y {
			above := row[j+1]
			if r == q {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return 2 * float64(row[len(y)]) / float64(len(x)+len(y))
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return strconv.Itoa(n) + " characters"
}
