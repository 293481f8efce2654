package imagehost

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"runtime"
	"slices"
	"testing"
)

// A tag is one of a profile.
type tag struct {
	name string
	data []byte
}

// iccFile is a profile of at least so many bytes with these tags.
func iccFile(channels, connection string, size int, tags ...tag) []byte {
	p := make([]byte, 128)
	copy(p[12:], "mntr")
	copy(p[16:], channels)
	copy(p[20:], connection)
	copy(p[36:], "acsp")
	copy(p[68:], fixeds(nil, 0.9642, 1, 0.8249)) // D50
	p = binary.BigEndian.AppendUint32(p, uint32(len(tags)))
	offset := len(p) + 12*len(tags)
	var data []byte
	for _, t := range tags {
		p = append(p, t.name...)
		p = binary.BigEndian.AppendUint32(p, uint32(offset+len(data)))
		p = binary.BigEndian.AppendUint32(p, uint32(len(t.data)))
		data = append(data, padded(t.data)...)
	}
	p = append(p, data...)
	p = append(p, make([]byte, max(0, size-len(p)))...)
	binary.BigEndian.PutUint32(p, uint32(len(p)))
	return p
}

func padded(b []byte) []byte { return append(slices.Clone(b), make([]byte, -len(b)&3)...) }

func fixeds(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*(1<<16)))))
	}
	return b
}

func curvTag(values ...uint16) []byte {
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(len(values)))
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func paraTag(kind byte, values ...float64) []byte {
	return fixeds([]byte{'p', 'a', 'r', 'a', 0, 0, 0, 0, 0, kind, 0, 0}, values...)
}

// rgbFile is a profile of one curve and of primaries, red first.
func rgbFile(size int, light []byte, primaries [3][3]float64) []byte {
	var tags []tag
	for i, name := range []string{"r", "g", "b"} {
		tags = append(tags, tag{name + "XYZ", fixeds([]byte("XYZ \x00\x00\x00\x00"), primaries[i][:]...)}, tag{name + "TRC", light})
	}
	return iccFile("RGB ", "XYZ ", size, tags...)
}

// srgbPara is the curve of IEC 61966-2-1.
func srgbPara() []byte { return paraTag(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045) }

// The primaries of the profiles that are in use under these names.
func displayP3(size int) []byte {
	return rgbFile(size, srgbPara(), [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}})
}

func adobeRGBFile() []byte {
	return rgbFile(0, curvTag(0x0233), [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}})
}

func proPhotoFile() []byte {
	return rgbFile(0, curvTag(0x01cd), [3][3]float64{{0.79767, 0.28804, 0}, {0.13519, 0.71188, 0}, {0.03134, 0.00009, 0.82491}})
}

func srgbFile(light []byte) []byte {
	return rgbFile(0, light, [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}})
}

// srgbTable is the curve of IEC 61966-2-1 as 1,024 samples.
func srgbTable() []byte {
	samples := make([]uint16, 1024)
	for i := range samples {
		samples[i] = uint16(math.Round(65535 * wantLight(float64(i)/1023)))
	}
	return curvTag(samples...)
}

// wantLight and wantCode are IEC 61966-2-1, written down for the tests alone.
func wantLight(v float64) float64 {
	if v > 0.04045 {
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return v / 12.92
}

func wantCode(light float64) float64 {
	light = min(max(light, 0), 1)
	if light > 0.0031308 {
		return 255 * (1.055*math.Pow(light, 1/2.4) - 0.055)
	}
	return 255 * 12.92 * light
}

// want takes a colour through a curve and a published matrix to sRGB.
func want(c color.NRGBA, light func(float64) float64, m [3][3]float64) [3]float64 {
	in := [3]float64{light(float64(c.R) / 255), light(float64(c.G) / 255), light(float64(c.B) / 255)}
	var out [3]float64
	for i := range 3 {
		out[i] = wantCode(m[i][0]*in[0] + m[i][1]*in[1] + m[i][2]*in[2])
	}
	return out
}

// From linear Display P3 to linear sRGB: CSS Color 4, its sample code.
func fromP3() [3][3]float64 {
	return [3][3]float64{{1.2249402, -0.2249402, 0}, {-0.0420570, 1.0420570, 0}, {-0.0196376, -0.0786360, 1.0982736}}
}

// From linear Adobe RGB to linear sRGB: brucelindbloom.com, by way of D65.
func fromAdobe() [3][3]float64 {
	return [3][3]float64{{1.3983557, -0.3983557, 0}, {0, 1, 0}, {0, -0.0429293, 1.0429293}}
}

// From linear ProPhoto to linear sRGB: the product of the two matrices under D50 of
// brucelindbloom.com.
func fromProPhoto() [3][3]float64 {
	toXYZ := [3][3]float64{{0.7976749, 0.1351917, 0.0313534}, {0.2880402, 0.7118741, 0.0000857}, {0, 0, 0.8252100}}
	toSRGB := [3][3]float64{{3.1338561, -1.6168667, -0.4906146}, {-0.9787684, 1.9161415, 0.0334540}, {0.0719453, -0.2289914, 1.4052427}}
	var m [3][3]float64
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				m[i][j] += toSRGB[i][k] * toXYZ[k][j]
			}
		}
	}
	return m
}

