package catalogue

import (
	"regexp"
	"slices"
	"strings"
)

// kinds tell the kind of a work by words of its classification or its material,
// the surest first.
var kinds = []struct {
	medium string
	words  *regexp.Regexp
}{
	{"photography", regexp.MustCompile(`(?i)photograph|gelatin|c-?type|cyanotype|daguerreotype|chromogenic|polaroid|fotogra`)},
	{"digital_art", regexp.MustCompile(`(?i)\bdigital|\bvideo|\bfilm\b|\bnft\b|time-based|software|animation`)},
	{"printmaking", regexp.MustCompile(`(?i)\bprints?\b|screen ?print|lithograph|etching|engraving|aquatint|mezzotint|woodcut|linocut|monotype|monoprint|drypoint|intaglio|giclee|giclée|risograph|serigraph|block for printing|radierung|druck`)},
	{"ceramics", regexp.MustCompile(`(?i)ceramic|porcelain|stoneware|earthenware|pottery|terracotta|raku|keramik`)},
	{"textile", regexp.MustCompile(`(?i)textile|tapestry|weaving|woven|embroider|quilt|felt\b|\bwool\b|\bknit`)},
	{"mixed_media", regexp.MustCompile(`(?i)mixed media|collage|assemblage|mischtechnik`)},
	{"painting", regexp.MustCompile(`(?i)painting|\boils?\b|acrylic|watercolou?r|gouache|tempera|fresco|encaustic|enamel paint|\bpaint\b|emulsion|gemälde|aquarell|peinture`)},
	{"sculpture", regexp.MustCompile(`(?i)sculpture|installation|\brelief\b|bronze|marble|\bstone\b|plaster|\bsteel\b|\biron\b|\bwood\b|alabaster|\bbrass\b|\baluminium\b|fibreglass|\bresin\b|skulptur`)},
}

// medium is the kind of a work by its classification and, where that does not
// tell, by its material; "" when neither does.
func medium(kind, material string, media []string) string {
	plain := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(kind)), " ", "_")
	plain = strings.TrimSuffix(plain, "_art")
	if plain == "digital" {
		plain = "digital_art"
	}
	if slices.Contains(media, plain) {
		return plain
	}
	for _, text := range []string{kind, material} {
		for _, k := range kinds {
			if k.words.MatchString(text) && slices.Contains(media, k.medium) {
				return k.medium
			}
		}
	}
	return ""
}
