package imagehost

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		width, height int
		want          []Size
	}{
		{1, 1, []Size{{320, 1, 1}}},
		{200, 100, []Size{{320, 200, 100}}},
		{320, 100, []Size{{320, 320, 100}}},
		{321, 100, []Size{{320, 320, 100}, {640, 321, 100}}},
		{960, 480, []Size{{320, 320, 160}, {640, 640, 320}, {960, 960, 480}}},
		{2560, 1000, []Size{{320, 320, 125}, {640, 640, 250}, {960, 960, 375}, {1280, 1280, 500}, {1920, 1920, 750}, {2560, 2560, 1000}}},
		{6000, 4000, []Size{{320, 320, 213}, {640, 640, 427}, {960, 960, 640}, {1280, 1280, 853}, {1920, 1920, 1280}, {2560, 2560, 1707}}},
		{30000, 1, []Size{{320, 320, 1}, {640, 640, 1}, {960, 960, 1}, {1280, 1280, 1}, {1920, 1920, 1}, {2560, 2560, 1}}},
	} {
		if got := Sizes(test.width, test.height); !slices.Equal(got, test.want) {
			t.Errorf("Sizes(%d, %d) = %v, want %v", test.width, test.height, got, test.want)
		}
	}
}

func TestPrepareMakesEverySize(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		file := asJPEG(t, testCard(2600, 700))
		p := prepareBy(t, preparer, file)
		if p.Width != 2600 || p.Height != 700 || p.ContentType != "image/jpeg" || !bytes.Equal(p.Original, file) {
			t.Errorf("prepared %d x %d %s, %d bytes of original", p.Width, p.Height, p.ContentType, len(p.Original))
		}
		sizes := Sizes(2600, 700)
		if len(p.Variants) != len(sizes) {
			t.Fatalf("%d variants, want %d", len(p.Variants), len(sizes))
		}
		for i, v := range p.Variants {
			if v.Width != sizes[i].Width || v.Height != sizes[i].Height {
				t.Errorf("variant %d is %d x %d, want %v", i, v.Width, v.Height, sizes[i])
			}
			isTestCard(t, decodeVariant(t, v))
		}
		var mean color.NRGBA
		if _, err := fmt.Sscanf(p.Ground, "#%02x%02x%02x", &mean.R, &mean.G, &mean.B); err != nil {
			t.Fatalf("ground %q: %v", p.Ground, err)
		}
		ground := image.NewNRGBA(image.Rect(0, 0, 1, 1))
		ground.Set(0, 0, color.NRGBA{mean.R, mean.G, mean.B, 0xff})
		looksLike(t, ground, 0, 0, color.NRGBA{128, 128, 0, 0xff})
		if len(p.Palette) < 4 || p.Palette[0].Share < 0.24 || p.Palette[0].Share > 0.26 {
			t.Errorf("the palette of four colours is %v", p.Palette)
		}
		if len(p.Findings) != 0 {
			t.Errorf("it is said to have %v", p.Findings)
		}
		tilted := prepareBy(t, preparer, asJPEG(t, paint(480, 4, hung(240, 160, 215)))) // 640 pixels wide
		if want := []Finding{TooSmall, Tilted(4)}; !slices.Equal(tilted.Findings, want) {
			t.Errorf("a small, tilted one is said to have %v, want %v", tilted.Findings, want)
		}
	})
}

