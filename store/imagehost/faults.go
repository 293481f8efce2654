package imagehost

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"
)

// A Finding is something about a picture that its artist may want to mend: a code
// that can be kept, such as "too-small" or, with whole degrees clockwise, "tilted:-3".
type Finding string

// The findings beside those of tilt.
const (
	TooSmall Finding = "too-small" // the longer side is under 1,600 pixels
	VeryDark Finding = "very-dark" // hardly anything in it is light
)

const tiltedPrefix = "tilted:"

// Tilted is the finding of a picture that is turned clockwise by so many degrees.
func Tilted(degrees int) Finding { return Finding(tiltedPrefix + strconv.Itoa(degrees)) }

// Degrees returns by how much a picture is turned clockwise, or 0 when the finding
// is another.
func (f Finding) Degrees() int {
	text, ok := strings.CutPrefix(string(f), tiltedPrefix)
	if !ok {
		return 0
	}
	degrees, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return degrees
}

// Sentence puts the finding into words for the artist. It is empty for a code that
// is none.
func (f Finding) Sentence() string {
	degrees := f.Degrees()
	way := "clockwise"
	if degrees < 0 {
		degrees, way = -degrees, "anticlockwise"
	}
	switch {
	case f == TooSmall:
		return "It is a little small for a sharp close view: 1,600 pixels or more on the longer side would show every detail."
	case f == VeryDark:
		return "It is very dark. If the work itself is lighter than this, a photograph in daylight would do it justice."
	case degrees == 1:
		return "It looks tilted by about 1 degree " + way + "."
	case degrees > 0:
		return fmt.Sprintf("It looks tilted by about %d degrees %s.", degrees, way)
	}
	return ""
}

// findings looks at an upright, opaque picture of about 640 pixels in width, whose
// original is width by height. It rather misses something than finds what is not
// there. Blur is not among what it looks for: a soft painting has no sharp edge
// either.
func findings(small *image.NRGBA, width, height int) []Finding {
	const sharpSide = 1600
	var found []Finding
	if max(width, height) < sharpSide {
		found = append(found, TooSmall)
	}
	if degrees := int(math.Round(tilt(small))); degrees != 0 {
		found = append(found, Tilted(degrees))
	}
	if isVeryDark(small) {
		found = append(found, VeryDark)
	}
	return found
}

// isVeryDark says whether half of the picture has an L* under 18 and all but a
// twentieth one under 45. A nocturne with a lit window or a moon does not.
func isVeryDark(img *image.NRGBA) bool {
	const medianL, highL = 18, 45
	toY := bt709().toXYZ()[1]
	var part [3][256]float64
	for c := range 3 {
		for code := range 256 {
			part[c][code] = toY[c] * decodeSRGB(float64(code)/255)
		}
	}
	y := func(l float64) float64 { return labToXYZ([3]float64{l, 0, 0}, d50())[1] }
	median, high := y(medianL), y(highL)
	overMedian, overHigh := 0, 0
	for i := 0; i+3 < len(img.Pix); i += 4 {
		y := part[0][img.Pix[i]] + part[1][img.Pix[i+1]] + part[2][img.Pix[i+2]]
		if y >= median {
			overMedian++
		}
		if y >= high {
			overHigh++
		}
	}
	pixels := len(img.Pix) / 4
	return overMedian*2 < pixels && overHigh*20 < pixels
}

const (
	// Angles are tried in steps of a quarter of a degree up to 16 to either side.
	angleStep  = 0.25
	angleSteps = 64
	// A border is a straight edge along at least this part of the picture's side.
	borderLength = 0.35
	// faintest is the least slope of an edge, in levels of luma for a pixel.
	faintest = 3
)

// tilt returns by how many degrees, clockwise, the picture is turned, or 0. It looks
// for a frame: along at least three of the picture's sides a long straight edge that
// is the longest there, all turned alike by 1.5 to 15 degrees. What stands out
// inside, and lines that run together in perspective, are no frame.
func tilt(img *image.NRGBA) float64 {
	const least, most, alike, sides = 1.5, 15, 0.75, 3
	if w, h := img.Rect.Dx(), img.Rect.Dy(); min(w, h) < 64 || max(w, h) > 4*min(w, h) {
		return 0 // a frame cannot be told
	}
	level, upright := newSlopes(img, false), newSlopes(img, true)
	var angles []float64
	for _, side := range []struct {
		slopes *slopes
		far    bool
		sign   float64
	}{{level, false, 1}, {level, true, 1}, {upright, false, -1}, {upright, true, -1}} {
		if angle, ok := side.slopes.border(side.far); ok {
			angles = append(angles, side.sign*angle)
		}
	}
	for _, middle := range angles {
		sum, count := 0.0, 0
		for _, a := range angles {
			if math.Abs(a-middle) <= alike {
				sum, count = sum+a, count+1
			}
		}
		mean := sum / float64(max(1, count))
		if count >= sides && math.Abs(mean) >= least && math.Abs(mean) <= most {
			return mean
		}
	}
	return 0
}

