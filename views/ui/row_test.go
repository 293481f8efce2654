package ui

import "testing"

func TestCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, most int
		want    string
	}{
		{0, 0, "0 works"}, {1, 0, "1 work"}, {2, 10, "2 works"}, {999, 0, "999 works"}, {1000, 1000, "1,000 works"},
		{1001, 1000, "more than 1,000 works"}, {10_001, 10_000, "more than 10,000 works"}, {1_234_567, 0, "1,234,567 works"},
	} {
		if got := Count(c.n, c.most, "work"); got != c.want {
			t.Errorf("Count(%d, %d) = %q, want %q", c.n, c.most, got, c.want)
		}
	}
}
