package imagehost

import "encoding/binary"

// maxProfile is the size, in bytes, of the largest colour profile that is kept:
// every variant carries it.
const maxProfile = 512 << 10

// isRGBProfile says whether a colour profile is whole and speaks of red, green
// and blue, as the variants do. A profile for inks or greys would turn them into
// something else.
func isRGBProfile(profile []byte) bool {
	const headerSize = 128
	return len(profile) >= headerSize && len(profile) <= maxProfile &&
		binary.BigEndian.Uint32(profile) == uint32(len(profile)) &&
		string(profile[16:20]) == "RGB " &&
		string(profile[36:40]) == "acsp"
}