func TestPrepareTurnsUpright(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		// Small pictures keep their size, larger ones are shrunk before they are
		// turned.
		sizes := []image.Point{{60, 40}, {700, 300}, {300, 700}}
		if preparer.vips != nil {
			sizes = sizes[1:2] // each is a process
		}
		for _, size := range sizes {
			card := testCard(size.X, size.Y)
			for o := 1; o <= 8; o++ {
				turned := stored(card, o)
				files := map[string][]byte{
					"jpeg":  withSegment(asJPEG(t, turned), jpegAPP1, exifHeader+string(exifBlock(binary.LittleEndian, o))),
					"motor": withSegment(asJPEG(t, turned), jpegAPP1, exifHeader+string(exifBlock(binary.BigEndian, o))),
					"png":   withChunk(asPNG(t, turned), "eXIf", exifBlock(binary.BigEndian, o)),
					"webp": extendedWebP(1<<3, turned.Rect.Dx(), turned.Rect.Dy(),
						riff("VP8L", losslessChunk(turned)), riff("EXIF", exifBlock(binary.LittleEndian, o))),
					"prefixed webp": extendedWebP(1<<3, turned.Rect.Dx(), turned.Rect.Dy(),
						riff("VP8L", losslessChunk(turned)), riff("EXIF", append([]byte(exifHeader), exifBlock(binary.LittleEndian, o)...))),
				}
				for name, file := range files {
					t.Run(fmt.Sprintf("%s %v %d", name, size, o), func(t *testing.T) {
						t.Parallel()
						p := prepareBy(t, preparer, file)
						if p.Width != size.X || p.Height != size.Y {
							t.Errorf("upright %d x %d, want %v", p.Width, p.Height, size)
						}
						for i, v := range p.Variants {
							want := Sizes(size.X, size.Y)[i]
							if v.Width != want.Width || v.Height != want.Height {
								t.Errorf("variant %d x %d, want %v", v.Width, v.Height, want)
							}
							isTestCard(t, decodeVariant(t, v))
						}
					})
				}
			}
		}
	})
}

func TestPrepareTakesOddMetadata(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		card := asJPEG(t, testCard(60, 40))
		huge := card
		for range 64 {
			huge = withSegment(huge, jpegAPP1, exifHeader+strings.Repeat("x", 0xffff-2-len(exifHeader)))
		}
		nine := exifBlock(binary.LittleEndian, 9)
		far := exifBlock(binary.LittleEndian, 6)
		binary.LittleEndian.PutUint32(far[4:], 0xffffffff)
		many := exifBlock(binary.LittleEndian, 1)
		binary.LittleEndian.PutUint16(many[8:], 0xffff)
		farValue := exifBlock(binary.LittleEndian, 1)
		binary.LittleEndian.PutUint32(farValue[14:], 0xffffffff) // so that the camera's name is elsewhere
		binary.LittleEndian.PutUint32(farValue[18:], 0xfffffff0)
		manyValues := exifBlock(binary.LittleEndian, 1)
		binary.LittleEndian.PutUint32(manyValues[26:], 0xffffffff)
		for name, file := range map[string][]byte{
			"4 MiB of EXIF":         huge,
			"orientation 9":         withSegment(card, jpegAPP1, exifHeader+string(nine)),
			"a directory far away":  withSegment(card, jpegAPP1, exifHeader+string(far)),
			"65,535 entries":        withSegment(card, jpegAPP1, exifHeader+string(many)),
			"an empty EXIF block":   withSegment(card, jpegAPP1, exifHeader),
			"64 KB of entries":      withSegment(card, jpegAPP1, exifHeader+string(exifEntries(5400))),
			"a loop":                withSegment(card, jpegAPP1, exifHeader+string(exifLoop())),
			"a value far away":      withSegment(card, jpegAPP1, exifHeader+string(farValue)),
			"4 billion values":      withSegment(card, jpegAPP1, exifHeader+string(manyValues)),
			"a block cut short":     withSegment(card, jpegAPP1, exifHeader+string(exifBlock(binary.BigEndian, 6)[:20])),
			"EXIF with a JPEG":      withSegment(card, jpegAPP1, exifHeader+string(exifBlock(binary.LittleEndian, 1))+string(asJPEG(t, testCard(16, 12)))),
			"a profile part 0 of 0": withSegment(card, jpegAPP2, iccHeader+"\x00\x00"),
		} {
			p := prepareBy(t, preparer, file)
			if p.Width != 60 || p.Height != 40 {
				t.Errorf("%s: %d x %d", name, p.Width, p.Height)
			}
			isTestCard(t, decodeVariant(t, p.Variants[0]))
		}
	})
}

// exifEntries is an EXIF block of so many entries that mean nothing.
func exifEntries(count int) []byte {
	b := append([]byte("MM\x00*"), 0, 0, 0, 8)
	b = binary.BigEndian.AppendUint16(b, uint16(count))
	for i := range count {
		b = binary.BigEndian.AppendUint16(b, uint16(0xc000+i))
		b = append(b, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8)
	}
	return append(b, 0, 0, 0, 0)
}

// exifLoop is an EXIF block whose directory leads to itself: as that of EXIF, of
// GPS, of interoperability and as the next.
func exifLoop() []byte {
	b := append([]byte("MM\x00*"), 0, 0, 0, 8, 0, 3)
	for _, pointer := range []uint16{0x8769, 0x8825, 0xa005} {
		b = binary.BigEndian.AppendUint16(b, pointer)
		b = append(b, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8)
	}
	return append(b, 0, 0, 0, 8)
}