func gammaOf(g float64) func(float64) float64 {
	return func(v float64) float64 { return math.Pow(v, g) }
}

func same() [3][3]float64 { return [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}} }

func plain(c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := 0; i < len(img.Pix); i += 4 {
		copy(img.Pix[i:], []byte{c.R, c.G, c.B, c.A})
	}
	return img
}

// isColour fails unless the pixel is that colour within the tolerance, in codes.
func isColour(t *testing.T, img image.Image, want [3]float64, tolerance float64) {
	t.Helper()
	c := color.NRGBAModel.Convert(img.At(8, 8)).(color.NRGBA)
	for i, got := range []uint8{c.R, c.G, c.B} {
		if !(math.Abs(float64(got)-want[i]) <= tolerance) {
			t.Errorf("the colour is %v, want %.1f", c, want)
			return
		}
	}
}

// samples are colours of all kinds, some of which sRGB cannot show when they are in
// a wider space.
func samples() []color.NRGBA {
	return []color.NRGBA{
		{0, 0, 0, 255}, {255, 255, 255, 255}, {128, 128, 128, 255}, {12, 12, 12, 255}, {200, 120, 90, 255},
		{40, 90, 160, 255}, {90, 140, 60, 255}, {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {250, 200, 30, 255}, {20, 8, 30, 255},
	}
}

func TestToSRGBFollowsProfiles(t *testing.T) {
	t.Parallel()
	identical := func(c color.NRGBA) [3]float64 { return [3]float64{float64(c.R), float64(c.G), float64(c.B)} }
	by := func(light func(float64) float64, m [3][3]float64) func(color.NRGBA) [3]float64 {
		return func(c color.NRGBA) [3]float64 { return want(c, light, m) }
	}
	bad := profile("RGB ", 600)
	inverted := func(v float64) float64 { return 1 - v }
	for name, test := range map[string]struct {
		profile   []byte
		want      func(color.NRGBA) [3]float64
		tolerance float64
	}{
		"Display P3":      {displayP3(0), by(wantLight, fromP3()), 1.5},
		"Adobe RGB":       {adobeRGBFile(), by(gammaOf(2.19921875), fromAdobe()), 1.5},
		"ProPhoto":        {proPhotoFile(), by(gammaOf(461.0/256), fromProPhoto()), 1.5},
		"sRGB by formula": {srgbFile(srgbPara()), identical, 0},
		"sRGB by table":   {srgbFile(srgbTable()), identical, 0},
		"gamma of 2.2":    {srgbFile(paraTag(0, 2.2)), by(gammaOf(2.2), same()), 1.5},
		"linear":          {srgbFile(curvTag()), by(gammaOf(1), same()), 1.5},
		"upside down":     {srgbFile(curvTag(0xffff, 0)), by(inverted, same()), 1.5},
		"para 1": {srgbFile(paraTag(1, 2, 1.25, -0.25)), by(func(v float64) float64 {
			return math.Pow(max(0, 1.25*v-0.25), 2)
		}, same()), 1.5},
		"para 2": {srgbFile(paraTag(2, 2, 1, -0.25, 0.1)), by(func(v float64) float64 {
			return math.Pow(max(0, v-0.25), 2) + 0.1
		}, same()), 1.5},
		"para 4": {srgbFile(paraTag(4, 2, 0.9, 0, 0.5, 0.3, 0.1, 0.05)), by(func(v float64) float64 {
			if v < 0.3 {
				return 0.5*v + 0.05
			}
			return 0.81*v*v + 0.1
		}, same()), 1.5},
		"bytes behind":     {append(displayP3(0), 1, 2, 3), by(wantLight, fromP3()), 1.5},
		"none":             {nil, identical, 0},
		"nonsense":         {bad, identical, 0},
		"cut":              {displayP3(0)[:300], identical, 0},
		"too large":        {displayP3(maxProfile + 1), identical, 0},
		"inks":             {inkProfile("mft2", "Lab "), identical, 0},
		"a white of green": {rgbFile(0, srgbPara(), [3][3]float64{{0.1, 0.2, 0}, {0.3, 0.9, 0.1}, {0.1, 0, 0.2}}), identical, 0},
		"a gamma of 0":     {srgbFile(curvTag(0)), identical, 0},
		"a table too long": {srgbFile([]byte("curv\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00")), identical, 0},
		"para 5":           {srgbFile(paraTag(5, 2, 1, 1, 1, 1, 1, 1)), identical, 0},
		"a short para":     {srgbFile(paraTag(4, 2)), identical, 0},
		"grey":             {greyFile(curvTag(0x01cd), "XYZ "), identical, 0}, // the picture has colours
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := profileSpace(test.profile)
			for _, c := range samples() {
				img := plain(c)
				if s != nil && s.grey {
					img.Pix[0] ^= 0xff
				}
				s.toSRGB(img)
				isColour(t, img, test.want(c), test.tolerance)
			}
		})
	}
}

