package artworks

import (
	"math"
	"strings"
	"testing"

	"openstudio/store"
)

func TestWorksHangOnTheEyeLine(t *testing.T) {
	t.Parallel()
	s := Draw(150_00, 120_00, false, 0)
	if s.X != 281 || s.Y+s.Height/2 != eyeLine || floorLine-eyeLine != 150 || !s.Above || s.Sofa != 251 || s.Person != 148 || s.Grown != 1 {
		t.Errorf("%+v", s)
	}
	if words := s.words("Sill"); words != "Sill at true scale: 120 cm high and 150 cm wide, above a sofa 210 cm wide, beside a person 170 cm tall" {
		t.Error(words)
	}
	if tall := Draw(100_00, 200_00, false, 0); tall.Y+tall.Height/2 != eyeLine || tall.Above || tall.Sofa <= tall.X+tall.Width {
		t.Errorf("two metres: %+v", tall)
	}
	if taller := Draw(100_00, 200_01, false, 0); taller.Y+taller.Height != floorLine {
		t.Errorf("over two metres: %+v", taller)
	}
	pot := Draw(34_00, 36_00, true, 0)
	if pot.HasSofa || pot.Y+pot.Height != pot.Plinth.Y || pot.Plinth.Y+pot.Plinth.H != frontLine || pot.Plinth.H != plinthMost {
		t.Errorf("a pot: %+v", pot)
	}
	if strings.Contains(pot.words("Pot"), "sofa") || Draw(100_00, 280_00, true, 0).Plinth.H != plinthLeast {
		t.Error("a pot by a sofa, or a tall sculpture high up")
	}
}

func TestEverythingStaysInView(t *testing.T) {
	t.Parallel()
	for _, stands := range []bool{false, true} {
		for _, width := range []store.Hundredths{10, 30_00, 150_00, 500_00, 999_999} {
			for _, height := range []store.Hundredths{10, 30_00, 120_00, 199_00, 400_00, 999_999} {
				s := Draw(width, height, stands, 0)
				v, narrow := s.View, s.View.H*narrowW/viewH
				from, to := v.X+(v.W-narrow)/2, v.X+(v.W+narrow)/2
				if math.Abs(v.W/v.H-viewW/viewH) > 1e-9 || s.Person < from-1 || s.X+s.Width > to+1 || s.Y < v.Y || s.Y+s.Height > v.Y+v.H ||
					personY < v.Y || s.HasSofa && s.Sofa+sofaW > to+1 {
					t.Errorf("%s × %s cm, stands %t: %+v", height, width, stands, s)
				}
				if s.HasSofa && s.Sofa < s.X+s.Width && s.Sofa+sofaW > s.X && s.Y+s.Height > sofaTop {
					t.Errorf("%s × %s cm: the sofa hides the work", height, width)
				}
			}
		}
	}
}
