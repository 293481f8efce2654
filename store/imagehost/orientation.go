package imagehost

import (
	"image"

	"github.com/disintegration/imaging"
)

// An orientation says how a stored picture is turned to stand upright, by the
// numbers of EXIF: 1 as it is, 2 to 8 mirrored or turned.
type orientation int

// exifOrientation reads the orientation from an EXIF block, a TIFF structure. It
// is 1 when there is none, or none that makes sense.
func exifOrientation(exif []byte) orientation {
	const orientationTag, shortType = 0x0112, 3
	t, ok := openTIFF(exif)
	if !ok {
		return 1
	}
	kind, value := t.entry(t.order.Uint32(exif[4:]), orientationTag)
	if kind != shortType {
		return 1
	}
	if o := orientation(t.order.Uint16(value)); o >= 1 && o <= 8 {
		return o
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
