package imagehost

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/avif"
)

// TestMain makes AVIF ready before the tests run side by side: the library sets
// its encoder and its decoder up at their first use, and that of one is not safe
// beside the other. (The program only encodes.) Processes that a test starts for
// one piece of work go without.
func TestMain(m *testing.M) {
	if !slices.ContainsFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, childPrefix) }) {
		avif.InitDecoder()
		avif.InitEncoder()
	}
	os.Exit(m.Run())
}

// childPrefix begins the names of what a test says to a process that it starts.
const childPrefix = "IMAGEHOST_"
