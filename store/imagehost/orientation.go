package imagehost

import (
	"encoding/binary"
	"image"

	"github.com/disintegration/imaging"
)

// An orientation says how a stored picture is turned to stand upright, by the
// numbers of EXIF: 1 as it is, 2 to 8 mirrored or turned.
type orientation int

// exifOrientation reads the orientation from an EXIF block, a TIFF structure. It
// is 1 when there is none, or none that makes sense.
func exifOrientation(tiff []byte) orientation {
	const (
		orientationTag = 0x0112
		shortType      = 3
		entrySize      = 12
	)
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	directory := uint64(order.Uint32(tiff[4:]))
	if directory+2 > uint64(len(tiff)) {
		return 1
	}
	count := int(order.Uint16(tiff[directory:]))
	entries := tiff[directory+2:]
	for range min(count, len(entries)/entrySize) {
		if order.Uint16(entries) == orientationTag && order.Uint16(entries[2:]) == shortType {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[entrySize:]
	}
	return 1
}

// swap returns the two sides in the order of the upright picture when given in
// that of the stored one, and the other way round.
func (o orientation) swap(width, height int) (int, int) {
	if o >= 5 {
		return height, width
	}
	return width, height
}

// upright turns a stored picture to stand as it should.
func (o orientation) upright(img *image.NRGBA) *image.NRGBA {
	switch o {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img) // anticlockwise
	case 7:
		return imaging.Transverse(img)
	case 8:
		return imaging.Rotate90(img) // anticlockwise
	}
	return img
}
