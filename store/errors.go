package store

import (
	"errors"
	"fmt"
	"time"
)

// The ways in which a request can fail that are not faults of the market.
var (
	// ErrNotFound: there is no such thing, or the asker may not know that there is.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the asker is not the one who may do this.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict: not now. A *Conflict, which wraps it, says why.
	ErrConflict = errors.New("conflict")
	// ErrSignedOut: the session is over.
	ErrSignedOut = errors.New("signed out")
)

// Conflict is an ErrConflict with a sentence for the person who met it.
type Conflict struct{ Sentence string }

func (c *Conflict) Error() string { return "conflict: " + c.Sentence }

// Is makes errors.Is(err, ErrConflict) true.
func (c *Conflict) Is(target error) bool { return target == ErrConflict }

// Invalid holds what is wrong with what was typed: one sentence a field, in
// the order of the form.
type Invalid struct{ Fields []FieldError }

// FieldError is one sentence about one field of a form. Field is the name of
// the input; an empty Field speaks of the form as a whole.
type FieldError struct{ Field, Sentence string }

func (e *Invalid) Error() string { return fmt.Sprintf("invalid: %v", e.Fields) }

// Add appends a sentence about a field, unless the field has one already: the
// first thing wrong with a field is the one to put right first.
func (e *Invalid) Add(field, sentence string) {
	if e.Get(field) == "" {
		e.Fields = append(e.Fields, FieldError{field, sentence})
	}
}

// Get returns the sentence about a field, or "". A nil *Invalid has none.
func (e *Invalid) Get(field string) string {
	if e == nil {
		return ""
	}
	for _, f := range e.Fields {
		if f.Field == field {
			return f.Sentence
		}
	}
	return ""
}

// Err returns e as an error, or nil when nothing is wrong.
func (e *Invalid) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// TooMany is the answer to too many tries: how long to wait before the next.
type TooMany struct{ Wait time.Duration }

func (e *TooMany) Error() string { return fmt.Sprintf("too many tries: wait %s", e.Wait) }

// errorAs is errors.As with the target as a result.
func errorAs[T error](err error) (T, bool) {
	var target T
	ok := errors.As(err, &target)
	return target, ok
}
