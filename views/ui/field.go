package ui

import (
	"strconv"
	"strings"
)

// FieldProps describe one line to write on, or one list to choose from.
type FieldProps struct {
	ID    string // Name when empty
	Name  string
	Label string
	Value string // never written back for a password
	Error string // a sentence that says what to do
	Hint  string

	Type         string // "text" when empty
	Autocomplete string
	InputMode    string
	Placeholder  string
	MaxLength    int // no limit when 0
	Rows         int // TextArea only; 3 when 0
	Short        bool
	Required     bool
	Optional     bool // says so beside the label
	Disabled     bool

	Options []Option // Select only; Value is the chosen one
}

// Option is one line of a Select.
type Option struct{ Value, Label string }

// ChoiceProps describe one checkbox or radio button with its words.
type ChoiceProps struct {
	ID      string // none when empty
	Type    string // "checkbox" or "radio"
	Name    string
	Value   string
	Label   string
	Count   string // how many there are, in a list of filters
	Checked bool
}

func (p FieldProps) id() string {
	if p.ID != "" {
		return p.ID
	}
	return p.Name
}

// class is the control's own.
func (p FieldProps) class() string {
	if p.Short {
		return "input input--short"
	}
	return "input"
}

func (p FieldProps) kind() string {
	if p.Type == "" {
		return "text"
	}
	return p.Type
}

func (p FieldProps) value() string {
	if p.Type == "password" {
		return ""
	}
	return p.Value
}

func (p FieldProps) rows() string {
	if p.Rows == 0 {
		return "3"
	}
	return strconv.Itoa(p.Rows)
}

func (p FieldProps) describedBy() string {
	var ids []string
	if p.Error != "" {
		ids = append(ids, ErrorID(p.id()))
	}
	if p.Hint != "" {
		ids = append(ids, p.id()+"-hint")
	}
	return strings.Join(ids, " ")
}

// ErrorID names the sentence under the control with the given id.
func ErrorID(id string) string { return id + "-error" }

// textAreaValue keeps a first empty line, which HTML would drop.
func textAreaValue(s string) string {
	if strings.HasPrefix(s, "\n") || strings.HasPrefix(s, "\r\n") {
		return "\n" + s
	}
	return s
}