func TestToSRGBLeavesAlpha(t *testing.T) {
	t.Parallel()
	for name, profile := range map[string][]byte{"matrix": displayP3(0), "curves": srgbFile(curvTag()), "table": lutFile("mft2", "Lab ", 3, rgbCorner)} {
		img := plain(color.NRGBA{200, 100, 50, 77})
		profileSpace(profile).toSRGB(img)
		if got := img.NRGBAAt(3, 3); got.A != 77 || got.R == 200 && got.G == 100 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func greyFile(light []byte, connection string) []byte {
	return iccFile("GRAY", connection, 0, tag{"kTRC", light})
}

func TestToSRGBFollowsGreys(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		for name, test := range map[string]struct {
			profile []byte
			want    float64 // of 100
		}{
			"gamma 1.8":  {greyFile(curvTag(0x01cd), "XYZ "), wantCode(math.Pow(100.0/255, 461.0/256))},
			"linear":     {greyFile(curvTag(), "XYZ "), wantCode(100.0 / 255)},
			"by L*":      {greyFile(curvTag(), "Lab "), 92.3}, // L* 39.216 is Y 0.1078
			"sRGB":       {greyFile(srgbPara(), "XYZ "), 100},
			"no curve":   {iccFile("GRAY", "XYZ ", 0), 100},
			"a gamma, 0": {greyFile(curvTag(0), "XYZ "), 100},
		} {
			img := plain(color.NRGBA{100, 100, 100, 255})
			profileSpace(test.profile).toSRGB(img)
			isColour(t, img, [3]float64{test.want, test.want, test.want}, 1)
			grey := &image.Gray{Pix: bytes.Repeat([]byte{100}, 16*16), Stride: 16, Rect: image.Rect(0, 0, 16, 16)}
			variant := decodeVariant(t, prepareBy(t, preparer, withProfile(asJPEG(t, grey), test.profile)).Variants[0])
			isColour(t, variant, [3]float64{test.want, test.want, test.want}, 2)
			if t.Failed() {
				t.Fatal(name)
			}
		}
	})
}

