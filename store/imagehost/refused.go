package imagehost

import (
	"fmt"
	"math"
	"strconv"
)

// Limits of a file that is taken in.
const (
	MaxBytes  = 20 << 20   // of the file
	MaxPixels = 50_000_000 // of the picture: width times height
	MaxSide   = 30_000     // pixels of its longer side
)

// Refused says why a file is not taken in: a sentence for the person who sent it.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

func refusedDamaged() error { return &Refused{"It is damaged and cannot be opened."} }

// checkSize refuses a picture that has too many pixels to be decoded.
func checkSize(width, height int) error {
	pixels := float64(width) * float64(height)
	switch {
	case width <= 0 || height <= 0:
		return refusedDamaged()
	case pixels > MaxPixels:
		return &Refused{fmt.Sprintf("It has %s million pixels; %d million is the most.", millions(pixels), MaxPixels/1_000_000)}
	case max(width, height) > MaxSide:
		return &Refused{"One of its sides is longer than 30,000 pixels."}
	}
	return nil
}

// millions rounds up to a tenth, so that a picture just over the limit is not
// told that it has just the most.
func millions(pixels float64) string {
	return strconv.FormatFloat(math.Ceil(pixels/100_000)/10, 'f', -1, 64)
}
