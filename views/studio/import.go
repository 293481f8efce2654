package studio

import (
	"strconv"

	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// ImportProps are what the page shows on which a catalogue is chosen.
type ImportProps struct {
	Tabs  templ.Component
	Error string // about the file
	Most  int    // rows
}

// PreviewProps are what is seen of a catalogue before it is imported.
type PreviewProps struct {
	Tabs     templ.Component
	Path     string // of the page
	Name     string // of the file
	Invalid  *store.Invalid
	Columns  []ui.FieldProps // for each field, which column it is
	Settings []ui.FieldProps // unit, kind and price
	Works    []PreviewWork   // the first ones
	Problems []ImportProblem // the first ones
	Unshown  int             // lines with problems that are not among them
	Ready    int             // rows that can be taken in
	Refused  int
}

// PreviewWork is a row as it will be a work.
type PreviewWork struct{ Line, Title, Year, Medium, Material, Size, Price, Image string }

// ImportProblem is something amiss with a line of the file.
type ImportProblem struct {
	Line     int
	Refused  bool // the line is not taken in
	Sentence string
}

// ResultProps are what became of an import.
type ResultProps struct {
	Tabs   templ.Component
	Import store.Import
	Lacks  []store.Lack
	Ready  int // drafts that lack nothing
}

func (p PreviewProps) button() string { return "Import " + ui.Count(p.Ready, p.Ready, "work") }

func (p PreviewProps) found() string {
	words := ui.Count(p.Ready, p.Ready, "work") + " can be imported, as drafts that only you see."
	switch {
	case p.Refused == 1:
		words += " One line is refused."
	case p.Refused > 1:
		words += " " + strconv.Itoa(p.Refused) + " lines are refused."
	}
	return words
}

func (p PreviewProps) problems() []ui.Problem {
	var list []ui.Problem
	if p.Invalid != nil {
		for _, f := range p.Invalid.Fields {
			list = append(list, ui.Problem{Field: f.Field, Text: f.Sentence})
		}
	}
	return list
}

func (p ImportProblem) words() string {
	if p.Refused {
		return p.Sentence + " It is left out."
	}
	return p.Sentence
}

func (p ResultProps) path() string { return "/studio/imports/" + strconv.FormatInt(p.Import.ID, 10) }

func (p ResultProps) made() string {
	n := p.Import.Drafts + p.Import.Hung
	words := ui.Count(n, n, "work") + " came of it. Drafts: " + strconv.Itoa(p.Import.Drafts) + ". Hung: " + strconv.Itoa(p.Import.Hung) + "."
	if p.Import.Known > 0 {
		words += " " + ui.Count(p.Import.Known, p.Import.Known, "work") + " were here before, and stay as they were."
	}
	return words
}