// The spaces of whole files, taken by Prepare.
func TestPrepareFollowsColours(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		c := color.NRGBA{190, 120, 90, 255}
		dark := color.NRGBA{20, 30, 25, 255}
		jpegOf, pngOf := asJPEG(t, plain(c)), asPNG(t, plain(c))
		deep := image.NewNRGBA64(image.Rect(0, 0, 16, 16))
		opaque := image.NewRGBA64(deep.Rect)
		grey := image.NewGray16(deep.Rect)
		linear := image.NewRGBA64(deep.Rect)
		sixteen := func(light float64) uint16 { return uint16(math.Round(light * 65535)) }
		for y := range 16 {
			for x := range 16 {
				deep.SetNRGBA64(x, y, color.NRGBA64{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257, 0xffff})
				opaque.SetRGBA64(x, y, color.RGBA64{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257, 0xffff})
				grey.SetGray16(x, y, color.Gray16{sixteen(wantLight(20.0 / 255))})
				linear.SetRGBA64(x, y, color.RGBA64{sixteen(wantLight(20.0 / 255)), sixteen(wantLight(30.0 / 255)), sixteen(wantLight(25.0 / 255)), 0xffff})
			}
		}
		deep.SetNRGBA64(0, 0, color.NRGBA64{}) // so that it is stored with alpha
		gamma := func(g uint32) []byte { return binary.BigEndian.AppendUint32(nil, g) }
		chrm := func(values ...uint32) (b []byte) {
			for _, v := range values {
				b = binary.BigEndian.AppendUint32(b, v)
			}
			return b
		}
		p3Primaries := chrm(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
		iccp := func(p []byte) []byte { return append([]byte("name\x00\x00"), deflated(p)...) }
		identical := [3]float64{190, 120, 90}
		p3, adobe := want(c, wantLight, fromP3()), want(c, gammaOf(2.19921875), fromAdobe())
		// From linear BT.2020 to linear sRGB: ITU-R BT.2407.
		from2020 := [3][3]float64{{1.6605, -0.5876, -0.0728}, {-0.1246, 1.1329, -0.0083}, {-0.0182, -0.1006, 1.1187}}
		for name, test := range map[string]struct {
			file []byte
			want [3]float64
		}{
			"P3 jpeg":                {withProfile(jpegOf, displayP3(0)), p3},
			"P3 jpeg in parts":       {withProfile(jpegOf, displayP3(150_000)), p3},
			"Adobe RGB jpeg":         {withProfile(jpegOf, adobeRGBFile()), adobe},
			"ProPhoto jpeg":          {withProfile(jpegOf, proPhotoFile()), want(c, gammaOf(461.0/256), fromProPhoto())},
			"Adobe RGB by EXIF":      {withSegment(jpegOf, jpegAPP1, exifHeader+string(dcfBlock(0xffff, "R03\x00"))), adobe},
			"sRGB by EXIF":           {withSegment(jpegOf, jpegAPP1, exifHeader+string(dcfBlock(1, "R98\x00"))), identical},
			"uncalibrated":           {withSegment(jpegOf, jpegAPP1, exifHeader+string(dcfBlock(0xffff, "R98\x00"))), identical},
			"a profile before EXIF":  {withSegment(withProfile(jpegOf, displayP3(0)), jpegAPP1, exifHeader+string(dcfBlock(0xffff, "R03\x00"))), p3},
			"P3 png":                 {withChunk(pngOf, "iCCP", iccp(displayP3(0))), p3},
			"P3 png, 16 bits":        {withChunk(asPNG(t, opaque), "iCCP", iccp(displayP3(0))), p3},
			"P3 png, 16 bits, alpha": {withChunk(asPNG(t, deep), "iCCP", iccp(displayP3(0))), p3},
			"linear, 16 bits":        {withChunk(asPNG(t, linear), "gAMA", gamma(100_000)), [3]float64{20, 30, 25}},
			"linear grey, 16 bits":   {withChunk(asPNG(t, grey), "gAMA", gamma(100_000)), [3]float64{20, 20, 20}},
			"linear by a profile":    {withChunk(asPNG(t, linear), "iCCP", iccp(srgbFile(curvTag()))), [3]float64{20, 30, 25}},
			"linear P3, 16 bits": {withChunk(withChunk(asPNG(t, linear), "gAMA", gamma(100_000)), "cHRM", p3Primaries),
				want(dark, wantLight, fromP3())},
			"linear, 8 bits":       {withChunk(pngOf, "gAMA", gamma(100_000)), want(c, gammaOf(1), same())},
			"gAMA of 1.8":          {withChunk(pngOf, "gAMA", gamma(55_556)), want(c, gammaOf(1.8), same())},
			"gAMA of sRGB":         {withChunk(asPNG(t, plain(dark)), "gAMA", gamma(45_455)), [3]float64{20, 30, 25}},
			"cHRM alone":           {withChunk(pngOf, "cHRM", p3Primaries), p3},
			"cHRM of zeros":        {withChunk(pngOf, "cHRM", make([]byte, 32)), identical},
			"gAMA of zero":         {withChunk(pngOf, "gAMA", gamma(0)), identical},
			"sRGB before gAMA":     {withChunk(withChunk(pngOf, "gAMA", gamma(100_000)), "sRGB", []byte{0}), identical},
			"iCCP before sRGB":     {withChunk(withChunk(pngOf, "iCCP", iccp(displayP3(0))), "sRGB", []byte{0}), p3},
			"a broken iCCP":        {withChunk(withChunk(pngOf, "iCCP", []byte("x")), "gAMA", gamma(55_556)), want(c, gammaOf(1.8), same())},
			"cICP of P3":           {withChunk(pngOf, "cICP", []byte{12, 13, 0, 1}), p3},
			"cICP of sRGB, iCCP":   {withChunk(withChunk(pngOf, "iCCP", iccp(displayP3(0))), "cICP", []byte{1, 13, 0, 1}), identical},
			"cICP of linear 2020":  {withChunk(pngOf, "cICP", []byte{9, 8, 0, 1}), want(c, gammaOf(1), from2020)},
			"cICP of PQ, iCCP":     {withChunk(withChunk(pngOf, "iCCP", iccp(displayP3(0))), "cICP", []byte{9, 16, 0, 1}), p3},
			"cICP of narrow range": {withChunk(pngOf, "cICP", []byte{12, 13, 0, 0}), identical},
			"grey in colours":      {withChunk(asPNG(t, halves(c)), "iCCP", iccp(greyFile(curvTag(0x01cd), "XYZ "))), identical},
			"a grey png by gAMA":   {withChunk(asPNG(t, &image.Gray{Pix: bytes.Repeat([]byte{100}, 256), Stride: 16, Rect: deep.Rect}), "gAMA", gamma(100_000)), greyOf(wantCode(100.0 / 255))},
			"webp":                 {extendedWebP(1<<5, 60, 40, riff("ICCP", srgbFile(curvTag(0x8000, 0x8000))), riff("VP8L", losslessChunk(testCard(60, 40)))), greyOf(wantCode(0.5))},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				isColour(t, decodeVariant(t, prepareBy(t, preparer, test.file).Variants[0]), test.want, 3)
			})
		}
	})
}

