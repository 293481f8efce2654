package imagehost

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"io"
	"strings"
)

const (
	jpegSOI   = 0xd8
	jpegEOI   = 0xd9
	jpegSOS   = 0xda
	jpegAPP1  = 0xe1
	jpegAPP2  = 0xe2
	jpegAPP14 = 0xee

	// maxScans bounds the passes over a progressive JPEG. Encoders make about
	// ten; each costs a walk over all pixels, however few bytes it has.
	maxScans = 100

	exifHeader  = "Exif\x00\x00"
	iccHeader   = "ICC_PROFILE\x00"
	adobeHeader = "Adobe"
)

// jpegMetadata reads the EXIF block, the colour profile and the mark of Adobe of a
// JPEG.
func jpegMetadata(file []byte) (metadata, error) {
	meta := metadata{bareInks: true}
	var parts iccParts
	scans := 0
	eachSegment(file, func(marker byte, payload []byte) {
		switch {
		case marker == jpegSOS:
			scans++
		case marker == jpegAPP1 && meta.exif == nil && bytes.HasPrefix(payload, []byte(exifHeader)):
			meta.exif = payload[len(exifHeader):]
		case marker == jpegAPP2 && bytes.HasPrefix(payload, []byte(iccHeader)):
			parts.add(payload[len(iccHeader):])
		case marker == jpegAPP14 && len(payload) >= 12 && bytes.HasPrefix(payload, []byte(adobeHeader)):
			meta.bareInks = false
		}
	})
	if scans > maxScans {
		return metadata{}, refusedDamaged()
	}
	meta.profile = parts.join()
	return meta, nil
}

// eachSegment calls f with every marker segment of a JPEG up to its end or to the
// first that is broken.
func eachSegment(file []byte, f func(marker byte, payload []byte)) {
	for rest := file; ; {
		// Between segments stand the pixels' bits, in which 0xff is followed by a
		// zero or a restart marker.
		at := bytes.IndexByte(rest, 0xff)
		if at < 0 || at+1 >= len(rest) {
			return
		}
		marker := rest[at+1]
		switch {
		case marker == 0xff: // a fill byte
			rest = rest[at+1:]
			continue
		case marker == jpegEOI:
			return
		case marker <= 0x01 || marker >= 0xd0 && marker <= jpegSOI: // no payload
			rest = rest[at+2:]
			continue
		}
		rest = rest[at+2:]
		if len(rest) < 2 {
			return
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			return
		}
		f(marker, rest[2:length])
		rest = rest[length:]
	}
}

// iccParts collects the numbered parts of a colour profile, in whatever order
// they come. The first two bytes of each are its number, from 1, and their count.
type iccParts struct {
	parts  [256][]byte
	count  byte
	broken bool
}

func (p *iccParts) add(part []byte) {
	if len(part) < 2 || part[0] == 0 || part[0] > part[1] || p.count != 0 && p.count != part[1] || p.parts[part[0]] != nil {
		p.broken = true
		return
	}
	p.count = part[1]
	p.parts[part[0]] = part[2:]
}

// join returns the whole profile, or nil when there is none or a part is missing.
func (p *iccParts) join() []byte {
	if p.broken {
		return nil
	}
	var profile []byte
	for _, part := range p.parts[1 : int(p.count)+1] {
		if part == nil {
			return nil
		}
		profile = append(profile, part...)
	}
	return profile
}

// decodeBareInks decodes a JPEG of four channels that lacks the mark of Adobe, which
// package image/jpeg wants. Programs of Adobe store inks the other way round, with 0
// for full ink (libjpeg.txt, "Special color spaces"); without the mark they are as
// they should be.
func decodeBareInks(r io.Reader) (image.Image, error) {
	// The mark, of version 100, speaks of no transform.
	const start = "\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
	if _, err := io.CopyN(io.Discard, r, 2); err != nil {
		return nil, err
	}
	img, err := jpeg.Decode(io.MultiReader(strings.NewReader(start), r))
	if inks, ok := img.(*image.CMYK); ok {
		for i := range inks.Pix {
			inks.Pix[i] = ^inks.Pix[i]
		}
	}
	return img, err
}
