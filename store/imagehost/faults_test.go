package imagehost

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFindingSentence(t *testing.T) {
	t.Parallel()
	for finding, want := range map[Finding]string{
		Tilted(1):                     "It looks tilted by about 1 degree clockwise.",
		Tilted(-3):                    "It looks tilted by about 3 degrees anticlockwise.",
		"tilted:12":                   "It looks tilted by about 12 degrees clockwise.",
		VeryDark:                      "It is very dark. If the work itself is lighter than this, a photograph in daylight would do it justice.",
		TooSmall:                      "It is a little small for a sharp close view: 1,600 pixels or more on the longer side would show every detail.",
		"tilted:":                     "",
		"tilted:0":                    "",
		"tilted:<b>":                  "",
		"upside-down":                 "",
		"":                            "",
		"tilted:99999999999999999999": "",
	} {
		if got := finding.Sentence(); got != want {
			t.Errorf("%q says %q, want %q", finding, got, want)
		}
	}
}

// A painter tells the grey of a point of a picture.
type painter func(x, y float64) float64

// paint makes a picture of 640 pixels in width, with a little noise, turned clockwise
// about its middle.
func paint(height int, degrees float64, at painter) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 640, height))
	random := rand.New(rand.NewPCG(3, 4))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for y := range height {
		for x := range 640 {
			dx, dy := float64(x)-320, float64(y)-float64(height)/2
			var sum float64
			for _, part := range [4][2]float64{{-0.25, -0.25}, {0.25, -0.25}, {-0.25, 0.25}, {0.25, 0.25}} {
				px, py := dx+part[0], dy+part[1]
				sum += at(px*cos+py*sin, -px*sin+py*cos)
			}
			v := uint8(min(max(sum/4+random.Float64()*8-4, 0), 255))
			img.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	return img
}

// hung is a painting of blobs, so many pixels from its middle to its sides, on a
// wall that is a little lighter.
func hung(halfWidth, halfHeight, wall float64) painter {
	return func(x, y float64) float64 {
		if math.Abs(x) > halfWidth || math.Abs(y) > halfHeight {
			return wall
		}
		return 120 + 50*math.Sin(x/37+y/51)*math.Cos(y/23-x/60)
	}
}

func TestFindingsOfTilt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		height  int
		at      painter
		degrees []float64
	}{
		"landscape": {480, hung(240, 160, 215), []float64{-12, -2, 4}},
		"portrait":  {800, hung(220, 300, 215), []float64{-6, 2, 8}},
		"dark wall": {480, hung(240, 160, 30), []float64{-3, 2.5, 14}},
	} {
		for _, degrees := range test.degrees {
			got := findings(paint(test.height, degrees, test.at), 4000, 3000)
			if len(got) != 1 || math.Abs(float64(got[0].Degrees())-degrees) > 0.75 {
				t.Errorf("%s turned by %v: %v", name, degrees, got)
			}
		}
	}
}

// Nothing is said of what is not at fault.
func TestFindingsAreNoFalseAlarms(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	var lines [60][4]float64
	for i := range lines {
		angle := random.Float64() * math.Pi
		lines[i] = [4]float64{math.Cos(angle), math.Sin(angle), random.Float64()*800 - 400, random.Float64() * 255}
	}
	for name, at := range map[string]painter{
		"square on":        hung(260, 180, 220),
		"bleeding":         func(x, y float64) float64 { return hung(9999, 9999, 0)(x, y) },
		"one flat colour":  func(x, y float64) float64 { return 128 },
		"a soft field":     func(x, y float64) float64 { return 100 + 80*math.Tanh(y/60) },
		"diagonals":        func(x, y float64) float64 { return 128 + 100*math.Copysign(1, math.Sin((x+y)/30)) },
		"steep diagonals":  func(x, y float64) float64 { return 128 + 100*math.Copysign(1, math.Sin((x*0.12+y)/30)) },
		"a chessboard":     func(x, y float64) float64 { return 128 + 90*math.Copysign(1, math.Sin(x/40)*math.Sin(y/40)) },
		"a face":           func(x, y float64) float64 { return 60 + 140*math.Exp(-(x*x/9000+y*y/16000)) },
		"a tilted horizon": func(x, y float64) float64 { return 100 + 100*math.Copysign(0.5, y-x*0.07) },
		"a keystone": func(x, y float64) float64 {
			if math.Abs(x) > 220+y*0.12 || math.Abs(y) > 180 {
				return 220
			}
			return 90
		},
		"a tilted square inside a straight frame": func(x, y float64) float64 {
			u, v := x*0.985+y*0.174, y*0.985-x*0.174
			switch {
			case math.Abs(x) > 280 || math.Abs(y) > 210:
				return 230
			case math.Abs(u) < 150 && math.Abs(v) < 110:
				return 60
			}
			return 150
		},
		"many lines": func(x, y float64) float64 {
			v := 128.0
			for _, l := range lines {
				if math.Abs(x*l[0]+y*l[1]-l[2]) < 4 {
					v = l[3]
				}
			}
			return v
		},
		"a nocturne": func(x, y float64) float64 {
			if math.Hypot(x-100, y+80) < 90 {
				return 200
			}
			return 20
		},
		"turned by half a degree": func(x, y float64) float64 { return hung(260, 180, 220)(x+y*0.0087, y-x*0.0087) },
	} {
		if got := findings(paint(480, 0, at), 2000, 1500); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFindingsOfLightAndSize(t *testing.T) {
	t.Parallel()
	dark := paint(480, 0, func(x, y float64) float64 { return 25 })
	grey := paint(480, 0, func(x, y float64) float64 { return 70 })
	for name, test := range map[string]struct {
		img           *image.NRGBA
		width, height int
		want          []Finding
	}{
		"dark":           {dark, 4000, 3000, []Finding{VeryDark}},
		"dark and small": {dark, 1599, 900, []Finding{TooSmall, VeryDark}},
		"grey":           {grey, 1600, 900, nil},
		"tall":           {grey, 900, 1600, nil},
		"small":          {grey, 900, 1599, []Finding{TooSmall}},
		"a long strip":   {image.NewNRGBA(image.Rect(0, 0, 100, 9000)), 100, 9000, []Finding{VeryDark}},
		"a point":        {image.NewNRGBA(image.Rect(0, 0, 1, 1)), 1, 1, []Finding{TooSmall, VeryDark}},
		"a line":         {image.NewNRGBA(image.Rect(0, 0, 640, 1)), 30_000, 1, []Finding{VeryDark}},
	} {
		if got := findings(test.img, test.width, test.height); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func BenchmarkFindings(b *testing.B) {
	img := paint(480, 3, hung(240, 160, 215))
	for b.Loop() {
		findings(img, 4000, 3000)
	}
}
