package store

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParsePostcode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"LS6 3QT": "LS6 3QT", "ls63qt": "LS6 3QT", "  Ls6\t3qT ": "LS6 3QT", "L S 6 3 Q T": "LS6 3QT",
		"se1 7pb": "SE1 7PB", "EC1A1BB": "EC1A 1BB", "W1A 0AX": "W1A 0AX", "M1 1AE": "M1 1AE", "JE2 3AB": "JE2 3AB",
		"gir 0aa": "GIR 0AA", "GIR0AA": "GIR 0AA", "bf1 3aa": "BF1 3AA", "bfpo57": "BFPO 57", "BFPO 1": "BFPO 1", "BFPO 999": "BFPO 999",
	} {
		if got, ok := ParsePostcode(typed); !ok || got != want {
			t.Errorf("%q: %q, %v; want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{
		"", "LS6", "LS6 3", "LS6 3QTT", "QQ1 1AA", "XX1 1AA", "LS6-3QT", "LS6 3CT", "LS6 3QI", "LSS6 3QT", "6LS 3QT", "GIR 0AB",
		"BFPO", "BFPO 0", "BFPO 1000", "BFPO 5A", "ſE1 7PB", "ⅬS6 3QT", "LS6 3QT; DROP", strings.Repeat(" ", 60) + "LS6 3QT", "LS6 3QT\nLS6 3QT",
	} {
		if got, ok := ParsePostcode(typed); ok {
			t.Errorf("%q passed as %q", typed, got)
		}
	}
}

func TestEveryAreaOfTheKingdomIsKnown(t *testing.T) {
	t.Parallel()
	if len(zones) != 124 {
		t.Errorf("%d areas, want 124", len(zones))
	}
	for area := range zones {
		if got, ok := ParsePostcode(strings.ToLower(area) + "11aa"); !ok || got != area+"1 1AA" {
			t.Errorf("%s: %q, %v", area, got, ok)
		}
	}
	known := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := '@'; b <= 'Z'; b++ { // '@' stands for no second letter
			area := strings.TrimSuffix(string(a)+string(b), "@")
			if _, ok := ParsePostcode(area + "1 1AA"); ok {
				known++
			}
		}
	}
	if known != 125 { // with BF
		t.Errorf("%d areas pass, want 125", known)
	}
}

func TestParsedPostcodeStaysAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[ ]?[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[ ]{0,2}[0-9][A-Za-z]{2}[ ]?`),
			rapid.StringMatching(`[Bb][Ff][Pp][Oo] ?[0-9]{1,4}`),
		).Draw(t, "typed")
		got, ok := ParsePostcode(typed)
		if !ok {
			if got != "" {
				t.Fatalf("%q failed with %q", typed, got)
			}
			return
		}
		if again, ok := ParsePostcode(got); !ok || again != got {
			t.Fatalf("%q became %q, that %q", typed, got, again)
		}
		if n := len(got); n < 5 || n > 8 {
			t.Fatalf("%q does not fit its column", got)
		}
		if strings.Count(got, " ") != 1 || Outward(got) == got || zone(got) == 0 {
			t.Fatalf("%q has no district or no zone", got)
		}
	})
}

func FuzzParsePostcode(f *testing.F) {
	for _, s := range []string{"LS6 3QT", "bfpo 57", "gir0aa", "\xff\x00", "QQ1 1AA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if got, ok := ParsePostcode(typed); ok && len(got) > 8 {
			t.Errorf("%q gave %q", typed, got)
		}
	})
}
