package store

import (
	"encoding/base64"
	"encoding/binary"
)

// Page is one page of a list. Next is the cursor of the page after it, or ""
// on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// cursor packs the sort values of the last row of a page (the row's own key
// last) into the opaque text that asks for the page after it.
func cursor(keys ...int64) string {
	b := make([]byte, 0, 8*len(keys))
	for _, k := range keys {
		b = binary.AppendVarint(b, k)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor unpacks a cursor of n values. ok is false for an empty or
// damaged one, which asks for the first page.
func parseCursor(s string, n int) (keys []int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 || len(b) > 10*n {
		return nil, false
	}
	for range n {
		k, used := binary.Varint(b)
		if used <= 0 {
			return nil, false
		}
		keys, b = append(keys, k), b[used:]
	}
	return keys, len(b) == 0
}

// cut turns up to size+1 rows into a page of size and the cursor after it.
func cut[T any](rows []T, size int, key func(T) string) Page[T] {
	if len(rows) <= size {
		return Page[T]{Items: rows}
	}
	rows = rows[:size]
	return Page[T]{Items: rows, Next: key(rows[size-1])}
}