func greyOf(v float64) [3]float64 { return [3]float64{v, v, v} }

// halves is one colour above another that is not grey.
func halves(c color.NRGBA) *image.NRGBA {
	img := plain(c)
	for x := range 16 {
		img.SetNRGBA(x, 0, color.NRGBA{10, 200, 30, 255})
	}
	return img
}

// dcfBlock is an EXIF block with a colour space and an index of interoperability.
func dcfBlock(space uint16, index string) []byte {
	order := binary.BigEndian
	entry := func(b []byte, tag, kind uint16, count uint32, value []byte) []byte {
		b = order.AppendUint16(b, 1)
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		b = append(b, value...)
		return order.AppendUint32(b, 0)
	}
	b := append([]byte("MM\x00*"), 0, 0, 0, 8)
	b = entry(b, 0x8769, 4, 1, order.AppendUint32(nil, 26))
	b = order.AppendUint16(b, 2) // the directory of EXIF, at 26
	b = order.AppendUint16(b, 0xa001)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, space)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint16(b, 0xa005)
	b = order.AppendUint16(b, 4)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint32(b, 56)
	b = order.AppendUint32(b, 0)
	return entry(b, 1, 2, 4, []byte(index)) // at 56
}

// corner is the colour of a table at a corner of the device's numbers: Lab under
// D50, or XYZ.
type corner func(high [4]bool, connection string) [3]float64

// inkCorner prints the primaries of sRGB with full inks. Their Lab under D50 is that
// of brucelindbloom.com; the black has L* 0.
func inkCorner(high [4]bool, connection string) [3]float64 {
	if high[3] {
		return [3]float64{}
	}
	return rgbCorner([4]bool{!high[0], !high[1], !high[2]}, connection)
}

func rgbCorner(high [4]bool, connection string) [3]float64 {
	bits := 0
	for i := range 3 {
		if high[i] {
			bits |= 1 << i
		}
	}
	if connection == "XYZ " { // the columns of brucelindbloom.com's matrix for sRGB under D50
		var sum [3]float64
		for i, primary := range [3][3]float64{{0.4360747, 0.2225045, 0.0139322}, {0.3850649, 0.7168786, 0.0971045}, {0.1430804, 0.0606169, 0.7141733}} {
			if high[i] {
				for c := range 3 {
					sum[c] += primary[c]
				}
			}
		}
		return sum
	}
	return [8][3]float64{
		{0, 0, 0}, {54.29, 80.81, 69.89}, {87.82, -79.27, 80.99}, {97.61, -15.75, 93.39},
		{29.57, 68.30, -112.03}, {60.17, 93.54, -60.50}, {90.67, -50.67, -14.96}, {100, 0, 0},
	}[bits]
}

func inkProfile(kind, connection string) []byte { return lutFile(kind, connection, 4, inkCorner) }

// lutFile is a profile with a table of two points for each channel.
func lutFile(kind, connection string, channels int, at corner) []byte {
	sample := func(b []byte, v float64) []byte {
		if kind == "mft1" {
			return append(b, byte(math.Round(255*v)))
		}
		return binary.BigEndian.AppendUint16(b, uint16(math.Round(65535*v)))
	}
	var grid []byte
	for i := range 1 << channels {
		var high [4]bool
		for c := range channels {
			high[c] = i>>(channels-1-c)&1 == 1
		}
		v := at(high, connection)
		switch {
		case connection == "XYZ ":
			v = [3]float64{v[0] * 32768 / 65535, v[1] * 32768 / 65535, v[2] * 32768 / 65535}
		case kind == "mft2":
			v = [3]float64{v[0] / 100 * 65280 / 65535, (v[1] + 128) * 256 / 65535, (v[2] + 128) * 256 / 65535}
		default:
			v = [3]float64{v[0] / 100, (v[1] + 128) / 255, (v[2] + 128) / 255}
		}
		for _, n := range v {
			grid = sample(grid, n)
		}
	}
	b := append([]byte(kind), 0, 0, 0, 0, byte(channels), 3, 2, 0)
	switch kind {
	case "mft1":
		b = fixeds(b, 1, 0, 0, 0, 1, 0, 0, 0, 1)
		ramp := make([]byte, 256)
		for i := range ramp {
			ramp[i] = byte(i)
		}
		b = append(b, bytes.Repeat(ramp, channels)...)
		b = append(b, grid...)
		b = append(b, bytes.Repeat(ramp, 3)...)
	case "mft2":
		b = fixeds(b, 1, 0, 0, 0, 1, 0, 0, 0, 1)
		b = append(b, 0, 2, 0, 2)
		b = append(b, bytes.Repeat([]byte{0, 0, 0xff, 0xff}, channels)...)
		b = append(b, grid...)
		b = append(b, bytes.Repeat([]byte{0, 0, 0xff, 0xff}, 3)...)
	case "mAB ":
		b[10] = 0
		// The curves B at 32, the matrix at 68, the curves M at 116, A at 152, the
		// grid behind them.
		for _, offset := range []uint32{32, 68, 116, uint32(152 + 16*channels), 152} {
			b = binary.BigEndian.AppendUint32(b, offset)
		}
		b = append(b, bytes.Repeat(curvTag(), 3)...)
		b = fixeds(b, 2, 0, 0, 0, 2, 0, 0, 0, 2, -0.5, -0.5, -0.5)
		b = append(b, bytes.Repeat(curvTag(), 3)...)
		for range channels {
			b = append(b, padded(curvTag(0, 0xffff))...)
		}
		for i := 0; i < len(grid); i += 2 {
			undone := (float64(binary.BigEndian.Uint16(grid[i:]))/65535 + 0.5) / 2
			binary.BigEndian.PutUint16(grid[i:], uint16(math.Round(65535*undone)))
		}
		b = append(b, bytes.Repeat([]byte{2}, channels)...)
		b = append(b, make([]byte, 16-channels)...)
		b = append(b, 2, 0, 0, 0)
		b = append(b, grid...)
	}
	space := "CMYK"
	if channels == 3 {
		space = "RGB "
	}
	return iccFile(space, connection, 0, tag{"A2B0", b})
}

