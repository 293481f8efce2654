package imagehost

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"math"

	"golang.org/x/image/webp"
)

// webpMetadata reads the EXIF block and the colour profile of a WebP, and refuses
// one that moves.
func webpMetadata(file []byte) (metadata, error) {
	const animated = 1 << 1
	var meta metadata
	for rest := file[12:]; len(rest) >= 8; {
		length := binary.LittleEndian.Uint32(rest[4:])
		if uint64(length) > uint64(len(rest)-8) {
			break
		}
		chunk := rest[8 : 8+length]
		switch string(rest[:4]) {
		case "VP8X":
			if len(chunk) > 0 && chunk[0]&animated != 0 {
				return metadata{}, &Refused{"This picture moves. Choose a still one."}
			}
		case "EXIF":
			meta.exif = bytes.TrimPrefix(chunk, []byte(exifHeader))
		case "ICCP":
			meta.profile = chunk
		}
		// Chunks of an odd length are followed by one byte of padding.
		next := 8 + uint64(length) + uint64(length&1)
		rest = rest[min(next, uint64(len(rest))):]
	}
	return meta, nil
}

// decodeWebP decodes a WebP and widens the range of a lossy one: its brightness goes
// from 16 to 235 and its colours from 16 to 240 (RFC 6386, section 9.2, and ITU-R
// BT.601), which package webp passes on as if they went from 0 to 255, so that black
// would be a grey.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch img := img.(type) {
	case *image.YCbCr:
		widen(img)
	case *image.NYCbCrA:
		widen(&img.YCbCr)
	}
	return img, err
}

func widen(img *image.YCbCr) {
	var brightness, colour [256]byte
	for n := range 256 {
		brightness[n] = byte(math.Round(255 * within(float64(n-16)/219)))
		colour[n] = byte(math.Round(255 * within(128.0/255+float64(n-128)/224)))
	}
	for i, n := range img.Y {
		img.Y[i] = brightness[n]
	}
	for _, plane := range [][]byte{img.Cb, img.Cr} {
		for i, n := range plane {
			plane[i] = colour[n]
		}
	}
}