// Every variant is in sRGB and says nothing of colours, whatever the file said.
func TestPrepareDropsProfiles(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		card := testCard(700, 40)
		small, large := profile("RGB ", 600), displayP3(150_000) // of one and of three segments
		inPNG := func(p []byte) []byte {
			return withChunk(asPNG(t, card), "iCCP", append([]byte("name\x00\x00"), deflated(p)...))
		}
		inWebP := func(p []byte) []byte {
			return extendedWebP(1<<5, 700, 40, riff("ICCP", p), riff("VP8L", losslessChunk(card)))
		}
		for name, file := range map[string][]byte{
			"jpeg":           withProfile(asJPEG(t, card), large),
			"png":            inPNG(large),
			"webp":           inWebP(large),
			"none":           asJPEG(t, card),
			"nonsense":       withProfile(asJPEG(t, card), small),
			"inks":           withProfile(asJPEG(t, card), profile("CMYK", 600)),
			"greys":          inPNG(profile("GRAY", 600)),
			"cut":            withProfile(asJPEG(t, card), small[:500]),
			"a short one":    withProfile(asJPEG(t, card), []byte("RGB ")),
			"a bomb":         inPNG(profile("RGB ", 64<<20)),
			"a part missing": withSegment(asJPEG(t, card), jpegAPP2, iccHeader+"\x01\x02"+string(small)),
			"cmyk":           withProfile(cmykJPEG(0, 0, 0, 0), small),
		} {
			for _, v := range prepareBy(t, preparer, file).Variants {
				meta, err := jpegMetadata(v.File)
				if err != nil || meta.profile != nil {
					t.Errorf("%s: a variant has a profile of %d bytes (%v)", name, len(meta.profile), err)
				}
				decodeVariant(t, v)
			}
		}
	})
}

func TestPrepareDropsMetadata(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		const secret = "51.5074N 0.1278W of the artist"
		card := testCard(400, 40)
		j := asJPEG(t, card)
		j = withSegment(j, jpegAPP1, exifHeader+string(exifBlock(binary.LittleEndian, 1))+secret)
		j = withSegment(j, jpegAPP1, "http://ns.adobe.com/xap/1.0/\x00"+secret)
		j = withSegment(j, 0xed, "Photoshop 3.0\x00"+secret)
		j = withSegment(j, 0xfe, secret)
		j = withProfile(append(j, secret...), profile("RGB ", 600))
		p := asPNG(t, card)
		p = withChunk(p, "eXIf", append(exifBlock(binary.LittleEndian, 1), secret...))
		p = withChunk(p, "tEXt", []byte("Comment\x00"+secret))
		p = withChunk(p, "iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+secret))
		p = append(p, secret...)
		w := extendedWebP(1<<2|1<<3, 400, 40, riff("VP8L", losslessChunk(card)),
			riff("EXIF", append(exifBlock(binary.LittleEndian, 1), secret...)), riff("XMP ", []byte(secret)))
		for name, file := range map[string][]byte{"jpeg": j, "png": p, "webp": w} {
			if !bytes.Contains(file, []byte(secret)) {
				t.Fatalf("%s: the test has no secret in it", name)
			}
			variants := append(prepareBy(t, preparer, file).Variants, makeAVIF(t, preparer, file)...)
			if len(variants) != 2*len(Sizes(400, 40)) {
				t.Fatalf("%s: %d variants", name, len(variants))
			}
			for _, v := range variants {
				// Exif, a profile and XMP are named so in JPEG and in AVIF (ISO
				// 23008-12, annex A; ISO 14496-12, 12.1.5).
				for _, trace := range []string{secret, "Exif", "CAM", "adobe", "Photoshop", "rdf", "mime", "prof", "rICC", "ICC_", "http"} {
					if bytes.Contains(v.File, []byte(trace)) {
						t.Errorf("%s: %q is still in a variant", name, trace)
					}
				}
				if isHEIF(v.File) {
					continue
				}
				eachSegment(v.File, func(marker byte, payload []byte) {
					if marker > jpegAPP2 && marker < 0xf0 || marker == jpegAPP1 || marker == jpegAPP2 || marker == 0xfe {
						t.Errorf("%s: a variant has a segment %#x", name, marker)
					}
				})
			}
		}
	})
}

