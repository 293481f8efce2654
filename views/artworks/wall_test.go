package artworks

import (
	"strings"
	"testing"

	"openstudio/store"
)

func TestWallsAreRead(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]store.Hundredths{"": 0, " 320 ": 320_00, "320 cm": 320_00, "87,5": 87_50, "50": WallLeast, "2000": WallMost} {
		if w := ReadWall("", typed); w.Width != want || w.Error != "" || w.Paint != Chalk {
			t.Errorf("%q: %+v", typed, w)
		}
	}
	for typed, sentence := range map[string]string{"wide": "Write the width", "-90": "Write the width", "3e2": "Write the width", "49.99": "between 50 and 2000 cm", "2000.01": "between 50 and 2000 cm", "0": "between 50"} {
		if w := ReadWall("clay", typed); w.Width != 0 || w.Typed != typed || !strings.Contains(w.Error, sentence) || w.Fits(100_00) != "" {
			t.Errorf("%q: %+v", typed, w)
		}
	}
	for paint, want := range map[string]Paint{"clay": Clay, "ink": Ink, "chalk": Chalk, "": Chalk, "\"><b>": Chalk} {
		if got := ReadWall(paint, "").Paint; got != want {
			t.Errorf("%q is %s", paint, got)
		}
	}
}

func TestWhetherAWorkFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wall, work store.Hundredths
		want       string
	}{
		{320_00, 150_00, "It fits: 85 cm are left on each side."},
		{320_00, 150_50, "It fits: 84.7 cm are left on each side."}, // rounded down to the millimetre
		{102_00, 100_00, "It fits: 1 cm is left on each side."},
		{100_00, 100_00, "It fits exactly: your wall is as wide as the work."},
		{100_00, 112_00, "It is 12 cm wider than your wall."},
		{100_00, 100_50, "It is 0.5 cm wider than your wall."},
		{0, 100_00, ""},
	} {
		if got := (Wall{Width: c.wall}).Fits(c.work); got != c.want {
			t.Errorf("%s cm on %s cm: %s", c.work, c.wall, got)
		}
	}
}

func TestTheWallIsKeptInTheAddress(t *testing.T) {
	t.Parallel()
	p := Props{Artwork: store.Artwork{Card: store.Card{ID: 7}}, Home: "/artworks/7-dusk", Wall: ReadWall("", "")}
	if p.Address() != "/artworks/7-dusk" || p.view(1) != "/artworks/7-dusk?view=2" {
		t.Errorf("%s, %s", p.Address(), p.view(1))
	}
	p.Wall, p.View = ReadWall("ink", "so wide"), 1
	if p.Address() != "/artworks/7-dusk?view=2&wall=ink&width=so+wide" || p.view(0) != "/artworks/7-dusk?view=1&wall=ink&width=so+wide" {
		t.Errorf("%s, %s", p.Address(), p.view(0))
	}
}
