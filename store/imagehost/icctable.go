package imagehost

import (
	"encoding/binary"
	"math"
)

// A pipeline is the table of a profile by which the numbers of a device lead to
// the connection space: ICC.1:2022, 10.10 to 10.12. Each step takes and gives
// numbers of 0 to 1.
type pipeline struct {
	in      []curve // one for each channel of the device
	grid    []int   // points along each channel
	samples []byte  // three for each point of the grid, the last channel first
	width   int     // bytes of a sample
	middle  []curve // three, or none
	matrix  matrix
	offset  [3]float64
	out     []curve                     // three
	decode  func([3]float64) [3]float64 // to X, Y and Z
	light   matrix                      // from there to the light of sRGB
}

// pipeline returns the table from so many channels, 3 or 4, or nil when there is
// none that can be read. Of several it takes the one for relative colorimetric
// rendering.
func (p iccProfile) pipeline(channels int) *pipeline {
	for _, name := range []string{"A2B1", "A2B0"} {
		tag := p.tag(name)
		if len(tag) < 32 || int(tag[8]) != channels || tag[9] != 3 {
			continue
		}
		pipe := &pipeline{matrix: identity(), light: fromD50()}
		var ok bool
		switch string(tag[:4]) {
		case "mft1":
			ok = pipe.readOld(tag, 1)
		case "mft2":
			ok = pipe.readOld(tag, 2)
		case "mAB ":
			ok = pipe.readNew(tag)
		}
		if ok && pipe.connect(p.connection(), string(tag[:4])) {
			return pipe
		}
	}
	return nil
}

// readOld reads the types lut8 and lut16. Their matrix counts for devices that
// speak in XYZ alone.
func (p *pipeline) readOld(tag []byte, width int) bool {
	channels, points := int(tag[8]), int(tag[10])
	inputs, outputs, rest := 256, 256, 48
	if width == 2 {
		if len(tag) < 52 {
			return false
		}
		inputs, outputs, rest = int(binary.BigEndian.Uint16(tag[48:])), int(binary.BigEndian.Uint16(tag[50:])), 52
	}
	if inputs < 2 || outputs < 2 || points < 2 || len(tag) < rest {
		return false
	}
	left := tag[rest:]
	take := func(samples int) []byte {
		if samples*width > len(left) {
			return nil
		}
		part := left[:samples*width]
		left = left[len(part):]
		return part
	}
	size := 3
	for range channels {
		samples := take(inputs)
		if samples == nil {
			return false
		}
		p.in = append(p.in, interpolated(samples, width))
		p.grid = append(p.grid, points)
		size *= points
	}
	p.width = width
	if p.samples = take(size); p.samples == nil {
		return false
	}
	for range 3 {
		samples := take(outputs)
		if samples == nil {
			return false
		}
		p.out = append(p.out, interpolated(samples, width))
	}
	return true
}

// readNew reads the type lutAToB. A table without a grid would have three channels
// and is not read.
func (p *pipeline) readNew(tag []byte) bool {
	channels := int(tag[8])
	at := func(field int) []byte {
		offset := binary.BigEndian.Uint32(tag[field:])
		if offset == 0 || uint64(offset) > uint64(len(tag)) {
			return nil
		}
		return tag[offset:]
	}
	p.out = curves(at(12), 3)
	p.in = curves(at(28), channels)
	if p.out == nil || p.in == nil {
		return false
	}
	if m, middle := at(16), at(20); m != nil || middle != nil {
		if p.middle = curves(middle, 3); p.middle == nil || len(m) < 48 {
			return false
		}
		for i := range 9 {
			p.matrix[i/3][i%3] = fixed(m[4*i:])
		}
		for i := range 3 {
			p.offset[i] = fixed(m[36+4*i:])
		}
	}
	clut := at(24)
	if len(clut) < 20 {
		return false
	}
	p.width = int(clut[16])
	if p.width != 1 && p.width != 2 {
		return false
	}
	size := 3 * p.width
	for _, points := range clut[:channels] {
		if points < 2 {
			return false
		}
		p.grid = append(p.grid, int(points))
		size *= int(points)
	}
	if size > len(clut)-20 {
		return false
	}
	p.samples = clut[20 : 20+size]
	return true
}

// curves reads curves that follow each other, each from a multiple of four bytes
// on. They are nil when one is broken.
func curves(tag []byte, count int) []curve {
	var all []curve
	for range count {
		c, size := parseCurve(tag)
		if c == nil {
			return nil
		}
		all = append(all, c)
		tag = tag[min((size+3)&^3, len(tag)):]
	}
	return all
}

// connect chooses how the last numbers stand for X, Y and Z under D50:
// ICC.1:2022, 6.3.4. The type lut16 has kept Lab's encoding of version 2.
func (p *pipeline) connect(space, kind string) bool {
	switch space {
	case "XYZ ":
		const most = 1 + 32767.0/32768
		p.decode = func(v [3]float64) [3]float64 { return [3]float64{most * v[0], most * v[1], most * v[2]} }
	case "Lab ":
		scale := 1.0
		if kind == "mft2" {
			scale = 65535.0 / 65280
		}
		p.decode = func(v [3]float64) [3]float64 {
			lab := [3]float64{100 * scale * v[0], 255*scale*v[1] - 128, 255*scale*v[2] - 128}
			return labToXYZ(lab, d50())
		}
	default:
		return false
	}
	return true
}

