package imagehost

import (
	"math"
	"slices"
)

// Steps returns the widths, in pixels, at which pictures are asked for, narrow to
// wide.
func Steps() []int { return []int{320, 640, 960, 1280, 1920, 2560} }

// A Size is one size in which a picture is kept: the step it is asked for by and
// its true width and height in pixels.
type Size struct{ Step, Width, Height int }

// Sizes returns the sizes of a picture whose upright original is width by height
// pixels, narrow to wide. There is always at least one, and none is larger than
// the original: the last is the original's own size when that is narrower than
// its step.
func Sizes(width, height int) []Size {
	var sizes []Size
	for _, step := range Steps() {
		if width <= step {
			return append(sizes, Size{step, width, height})
		}
		scaled := math.Round(float64(height) * float64(step) / float64(width))
		sizes = append(sizes, Size{step, step, max(1, int(scaled))})
	}
	return sizes
}

func isStep(width int) bool { return slices.Contains(Steps(), width) }