func TestTablesLeadToSRGB(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"mft1", "mft2", "mAB "} {
		for _, connection := range []string{"Lab ", "XYZ "} {
			t.Run(kind+connection, func(t *testing.T) {
				t.Parallel()
				tolerance := 2.0 // the published Lab has two decimals
				if kind == "mft1" {
					tolerance = 20 // eight bits of Lab or of X, Y and Z are coarse near 0
				}
				inks, light := inkProfile(kind, connection), profileSpace(lutFile(kind, connection, 3, rgbCorner))
				for bits := range 16 {
					var ink [4]byte
					expected := [3]float64{255, 255, 255}
					for i := range 4 {
						if bits>>i&1 == 1 {
							ink[i] = 0xff
							if i < 3 {
								expected[i] = 0
							}
						}
					}
					if ink[3] == 0xff {
						expected = [3]float64{}
					}
					isColour(t, cmykToNRGBA(plainInk(ink), inks), expected, tolerance)
					if bits == 6 || bits == 9 { // every file takes a table of its own
						isColour(t, decodeVariant(t, prepare(t, withProfile(cmykJPEG(ink[0], ink[1], ink[2], ink[3]), inks)).Variants[0]), expected, tolerance+2)
					}
					if ink[3] == 0 {
						img := plain(color.NRGBA{0xff - ink[0], 0xff - ink[1], 0xff - ink[2], 0xff})
						light.toSRGB(img)
						isColour(t, img, expected, tolerance)
					}
				}
				// Half of black: L* of 49.8, or half of the light, in the middle of a
				// cell of the table.
				half := greyOf(118.4)
				if connection == "XYZ " {
					half = greyOf(wantCode(127.0 / 255))
				}
				isColour(t, cmykToNRGBA(plainInk([4]byte{0, 0, 0, 128}), inks), half, 2)
			})
		}
	}
}

func plainInk(ink [4]byte) *image.CMYK {
	return &image.CMYK{Pix: bytes.Repeat(ink[:], 256), Stride: 64, Rect: image.Rect(0, 0, 16, 16)}
}

// The table is met along its axes and between them as closely as eight bits can tell.
func TestLatticeLooksUpBetween(t *testing.T) {
	t.Parallel()
	l := newLattice(4, 17, func(d [4]float64) [3]float64 {
		return [3]float64{d[0]/2 + d[3]/4, d[1]*0.9 + d[2]*0.1, 1.5*d[2] - 0.25}
	})
	for i := range 4096 {
		d := [4]byte{byte(i), byte(i * 7), byte(i * 31 >> 2), byte(i >> 4)}
		expected := [3]float64{float64(d[0])/2 + float64(d[3])/4, float64(d[1])*0.9 + float64(d[2])*0.1, min(max(1.5*float64(d[2])-63.75, 0), 255)}
		got := l.lookUp(d)
		for c := range 3 {
			if math.Abs(float64(got[c])-expected[c]) > 0.51 {
				t.Fatalf("%v is %v, want %v", d, got, expected)
			}
		}
	}
}

