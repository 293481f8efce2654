package catalogue

import (
	"encoding/csv"
	"io"
	"strings"
)

// formula is what makes a spreadsheet take a cell for a formula when it comes
// first.
const formula = "=+-@\t\r"

// guarded reports whether a cell is in danger of being taken for a formula, or
// looks like one that was guarded.
func guarded(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.IndexByte(formula, rest[0]) >= 0
}

// guard puts an apostrophe before a cell that a spreadsheet would take for a
// formula.
func guard(cell string) string {
	if guarded(cell) {
		return "'" + cell
	}
	return cell
}

// unguard takes the apostrophe off again.
func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && guarded(cell) {
		return cell[1:]
	}
	return cell
}

// Writer writes CSV that a spreadsheet opens as it is meant.
type Writer struct{ csv *csv.Writer }

// NewWriter begins a file with the names of its columns.
func NewWriter(w io.Writer, header ...string) (*Writer, error) {
	c := &Writer{csv.NewWriter(w)}
	c.csv.UseCRLF = true
	header = append([]string{}, header...)
	header[0] = "\ufeff" + header[0] // else Excel takes it for Windows-1252
	return c, c.Write(header...)
}

// Write writes a row. Cells that would be formulas get an apostrophe, which the
// Reader takes off again.
func (w *Writer) Write(cells ...string) error {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = guard(cell)
	}
	return w.csv.Write(row)
}

// Copy writes a row that was read, with one more cell before it.
func (w *Writer) Copy(first string, cells []string) error {
	row := []string{first}
	for _, cell := range cells {
		row = append(row, unguard(cell))
	}
	return w.Write(row...)
}

// Flush brings all that was written on its way.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
