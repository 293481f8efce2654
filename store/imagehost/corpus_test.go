package imagehost

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"github.com/gen2brain/avif"
)

// The colours of a test card's quarters, clockwise from the top left.
var (
	black = color.NRGBA{0, 0, 0, 0xff}
	red   = color.NRGBA{0xff, 0, 0, 0xff}
	green = color.NRGBA{0, 0xff, 0, 0xff}
	amber = color.NRGBA{0xff, 0xff, 0, 0xff}
)

// testCard is a picture whose quarters are black, red, amber and green, clockwise
// from the top left, so that every way to turn it looks different.
func testCard(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, quarter(x, y, width, height))
		}
	}
	return img
}

func quarter(x, y, width, height int) color.NRGBA {
	right, low := x >= width/2, y >= height/2
	switch {
	case right && low:
		return amber
	case right:
		return red
	case low:
		return green
	}
	return black
}

// stored returns how a camera stores an upright picture under an orientation: the
// definition in EXIF, written down pixel by pixel.
func stored(upright *image.NRGBA, o int) *image.NRGBA {
	w, h := upright.Rect.Dx(), upright.Rect.Dy()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	if o >= 5 {
		img = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var sx, sy int
			switch o {
			case 1: // row 0 is the top, column 0 the left
				sx, sy = x, y
			case 2: // the top, the right
				sx, sy = w-1-x, y
			case 3: // the bottom, the right
				sx, sy = w-1-x, h-1-y
			case 4: // the bottom, the left
				sx, sy = x, h-1-y
			case 5: // the left, the top
				sx, sy = y, x
			case 6: // the right, the top
				sx, sy = y, w-1-x
			case 7: // the right, the bottom
				sx, sy = h-1-y, w-1-x
			case 8: // the left, the bottom
				sx, sy = h-1-y, x
			}
			img.SetNRGBA(sx, sy, upright.NRGBAAt(x, y))
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withSegment puts a segment behind the start of a JPEG.
func withSegment(jpeg []byte, marker byte, payload string) []byte {
	out := append([]byte{}, jpeg[:2]...)
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(payload)+2))
	out = append(out, payload...)
	return append(out, jpeg[2:]...)
}

// exifBlock is an EXIF block of two entries: a camera's name and an orientation.
func exifBlock(order binary.AppendByteOrder, o int) []byte {
	mark := "II"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM"
	}
	b := order.AppendUint16([]byte(mark), 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)

	b = order.AppendUint16(b, 0x0110)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 4)
	b = append(b, "CAM\x00"...)

	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(o))
	b = order.AppendUint16(b, 0)
	return order.AppendUint32(b, 0)
}

// withProfile puts a colour profile into a JPEG, in as many segments as it needs.
func withProfile(jpeg, profile []byte) []byte {
	const most = 0xffff - 2 - len(iccHeader) - 2
	count := (len(profile) + most - 1) / most
	for i := count - 1; i >= 0; i-- { // each goes before the last
		part := profile[i*most : min((i+1)*most, len(profile))]
		jpeg = withSegment(jpeg, jpegAPP2, iccHeader+string([]byte{byte(i + 1), byte(count)})+string(part))
	}
	return jpeg
}

// pngChunk is one chunk of a PNG.
func pngChunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(out, kind...)
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(png []byte, kind string, data []byte) []byte {
	const header = 8 + 12 + 13
	out := append([]byte{}, png[:header]...)
	out = append(out, pngChunk(kind, data)...)
	return append(out, png[header:]...)
}

func deflated(data []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(data)
	z.Close()
	return out.Bytes()
}

// bombPNG is a whole, valid PNG of one bit a pixel, all black.
func bombPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	return blackPNG(t, width, height, (width+7)/8, 1, 0)
}

// deepBombPNG is one of sixteen bits for each of red, green and blue.
func deepBombPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	return blackPNG(t, width, height, 6*width, 16, 2)
}

// blackPNG is zeros, those that name the rows' filter too. So many are not packed one
// by one: a packed MiB of them is repeated.
func blackPNG(t testing.TB, width, height, rowBytes int, depth, kind byte) []byte {
	t.Helper()
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, depth, kind, 0, 0, 0)
	packed := func(zeros int) []byte {
		var out bytes.Buffer
		z, err := flate.NewWriter(&out, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		z.Write(make([]byte, zeros))
		z.Flush()
		return out.Bytes()
	}
	const much = 1 << 20
	zeros := height * (1 + rowBytes)
	pixels := []byte{0x78, 0x01} // RFC 1950, 2.2
	pixels = append(pixels, bytes.Repeat(packed(much), zeros/much)...)
	pixels = append(pixels, packed(zeros%much)...)
	pixels = append(pixels, 1, 0, 0, 0xff, 0xff)                              // an empty block, the last
	pixels = binary.BigEndian.AppendUint32(pixels, uint32(zeros%65521)<<16|1) // Adler-32
	out := append([]byte(pngSignature), pngChunk("IHDR", header)...)
	out = append(out, pngChunk("IDAT", pixels)...)
	return append(out, pngChunk("IEND", nil)...)
}

