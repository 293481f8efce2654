package artworks

import (
	"fmt"
	"math"
	"strconv"

	"openstudio/store"
)

// Scale is a work drawn at its true size: beside a person of 170 cm, over or
// beside a sofa of 210 cm, or on a plinth, on a wall of any width or on the
// visitor's own. One unit is a centimetre; x runs to the right and y down, the
// wall meets the floor at floorLine.
type Scale struct {
	Width, Height     float64 // of the work
	X, Y              float64 // its upper left corner
	Person            float64 // left edge of the figure's place
	Sofa              float64 // its left edge
	HasSofa           bool    // an own wall may have no room for it
	Above             bool    // the work hangs over the sofa
	Stands            bool    // the work stands in the room
	Plinth            Rect    // of a work that stands; else empty
	Own               bool    // the wall is the visitor's own and has edges
	Wall              Rect    // as far as the drawing shows it
	View              Rect    // what the drawing shows
	Grown             float64 // how many times larger than usual the view is
	heightCM, widthCM string
}

// Rect is a part of the drawing.
type Rect struct{ X, Y, W, H float64 }

// The room, in centimetres.
const (
	floorLine = 250.0
	eyeLine   = floorLine - 150
	frontLine = 260.0 // where furniture stands, before the wall
	middle    = 356.0 // of a work

	viewW, viewH = 620.0, 285.0
	narrowW      = 400.0 // of a view that a phone shows; the rest is cut off at the sides
	belowFloor   = viewH - floorLine

	personW, personH, personY = 60.0, 172.0, 96.0
	sofaW, sofaH              = 210.0, 82.0
	sofaTop                   = frontLine - sofaH
	apart                     = 43.0  // between the figure and what is next to it
	aboveSofa                 = 8.0   // the least between a work and the sofa under it
	hangsMost                 = 200.0 // the height from which on a work stands on the floor
	plinthMost, plinthLeast   = 110.0, 10.0
	beyond                    = 12.0 // what is seen past the edges of an own wall
	textW                     = 36.0 // of "120.55 cm" on a phone, in units that grow with the view
)

// Draw places a work of this width and height on a wall of the given width, or
// on one that has no end when that is 0. A work that stands gets a plinth.
func Draw(width, height store.Hundredths, stands bool, wall store.Hundredths) Scale {
	s := Scale{Width: float64(width) / 100, Height: float64(height) / 100, Stands: stands, widthCM: width.String(), heightCM: height.String()}
	if wall > 0 {
		s.Own = true
		s.Wall = Rect{X: middle - float64(wall)/200, W: float64(wall) / 100}
	}
	s.X = middle - s.Width/2
	left, right := s.X, s.X+s.Width
	switch {
	case stands:
		high := min(plinthMost, max(plinthLeast, 150-s.Height/2))
		wide := max(40, s.Width+10)
		s.Plinth = Rect{middle - wide/2, frontLine - high, wide, high}
		s.Y = s.Plinth.Y - s.Height
		left, right = s.Plinth.X, s.Plinth.X+wide
	case s.Height > hangsMost:
		s.Y = floorLine - s.Height
	default:
		s.Y = eyeLine - s.Height/2
	}
	if !stands {
		s.Above = s.Y+s.Height <= sofaTop-aboveSofa
		s.Sofa = right + apart
		if s.Above {
			s.Sofa = middle - sofaW/2
		}
		s.HasSofa = !s.Own || s.Sofa >= s.Wall.X && s.Sofa+sofaW <= s.Wall.X+s.Wall.W
		if s.HasSofa {
			left, right = min(left, s.Sofa), max(right, s.Sofa+sofaW)
		}
	}
	s.Person = left - apart - personW
	if s.Own && s.Person < s.Wall.X {
		s.Person = min(s.Person, s.Wall.X-beyond-personW) // beside the wall rather than half before it
	}
	s.frame(right)
	return s
}

// frame chooses a view that shows everything, on a phone too, with room for the
// measures, which grow with it.
func (s *Scale) frame(right float64) {
	s.Grown = 1
	for range 8 { // the measures settle quickly
		heightX, _ := s.heightText()
		personX, _, _ := s.personText()
		from, to := min(s.Person, personX-textW/2*s.Grown), max(right, heightX+textW*s.Grown)
		if s.personOff() {
			from = min(from, personX-textW*s.Grown)
		}
		if s.Own {
			from, to = min(from, s.Wall.X-beyond), max(to, s.Wall.X+s.Wall.W+beyond)
		}
		top := min(personY-20*s.Grown, s.Y-28*s.Grown)
		tall := floorLine + belowFloor*s.Grown - top
		high := max(viewH, tall, (to-from)*viewH/narrowW)
		s.View = Rect{W: high * viewW / viewH, H: high}
		s.View.X = (from+to)/2 - s.View.W/2
		s.Grown = high / viewH
		s.View.Y = floorLine + belowFloor*s.Grown - high
	}
	if !s.Own {
		s.Wall.X, s.Wall.W = s.View.X, s.View.W
	}
	s.Wall.Y, s.Wall.H = s.View.Y, floorLine-s.View.Y
}

