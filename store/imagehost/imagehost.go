// Package imagehost checks, turns, shrinks and keeps the photographs of
// artworks. A Preparer makes a Prepared picture of an uploaded file; a Host
// keeps it under a key and hands its sizes out: Disk in a folder, Cloudinary at
// that service. Who may see a picture is for the caller to decide.
package imagehost

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

var (
	// ErrNotFound says that a host keeps no such picture, or that no picture can
	// have such a key or size.
	ErrNotFound = errors.New("imagehost: no such picture")
	// ErrExists says that a host already keeps a picture under the key.
	ErrExists = errors.New("imagehost: the key is taken")
)

// A Format is a kind of file in which pictures are handed out.
type Format string

// The formats. Of every picture there is a JPEG; of some, there is an AVIF in the
// small sizes or in all.
const (
	JPEG Format = "jpg"
	AVIF Format = "avif"
)

// ContentType returns the media type of the format.
func (f Format) ContentType() string {
	if f == AVIF {
		return "image/avif"
	}
	return "image/jpeg"
}

func (f Format) valid() bool { return f == JPEG || f == AVIF }

// A Host keeps prepared pictures. Its methods may be called at the same time.
type Host interface {
	// Put keeps a picture and its original under a key: whole, or not at all. A
	// kept picture never changes, so a taken key is ErrExists. After any other
	// error the picture may yet have been kept.
	Put(ctx context.Context, key string, p *Prepared) error
	// AddAVIF keeps a picture as AVIF, too, in these sizes. It does nothing when
	// the host makes AVIF by itself, and fails with ErrNotFound when it does not
	// keep the picture.
	AddAVIF(ctx context.Context, key string, variants []Variant) error
	// MakesAVIF says whether the host makes AVIF by itself, in every size and at
	// once.
	MakesAVIF() bool
	// Open opens the largest variant that is at most width pixels wide. The
	// width is one of Steps; any other, a key that is not kept and a format that
	// there is not are ErrNotFound. The caller closes the Body.
	Open(ctx context.Context, key string, width int, format Format) (*Picture, error)
	// Original returns the file as it came, with all its metadata. It is for
	// making the picture again, never for the public.
	Original(ctx context.Context, key string) ([]byte, error)
	// Delete removes a picture and its original for good, and nothing is left to
	// be found. It is no error when there was none.
	Delete(ctx context.Context, key string) error
	// Each calls f with every kept picture and the time at which it was kept, in
	// no order, until f returns an error, which Each returns.
	Each(ctx context.Context, f func(key string, stored time.Time) error) error
}

// A Picture is one variant of a kept picture, opened.
type Picture struct {
	Body        io.ReadSeekCloser
	ContentType string
	Size        int64     // bytes
	Modified    time.Time // zero when the host does not say
	Width       int       // pixels
}

const keyBytes = 16

// NewKey returns a new random key of 128 bits: 32 lower-case hexadecimal digits.
func NewKey() string {
	var b [keyBytes]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// ValidKey says whether NewKey could have made the key. Hosts accept no other, so
// that no path can be smuggled in.
func ValidKey(key string) bool {
	if len(key) != 2*keyBytes {
		return false
	}
	for _, c := range []byte(key) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func checkKey(key string) error {
	if !ValidKey(key) {
		return fmt.Errorf("imagehost: %q is not a key", key)
	}
	return nil
}

func checkPut(key string, p *Prepared) error {
	if len(p.Variants) == 0 {
		return errors.New("imagehost: a picture without variants")
	}
	return checkKey(key)
}
