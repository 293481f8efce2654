package imagehost

import (
	"bytes"
	"encoding/binary"
)

// A tiff is the structure of an EXIF block: directories of entries with numbers.
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

func openTIFF(data []byte) (tiff, bool) {
	if len(data) < 8 {
		return tiff{}, false
	}
	switch string(data[:4]) {
	case "II*\x00":
		return tiff{data, binary.LittleEndian}, true
	case "MM\x00*":
		return tiff{data, binary.BigEndian}, true
	}
	return tiff{}, false
}

// entry returns the kind and the four bytes of value, or of its place, of the first
// entry with the tag in the directory at the offset. They are 0 and nil when there
// is none.
func (t tiff) entry(directory uint32, tag uint16) (kind uint16, value []byte) {
	const size = 12
	if uint64(directory)+2 > uint64(len(t.data)) {
		return 0, nil
	}
	count := int(t.order.Uint16(t.data[directory:]))
	entries := t.data[directory+2:]
	for range min(count, len(entries)/size) {
		if t.order.Uint16(entries) == tag {
			return t.order.Uint16(entries[2:]), entries[8:size]
		}
		entries = entries[size:]
	}
	return 0, nil
}

// isAdobeRGB says whether an EXIF block names Adobe RGB, in the roundabout way of
// DCF 2.0: a colour space that is "uncalibrated" and the interoperability of R03.
func isAdobeRGB(exif []byte) bool {
	const (
		exifPointer, interopPointer = 0x8769, 0xa005
		colourSpace, interopIndex   = 0xa001, 0x0001
		uncalibrated                = 0xffff
	)
	t, ok := openTIFF(exif)
	if !ok {
		return false
	}
	_, at := t.entry(t.order.Uint32(exif[4:]), exifPointer)
	if at == nil {
		return false
	}
	directory := t.order.Uint32(at)
	_, space := t.entry(directory, colourSpace)
	_, interop := t.entry(directory, interopPointer)
	if space == nil || t.order.Uint16(space) != uncalibrated || interop == nil {
		return false
	}
	_, index := t.entry(t.order.Uint32(interop), interopIndex)
	return bytes.HasPrefix(index, []byte("R03"))
}