// Inks in a JPEG mean the same with the mark of Adobe, which turns them round, in
// either of its two transforms, and without.
func TestPrepareReadsInks(t *testing.T) {
	t.Parallel()
	adobe := func(transform byte) []byte { return []byte("Adobe\x00\x64\x00\x00\x00\x00" + string(transform)) }
	magenta := [3]float64{236, 0, 140}
	// The transform is that of the numbers the other way round (libjpeg's jccolor.c,
	// cmyk_ycck_convert), so that with Adobe's it is that of the inks.
	y, cb, cr := color.RGBToYCbCr(0, 0xff, 0)
	for name, test := range map[string]struct {
		file []byte
		want [3]float64
	}{
		"paper, Adobe":    {fourChannelJPEG(adobe(0), 255, 255, 255, 255), greyOf(255)},
		"magenta, Adobe":  {fourChannelJPEG(adobe(0), 255, 0, 255, 255), magenta},
		"magenta, YCCK":   {fourChannelJPEG(adobe(2), y, cb, cr, 255), magenta},
		"paper, plain":    {fourChannelJPEG(nil, 0, 0, 0, 0), greyOf(255)},
		"magenta, plain":  {fourChannelJPEG(nil, 0, 255, 0, 0), magenta},
		"black, plain":    {fourChannelJPEG(nil, 0, 0, 0, 255), [3]float64{35, 31, 32}},
		"a short mark":    {fourChannelJPEG([]byte("Adobe\x00"), 0, 255, 0, 0), magenta},
		"an RGB profile":  {withProfile(fourChannelJPEG(nil, 0, 255, 0, 0), displayP3(0)), magenta},
		"plain, profile":  {withProfile(fourChannelJPEG(nil, 0, 255, 255, 0), inkProfile("mft2", "Lab ")), [3]float64{255, 0, 0}},
		"Adobe, profile":  {withProfile(fourChannelJPEG(adobe(0), 255, 0, 0, 255), inkProfile("mft2", "Lab ")), [3]float64{255, 0, 0}},
		"a cut profile":   {withProfile(fourChannelJPEG(nil, 0, 255, 0, 0), inkProfile("mft2", "Lab ")[:300]), magenta},
		"a hollow one":    {withProfile(fourChannelJPEG(nil, 0, 255, 0, 0), iccFile("CMYK", "Lab ", 0)), magenta},
		"an unknown kind": {withProfile(fourChannelJPEG(nil, 0, 255, 0, 0), iccFile("CMYK", "Lab ", 0, tag{"A2B0", make([]byte, 64)})), magenta},
		"a table for RGB": {withProfile(fourChannelJPEG(nil, 0, 255, 0, 0), iccFile("CMYK", "Lab ", 0, tag{"A2B0", lutFile("mft2", "Lab ", 3, rgbCorner)[144:]})), magenta},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isColour(t, decodeVariant(t, prepare(t, test.file).Variants[0]), test.want, 4)
		})
	}
}

// The guess without a profile, against what drawing programs show in sRGB for their
// swatches in SWOP.
func TestCoatedPaper(t *testing.T) {
	t.Parallel()
	var sum float64
	count := 0
	for _, s := range []struct {
		c, m, y, k float64
		want       [3]float64
	}{
		{0, 0, 0, 50, [3]float64{147, 149, 152}}, {0, 50, 100, 0, [3]float64{247, 148, 29}}, {0, 35, 85, 0, [3]float64{251, 176, 64}},
		{5, 0, 90, 0, [3]float64{249, 237, 50}}, {20, 0, 100, 0, [3]float64{215, 223, 35}}, {50, 0, 100, 0, [3]float64{141, 198, 63}},
		{75, 0, 75, 0, [3]float64{43, 182, 115}}, {80, 10, 45, 0, [3]float64{0, 167, 157}}, {70, 15, 0, 0, [3]float64{39, 170, 225}},
		{85, 50, 0, 0, [3]float64{28, 117, 188}}, {100, 95, 5, 0, [3]float64{43, 57, 144}}, {75, 100, 0, 0, [3]float64{102, 45, 145}},
		{50, 100, 0, 0, [3]float64{146, 39, 143}}, {0, 95, 20, 0, [3]float64{238, 42, 123}}, {25, 40, 65, 0, [3]float64{196, 154, 108}},
		{40, 65, 90, 35, [3]float64{117, 76, 41}}, {35, 60, 80, 25, [3]float64{139, 94, 60}}, {15, 100, 90, 10, [3]float64{190, 30, 45}},
		{40, 70, 100, 50, [3]float64{96, 57, 19}}, {50, 50, 60, 25, [3]float64{114, 102, 88}},
	} {
		got := coatedPaper([4]float64{s.c / 100, s.m / 100, s.y / 100, s.k / 100})
		for i := range 3 {
			off := math.Abs(255*got[i] - s.want[i])
			if off > 40 {
				t.Errorf("%v %v %v %v is %.0f, want %v", s.c, s.m, s.y, s.k, [3]float64{255 * got[0], 255 * got[1], 255 * got[2]}, s.want)
				break
			}
			sum += off
			count++
		}
	}
	if mean := sum / float64(count); mean > 10 {
		t.Errorf("the mean distance is %.1f", mean)
	}
}

