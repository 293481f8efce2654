package sharecard

import (
	"image"
	"image/color"
	"math"
)

// The colours of the house by day.
var (
	lit   = [3]float64{0xf8, 0xf6, 0xf3} // the wall where the light falls
	unlit = [3]float64{0xe9, 0xe6, 0xe1} // and far from it; between them is the wall's own colour
	cast  = [3]float64{52, 44, 30}
	ink   = color.RGBA{0x1c, 0x1a, 0x17, 0xff}
	mute  = color.RGBA{0x5a, 0x55, 0x4d, 0xff}
	dot   = color.RGBA{0xcf, 0x2a, 0x1e, 0xff}
)

// paintWall covers the canvas with the wall, lit from above.
func paintWall(canvas *image.RGBA) {
	const across, down = Width * .72, Height * 1.15
	var shades [256][3]byte
	for i := range shades {
		t := float64(i) / 255
		for c := range 3 {
			shades[i][c] = byte(math.Round(unlit[c] + (lit[c]-unlit[c])*t))
		}
	}
	var columns [Width]float64
	for x := range columns {
		d := (float64(x) - Width/2) / across
		columns[x] = d * d
	}
	for y := range Height {
		d := float64(y) / down
		row := canvas.Pix[y*canvas.Stride:]
		for x := range Width {
			s := &shades[int(255*max(0, 1-columns[x]-d*d))]
			pixel := row[4*x : 4*x+4]
			pixel[0], pixel[1], pixel[2], pixel[3] = s[0], s[1], s[2], 0xff
		}
	}
}

// castShadow paints the small shadow of a hung work: a line where it touches the
// wall, and a soft one below it.
func castShadow(canvas *image.RGBA, work image.Rectangle) {
	shade(canvas, work.Add(image.Pt(0, 2)), 1.2, .22)
	shade(canvas, work.Inset(12).Add(image.Pt(0, 24)), 13, .34)
}

// shade darkens the canvas under a blurred rectangle. The blur of a rectangle is
// the product of the blurs of its two sides.
func shade(canvas *image.RGBA, r image.Rectangle, sigma, opacity float64) {
	reach := int(3*sigma) + 1
	area := r.Inset(-reach).Intersect(canvas.Bounds())
	xs, ys := blur(area.Min.X, area.Max.X, r.Min.X, r.Max.X, sigma), blur(area.Min.Y, area.Max.Y, r.Min.Y, r.Max.Y, sigma)
	for i, down := range ys {
		row := canvas.Pix[canvas.PixOffset(area.Min.X, area.Min.Y+i):]
		for j, across := range xs {
			a := down * across * opacity
			pixel := row[4*j : 4*j+3]
			for c := range pixel {
				pixel[c] = byte(float64(pixel[c])*(1-a) + cast[c]*a + .5)
			}
		}
	}
}

// blur is how much of the side from low to high each place from a to b is under.
func blur(a, b, low, high int, sigma float64) []float64 {
	under := make([]float64, max(0, b-a))
	for i := range under {
		at := float64(a+i) + .5
		under[i] = (math.Erf((at-float64(low))/(sigma*math.Sqrt2)) - math.Erf((at-float64(high))/(sigma*math.Sqrt2))) / 2
	}
	return under
}

// hang puts an opaque picture on the canvas.
func hang(canvas *image.RGBA, work *image.NRGBA, at image.Point) {
	width := 4 * work.Rect.Dx()
	for y := range work.Rect.Dy() {
		copy(canvas.Pix[canvas.PixOffset(at.X, at.Y+y):], work.Pix[y*work.Stride:y*work.Stride+width])
	}
}

// paintDot paints the red dot into its square.
func paintDot(canvas *image.RGBA, square image.Rectangle) {
	radius := float64(square.Dx()) / 2
	for y := square.Min.Y; y < square.Max.Y; y++ {
		for x := square.Min.X; x < square.Max.X; x++ {
			from := math.Hypot(float64(x-square.Min.X)+.5-radius, float64(y-square.Min.Y)+.5-radius)
			a := min(1, max(0, radius-from+.5))
			pixel := canvas.Pix[canvas.PixOffset(x, y):]
			for c, to := range [3]byte{dot.R, dot.G, dot.B} {
				pixel[c] = byte(float64(pixel[c])*(1-a) + float64(to)*a + .5)
			}
		}
	}
}
