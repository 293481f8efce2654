package imagehost

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// The values are those of brucelindbloom.com and of CIE 15 for sRGB under D65.
func TestLab(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		r, g, b uint8
		want    [3]float64
	}{
		{255, 0, 0, [3]float64{53.24, 80.09, 67.20}},
		{0, 255, 0, [3]float64{87.73, -86.18, 83.18}},
		{0, 0, 255, [3]float64{32.30, 79.19, -107.86}},
		{255, 255, 255, [3]float64{100, 0, 0}},
		{119, 119, 119, [3]float64{50.03, 0, 0}},
		{3, 3, 3, [3]float64{0.82, 0, 0}},
		{0, 0, 0, [3]float64{0, 0, 0}},
	} {
		l, a, b := Lab(test.r, test.g, test.b)
		for i, got := range []float32{l, a, b} {
			if math.Abs(float64(got)-test.want[i]) > 0.03 {
				t.Errorf("Lab(%d, %d, %d) = %.2f %.2f %.2f, want %v", test.r, test.g, test.b, l, a, b, test.want)
				break
			}
		}
	}
}

func TestSwatchHex(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		swatch Swatch
		want   string
	}{
		{Swatch{53.24, 80.09, 67.20, 0}, "#ff0000"},
		{Swatch{32.30, 79.19, -107.86, 0}, "#0000ff"},
		{Swatch{100, 0, 0, 0}, "#ffffff"},
		{Swatch{0, 0, 0, 0}, "#000000"},
		{Swatch{50, 0, 0, 0}, "#777777"},
		{Swatch{200, 0, 0, 0}, "#ffffff"}, // clipped
	} {
		if got := test.swatch.Hex(); got != test.want {
			t.Errorf("%v is %s, want %s", test.swatch, got, test.want)
		}
	}
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			l, a, b := Lab(uint8(r), uint8(g), 77)
			if got := (Swatch{L: l, A: a, B: b}).Hex(); got != fmt.Sprintf("#%02x%02x%02x", r, g, 77) {
				t.Errorf("%d %d 77 comes back as %s", r, g, got)
			}
		}
	}
}

// striped is a picture of colours side by side, each with so many columns of 320.
func striped(colours []color.NRGBA, columns []int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		x := 0
		for i, c := range colours {
			for range columns[i] {
				img.SetNRGBA(x, y, c)
				x++
			}
		}
	}
	return img
}

func TestPaletteOf(t *testing.T) {
	t.Parallel()
	navy, cream, rust := color.NRGBA{20, 30, 80, 255}, color.NRGBA{240, 230, 200, 255}, color.NRGBA{180, 70, 30, 255}
	moss, pink := color.NRGBA{80, 100, 40, 255}, color.NRGBA{230, 120, 170, 255}
	for name, test := range map[string]struct {
		colours []color.NRGBA
		columns []int
		want    []string
		shares  []float64
	}{
		"one":        {[]color.NRGBA{navy}, []int{320}, []string{"#141e50"}, []float64{1}},
		"five":       {[]color.NRGBA{navy, cream, rust, moss, pink}, []int{20, 160, 80, 40, 20}, []string{"#f0e6c8", "#b4461e", "#506428"}, []float64{0.5, 0.25, 0.125, 0.0625, 0.0625}},
		"an accent":  {[]color.NRGBA{navy, rust}, []int{318, 2}, []string{"#141e50", "#b4461e"}, []float64{318.0 / 320, 2.0 / 320}},
		"nearly one": {[]color.NRGBA{{100, 100, 100, 255}, {108, 108, 108, 255}}, []int{160, 160}, []string{"#686868"}, []float64{1}},
	} {
		palette := paletteOf(striped(test.colours, test.columns))
		if len(palette) != len(test.shares) {
			t.Errorf("%s: %v", name, palette)
			continue
		}
		var sum float64
		for i, s := range palette {
			sum += float64(s.Share)
			if math.Abs(float64(s.Share)-test.shares[i]) > 1e-6 {
				t.Errorf("%s: swatch %d has a share of %v, want %v", name, i, s.Share, test.shares[i])
			}
			if i < len(test.want) && s.Hex() != test.want[i] {
				t.Errorf("%s: swatch %d is %s, want %s", name, i, s.Hex(), test.want[i])
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%s: the shares are %v in all", name, sum)
		}
	}
}

func TestPaletteOfAPhotograph(t *testing.T) {
	t.Parallel()
	img := photograph(320, 240)
	palette := paletteOf(img)
	if len(palette) < 2 || len(palette) > maxSwatches {
		t.Fatalf("%d swatches", len(palette))
	}
	var sum float32
	for i, s := range palette {
		sum += s.Share
		if i > 0 && s.Share > palette[i-1].Share {
			t.Errorf("swatch %d is larger than the one before", i)
		}
		for _, other := range palette[:i] {
			if d := math.Hypot(math.Hypot(float64(s.L-other.L), float64(s.A-other.A)), float64(s.B-other.B)); d < tooAlike {
				t.Errorf("%v and %v are %.1f apart", s, other, d)
			}
		}
	}
	if math.Abs(float64(sum)-1) > 1e-5 {
		t.Errorf("the shares are %v in all", sum)
	}
	if !slices.Equal(palette, paletteOf(img)) {
		t.Error("another time it has another palette")
	}
}

func BenchmarkPaletteOf(b *testing.B) {
	img := photograph(320, 240)
	for b.Loop() {
		paletteOf(img)
	}
}
