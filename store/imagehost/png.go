package imagehost

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngMetadata reads the EXIF block and the colour profile of a PNG.
func pngMetadata(file []byte) (metadata, error) {
	var meta metadata
	const frame = 4 + 4 + 4 // length, type, checksum
	for rest := file[len(pngSignature):]; len(rest) >= frame; {
		length := binary.BigEndian.Uint32(rest)
		if uint64(length) > uint64(len(rest)-frame) {
			break
		}
		chunk := rest[8 : 8+length]
		switch string(rest[4:8]) {
		case "eXIf":
			meta.exif = chunk
		case "iCCP":
			meta.profile = inflateProfile(chunk)
		}
		rest = rest[frame+length:]
	}
	return meta, nil
}

// inflateProfile unpacks the profile of an iCCP chunk: a name, a zero, a zero for
// the method, and the profile, deflated. It returns nil when that fails or when
// the profile is larger than any that is kept.
func inflateProfile(chunk []byte) []byte {
	_, packed, found := bytes.Cut(chunk, []byte{0})
	if !found || len(packed) == 0 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil {
		return nil
	}
	return profile
}