// What stands behind a JPEG's end stays in the original.
func TestPrepareCutsWhatIsBehind(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		const page = "<html><script>alert(1)</script>"
		card := testCard(60, 40)
		for name, file := range map[string][]byte{
			"jpeg":         append(asJPEG(t, card), page...),
			"jpeg, inside": withSegment(asJPEG(t, card), 0xfe, "--><html>"+page),
			"png":          append(asPNG(t, card), page...),
			"webp":         append(webpFile(riff("VP8L", losslessChunk(card))), page...),
			"two jpegs":    append(asJPEG(t, card), withSegment(asJPEG(t, testCard(90, 90)), 0xfe, page)...),
		} {
			p := prepareBy(t, preparer, file)
			if !bytes.Equal(p.Original, file) {
				t.Errorf("%s: the original has changed", name)
			}
			for _, v := range append(p.Variants, makeAVIF(t, preparer, file)...) {
				if bytes.Contains(v.File, []byte("html")) || bytes.Contains(v.File, []byte("script")) {
					t.Errorf("%s: the page is still in a variant", name)
				}
				isTestCard(t, decodeVariant(t, v))
			}
		}
	})
}

func TestPrepareIsDeterministic(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		file := asJPEG(t, noise(350, 200))
		first, second := prepareBy(t, preparer, file), prepareBy(t, preparer, file)
		firstAVIF, secondAVIF := makeAVIF(t, preparer, file), makeAVIF(t, preparer, file)
		if len(first.Variants) != 2 || len(firstAVIF) != 2 {
			t.Fatalf("%d variants, %d of AVIF", len(first.Variants), len(firstAVIF))
		}
		for i := range first.Variants {
			if !bytes.Equal(first.Variants[i].File, second.Variants[i].File) || !bytes.Equal(firstAVIF[i].File, secondAVIF[i].File) {
				t.Errorf("variant %d is another the second time", i)
			}
		}
		if first.Key("seed") != second.Key("seed") {
			t.Error("the key is another the second time")
		}
	})
}

func TestKeyIsOfSeedAndVariants(t *testing.T) {
	t.Parallel()
	p := prepare(t, asJPEG(t, testCard(350, 40)))
	key := p.Key("seed")
	if !ValidKey(key) || p.Key("seed") != key {
		t.Errorf("the key is %q, then %q", key, p.Key("seed"))
	}
	seen := map[string]string{key: "the picture"}
	isNew := func(name, key string) {
		t.Helper()
		if other := seen[key]; other != "" || !ValidKey(key) {
			t.Errorf("%s has the key %q of %s", name, key, other)
		}
		seen[key] = name
	}
	of := func(files ...string) *Prepared {
		other := &Prepared{}
		for _, file := range files {
			other.Variants = append(other.Variants, Variant{File: []byte(file)})
		}
		return other
	}
	isNew("another seed", p.Key("seed2"))
	isNew("no seed", p.Key(""))
	isNew("another picture", prepare(t, asJPEG(t, testCard(350, 42))).Key("seed"))
	isNew("one variant", (&Prepared{Variants: p.Variants[:1]}).Key("seed"))
	isNew("two", of("ab", "c").Key("seed"))
	isNew("two, cut elsewhere", of("a", "bc").Key("seed"))
	isNew("both in one", of("abc").Key("seed"))
	isNew("both in one, as they are hashed", of("ab 1:c").Key("seed"))
	isNew("a seed that looks like a variant", of("c").Key("seed 2:ab"))
	// The original may be sent again with other metadata.
	again := *p
	again.Original = []byte("another")
	if again.Key("seed") != key {
		t.Error("the key depends on the original")
	}
}

