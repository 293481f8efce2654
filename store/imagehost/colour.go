package imagehost

import (
	"image"
	"math"
)

// A space says what light the numbers of a picture stand for. No space, nil, is
// sRGB (IEC 61966-2-1), in which every variant is kept.
//
// A space has either curves and a matrix or, when table is set, that alone.
type space struct {
	curves [3]curve // from a channel's number to its light
	matrix matrix   // from the light of the channels to that of sRGB's
	grey   bool     // the numbers are of one channel
	table  *lattice // from red, green and blue to sRGB
}

// A curve takes a number of 0 to 1 to another.
type curve func(float64) float64

// newSpace returns a space, or nil when it is sRGB by content: curves within half a
// step of eight bits and a matrix within a thousandth. It is nil, too, when a curve
// or the matrix leads nowhere.
func newSpace(curves [3]curve, m matrix) *space {
	same := m.near(identity(), 1e-3)
	for _, row := range m {
		for _, v := range row {
			if math.IsNaN(v) || math.Abs(v) > 100 {
				return nil
			}
		}
	}
	for _, light := range curves {
		for code := range 256 {
			v := light(float64(code) / 255)
			if math.IsNaN(v) {
				return nil
			}
			if math.Abs(encodeSRGB(within(v))*255-float64(code)) > 0.5 {
				same = false
			}
		}
	}
	if same {
		return nil
	}
	return &space{curves: curves, matrix: m}
}

// toSRGB takes a picture from the space to sRGB, in place, and leaves its alpha
// alone. The rendering is relative colorimetric; what sRGB cannot show is clipped
// channel by channel. A space of greys says nothing about a picture with colours,
// which stays as it is.
func (s *space) toSRGB(img *image.NRGBA) {
	switch {
	case s == nil || s.grey && !isGrey(img):
	case s.table != nil:
		s.table.paint(img.Pix)
	case s.grey || s.matrix.near(identity(), 1e-3):
		s.mapChannels(img.Pix)
	default:
		s.mapColours(img.Pix)
	}
}

func isGrey(img *image.NRGBA) bool {
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] != img.Pix[i+1] || img.Pix[i] != img.Pix[i+2] {
			return false
		}
	}
	return true
}

func (s *space) mapChannels(pix []byte) {
	var codes [3][256]byte
	for c, light := range s.curves {
		for code := range 256 {
			codes[c][code] = byte(math.Round(255 * encodeSRGB(within(light(float64(code)/255)))))
		}
	}
	for i := 0; i+3 < len(pix); i += 4 {
		pix[i] = codes[0][pix[i]]
		pix[i+1] = codes[1][pix[i+1]]
		pix[i+2] = codes[2][pix[i+2]]
	}
}

func (s *space) mapColours(pix []byte) {
	var light [3][256]float32
	for c, curve := range s.curves {
		for code := range 256 {
			light[c][code] = float32(within(curve(float64(code) / 255)))
		}
	}
	var m [3][3]float32
	for i, row := range s.matrix {
		for j, v := range row {
			m[i][j] = float32(v * (lightSteps - 1))
		}
	}
	codes := newLightCodes()
	for i := 0; i+3 < len(pix); i += 4 {
		r, g, b := light[0][pix[i]], light[1][pix[i+1]], light[2][pix[i+2]]
		pix[i] = codes.of(m[0][0]*r + m[0][1]*g + m[0][2]*b)
		pix[i+1] = codes.of(m[1][0]*r + m[1][1]*g + m[1][2]*b)
		pix[i+2] = codes.of(m[2][0]*r + m[2][1]*g + m[2][2]*b)
	}
}

// lightSteps is the number of steps in which light is encoded: where sRGB is
// steepest one is a twentieth of a code.
const lightSteps = 1 << 16

// lightCodes are the codes of sRGB by light, in lightSteps.
type lightCodes [lightSteps]byte

func newLightCodes() *lightCodes {
	codes := new(lightCodes)
	at := 0
	for code := range 256 {
		end := lightSteps
		if code < 255 {
			end = int(math.Ceil((lightSteps - 1) * decodeSRGB((float64(code)+0.5)/255)))
		}
		for ; at < end; at++ {
			codes[at] = byte(code)
		}
	}
	return codes
}

func (c *lightCodes) of(light float32) byte {
	return c[uint16(min(max(int32(light+0.5), 0), lightSteps-1))]
}

// eightBits turns a picture of sixteen bits a channel, as only a PNG can be, into
// one of eight whose curve is sRGB's, and returns the space that this one is in.
// Rounded in its own curve, a dark picture of linear light would lose its shades.
// Any other picture comes back as it is.
//
// The result lies in the memory of the old picture, which is gone. That memory is
// 8 bytes for a pixel (400 MB for 50 million) and 2 for a pixel of grey; package
// image/png cannot decode into less.
func (s *space) eightBits(img image.Image) (image.Image, *space) {
	var pix []byte
	var channels int
	switch img := img.(type) {
	case *image.RGBA64: // opaque, from a PNG
		pix, channels = img.Pix, 4
	case *image.NRGBA64:
		pix, channels = img.Pix, 4
	case *image.Gray16:
		pix, channels = img.Pix, 1
	default:
		return img, s
	}
	codes := s.sixteenBitCodes()
	for i := range len(pix) / 2 {
		pix[i] = codes[i&(channels-1)][uint16(pix[2*i])<<8|uint16(pix[2*i+1])]
	}
	pix = pix[:len(pix)/2]
	rest := s
	if s != nil && s.table == nil {
		sRGB := [3]curve{decodeSRGB, decodeSRGB, decodeSRGB}
		if rest = newSpace(sRGB, s.matrix); rest != nil {
			rest.grey = s.grey
		}
	}
	size := img.Bounds()
	if channels == 1 {
		return &image.Gray{Pix: pix, Stride: size.Dx(), Rect: size}, rest
	}
	return &image.NRGBA{Pix: pix, Stride: 4 * size.Dx(), Rect: size}, rest
}

