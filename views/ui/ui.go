// Package ui holds the small parts that pages are made of. They take plain
// values, know no resource and set no outer margins. A part with an address
// makes the same request with and without script: the fragment that answers
// is expected to be the very element that hx-target names.
package ui