// slopes are the edges of a picture that run about level, or about upright when it
// was transposed before.
type slopes struct {
	width, height int
	edge          []bool
	turn          []float32 // the degrees by which an edge is turned
}

func newSlopes(img *image.NRGBA, transpose bool) *slopes {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	luma := make([]float32, w*h)
	across, down := 1, w
	if transpose {
		across, down = h, 1
	}
	for y := range h {
		for x := range w {
			p := img.Pix[y*img.Stride+4*x:]
			// ITU-R BT.601.
			luma[y*down+x*across] = 0.299*float32(p[0]) + 0.587*float32(p[1]) + 0.114*float32(p[2])
		}
	}
	if transpose {
		w, h = h, w
	}
	luma = smooth(smooth(luma, w, h), w, h)
	s := &slopes{width: w, height: h, edge: make([]bool, w*h), turn: make([]float32, w*h)}
	steep := make([]float32, w*h)
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			gx, gy := (luma[i+1]-luma[i-1])/2, (luma[i+w]-luma[i-w])/2
			steep[i] = max(gy, -gy)
			s.turn[i] = 90
			if steep[i] >= faintest && steep[i] > 2*max(gx, -gx) {
				s.turn[i] = float32(-math.Atan(float64(gx/gy)) * 180 / math.Pi)
			}
		}
	}
	// Of an edge's thickness only the steepest pixel counts.
	for i := w; i < w*h-w; i++ {
		s.edge[i] = s.turn[i] < 45 && steep[i] >= steep[i-w] && steep[i] > steep[i+w]
	}
	return s
}

// smooth blurs by 1, 2, 1 both ways, all but the outermost pixels.
func smooth(in []float32, w, h int) []float32 {
	rows, out := make([]float32, len(in)), make([]float32, len(in))
	copy(rows, in)
	for i := 1; i < len(in)-1; i++ {
		if x := i % w; x > 0 && x < w-1 {
			rows[i] = (in[i-1] + 2*in[i] + in[i+1]) / 4
		}
	}
	copy(out, rows)
	for i := w; i < w*h-w; i++ {
		out[i] = (rows[i-w] + 2*rows[i] + rows[i+w]) / 4
	}
	return out
}

// border returns by how many degrees the longest straight edge in the near or in the
// far two fifths of the picture is turned, by the transform of Hough, in which only
// those pixels vote for a line whose own edge runs along it. It is not ok when that
// edge is too short, or when one that is not turned is nearly as long.
func (s *slopes) border(far bool) (degrees float64, ok bool) {
	const slack = 4 // degrees by which a pixel's own edge may differ
	low, high := 2, s.height*2/5
	if far {
		low, high = s.height-s.height*2/5, s.height-2
	}
	reach := int(math.Tan(angleStep*angleSteps*math.Pi/180)*float64(s.width)/2) + 2
	lines := high - low
	votes := make([][]int32, 2*angleSteps+1)
	slope := make([]float64, len(votes))
	for a := range votes {
		votes[a] = make([]int32, lines+1)
		slope[a] = math.Tan(float64(a-angleSteps) * angleStep * math.Pi / 180)
	}
	for y := max(1, low-reach); y < min(s.height-1, high+reach); y++ {
		for x := 1; x < s.width-1; x++ {
			i := y*s.width + x
			if !s.edge[i] {
				continue
			}
			middle := int(math.Round(float64(s.turn[i])/angleStep)) + angleSteps
			for a := max(0, middle-slack/angleStep); a <= min(len(votes)-1, middle+slack/angleStep); a++ {
				// The line is named by its height in the middle of the picture.
				at := int(math.Floor(float64(y) - float64(x-s.width/2)*slope[a] + 0.5))
				if at >= low && at < high {
					votes[a][at-low]++
				}
			}
		}
	}
	best, straight, bestAngle := int32(0), int32(0), 0.0
	for a, row := range votes {
		angle := float64(a-angleSteps) * angleStep
		for at := range lines {
			count := row[at] + row[at+1] // a line may run between two rows
			if count > best {
				best, bestAngle = count, angle
			}
			if math.Abs(angle) <= 0.5 {
				straight = max(straight, count)
			}
		}
	}
	if float64(best) < borderLength*float64(s.width) || math.Abs(bestAngle) > 1 && float64(straight) > 0.6*float64(best) {
		return 0, false
	}
	return bestAngle, true
}
