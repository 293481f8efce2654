package store

import (
	"strings"
	"testing"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	own := Profile{Username: "ruthpaints", Email: "ruth.adeyemi@example.org", FirstName: "Ruth", LastName: "Adeyemi"}.own()
	for _, c := range []struct {
		password string
		says     string // part of the sentence; "" passes
	}{
		{"", "Choose a password"},
		{"kx7 vq", "6 characters; it needs at least 8"},
		{"kx7!vq2", "7 characters; it needs at least 8"},
		{"kx7!vq2z", ""},
		{"ö€ß漢字かなカ", ""}, // characters, not bytes
		{"ö€ß漢字かな", "7 characters"},
		{strings.Repeat("a quiet north light ", 7)[:128], ""},
		{strings.Repeat("a quiet north light ", 7)[:129], "129 characters; 128 is the most"},
		{"9471520368", "Digits alone"},
		{"٣٤٥٦٧٨٩٠", "Digits alone"},
		{"9471520368x", ""},
		{"password", "Many people use this password"},
		{"PassW0rd", "Many people use this password"},
		{" iloveyou ", "Many people use this password"},
		{"jennifer", "Many people use this password"},
		{"aaaaaaaaaaaa", "Many people use this password"},
		{"abababab", "Many people use this password"},
		{"abcdefgh", "Many people use this password"},
		{"assword\npassword", ""}, // two lines of the list are none
		{"adeyemi1", "your name or email"},
		{"Ruth.Adeyemi", "your name or email"},
		{"ruthadeyemi", "your name or email"},
		{"RuthPaints!", "your name or email"},
		{"ruth.adeyemi@example", "your name or email"},
		{"a quiet north light", ""},
	} {
		var inv Invalid
		checkPassword(&inv, c.password, c.password, own...)
		got := inv.Get("password")
		if c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%q: %q, want %q", c.password, got, c.says)
		}
		if len(inv.Fields) > 1 {
			t.Errorf("%q: %v", c.password, inv.Fields)
		}
	}
}

func TestPasswordIsWrittenTwice(t *testing.T) {
	t.Parallel()
	var inv Invalid
	checkPassword(&inv, "a quiet north light", "a quiet north lihgt")
	if inv.Get("password_again") == "" || inv.Get("password") != "" {
		t.Error(inv.Fields)
	}
}

// The list is searched as text: one sorted, small-lettered password a line,
// none of them short or a number, for other rules refuse those.
func TestCommonPasswordsAreFitToBeSearched(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(commonPasswords, "\n"), "\n")
	if len(lines) < 10_000 {
		t.Fatalf("only %d passwords", len(lines))
	}
	for i, line := range lines {
		if len(line) < PasswordLeast || line != strings.ToLower(strings.TrimSpace(line)) || strings.Trim(line, "0123456789") == "" {
			t.Errorf("%q", line)
		}
		if i > 0 && lines[i-1] >= line {
			t.Errorf("%q stands before %q", lines[i-1], line)
		}
		if !common(line) {
			t.Errorf("%q is not found", line)
		}
	}
}

func TestHashMatchesItsPasswordOnly(t *testing.T) {
	t.Parallel()
	h := newPasswordHasher()
	phc, err := h.hash(t.Context(), "café at noon")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"café at noon":       true,
		"cafe\u0301 at noon": true, // the same letters from another keyboard
		"cafe at noon":       false,
		"":                   false,
	} {
		if ok, err := h.matches(t.Context(), password, phc); err != nil || ok != want {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	for _, foreign := range []string{"", "x", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$2a$12$abcdefghijklmnopqrstuv"} {
		if ok, err := h.matches(t.Context(), "", foreign); err != nil || ok {
			t.Errorf("%q matched: %v", foreign, err)
		}
	}
}

func BenchmarkCommonPassword(b *testing.B) {
	for b.Loop() {
		common("a quiet north light")
	}
}
