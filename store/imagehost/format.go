package imagehost

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// A format is one of the kinds of file that are taken in.
type format struct {
	contentType  string
	decodeConfig func(io.Reader) (image.Config, error)
	decode       func(io.Reader) (image.Image, error)
	readMetadata func([]byte) (metadata, error)
}

// metadata is what counts of the metadata in a file.
type metadata struct {
	exif     []byte // a TIFF structure
	profile  []byte // an ICC colour profile
	space    *space // by other means than a profile or EXIF
	hasSpace bool   // whether there are such means
	bareInks bool   // whether a JPEG lacks the mark of Adobe, by which inks are told
}

// colours returns the space of a picture that is not in inks: what the file says
// of it, or its profile, or Adobe RGB by EXIF, or sRGB.
func (m *metadata) colours() *space {
	switch {
	case m.hasSpace:
		return m.space
	case m.profile == nil && isAdobeRGB(m.exif):
		return adobeRGB()
	}
	return profileSpace(m.profile)
}

// formatOf tells a file's format by its first bytes. The formats that other
// packages register with package image are not asked: they are more than three.
func formatOf(file []byte) (*format, error) {
	switch {
	case len(file) == 0:
		return nil, &Refused{"The file is empty."}
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return &format{"image/jpeg", jpeg.DecodeConfig, jpeg.Decode, jpegMetadata}, nil
	case bytes.HasPrefix(file, []byte(pngSignature)):
		return &format{"image/png", png.DecodeConfig, png.Decode, pngMetadata}, nil
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return &format{"image/webp", webp.DecodeConfig, decodeWebP, webpMetadata}, nil
	case isHEIF(file):
		return nil, &Refused{"This is a HEIC or AVIF picture. Save it as JPEG and try again."}
	}
	return nil, &Refused{"This is not a JPEG, PNG or WebP picture."}
}

func isHEIF(file []byte) bool {
	if len(file) < 12 || string(file[4:8]) != "ftyp" {
		return false
	}
	switch string(file[8:12]) {
	case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// A source is a file that was looked at, but not yet decoded.
type source struct {
	*format
	file          []byte
	width, height int // as stored
	orientation   orientation
	space         *space
	profile       []byte      // of inks
	model         color.Model // of the pixels in the file
}

// inspect looks at a file without decoding its pixels and refuses it when it
// should not be.
func inspect(file []byte) (*source, error) {
	format, err := formatOf(file)
	if err != nil {
		return nil, err
	}
	config, err := format.decodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, refusal(err)
	}
	if err := checkSize(config.Width, config.Height); err != nil {
		return nil, err
	}
	meta, err := format.readMetadata(file)
	if err != nil {
		return nil, err
	}
	s := &source{
		format: format, file: file, model: config.ColorModel,
		width: config.Width, height: config.Height,
		orientation: exifOrientation(meta.exif),
	}
	switch {
	case s.model != color.CMYKModel:
		s.space = meta.colours()
	case meta.bareInks:
		format.decode = decodeBareInks
		fallthrough
	default:
		s.profile = meta.profile
	}
	return s, nil
}

// refusal puts what a decoder said into words for people.
func refusal(err error) error {
	var jpegKind jpeg.UnsupportedError
	var pngKind png.UnsupportedError
	if errors.As(err, &jpegKind) || errors.As(err, &pngKind) {
		return &Refused{"It is of a rare kind that cannot be opened. Save it as an ordinary JPEG and try again."}
	}
	return refusedDamaged()
}
