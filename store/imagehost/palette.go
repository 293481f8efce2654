package imagehost

import (
	"fmt"
	"image"
	"math"
	"slices"
)

// A Swatch is one of the colours of a picture, in CIE L*a*b* under D65 as Lab gives
// it, with its share of the picture's area. The shares of a palette sum to 1.
type Swatch struct{ L, A, B, Share float32 }

// Hex returns the swatch as "#rrggbb" in sRGB. What sRGB cannot show is clipped.
func (s Swatch) Hex() string {
	m := bt709().toXYZ()
	v := labToXYZ([3]float64{float64(s.L), float64(s.A), float64(s.B)}, m.apply([3]float64{1, 1, 1}))
	light := m.inverse().apply(v)
	code := func(light float64) int { return int(math.Round(255 * encodeSRGB(within(light)))) }
	return fmt.Sprintf("#%02x%02x%02x", code(light[0]), code(light[1]), code(light[2]))
}

const (
	maxSwatches = 5
	// tooAlike is the distance, CIE 1976, under which two swatches become one. About
	// 2.3 can just be told apart.
	tooAlike = 5
)

// paletteOf returns the palette of an opaque picture in sRGB, the largest swatch
// first: at most five, none alike. Every pixel counts, and the same picture always
// has the same palette. The means of k-means (Lloyd) begin at the most common colour
// and then, one by one, where a colour's area times the square of its distance from
// those before is largest.
func paletteOf(img *image.NRGBA) []Swatch {
	colours := commonColours(img)
	if len(colours) == 0 {
		return nil
	}
	means := seeds(colours)
	for range 30 {
		next := means.assign(colours)
		if slices.Equal(next, means) {
			break
		}
		means = next
	}
	means = means.merged()
	slices.SortStableFunc(means, func(a, b labArea) int {
		switch {
		case a.area > b.area:
			return -1
		case a.area < b.area:
			return 1
		}
		return 0
	})
	palette := make([]Swatch, len(means))
	for i, m := range means {
		palette[i] = Swatch{
			L: float32(m.lab[0]), A: float32(m.lab[1]), B: float32(m.lab[2]),
			Share: float32(m.area / float64(len(img.Pix)/4)),
		}
	}
	return palette
}

// A labArea is a colour and the number of its pixels.
type labArea struct {
	lab  [3]float64
	area float64
}

func (c labArea) far(d labArea) float64 {
	l, a, b := c.lab[0]-d.lab[0], c.lab[1]-d.lab[1], c.lab[2]-d.lab[2]
	return l*l + a*a + b*b
}

// and returns the mean of two colours, by area.
func (c labArea) and(d labArea) labArea {
	sum := labArea{area: c.area + d.area}
	for i := range 3 {
		sum.lab[i] = (c.lab[i]*c.area + d.lab[i]*d.area) / sum.area
	}
	return sum
}

// commonColours gathers the pixels into cells of 8 codes along red, green and blue,
// of which a photograph fills a few thousand, and returns the mean of each that has
// any.
func commonColours(img *image.NRGBA) []labArea {
	type cell struct{ r, g, b, count uint32 }
	cells := make([]cell, 1<<15)
	for i := 0; i+3 < len(img.Pix); i += 4 {
		r, g, b := uint32(img.Pix[i]), uint32(img.Pix[i+1]), uint32(img.Pix[i+2])
		c := &cells[r>>3<<10|g>>3<<5|b>>3]
		c.r, c.g, c.b, c.count = c.r+r, c.g+g, c.b+b, c.count+1
	}
	m := bt709().toXYZ()
	white := m.apply([3]float64{1, 1, 1})
	var colours []labArea
	for _, c := range cells {
		if c.count == 0 {
			continue
		}
		n := float64(c.count)
		light := [3]float64{decodeSRGB(float64(c.r) / n / 255), decodeSRGB(float64(c.g) / n / 255), decodeSRGB(float64(c.b) / n / 255)}
		colours = append(colours, labArea{xyzToLab(m.apply(light), white), n})
	}
	return colours
}

type labAreas []labArea

func seeds(colours []labArea) labAreas {
	first := colours[0]
	for _, c := range colours {
		if c.area > first.area {
			first = c
		}
	}
	means := labAreas{first}
	for len(means) < maxSwatches {
		var next labArea
		most := 0.0
		for _, c := range colours {
			if gain := c.area * c.far(means[means.nearest(c)]); gain > most {
				next, most = c, gain
			}
		}
		if most == 0 { // no other colour is left
			break
		}
		means = append(means, next)
	}
	return means
}

func (m labAreas) nearest(c labArea) int {
	nearest, least := 0, math.Inf(1)
	for i, mean := range m {
		if far := mean.far(c); far < least {
			nearest, least = i, far
		}
	}
	return nearest
}

// assign returns the means of the colours that are nearest to each of these, less
// those that are nearest to none.
func (m labAreas) assign(colours []labArea) labAreas {
	next := make(labAreas, len(m))
	for _, c := range colours {
		mean := &next[m.nearest(c)]
		*mean = mean.and(c)
	}
	return slices.DeleteFunc(next, func(c labArea) bool { return c.area == 0 })
}

// merged puts the two that are most alike together until all are far enough apart.
func (m labAreas) merged() labAreas {
	for {
		least, first, second := float64(tooAlike*tooAlike), -1, -1
		for i := range m {
			for j := i + 1; j < len(m); j++ {
				if far := m[i].far(m[j]); far < least {
					least, first, second = far, i, j
				}
			}
		}
		if first < 0 {
			return m
		}
		m[first] = m[first].and(m[second])
		m = slices.Delete(m, second, second+1)
	}
}
