package imagehost

import (
	"encoding/binary"
	"math"
)

// maxProfile is the size, in bytes, of the largest colour profile that is read.
// Those for printing, the largest in use, have about 2 MiB.
const maxProfile = 4 << 20

// An iccProfile is a colour profile by ICC.1:2022, of which a header is there.
type iccProfile []byte

// openProfile returns nil when the bytes cannot be a profile. Bytes behind its end
// are cut off.
func openProfile(profile []byte) iccProfile {
	const headerSize = 128
	if len(profile) < headerSize+4 || len(profile) > maxProfile || string(profile[36:40]) != "acsp" {
		return nil
	}
	size := binary.BigEndian.Uint32(profile)
	if size < headerSize+4 || uint64(size) > uint64(len(profile)) {
		return nil
	}
	return iccProfile(profile[:size])
}

// channels is "RGB ", "GRAY", "CMYK" or another space of a device.
func (p iccProfile) channels() string { return string(p[16:20]) }

// connection is the space that the profile leads to: "XYZ " or "Lab ".
func (p iccProfile) connection() string { return string(p[20:24]) }

// tag returns the data of a tag, or nil when there is none or it is not whole.
func (p iccProfile) tag(signature string) []byte {
	const table, entry = 132, 12
	count := uint64(binary.BigEndian.Uint32(p[128:]))
	entries := p[table:]
	for range min(count, uint64(len(entries)/entry)) {
		if string(entries[:4]) == signature {
			offset := uint64(binary.BigEndian.Uint32(entries[4:]))
			size := uint64(binary.BigEndian.Uint32(entries[8:]))
			if offset+size > uint64(len(p)) {
				return nil
			}
			return p[offset : offset+size]
		}
		entries = entries[entry:]
	}
	return nil
}

// profileSpace returns the space of a profile for red, green and blue or for grey.
// A profile that has both a matrix and a table is taken by its matrix, which leads
// straight to sRGB. One that is broken or of another kind is not followed: its
// picture counts as sRGB, as a picture without a profile does.
func profileSpace(profile []byte) *space {
	p := openProfile(profile)
	switch {
	case p == nil:
		return nil
	case p.channels() == "GRAY":
		return p.greySpace()
	case p.channels() != "RGB ":
		return nil
	}
	if s, ok := p.matrixSpace(); ok {
		return s
	}
	if pipe := p.pipeline(3); pipe != nil {
		return &space{table: newLattice(3, 33, pipe.toSRGB)}
	}
	return nil
}

// greySpace follows ICC.1:2022, 8.3.4 and F.2: the curve leads to Y, or to L* when
// the connection space is Lab.
func (p iccProfile) greySpace() *space {
	light, _ := parseCurve(p.tag("kTRC"))
	if light == nil {
		return nil
	}
	toLight := light
	if p.connection() == "Lab " {
		toLight = func(v float64) float64 { return labToXYZ([3]float64{100 * light(v), 0, 0}, d50())[1] }
	}
	s := newSpace([3]curve{toLight, toLight, toLight}, identity())
	if s != nil {
		s.grey = true
	}
	return s
}

// matrixSpace follows ICC.1:2022, 8.3.3 and F.3. It is not ok when a part is
// missing or broken, or when the primaries do not add up to about the white of the
// connection space, so that white would not stay white.
func (p iccProfile) matrixSpace() (s *space, ok bool) {
	if p.connection() != "XYZ " {
		return nil, false
	}
	var curves [3]curve
	var m matrix
	for c, name := range []string{"r", "g", "b"} {
		light, _ := parseCurve(p.tag(name + "TRC"))
		primary := p.tag(name + "XYZ")
		if light == nil || len(primary) < 20 || string(primary[:4]) != "XYZ " {
			return nil, false
		}
		curves[c] = light
		for i := range 3 {
			m[i][c] = fixed(primary[8+4*i:])
		}
	}
	white, sum := d50(), m.apply([3]float64{1, 1, 1})
	for i := range 3 {
		if math.Abs(sum[i]-white[i]) > 0.04 {
			return nil, false
		}
	}
	return newSpace(curves, fromD50().times(m)), true
}

// fixed reads a number of ICC's type s15Fixed16.
func fixed(b []byte) float64 {
	return float64(int32(binary.BigEndian.Uint32(b))) / (1 << 16)
}

// parseCurve reads a curve of type curv or para (ICC.1:2022, 10.6 and 10.18) and
// tells how many bytes it takes. The curve is nil when it is broken.
func parseCurve(tag []byte) (light curve, size int) {
	if len(tag) < 12 {
		return nil, 0
	}
	switch string(tag[:4]) {
	case "curv":
		return sampledCurve(tag)
	case "para":
		return parametricCurve(tag)
	}
	return nil, 0
}

func sampledCurve(tag []byte) (light curve, size int) {
	count := uint64(binary.BigEndian.Uint32(tag[8:]))
	samples := tag[12:]
	if count > uint64(len(samples)/2) {
		return nil, 0
	}
	size = 12 + 2*int(count)
	switch count {
	case 0:
		return func(v float64) float64 { return v }, size
	case 1:
		gamma := float64(binary.BigEndian.Uint16(samples)) / 256
		if gamma == 0 {
			return nil, 0
		}
		return power(gamma), size
	}
	return interpolated(samples[:2*count], 2), size
}

// interpolated is the curve through evenly spread samples of one or two bytes.
func interpolated(samples []byte, width int) curve {
	last := len(samples)/width - 1
	at := func(i int) float64 {
		if width == 1 {
			return float64(samples[i]) / 0xff
		}
		return float64(binary.BigEndian.Uint16(samples[2*i:])) / 0xffff
	}
	return func(v float64) float64 {
		position := within(v) * float64(last)
		i := min(int(position), last-1)
		part := position - float64(i)
		return at(i)*(1-part) + at(i+1)*part
	}
}

// parametricCurve follows ICC.1:2022, table 68. Where a function gives no number,
// as a root of a negative, it is 0.
func parametricCurve(tag []byte) (light curve, size int) {
	kind := binary.BigEndian.Uint16(tag[8:])
	if kind > 4 {
		return nil, 0
	}
	count := []int{1, 3, 4, 5, 7}[kind]
	size = 12 + 4*count
	if len(tag) < size {
		return nil, 0
	}
	var n [7]float64
	for i := range count {
		n[i] = fixed(tag[12+4*i:])
	}
	g, a, b, c, d, e, f := n[0], n[1], n[2], n[3], n[4], n[5], n[6]
	switch {
	case g <= 0:
		return nil, 0
	case kind == 0:
		return power(g), size
	case kind <= 2: // flat, at c, up to where aX + b is nothing
		if a == 0 {
			return nil, 0
		}
		c, d, e, f = 0, -b/a, c, c
	}
	return func(v float64) float64 {
		if v < d {
			return within(c*v + f)
		}
		return within(math.Pow(a*v+b, g) + e)
	}, size
}
