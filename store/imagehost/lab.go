package imagehost

import "math"

// Lab returns the CIE L*a*b* (CIE 15) of a colour of sRGB under sRGB's own white,
// D65: L of 0 to 100, a from green to red, b from blue to yellow. Greys have an a
// and a b of 0.
func Lab(r, g, b uint8) (l, a, bb float32) {
	light := [3]float64{decodeSRGB(float64(r) / 255), decodeSRGB(float64(g) / 255), decodeSRGB(float64(b) / 255)}
	m := bt709().toXYZ()
	lab := xyzToLab(m.apply(light), m.apply([3]float64{1, 1, 1}))
	return float32(lab[0]), float32(lab[1]), float32(lab[2])
}

// xyzToLab follows CIE 15, 8.2.1, in which delta is 6/29.
func xyzToLab(v, white [3]float64) [3]float64 {
	const delta = 6.0 / 29
	var f [3]float64
	for i := range 3 {
		f[i] = v[i] / white[i]
		if f[i] > delta*delta*delta {
			f[i] = math.Cbrt(f[i])
		} else {
			f[i] = f[i]/(3*delta*delta) + 4.0/29
		}
	}
	return [3]float64{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

func labToXYZ(lab, white [3]float64) [3]float64 {
	const delta = 6.0 / 29
	y := (lab[0] + 16) / 116
	v := [3]float64{y + lab[1]/500, y, y - lab[2]/200}
	for i := range 3 {
		if v[i] > delta {
			v[i] = v[i] * v[i] * v[i]
		} else {
			v[i] = 3 * delta * delta * (v[i] - 4.0/29)
		}
		v[i] *= white[i]
	}
	return v
}