// movingPNG is an APNG of two frames of one size, by the APNG specification: the
// first is that which programs show that know nothing of moving.
func movingPNG(t testing.TB, first, second image.Image) []byte {
	t.Helper()
	still, next := asPNG(t, first), asPNG(t, second)
	const header = 8 + 12 + 13
	pixels := func(png []byte) []byte { // all of its IDAT, which is one
		at := bytes.Index(png, []byte("IDAT"))
		return png[at+4 : at+4+int(binary.BigEndian.Uint32(png[at-4:]))]
	}
	control := func(number uint32) []byte {
		b := binary.BigEndian.AppendUint32(nil, number)
		b = append(b, still[16:24]...) // width and height
		return pngChunk("fcTL", append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0))
	}
	out := append([]byte{}, still[:header]...)
	out = append(out, pngChunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0})...)
	out = append(out, control(0)...)
	out = append(out, pngChunk("IDAT", pixels(still))...)
	out = append(out, control(1)...)
	out = append(out, pngChunk("fdAT", append([]byte{0, 0, 0, 2}, pixels(next)...))...)
	return append(out, pngChunk("IEND", nil)...)
}

// profile is a stand-in for a colour profile of so many bytes.
func profile(space string, size int) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(i * 7)
	}
	binary.BigEndian.PutUint32(p, uint32(size))
	copy(p[16:], space)
	copy(p[36:], "acsp")
	return p
}

// bits is written from the lowest bit up.
type bits struct {
	out  []byte
	used int
}

func (b *bits) write(value, count int) {
	for i := range count {
		if b.used%8 == 0 {
			b.out = append(b.out, 0)
		}
		b.out[len(b.out)-1] |= byte(value>>i&1) << (b.used % 8)
		b.used++
	}
}

// losslessChunk encodes a test card, or any picture of its four colours, as the
// chunk of a lossless WebP.
func losslessChunk(img *image.NRGBA) []byte {
	b := &bits{out: []byte{0x2f}, used: 8}
	b.write(img.Rect.Dx()-1, 14)
	b.write(img.Rect.Dy()-1, 14)
	b.write(0, 1)      // opaque
	b.write(0, 3)      // version
	b.write(0, 1)      // no transform
	b.write(0, 1)      // no colour cache
	b.write(0, 1)      // one group of codes
	either := func() { // a code of the two symbols 0 and 255
		b.write(1, 1)
		b.write(1, 1)
		b.write(0, 1)
		b.write(0, 1)
		b.write(255, 8)
	}
	only := func(symbol int) { // a code of one symbol, which takes no bits
		b.write(1, 1)
		b.write(0, 1)
		b.write(1, 1)
		b.write(symbol, 8)
	}
	either()  // green
	either()  // red
	only(0)   // blue
	only(255) // alpha
	only(0)   // distance
	for i := 0; i < len(img.Pix); i += 4 {
		b.write(int(img.Pix[i+1]>>7), 1)
		b.write(int(img.Pix[i]>>7), 1)
	}
	return b.out
}

// lossyChunk is the chunk of a lossy WebP: zeros decode as a plain grey.
func lossyChunk(width, height int) []byte {
	const firstPart = 4096
	tag := firstPart<<5 | 1<<4 // a shown key frame
	out := []byte{byte(tag), byte(tag >> 8), byte(tag >> 16), 0x9d, 0x01, 0x2a}
	out = binary.LittleEndian.AppendUint16(out, uint16(width))
	out = binary.LittleEndian.AppendUint16(out, uint16(height))
	return append(out, make([]byte, 2*firstPart)...)
}

// riff is one chunk of a WebP, padded.
func riff(kind string, data []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data)))
	out = append(out, data...)
	return append(out, make([]byte, len(data)%2)...)
}

func webpFile(chunks ...[]byte) []byte {
	return riff("RIFF", append([]byte("WEBP"), bytes.Join(chunks, nil)...))
}

// extendedWebP is a WebP with the header that further chunks need.
func extendedWebP(flags byte, width, height int, chunks ...[]byte) []byte {
	header := []byte{flags, 0, 0, 0, byte(width - 1), byte((width - 1) >> 8), 0, byte(height - 1), byte((height - 1) >> 8), 0}
	return webpFile(append([][]byte{riff("VP8X", header)}, chunks...)...)
}

