package imagehost

import "image"

// cmykToNRGBA takes a picture in cyan, magenta, yellow and black, where 0xff is full
// ink, to sRGB: by the table of its profile, relative colorimetric, or when that is
// missing or cannot be read by a guess of how such inks print on coated paper.
//
// The result lies in the memory of the old picture, which is gone: 4 bytes for a
// pixel (200 MB for 50 million). Beside it stands a table of 1 MB. Package
// image/jpeg itself holds twice as much as the picture for a while.
func cmykToNRGBA(img *image.CMYK, profile []byte) *image.NRGBA {
	const points = 17
	toSRGB := coatedPaper
	if p := openProfile(profile); p != nil && p.channels() == "CMYK" {
		if pipe := p.pipeline(4); pipe != nil {
			toSRGB = pipe.toSRGB
		}
	}
	newLattice(4, points, toSRGB).paint(img.Pix)
	return &image.NRGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

// coatedPaper guesses how inks look: the model of Neugebauer, by which a print is a
// mosaic of bare paper and of all the ways in which full inks lie on each other,
// each with the area that Demichel's products of the inks' coverages give it.
//
// The light of cyan, magenta, yellow, black and their pairs is that of the sRGB that
// drawing programs show for the full inks of SWOP on coated paper (#00aeef for
// cyan), and where these clip to 0, for cyan, green and yellow, that of the CIELAB
// of ISO 12647-2 for coated paper. Coverage is larger than the number of an ink
// says, for dots spread. Black over other inks is taken to multiply their light,
// which is a guess.
func coatedPaper(ink [4]float64) [3]float64 {
	primaries := [8][3]float64{ // by the bits 1 for cyan, 2 for magenta, 4 for yellow
		{1, 1, 1}, {-0.160, 0.423, 0.863}, {0.838, 0, 0.262}, {0.027, 0.031, 0.287},
		{1, 0.888, -0.020}, {-0.088, 0.381, 0.082}, {0.847, 0.012, 0.018}, {0.037, 0.037, 0.041},
	}
	black := [3]float64{0.0168, 0.0137, 0.0144}
	var cover [4]float64
	for i, v := range ink {
		cover[i] = dotCover(v)
	}
	var light [3]float64
	for which, colour := range primaries {
		area := 1.0
		for i := range 3 {
			if which>>i&1 == 1 {
				area *= cover[i]
			} else {
				area *= 1 - cover[i]
			}
		}
		for c := range 3 {
			light[c] += area * colour[c]
		}
	}
	for c := range 3 {
		light[c] = encodeSRGB(light[c] * (1 - cover[3] + cover[3]*black[c]))
	}
	return light
}

// dotCover is the part of the paper that an ink covers. The steps of a tenth come
// from the greys 231, 210, 189, 168, 148, 130, 110, 89 and 65 in sRGB for 10 to 90
// percent of black, which the same programs show.
func dotCover(ink float64) float64 {
	steps := [11]float64{0, 0.204, 0.361, 0.498, 0.617, 0.714, 0.788, 0.856, 0.913, 0.961, 1}
	position := within(ink) * 10
	i := min(int(position), 9)
	part := position - float64(i)
	return steps[i]*(1-part) + steps[i+1]*part
}