func (s Scale) heading() string {
	if s.Stands {
		return "In the room, to scale"
	}
	return "On the wall, to scale"
}

func (s Scale) beside() string {
	if s.HasSofa {
		return "Sofa 210 cm wide. Person 170 cm tall."
	}
	return "Person 170 cm tall."
}

// words say what the drawing shows.
func (s Scale) words(title string) string {
	words := fmt.Sprintf("%s at true scale: %s cm high and %s cm wide, ", title, s.heightCM, s.widthCM)
	if !s.Stands && s.Height > hangsMost {
		words += "standing on the floor, "
	}
	switch {
	case s.Stands:
		words += "on a plinth, beside"
	case !s.HasSofa:
		words += "beside"
	case s.Above:
		words += "above a sofa 210 cm wide, beside"
	default:
		words += "between a sofa 210 cm wide and"
	}
	return words + " a person 170 cm tall"
}

// edges are the lines at both ends of an own wall.
func (s Scale) edges() string {
	top, height := num(s.Wall.Y), num(s.Wall.H)
	return "M" + num(s.Wall.X) + " " + top + "v" + height + "M" + num(s.Wall.X+s.Wall.W) + " " + top + "v" + height
}

// widthLine is the line along an own wall's foot, in units that grow with the
// view.
func (s Scale) widthLine() string {
	return fmt.Sprintf("M%s %sv5m0-2.5h%sm0-2.5v5", num(s.Wall.X/s.Grown), num(floorLine/s.Grown+24), num(s.Wall.W/s.Grown))
}

func (s Scale) viewBox() string {
	return num(s.View.X) + " " + num(s.View.Y) + " " + num(s.View.W) + " " + num(s.View.H)
}

// measureWidth is the line along the work's upper edge, in units that grow with
// the view.
func (s Scale) measureWidth() string {
	x, y := s.X/s.Grown, s.Y/s.Grown
	return fmt.Sprintf("M%s %sv-5m0 2.5h%sm0-2.5v5", num(x), num(y-10), num(s.Width/s.Grown))
}

// measureHeight is the line along its right edge.
func (s Scale) measureHeight() string {
	x, y := (s.X+s.Width)/s.Grown, s.Y/s.Grown
	return fmt.Sprintf("M%s %sh5m-2.5 0v%sm-2.5 0h5", num(x+10), num(y), num(s.Height/s.Grown))
}

// heightText is where the height is written, and whether that is off the wall:
// where an own wall has no room for it beside the work, it stands past the edge.
func (s Scale) heightText() (x float64, off bool) {
	x = s.X + s.Width + 20*s.Grown
	if edge := s.Wall.X + s.Wall.W; s.Own && x+textW*s.Grown > edge {
		return max(x, edge+6*s.Grown), true
	}
	return x, false
}

// lineOff reports whether the line beside the work is past the edge of an own
// wall.
func (s Scale) lineOff() bool { return s.Own && s.X+s.Width+12.5*s.Grown > s.Wall.X+s.Wall.W }

// pool is how far the light on the wall reaches to each side.
func (s Scale) pool() float64 { return min(s.Width/2+90, s.Wall.W/2) }

// personOff reports whether the figure stands beside an own wall.
func (s Scale) personOff() bool { return s.Own && s.Person < s.Wall.X }

// personText is where the height of the figure is written, how that point lies
// in the text, and whether it is off the wall.
func (s Scale) personText() (x float64, anchor string, off bool) {
	x = s.Person + personW/2
	if edge := s.Wall.X - 4*s.Grown; s.personOff() && x+textW/2*s.Grown > edge {
		return edge, "end", true
	}
	return x, "middle", s.personOff()
}

// fit keeps a photograph's own ratio when it is not that of the work.
func (s Scale) fit(ratio float64) string {
	if math.Abs(ratio*s.Height/s.Width-1) < 0.1 {
		return "none"
	}
	return "xMidYMid meet"
}

// num prints a length to a hundredth of a centimetre.
func num(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}
