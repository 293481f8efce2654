package studio

import (
	"github.com/a-h/templ"

	"openstudio/store"
)

// Papers is where an artist finds the statements of all sales.
const Papers = "/studio/statements"

// PapersProps are an artist's statements and credit notes.
type PapersProps struct {
	Tabs templ.Component
	Rows []PaperRow
	More string // the next page, or ""
}

// PaperRow is a line of the table of papers.
type PaperRow struct {
	store.Paper
	Href string // of the paper
}