// toSRGB takes the numbers of the device to those of sRGB, below 0 and above 1
// where the colour is outside.
func (p *pipeline) toSRGB(device [4]float64) [3]float64 {
	v := p.interpolate(device)
	if p.middle != nil {
		for c := range 3 {
			v[c] = within(p.middle[c](v[c]))
		}
		v = p.matrix.apply(v)
		for c := range 3 {
			v[c] += p.offset[c]
		}
	}
	for c := range 3 {
		v[c] = within(p.out[c](within(v[c])))
	}
	light := p.light.apply(p.decode(v))
	return [3]float64{encodeSRGB(light[0]), encodeSRGB(light[1]), encodeSRGB(light[2])}
}

// interpolate looks up between the points of the grid, linearly along each channel.
func (p *pipeline) interpolate(device [4]float64) [3]float64 {
	var low [4]int
	var part [4]float64
	channels := len(p.grid)
	for c := range channels {
		last := p.grid[c] - 1
		position := within(p.in[c](device[c])) * float64(last)
		low[c] = min(int(position), last-1)
		part[c] = position - float64(low[c])
	}
	var out [3]float64
	for corner := range 1 << channels {
		weight, point := 1.0, 0
		for c := range channels {
			high := corner >> c & 1
			point = point*p.grid[c] + low[c] + high
			if high == 1 {
				weight *= part[c]
			} else {
				weight *= 1 - part[c]
			}
		}
		if weight == 0 {
			continue
		}
		for c := range 3 {
			out[c] += weight * p.sample(3*point+c)
		}
	}
	return out
}

func (p *pipeline) sample(i int) float64 {
	if p.width == 1 {
		return float64(p.samples[i]) / 0xff
	}
	return float64(binary.BigEndian.Uint16(p.samples[2*i:])) / 0xffff
}

// A lattice holds the sRGB of evenly spread numbers of a device with three or four
// channels, for quick looking up between them.
type lattice struct {
	channels int
	nodes    [][3]int32    // in latticeUnits of a code; the last channel runs first
	low      [4][256]int32 // the node below a number, along one channel
	part     [256]uint32   // the way from there to the next, in latticeWay
	step     [4]int32
}

const (
	latticeUnits = 64
	latticeWay   = 1 << 15
)

func newLattice(channels, points int, toSRGB func([4]float64) [3]float64) *lattice {
	l := &lattice{channels: channels}
	size := 1
	for c := channels - 1; c >= 0; c-- {
		l.step[c] = int32(size)
		size *= points
	}
	for code := range 256 {
		position := float64(code) * float64(points-1) / 255
		low := min(int(position), points-2)
		l.part[code] = uint32(math.Round((position - float64(low)) * latticeWay))
		for c := range channels {
			l.low[c][code] = int32(low) * l.step[c]
		}
	}
	l.nodes = make([][3]int32, size)
	for i := range l.nodes {
		var device [4]float64
		for c := range channels {
			device[c] = float64(i/int(l.step[c])%points) / float64(points-1)
		}
		for c, v := range toSRGB(device) {
			if math.IsNaN(v) {
				v = 0
			}
			l.nodes[i][c] = int32(math.Round(255 * latticeUnits * min(max(v, -1), 2)))
		}
	}
	return l
}

// paint takes pixels of four bytes from the device's numbers to sRGB, in place. A
// fourth byte that is no channel stays.
func (l *lattice) paint(pix []byte) {
	var before [4]byte
	var colour [3]byte
	for i := 0; i+3 < len(pix); i += 4 {
		now := [4]byte(pix[i : i+4])
		if l.channels == 3 {
			now[3] = 0
		}
		if i == 0 || now != before { // pictures repeat themselves
			before, colour = now, l.lookUp(now)
		}
		pix[i], pix[i+1], pix[i+2] = colour[0], colour[1], colour[2]
		if l.channels == 4 {
			pix[i+3] = 0xff
		}
	}
}

// lookUp walks from the lowest corner of a cell to the highest, along the channels
// from the one that is farthest in to the one that is least: the interpolation of
// a simplex, which needs five of a cell's sixteen corners. The fourth number is 0
// when it is no channel.
func (l *lattice) lookUp(device [4]byte) [3]byte {
	// A channel's way and, in the lowest two bits, its number.
	p := l.part[device[0]] << 2
	q := l.part[device[1]]<<2 | 1
	r := l.part[device[2]]<<2 | 2
	s := l.part[device[3]]<<2 | 3
	p, q = max(p, q), min(p, q)
	r, s = max(r, s), min(r, s)
	p, r = max(p, r), min(p, r)
	q, s = max(q, s), min(q, s)
	q, r = max(q, r), min(q, r)

	at := l.low[0][device[0]] + l.low[1][device[1]] + l.low[2][device[2]] + l.low[3][device[3]]
	wp, wq, wr, ws := int32(p>>2), int32(q>>2), int32(r>>2), int32(s>>2)
	n := &l.nodes[at]
	w := latticeWay - wp
	red, green, blue := w*n[0], w*n[1], w*n[2]
	at += l.step[p&3]
	n, w = &l.nodes[at], wp-wq
	red, green, blue = red+w*n[0], green+w*n[1], blue+w*n[2]
	at += l.step[q&3]
	n, w = &l.nodes[at], wq-wr
	red, green, blue = red+w*n[0], green+w*n[1], blue+w*n[2]
	at += l.step[r&3]
	n, w = &l.nodes[at], wr-ws
	red, green, blue = red+w*n[0], green+w*n[1], blue+w*n[2]
	at += l.step[s&3]
	n, w = &l.nodes[at], ws
	red, green, blue = red+w*n[0], green+w*n[1], blue+w*n[2]
	return [3]byte{latticeCode(red), latticeCode(green), latticeCode(blue)}
}

func latticeCode(v int32) byte {
	const one = latticeUnits * latticeWay
	return byte(min(max((v+one/2)/one, 0), 255))
}