func TestPrepareColours(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		half := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		deep := image.NewNRGBA64(half.Rect)
		grey := image.NewGray16(half.Rect)
		for y := range 32 {
			for x := range 32 {
				half.SetNRGBA(x, y, color.NRGBA{0xff, 0, 0, 0x80})
				deep.SetNRGBA64(x, y, color.NRGBA64{0x2000, 0x8000, 0xc000, 0xffff})
				grey.SetGray16(x, y, color.Gray16{0x6000})
			}
		}
		palette := image.NewPaletted(half.Rect, color.Palette{color.NRGBA{0, 0, 0xff, 0xff}, color.Transparent})
		blue := asPNG(t, palette)
		for i := range palette.Pix {
			palette.Pix[i] = 1
		}
		for name, test := range map[string]struct {
			file []byte
			want color.NRGBA
		}{
			"transparent":          {asPNG(t, image.NewNRGBA(half.Rect)), color.NRGBA{0xff, 0xff, 0xff, 0xff}},
			"half transparent":     {asPNG(t, half), color.NRGBA{0xff, 0x7f, 0x7f, 0xff}},
			"16 bits":              {asPNG(t, deep), color.NRGBA{0x20, 0x80, 0xc0, 0xff}},
			"16 bits of grey":      {asPNG(t, grey), color.NRGBA{0x60, 0x60, 0x60, 0xff}},
			"one bit":              {bombPNG(t, 32, 32), black},
			"palette":              {blue, color.NRGBA{0, 0, 0xff, 0xff}},
			"transparent palette":  {asPNG(t, palette), color.NRGBA{0xff, 0xff, 0xff, 0xff}},
			"moving png":           {movingPNG(t, plain(color.NRGBA{0, 0, 0xff, 0xff}), plain(red)), color.NRGBA{0, 0, 0xff, 0xff}},
			"lossy webp":           {webpFile(riff("VP8 ", lossyChunk(32, 32))), color.NRGBA{0x85, 0x85, 0x85, 0xff}},
			"cmyk paper":           {cmykJPEG(0, 0, 0, 0), color.NRGBA{0xff, 0xff, 0xff, 0xff}},
			"cmyk cyan":            {cmykJPEG(0xff, 0, 0, 0), color.NRGBA{0, 0xae, 0xef, 0xff}},
			"cmyk magenta, yellow": {cmykJPEG(0, 0xff, 0xff, 0), color.NRGBA{0xed, 0x1c, 0x24, 0xff}},
			"cmyk black":           {cmykJPEG(0, 0, 0, 0xff), color.NRGBA{0x23, 0x1f, 0x20, 0xff}},
			"grey jpeg":            {asJPEG(t, &image.Gray{Pix: bytes.Repeat([]byte{0x40}, 32*32), Stride: 32, Rect: half.Rect}), color.NRGBA{0x40, 0x40, 0x40, 0xff}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				looksLike(t, decodeVariant(t, prepareBy(t, preparer, test.file).Variants[0]), 8, 8, test.want)
			})
		}
	})
}

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		card := asJPEG(t, testCard(60, 40))
		cardPNG := asPNG(t, testCard(60, 40))
		var moving bytes.Buffer
		if err := gif.Encode(&moving, testCard(60, 40), nil); err != nil {
			t.Fatal(err)
		}
		twelveBit := slices.Clone(card)
		twelveBit[bytes.Index(card, []byte{0xff, 0xc0})+4] = 12

		const (
			notAPicture = "This is not a JPEG, PNG or WebP picture."
			damaged     = "It is damaged and cannot be opened."
		)
		for name, test := range map[string]struct {
			file   []byte
			reason string
		}{
			"an empty file":           {nil, "The file is empty."},
			"one byte":                {[]byte{0xff}, notAPicture},
			"GIF and HTML":            {append(moving.Bytes(), "<script>alert(1)</script>"...), notAPicture},
			"GIF that says HTML":      {[]byte("GIF89a/*<html><script>*/=1"), notAPicture},
			"SVG named .png":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`), notAPicture},
			"HTML":                    {[]byte("<!doctype html><title>x</title>"), notAPicture},
			"BMP":                     {[]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00"), notAPicture},
			"TIFF":                    {[]byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), notAPicture},
			"HEIC":                    {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "This is a HEIC or AVIF picture. Save it as JPEG and try again."},
			"a film":                  {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00"), notAPicture},
			"a sound":                 {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), notAPicture},
			"a JPEG's first bytes":    {[]byte("\xff\xd8\xff"), damaged},
			"a PNG's first bytes":     {[]byte(pngSignature), damaged},
			"a WebP's first bytes":    {[]byte("RIFF\x04\x00\x00\x00WEBP"), damaged},
			"half a JPEG":             {card[:len(card)/2], damaged},
			"a JPEG less its end":     {card[:len(card)-3], damaged},
			"half a PNG":              {cardPNG[:len(cardPNG)/2], damaged},
			"a PNG less its end":      {cardPNG[:len(cardPNG)-1], damaged},
			"half a WebP":             {webpFile(riff("VP8L", losslessChunk(testCard(60, 40))))[:300], damaged},
			"a JPEG of twelve bits":   {twelveBit, "It is of a rare kind that cannot be opened. Save it as an ordinary JPEG and try again."},
			"a moving WebP":           {extendedWebP(1<<1, 60, 40, riff("ANIM", make([]byte, 6))), "This picture moves. Choose a still one."},
			"a WebP larger than told": {extendedWebP(0, 6, 4, riff("VP8L", losslessChunk(testCard(60, 40)))), damaged},
			"400 million pixels":      {bombPNG(t, 20_000, 20_000), "It has 400 million pixels; 50 million is the most."},
			"900 million pixels":      {bombPNG(t, 30_000, 30_000), "It has 900 million pixels; 50 million is the most."},
			"a few pixels too many":   {bombPNG(t, 10_000, 5_001), "It has 50.1 million pixels; 50 million is the most."},
			"a WebP of 268 million":   {webpFile(riff("VP8L", append([]byte{0x2f, 0xff, 0xff, 0xff, 0x0f}, make([]byte, 20)...))), "It has 268.5 million pixels; 50 million is the most."},
			"one by 40,000":           {bombPNG(t, 1, 40_000), "One of its sides is longer than 30,000 pixels."},
			"40,000 by one":           {bombPNG(t, 40_000, 1), "One of its sides is longer than 30,000 pixels."},
			"a side just too long":    {bombPNG(t, 30_001, 1), "One of its sides is longer than 30,000 pixels."},
		} {
			_, err := preparer.Prepare(t.Context(), test.file)
			var refused *Refused
			if !errors.As(err, &refused) || refused.Reason != test.reason {
				t.Errorf("%s: %v, want %q", name, err, test.reason)
			}
		}
	})
}

func TestInspectCountsScans(t *testing.T) {
	t.Parallel()
	card := asJPEG(t, testCard(60, 40)) // of one scan
	scans := card[:len(card)-2]
	for range maxScans - 1 {
		scans = append(scans, 0xff, jpegSOS, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0x00, 0xff, 0xd0, 0x34)
	}
	if _, err := inspect(scans); err != nil {
		t.Errorf("%d scans: %v", maxScans, err)
	}
	scans = append(scans, 0xff, jpegSOS, 0, 8, 1, 1, 0, 0, 63, 0)
	var refused *Refused
	if _, err := inspect(scans); !errors.As(err, &refused) {
		t.Errorf("%d scans: %v", maxScans+1, err)
	}
}

func TestPrepareTakesWhatIsJustAllowed(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, preparer *Preparer) {
		card := asJPEG(t, testCard(60, 40))
		for name, file := range map[string][]byte{
			"a long side": bombPNG(t, 30_000, 1),
			"a tall side": bombPNG(t, 1, 30_000),
			"a tall one":  bombPNG(t, 1, 20_000),
			"20 MiB":      append(slices.Clone(card), make([]byte, MaxBytes-len(card))...),
		} {
			if p := prepareBy(t, preparer, file); len(p.Variants) == 0 {
				t.Errorf("%s: no variants", name)
			}
		}
		if _, err := inspect(bombPNG(t, 10_000, 5_000)); err != nil {
			t.Errorf("50 million pixels: %v", err)
		}
	})
}

// A bomb is refused by its header: nothing of its pixels is ever held.
func TestPrepareRefusesBombsCheaply(t *testing.T) {
	for name, bomb := range map[string][]byte{
		"20,000 by 20,000 of one bit":      bombPNG(t, 20_000, 20_000),
		"12,000 by 12,000 of sixteen bits": deepBombPNG(t, 12_000, 12_000),
		"one by 40,000":                    bombPNG(t, 1, 40_000),
	} {
		if len(bomb) > 2<<20 {
			t.Fatalf("%s: the bomb has %d bytes", name, len(bomb))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := cpuTime(t)
		_, err := NewPreparer(1, FindVips()).Prepare(t.Context(), bomb)
		took := cpuTime(t) - began
		runtime.ReadMemStats(&after)
		var refused *Refused
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
			t.Errorf("%s: it took %d bytes of memory", name, allocated)
		}
		if took > time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

// cpuTime is what this process and the children that it has waited for have used.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var used time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if err := syscall.Getrusage(who, &usage); err != nil {
			t.Fatal(err)
		}
		used += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return used
}

func TestPrepareOneAtATime(t *testing.T) {
	t.Parallel()
	preparer := NewPreparer(1, "")
	first := &gatedContext{Context: t.Context(), reached: make(chan struct{}), gate: make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		_, err := preparer.Prepare(first, asJPEG(t, testCard(60, 40)))
		done <- err
	}()
	<-first.reached

	for range 20 { // with its turn it would be refused: there is no file
		ctx, cancel := context.WithCancel(t.Context())
		_, err := preparer.Prepare(&endsWaiting{ctx, cancel}, nil)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("the second had its turn beside the first and ended with %v", err)
		}
	}
	close(first.gate)
	if err := <-done; err != nil {
		t.Errorf("the first ended with %v", err)
	}
	if _, err := preparer.AVIF(t.Context(), []byte("no picture")); err == nil {
		t.Error("no picture has become AVIF")
	}
	prepareBy(t, preparer, asJPEG(t, testCard(6, 4))) // the turn was given back
}

// A gatedContext tells when it is asked for the second time, which is in its turn,
// and then waits for its gate.
type gatedContext struct {
	context.Context
	asked         int
	reached, gate chan struct{}
}

func (c *gatedContext) Err() error {
	if c.asked++; c.asked == 2 {
		close(c.reached)
		<-c.gate
	}
	return nil
}

// An endsWaiting context ends as soon as somebody waits for its end.
type endsWaiting struct {
	context.Context
	cancel func()
}

func (c *endsWaiting) Done() <-chan struct{} {
	c.cancel()
	return c.Context.Done()
}

func TestPrepareStopsWithItsContext(t *testing.T) {
	t.Parallel()
	// The context ends while the pixels are decoded.
	ctx := &countdown{Context: t.Context(), left: 3}
	_, err := NewPreparer(1, "").Prepare(ctx, asJPEG(t, noise(500, 500)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// A countdown is a context that ends after being asked so often.
type countdown struct {
	context.Context
	left int
	end  func()
}

func (c *countdown) Err() error {
	if c.left--; c.left >= 0 {
		return nil
	}
	if c.end != nil {
		c.end()
	}
	return context.Canceled
}

// noise is a picture that is hard to compress, as photographs are.
func noise(width, height int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	random := rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			img.Y[y*img.YStride+x] = byte(40 + 120*x/width + 40*y/height + random.IntN(24))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(110+i%32), byte(120+i%17)
	}
	return img
}

// FuzzPrepare feeds the front, which looks at files before they are decoded, and
// everything behind it while the picture is small.
func FuzzPrepare(f *testing.F) {
	card := testCard(6, 4)
	f.Add(withProfile(withSegment(asJPEG(f, card), jpegAPP1, exifHeader+string(exifBlock(binary.LittleEndian, 6))), profile("RGB ", 200)))
	f.Add(withChunk(withChunk(asPNG(f, card), "eXIf", exifBlock(binary.BigEndian, 3)), "iCCP", append([]byte("n\x00\x00"), deflated(profile("RGB ", 200))...)))
	f.Add(extendedWebP(1<<3|1<<5, 6, 4, riff("ICCP", profile("RGB ", 200)), riff("VP8L", losslessChunk(card)), riff("EXIF", exifBlock(binary.LittleEndian, 8))))
	f.Add(webpFile(riff("VP8 ", lossyChunk(6, 4))[:64]))
	f.Add(cmykJPEG(1, 2, 3, 4))
	f.Add(fourChannelJPEG(nil, 1, 2, 3, 4))
	f.Add(withProfile(cmykJPEG(1, 2, 3, 4), inkProfile("mft1", "Lab ")))
	preparer := NewPreparer(1, "")
	f.Fuzz(func(t *testing.T, file []byte) {
		src, err := inspect(file)
		if err != nil {
			var refused *Refused
			if !errors.As(err, &refused) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if src.width*src.height > 1<<20 || src.width > 4096 || src.height > 4096 {
			return
		}
		p, err := preparer.Prepare(context.Background(), file)
		if err != nil {
			var refused *Refused
			if !errors.As(err, &refused) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		for _, v := range p.Variants {
			decodeVariant(t, v)
		}
	})
}
