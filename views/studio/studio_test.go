package studio

import "testing"

func TestTitleOfAStudio(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Sarah": "Sarah’s Studio", "James": "James’ Studio", "AGNES": "AGNES’ Studio", "Inès": "Inès’ Studio", "Max": "Max’s Studio"} {
		if got := Title(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
