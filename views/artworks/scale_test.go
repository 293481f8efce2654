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

func TestWhatTheDrawingSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width, height store.Hundredths
		stands        bool
		wall          store.Hundredths
		want          string
	}{
		{100_00, 280_00, false, 0, "280 cm high and 100 cm wide, standing on the floor, between a sofa 210 cm wide and a person 170 cm tall"},
		{100_00, 280_00, false, 300_00, "280 cm high and 100 cm wide, standing on the floor, beside a person 170 cm tall"},
		{38_00, 52_50, true, 0, "52.5 cm high and 38 cm wide, on a plinth, beside a person 170 cm tall"},
		{100_00, 70_00, false, 200_00, "70 cm high and 100 cm wide, beside a person 170 cm tall"},
		{100_00, 70_00, false, 210_00, "70 cm high and 100 cm wide, above a sofa 210 cm wide, beside a person 170 cm tall"},
	} {
		if words := Draw(c.width, c.height, c.stands, c.wall).words("Lido"); words != "Lido at true scale: "+c.want {
			t.Errorf("on %s cm: %s", c.wall, words)
		}
	}
	if Draw(38_00, 52_00, true, 0).heading() != "In the room, to scale" || Draw(100_00, 70_00, false, 100_00).heading() != "On the wall, to scale" {
		t.Error("a heading")
	}
}

func TestAnOwnWallHasItsWidth(t *testing.T) {
	t.Parallel()
	s := Draw(100_00, 70_00, false, 320_00)
	if !s.Own || s.Wall.W != 320 || s.Wall.X+160 != s.X+50 || s.Wall.Y != s.View.Y || s.Wall.Y+s.Wall.H != floorLine || !s.HasSofa {
		t.Errorf("%+v", s)
	}
	if s.Person+personW > s.Wall.X {
		t.Error("the figure stands half before the wall")
	}
	if wide := Draw(100_00, 70_00, false, 800_00); wide.Person < wide.Wall.X || wide.personOff() {
		t.Error("the figure stands beside a wall with room for it")
	}
	if narrow := Draw(100_00, 70_00, false, 120_00); narrow.HasSofa {
		t.Error("a sofa stands past the edges of the wall")
	} else if x, off := narrow.heightText(); !off || x < narrow.Wall.X+narrow.Wall.W {
		t.Error("the height is written across the edge of the wall")
	}
	if any := Draw(100_00, 70_00, false, 0); any.Own || any.Wall.W != any.View.W {
		t.Errorf("a wall without an end: %+v", any.Wall)
	}
}

func TestEverythingStaysInView(t *testing.T) {
	t.Parallel()
	for _, stands := range []bool{false, true} {
		for _, width := range []store.Hundredths{10, 30_00, 150_00, 500_00, 999_999} {
			for _, height := range []store.Hundredths{10, 30_00, 120_00, 199_00, 400_00, 999_999} {
				for _, wall := range []store.Hundredths{0, WallLeast, 320_00, WallMost} {
					s := Draw(width, height, stands, wall)
					v, narrow := s.View, s.View.H*narrowW/viewH
					from, to := v.X+(v.W-narrow)/2, v.X+(v.W+narrow)/2
					if math.Abs(v.W/v.H-viewW/viewH) > 1e-9 || s.Person < from-1 || s.X+s.Width > to+1 || s.Y < v.Y || s.Y+s.Height > v.Y+v.H ||
						personY < v.Y || s.HasSofa && s.Sofa+sofaW > to+1 {
						t.Errorf("%s × %s cm, stands %t: %+v", height, width, stands, s)
					}
					if s.HasSofa && s.Sofa < s.X+s.Width && s.Sofa+sofaW > s.X && s.Y+s.Height > sofaTop {
						t.Errorf("%s × %s cm: the sofa hides the work", height, width)
					}
					if s.Own && (s.Wall.X < from || s.Wall.X+s.Wall.W > to) {
						t.Errorf("%s × %s cm on %s cm: the wall ends out of sight", height, width, wall)
					}
				}
			}
		}
	}
}
