package store

import (
	"math"
	"regexp"
	"slices"
	"strconv"
)

// Colour is a colour that works are looked for by: the name of one of the ten
// swatches, or any colour of sRGB, "#3f6f93".
type Colour string

// Swatch is one of the ten named colours.
type Swatch struct {
	Name  Colour
	Label string
	Hex   string // how it is shown, in sRGB
	lab   lab
}

// lab is a colour in CIE L*a*b* under D65.
type lab struct{ L, A, B float64 }

// Swatches are the ten, in the order of menus. They are the pigments of the
// market's own drawings, whose sRGB values stand here; L*a*b* follows from them
// (IEC 61966-2-1, CIE 15), rounded to a tenth. The numbers stand in facets_of of
// the migrations too.
func Swatches() []Swatch {
	return []Swatch{
		{"black", "Black", "#26262a", lab{15.3, 1.0, -2.6}},
		{"white", "White", "#f2efe8", lab{94.5, -0.2, 3.7}},
		{"grey", "Grey", "#9b9a96", lab{63.6, -0.4, 2.2}},
		{"blue", "Blue", "#3f6f93", lab{45.0, -5.3, -24.6}},
		{"green", "Green", "#4f7a63", lab{47.6, -20.3, 7.9}},
		{"yellow", "Yellow", "#e2b34a", lab{75.4, 6.2, 58.2}},
		{"orange", "Orange", "#cf7f47", lab{60.7, 25.9, 42.8}},
		{"red", "Red", "#b0453b", lab{43.9, 43.0, 28.5}},
		{"pink", "Pink", "#d9a3a0", lab{71.9, 19.5, 9.3}},
		{"brown", "Brown", "#7b5a41", lab{41.1, 10.2, 19.7}},
	}
}

// colourRadius is how far a work's colour may be from one that is looked for, by
// the colour difference of CIE 1976: about 2.3 can just be told apart, and two
// neighbouring swatches are 23 or more apart. A work has a colour when one of the
// palette of its cover lies so near that takes 15 % of the area or more
// (has_colour of the migrations).
const colourRadius = 20

var hexForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// swatch is the place of a named colour among the ten, from 0; -1 for another.
func (c Colour) swatch() int {
	for i, s := range Swatches() {
		if s.Name == c {
			return i
		}
	}
	return -1
}

// Known reports whether c is a swatch or a colour of sRGB.
func (c Colour) Known() bool { return c.Own() || c.swatch() >= 0 }

// Own reports whether c is a colour of sRGB rather than a swatch.
func (c Colour) Own() bool { return hexForm.MatchString(string(c)) }

// Label names the colour: "Blue", "Colour #3f6f93".
func (c Colour) Label() string {
	if i := c.swatch(); i >= 0 {
		return Swatches()[i].Label
	}
	return "Colour " + string(c)
}

func (c Colour) lab() lab {
	if i := c.swatch(); i >= 0 {
		return Swatches()[i].lab
	}
	n, err := strconv.ParseUint(string(c)[1:], 16, 32)
	if err != nil {
		return lab{}
	}
	return labOf(uint8(n>>16), uint8(n>>8), uint8(n))
}

// labOf turns a colour of sRGB into L*a*b*.
func labOf(red, green, blue uint8) lab {
	light := func(code uint8) float64 {
		v := float64(code) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	root := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	r, g, b := light(red), light(green), light(blue)
	x := root((0.4123908*r + 0.3575843*g + 0.1804808*b) / 0.9504559)
	y := root(0.2126390*r + 0.7151687*g + 0.0721923*b)
	z := root((0.0193308*r + 0.1191948*g + 0.9505322*b) / 1.0890578)
	return lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// The cubes of L*a*b* that an index finds are cellWidth wide. They are numbered
// as in colour_cell of the migrations.
const (
	cellWidth = 10
	cellLeast = -140 // where a* and b* begin
	cellsWide = 28
)

// cells are the cubes that a colour's surroundings reach into.
func (c lab) cells() []int64 {
	var cells []int64
	// apart is how far v is from the cube that begins at from.
	apart := func(v, from float64) float64 { return max(from-v, v-from-cellWidth, 0) }
	for l := range 11 {
		for a := range cellsWide {
			for b := range cellsWide {
				dl := apart(c.L, float64(l*cellWidth))
				da := apart(c.A, float64(a*cellWidth+cellLeast))
				db := apart(c.B, float64(b*cellWidth+cellLeast))
				if dl*dl+da*da+db*db <= colourRadius*colourRadius {
					cells = append(cells, int64((l*cellsWide+a)*cellsWide+b))
				}
			}
		}
	}
	return cells
}

// coloursMost is how many colours a filter takes.
const coloursMost = 11

// colours are those that are known, each once.
func colours(chosen []Colour) []Colour {
	var list []Colour
	for _, c := range chosen {
		if c.Known() && !slices.Contains(list, c) && len(list) < coloursMost {
			list = append(list, c)
		}
	}
	return list
}
