package store

import "testing"

func TestParsePence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Pence{
		"2200": 220000, "2,200.50": 220050, " £95 ": 9500, "£ 0.5": 50, "0.01": 1, "99999.99": 9999999, "1,234,567": 123456700, "5.": 500,
	} {
		if got, ok := ParsePence(in); !ok || got != want {
			t.Errorf("ParsePence(%q) = %d, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", ".", "abc", "-5", "1.234", "1,23", "12,34,567", "1e3", "£", "1 000", "٣", "9999999999999999999"} {
		if got, ok := ParsePence(in); ok {
			t.Errorf("ParsePence(%q) = %d", in, got)
		}
	}
}

func TestMoneyIsPrinted(t *testing.T) {
	t.Parallel()
	for p, want := range map[Pence][3]string{
		340000: {"£3,400.00", "£3,400", "3400"}, 9460: {"£94.60", "£94.60", "94.60"}, 5: {"£0.05", "£0.05", "0.05"}, 123456789: {"£1,234,567.89", "£1,234,567.89", "1234567.89"}, -250: {"−£2.50", "−£2.50", "-2.50"},
	} {
		if p.String() != want[0] || p.Short() != want[1] || p >= 0 && p.Plain() != want[2] {
			t.Errorf("%d: %s, %s, %s", p, p.String(), p.Short(), p.Plain())
		}
	}
	for h, want := range map[Hundredths]string{12000: "120", 720: "7.2", 5: "0.05", 105: "1.05"} {
		if h.String() != want {
			t.Errorf("%d: %s", h, h)
		}
	}
	if h, ok := ParseHundredths("7,5"); !ok || h != 750 {
		t.Errorf("a decimal comma: %d, %v", h, ok)
	}
}