// Pictures of inks and of sixteen bits change in the memory that they have.
func TestWidePicturesTakeNoSecondBuffer(t *testing.T) {
	const pixels = 4 << 20
	cmyk := image.NewCMYK(image.Rect(0, 0, 2048, 2048))
	deep := image.NewNRGBA64(cmyk.Rect)
	s := profileSpace(displayP3(0))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cmykToNRGBA(cmyk, nil)
	s.eightBits(deep)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > pixels/2 {
		t.Errorf("they took %d bytes", allocated)
	}
}

// FuzzProfile feeds profiles to all that reads them. A table is looked up at its
// corners and in between, but no lattice is made of it, which would take all the time.
func FuzzProfile(f *testing.F) {
	for _, p := range [][]byte{
		displayP3(0), adobeRGBFile(), srgbFile(srgbTable()), srgbFile(curvTag()), greyFile(curvTag(0x01cd), "Lab "),
		srgbFile(paraTag(1, 2, 1.25, -0.25)), srgbFile(paraTag(4, 2, 0.9, 0, 0.5, 0.3, 0.1, 0.05)),
		inkProfile("mft1", "Lab "), inkProfile("mft2", "XYZ "), inkProfile("mAB ", "Lab "), lutFile("mAB ", "XYZ ", 3, rgbCorner),
		profile("RGB ", 200), nil,
	} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, profile []byte) {
		p := openProfile(profile)
		if p == nil {
			return
		}
		matrixed, _ := p.matrixSpace()
		for _, s := range []*space{matrixed, p.greySpace()} {
			img := plain(color.NRGBA{200, 100, 50, 77})
			s.toSRGB(img)
			if img.Pix[3] != 77 {
				t.Errorf("alpha is %d", img.Pix[3])
			}
		}
		for channels := 3; channels <= 4; channels++ {
			pipe := p.pipeline(channels)
			if pipe == nil {
				continue
			}
			for i := range 81 {
				device := [4]float64{float64(i%3) / 2, float64(i/3%3) / 2, float64(i/9%3) / 2, float64(i/27) / 2}
				for _, v := range pipe.toSRGB(device) {
					if math.IsNaN(v) || math.Abs(v) > 100 {
						t.Fatalf("%v leads to %v", device, v)
					}
				}
			}
		}
	})
}

func photograph(width, height int) *image.NRGBA {
	from := noise(width, height)
	img := image.NewNRGBA(from.Rect)
	for y := range height {
		for x := range width {
			img.Set(x, y, from.At(x, y))
		}
	}
	return img
}

func BenchmarkToSRGB(b *testing.B) {
	for name, profile := range map[string][]byte{"matrix": displayP3(0), "grey": srgbFile(curvTag()), "table": lutFile("mft2", "Lab ", 3, rgbCorner), "sRGB": srgbFile(srgbTable())} {
		b.Run(name, func(b *testing.B) {
			img := photograph(2560, 1707)
			for b.Loop() {
				profileSpace(profile).toSRGB(img)
			}
		})
	}
}

func BenchmarkCMYKToNRGBA(b *testing.B) {
	for name, profile := range map[string][]byte{"coated paper": nil, "profile": inkProfile("mft2", "Lab ")} {
		b.Run(name+" 50 MP", func(b *testing.B) {
			img := image.NewCMYK(image.Rect(0, 0, 10_000, 5_000))
			random := photograph(1000, 500)
			for b.Loop() {
				b.StopTimer()
				for at := 0; at < len(img.Pix); {
					at += copy(img.Pix[at:], random.Pix)
				}
				b.StartTimer()
				cmykToNRGBA(img, profile)
			}
		})
	}
}

func BenchmarkNewLattice(b *testing.B) {
	for name, profile := range map[string][]byte{"table": inkProfile("mft2", "Lab "), "new table": inkProfile("mAB ", "Lab ")} {
		b.Run(name, func(b *testing.B) {
			pipe := openProfile(profile).pipeline(4)
			for b.Loop() {
				newLattice(4, 17, pipe.toSRGB)
			}
		})
	}
	b.Run("coated paper", func(b *testing.B) {
		for b.Loop() {
			newLattice(4, 17, coatedPaper)
		}
	})
}

func BenchmarkEightBits(b *testing.B) {
	b.Run("50 MP", func(b *testing.B) {
		s := profileSpace(displayP3(0))
		pix := make([]byte, 400_000_000)
		for b.Loop() {
			s.eightBits(&image.NRGBA64{Pix: pix, Stride: 80_000, Rect: image.Rect(0, 0, 10_000, 5_000)})
		}
	})
}
