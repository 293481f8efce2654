package imagehost

import (
	"bytes"
	"encoding/binary"
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
