package imagehost

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngMetadata reads the EXIF block and the colours of a PNG, and refuses one that
// has no end.
func pngMetadata(file []byte) (metadata, error) {
	var meta metadata
	ended := false
	var chunks colourChunks
	const frame = 4 + 4 + 4 // length, type, checksum
	for rest := file[len(pngSignature):]; !ended && len(rest) >= frame; {
		length := binary.BigEndian.Uint32(rest)
		if uint64(length) > uint64(len(rest)-frame) {
			break
		}
		chunk := rest[8 : 8+length]
		switch string(rest[4:8]) {
		case "IEND":
			ended = true
		case "eXIf":
			meta.exif = chunk
		case "iCCP":
			meta.profile = inflateProfile(chunk)
		case "sRGB":
			chunks.sRGB = true
		case "cICP":
			chunks.cicp = chunk
		case "gAMA":
			chunks.gamma = chunk
		case "cHRM":
			chunks.primaries = chunk
		}
		rest = rest[frame+length:]
	}
	if !ended {
		return metadata{}, refusedDamaged()
	}
	meta.space, meta.hasSpace = chunks.space(meta.profile)
	return meta, nil
}

// colourChunks are the chunks of a PNG that speak of its colours beside a profile.
type colourChunks struct {
	cicp, gamma, primaries []byte
	sRGB                   bool
}

// space returns the space that comes before one of EXIF and whether the chunks name
// one at all. They rank as in the PNG specification, third edition, section 4.3:
// cICP, the profile, sRGB, gAMA with cHRM.
func (c *colourChunks) space(profile []byte) (s *space, named bool) {
	if s, ok := cicpSpace(c.cicp); ok {
		return s, true
	}
	if openProfile(profile) != nil {
		return profileSpace(profile), true
	}
	if c.sRGB {
		return nil, true
	}
	return c.gammaSpace()
}

// gammaSpace follows sections 11.3.2.1 and 11.3.2.2. A gAMA of 45455 is what those
// who write sRGB are told to put there and means its curve. What one of the two
// chunks leaves open is as in sRGB.
func (c *colourChunks) gammaSpace() (s *space, named bool) {
	const sRGBGamma = 45455
	light, colours := curve(decodeSRGB), bt709()
	if len(c.gamma) == 4 {
		if gamma := binary.BigEndian.Uint32(c.gamma); gamma != 0 && gamma != sRGBGamma {
			light = power(100_000 / float64(gamma))
		}
		named = true
	}
	if len(c.primaries) == 32 {
		for i, xy := range []*[2]float64{&colours.white, &colours.red, &colours.green, &colours.blue} {
			for j := range 2 {
				xy[j] = float64(binary.BigEndian.Uint32(c.primaries[8*i+4*j:])) / 100_000
			}
		}
		named = true
	}
	return newSpace([3]curve{light, light, light}, colours.toSRGB()), named
}

// cicpSpace reads a cICP chunk by the numbers of ITU-T H.273. It is not ok for the
// spaces of high dynamic range (PQ and HLG), which need more than a conversion, for
// narrow ranges and for rare ones.
func cicpSpace(chunk []byte) (s *space, ok bool) {
	if len(chunk) != 4 || chunk[2] != 0 || chunk[3] != 1 {
		return nil, false
	}
	colours := bt709()
	switch chunk[0] {
	case 1:
	case 9: // BT.2020
		colours = chromaticities{d65(), [2]float64{0.708, 0.292}, [2]float64{0.170, 0.797}, [2]float64{0.131, 0.046}}
	case 12: // Display P3
		colours = chromaticities{d65(), [2]float64{0.680, 0.320}, [2]float64{0.265, 0.690}, [2]float64{0.150, 0.060}}
	default:
		return nil, false
	}
	var light curve
	switch chunk[1] {
	case 1, 6, 14, 15: // BT.709, BT.601 and BT.2020
		light = func(v float64) float64 {
			if v < 0.081 {
				return v / 4.5
			}
			return math.Pow((v+0.099)/1.099, 1/0.45)
		}
	case 4:
		light = power(2.2)
	case 8:
		light = power(1)
	case 13:
		light = decodeSRGB
	default:
		return nil, false
	}
	return newSpace([3]curve{light, light, light}, colours.toSRGB()), true
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