// sixteenBitCodes are the codes of eight bits, in the curve of sRGB, for each of
// the numbers of sixteen: of red, green, blue and alpha.
func (s *space) sixteenBitCodes() *[4][1 << 16]byte {
	codes := new([4][1 << 16]byte)
	for n := range codes[3] {
		codes[3][n] = byte((n*255 + 0x7fff) / 0xffff)
	}
	for c := range 3 {
		if s == nil || s.table != nil {
			codes[c] = codes[3]
			continue
		}
		for n := range codes[c] {
			light := within(s.curves[c](float64(n) / 0xffff))
			codes[c][n] = byte(math.Round(255 * encodeSRGB(light)))
		}
	}
	return codes
}

// encodeSRGB takes light to a number of sRGB by IEC 61966-2-1. Negative light,
// of colours outside, is mirrored.
func encodeSRGB(light float64) float64 {
	switch {
	case light < 0:
		return -encodeSRGB(-light)
	case light <= 0.0031308:
		return 12.92 * light
	}
	return 1.055*math.Pow(light, 1/2.4) - 0.055
}

// decodeSRGB takes a number of sRGB to light by IEC 61966-2-1.
func decodeSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func power(gamma float64) curve {
	return func(v float64) float64 { return math.Pow(v, gamma) }
}

// within clips to 0 and 1. What is no number is 0.
func within(v float64) float64 {
	if v > 0 {
		return min(v, 1)
	}
	return 0
}

// chromaticities are x and y of a space's white and of its primaries, by CIE 15.
type chromaticities struct{ white, red, green, blue [2]float64 }

// bt709 has the primaries and the white (D65) of ITU-R BT.709 and sRGB.
func bt709() chromaticities {
	return chromaticities{d65(), [2]float64{0.64, 0.33}, [2]float64{0.30, 0.60}, [2]float64{0.15, 0.06}}
}

func d65() [2]float64 { return [2]float64{0.3127, 0.3290} }

// adobeRGB is the space of Adobe RGB (1998), section 4.3.
func adobeRGB() *space {
	c := bt709()
	c.green = [2]float64{0.21, 0.71}
	light := power(563.0 / 256)
	return newSpace([3]curve{light, light, light}, c.toSRGB())
}

// toSRGB returns the matrix from the light of these primaries to that of sRGB's.
func (c chromaticities) toSRGB() matrix {
	return bt709().toXYZ().inverse().times(adapt(xyz(c.white), xyz(d65()))).times(c.toXYZ())
}

// toXYZ returns the matrix from the light of the primaries to X, Y and Z, with a
// white of Y = 1: SMPTE RP 177.
func (c chromaticities) toXYZ() matrix {
	r, g, b := xyz(c.red), xyz(c.green), xyz(c.blue)
	m := matrix{{r[0], g[0], b[0]}, {r[1], g[1], b[1]}, {r[2], g[2], b[2]}}
	share := m.inverse().apply(xyz(c.white))
	return m.times(matrix{{share[0], 0, 0}, {0, share[1], 0}, {0, 0, share[2]}})
}

// xyz returns X, Y and Z of a chromaticity at Y = 1.
func xyz(c [2]float64) [3]float64 {
	return [3]float64{c[0] / c[1], 1, (1 - c[0] - c[1]) / c[1]}
}

// fromD50 returns the matrix from the X, Y and Z of ICC's connection space, whose
// white is D50 (ICC.1:2022, 7.2.16), to the light of sRGB's primaries.
func fromD50() matrix {
	return bt709().toXYZ().inverse().times(adapt(d50(), xyz(d65())))
}

func d50() [3]float64 { return [3]float64{0.9642, 1, 0.8249} }

// adapt returns the matrix that takes colours under one white to those that look
// alike under another: the linear Bradford transform (ICC.1:2022, annex E).
func adapt(from, to [3]float64) matrix {
	cone := matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
	a, b := cone.apply(from), cone.apply(to)
	return cone.inverse().times(matrix{{b[0] / a[0], 0, 0}, {0, b[1] / a[1], 0}, {0, 0, b[2] / a[2]}}).times(cone)
}

// A matrix has rows and columns, in this order.
type matrix [3][3]float64

func identity() matrix { return matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}} }

func (m matrix) apply(v [3]float64) [3]float64 {
	var out [3]float64
	for i, row := range m {
		out[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return out
}

func (m matrix) times(n matrix) matrix {
	var out matrix
	for i := range 3 {
		for j := range 3 {
			out[i][j] = m[i][0]*n[0][j] + m[i][1]*n[1][j] + m[i][2]*n[2][j]
		}
	}
	return out
}

// inverse is full of infinities and non-numbers when there is none.
func (m matrix) inverse() matrix {
	minor := func(i, j int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
		return m[a][c]*m[b][d] - m[a][d]*m[b][c]
	}
	det := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	var out matrix
	for i := range 3 {
		for j := range 3 {
			out[j][i] = minor(i, j) / det
		}
	}
	return out
}

func (m matrix) near(n matrix, tolerance float64) bool {
	for i := range 3 {
		for j := range 3 {
			if !(math.Abs(m[i][j]-n[i][j]) <= tolerance) {
				return false
			}
		}
	}
	return true
}