// cmykJPEG is a picture of 16 by 16 pixels in one colour, given as ink: 0 is bare
// paper. Like Adobe's, it stores the ink the other way round.
func cmykJPEG(c, m, y, k byte) []byte {
	return fourChannelJPEG([]byte("Adobe\x00\x64\x00\x00\x00\x00\x00"), ^c, ^m, ^y, ^k)
}

// fourChannelJPEG is a picture of 16 by 16 pixels in one colour with these numbers in
// its channels, with or without a mark of Adobe.
func fourChannelJPEG(mark []byte, numbers ...byte) []byte {
	var out bytes.Buffer
	segment := func(marker byte, payload ...byte) {
		out.Write([]byte{0xff, marker})
		binary.Write(&out, binary.BigEndian, uint16(len(payload)+2))
		out.Write(payload)
	}
	out.Write([]byte{0xff, jpegSOI})
	if mark != nil {
		segment(jpegAPP14, mark...)
	}
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)...)
	segment(0xc0, 8, 0, 16, 0, 16, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	// The first table has nine codes of four bits, for the sizes 0 to 8 of a mean's
	// difference; the second one code of one bit, for the end of a block.
	segment(0xc4, append([]byte{0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 1, 2, 3, 4, 5, 6, 7, 8)...)
	segment(0xc4, append([]byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0)...)
	segment(jpegSOS, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)

	var code []byte // a bit each
	put := func(value, count int) {
		for i := count - 1; i >= 0; i-- {
			code = append(code, byte(value>>i&1))
		}
	}
	for block := range 4 {
		for _, number := range numbers {
			difference := 0
			if block == 0 {
				difference = int(number) - 128
			}
			size, rest := 0, max(difference, -difference)
			for ; rest>>size != 0; size++ {
			}
			put(size, 4)
			if difference < 0 {
				difference += 1<<size - 1
			}
			put(difference, size)
			put(0, 1)
		}
	}
	for len(code)%8 != 0 {
		code = append(code, 1)
	}
	for i := 0; i < len(code); i += 8 {
		var b byte
		for _, bit := range code[i : i+8] {
			b = b<<1 | bit
		}
		out.WriteByte(b)
		if b == 0xff {
			out.WriteByte(0)
		}
	}
	out.Write([]byte{0xff, jpegEOI})
	return out.Bytes()
}

// prepare prepares a file that must be taken in.
func prepare(t testing.TB, file []byte) *Prepared {
	t.Helper()
	return prepareBy(t, NewPreparer(1, ""), file)
}

func prepareBy(t testing.TB, p *Preparer, file []byte) *Prepared {
	t.Helper()
	prepared, err := p.Prepare(t.Context(), file)
	if err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	return prepared
}

// makeAVIF makes the AVIF variants of a file that must be taken in.
func makeAVIF(t testing.TB, p *Preparer, file []byte) []Variant {
	t.Helper()
	variants, err := p.AVIF(t.Context(), file)
	if err != nil {
		t.Fatalf("AVIF: %v", err)
	}
	return variants
}

// decodeVariant decodes a JPEG or AVIF that must have the size that it is said to
// have.
func decodeVariant(t testing.TB, v Variant) image.Image {
	t.Helper()
	decode := jpeg.Decode
	if isHEIF(v.File) {
		decode = avif.Decode
	}
	img, err := decode(bytes.NewReader(v.File))
	if err != nil {
		t.Fatalf("decode a variant: %v", err)
	}
	if img.Bounds().Dx() != v.Width || img.Bounds().Dy() != v.Height {
		t.Fatalf("a variant is %v, but says %d x %d", img.Bounds(), v.Width, v.Height)
	}
	return img
}

// looksLike fails unless the pixel is nearly of that colour.
func looksLike(t testing.TB, img image.Image, x, y int, want color.NRGBA) {
	t.Helper()
	const slack = 24
	got := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
	far := func(a, b uint8) bool { return max(a, b)-min(a, b) > slack }
	if far(got.R, want.R) || far(got.G, want.G) || far(got.B, want.B) {
		t.Errorf("pixel %d,%d is %v, want about %v", x, y, got, want)
	}
}

// isTestCard fails unless the picture is an upright test card.
func isTestCard(t testing.TB, img image.Image) {
	t.Helper()
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	for _, at := range []image.Point{{w / 4, h / 4}, {w * 3 / 4, h / 4}, {w / 4, h * 3 / 4}, {w * 3 / 4, h * 3 / 4}} {
		looksLike(t, img, at.X, at.Y, quarter(at.X, at.Y, w, h))
	}
}

func readAll(t testing.TB, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
