package imagehost

import (
	"bytes"
	"encoding/binary"
)

const (
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegAPP1 = 0xe1
	jpegAPP2 = 0xe2

	// maxScans bounds the passes over a progressive JPEG. Encoders make about
	// ten; each costs a walk over all pixels, however few bytes it has.
	maxScans = 100

	exifHeader = "Exif\x00\x00"
	iccHeader  = "ICC_PROFILE\x00"
	// iccPart is the most of a profile that fits into one segment beside its
	// length, its header and its number.
	iccPart = 0xffff - 2 - len(iccHeader) - 2
)

// jpegMetadata reads the EXIF block and the colour profile of a JPEG.
func jpegMetadata(file []byte) (metadata, error) {
	var meta metadata
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

// withProfile returns the JPEG with a colour profile put in, in as many segments
// as it needs.
func withProfile(jpeg, profile []byte) []byte {
	if len(profile) == 0 {
		return jpeg
	}
	count := (len(profile) + iccPart - 1) / iccPart
	out := make([]byte, 0, len(jpeg)+len(profile)+count*(4+len(iccHeader)+2))
	out = append(out, jpeg[:2]...)
	for i := range count {
		part := profile[i*iccPart : min((i+1)*iccPart, len(profile))]
		out = append(out, 0xff, jpegAPP2)
		out = binary.BigEndian.AppendUint16(out, uint16(2+len(iccHeader)+2+len(part)))
		out = append(out, iccHeader...)
		out = append(out, byte(i+1), byte(count))
		out = append(out, part...)
	}
	return append(out, jpeg[2:]...)
}
