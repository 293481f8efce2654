package catalogue

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Unreadable is a file that is no catalogue, with a sentence that says why. Where
// only the settings are at fault, Field names the one and Header the columns that
// there are.
type Unreadable struct {
	Sentence string
	Field    string // "title", "price" or "kind", or the field whose column is not there
	Header   []string
}

func (u *Unreadable) Error() string { return u.Sentence }

// rowMost bounds one row, in bytes: a forgotten quotation mark would make the
// whole rest of a file one field.
const rowMost = 1 << 20

// columnsMost bounds the columns of a catalogue.
const columnsMost = 500

// encoding is how a file writes its characters.
type encoding int

const (
	utf8Text encoding = iota
	windows1252
	utf16Text
)

// sniff reads a whole file to tell how it writes its characters. Text that has
// more letters in UTF-8 than bytes that cannot be is UTF-8 with faults.
func sniff(r io.Reader) (encoding, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := b.Peek(2); bytes.Equal(mark, []byte{0xff, 0xfe}) || bytes.Equal(mark, []byte{0xfe, 0xff}) {
		return utf16Text, nil
	}
	good, bad := 0, 0
	for {
		c, size, err := b.ReadRune()
		switch {
		case err == io.EOF:
			if bad > good {
				return windows1252, nil
			}
			return utf8Text, nil
		case err != nil:
			return 0, err
		case c == utf8.RuneError && size == 1:
			bad++
		case size > 1 && c != '\ufeff':
			good++
		}
	}
}

// Reader reads the rows of a catalogue one after another.
type Reader struct {
	Header  []string // the names of the columns
	Columns Columns

	csv      *csv.Reader
	bounded  *boundedReader
	settings Settings
	limits   Limits
	unit     map[Field]Unit // by header
	price    int64          // the default
	seed     maphash.Seed
	seen     map[uint64]int // line by key
	line     int            // of the last row
}

// Open begins to read a catalogue. The file is read from its beginning. Open
// fails with *Unreadable when the file or the settings make no sense.
func Open(file io.ReadSeeker, settings Settings, limits Limits) (*Reader, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read a catalogue: %w", err)
	}
	enc, err := sniff(file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("read a catalogue: %w", err)
	}
	r := &Reader{bounded: &boundedReader{r: file}, settings: settings, limits: limits, seed: maphash.MakeSeed(), seen: map[uint64]int{}}
	var text io.Reader = r.bounded
	switch enc {
	case windows1252:
		text = transform.NewReader(text, charmap.Windows1252.NewDecoder())
	case utf16Text:
		text = transform.NewReader(text, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	default:
		text = transform.NewReader(text, unicode.UTF8BOM.NewDecoder()) // faults become U+FFFD
	}
	buffered := bufio.NewReaderSize(text, 64<<10)
	head, _ := buffered.Peek(16 << 10)
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, &Unreadable{Sentence: "This is not a CSV file. Save the list as CSV, then choose that."}
	}
	r.csv = csv.NewReader(buffered)
	r.csv.Comma = delimiter(head)
	r.csv.FieldsPerRecord = -1
	r.csv.LazyQuotes = true
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	if settings.Price != "" {
		price, ok := pence(settings.Price)
		if !ok || price < limits.PriceLeast || price > limits.PriceMost {
			return nil, &Unreadable{"The price for works without one is not a price. Enter one such as 250, or none.", "price", r.Header}
		}
		r.price = price
	}
	if settings.Medium != "" && !slices.Contains(limits.Media, settings.Medium) {
		return nil, &Unreadable{"The kind for works that do not tell is none of the market’s: " + strings.Join(limits.Media, ", ") + ".", "kind", r.Header}
	}
	return r, nil
}

// delimiter is what stands between the names of the first line.
func delimiter(head []byte) rune {
	counts := map[rune]int{}
	quoted := false
	for _, c := range string(head) {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n' || c == '\r':
			if len(counts) > 0 {
				return most(counts)
			}
		case c == ',' || c == ';' || c == '\t':
			counts[c]++
		}
	}
	return most(counts)
}

func most(counts map[rune]int) rune {
	best := ','
	for _, c := range []rune{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

func (r *Reader) readHeader() error {
	header, err := r.csv.Read()
	switch {
	case err == io.EOF:
		return &Unreadable{Sentence: "The file is empty. Its first line names the columns."}
	case err != nil:
		return r.fault(err)
	case len(header) > columnsMost:
		return &Unreadable{Sentence: fmt.Sprintf("The file has %d columns; %d are the most.", len(header), columnsMost)}
	}
	r.bounded.since, r.line = 0, 1
	for i, name := range header {
		header[i] = strings.Join(strings.Fields(name), " ")
	}
	r.Header = header
	if r.Columns, err = columns(header, r.settings.Map); err != nil {
		return err
	}
	r.unit = map[Field]Unit{}
	for _, field := range []Field{Height, Width, Depth, Dimensions} {
		if i, ok := r.Columns[field]; ok {
			r.unit[field] = headerUnit(header[i])
		}
	}
	return nil
}

// Next returns the next row. After the last one the error is io.EOF. A row that
// cannot be read is a refused one; only a file that is broken is an *Unreadable.
func (r *Reader) Next() (Row, error) {
	for {
		cells, err := r.csv.Read()
		r.bounded.since = 0
		var fault *csv.ParseError
		switch {
		case err == io.EOF:
			return Row{}, io.EOF
		case errors.As(err, &fault):
			return Row{Line: fault.StartLine, Cells: cells, Refused: &Problem{"not readable", "Its quotation marks do not fit together."}}, nil
		case err != nil:
			return Row{}, r.fault(err)
		}
		if empty(cells) {
			continue
		}
		line, _ := r.csv.FieldPos(0)
		r.line = line
		row := r.parse(line, cells)
		if row.Refused == nil {
			key := maphash.String(r.seed, row.Key)
			if before, twice := r.seen[key]; twice {
				row.Refused = &Problem{"twice in the file", fmt.Sprintf("The same work is on line %d.", before)}
			} else {
				r.seen[key] = line
			}
		}
		return row, nil
	}
}

func (r *Reader) fault(err error) error {
	if errors.Is(err, errRowTooLong) {
		return &Unreadable{Sentence: fmt.Sprintf("A text that begins after line %d does not end. A quotation mark is missing there.", r.line)}
	}
	return fmt.Errorf("read a catalogue: %w", err)
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

var errRowTooLong = errors.New("row too long")

// boundedReader fails when too much is read for one row.
type boundedReader struct {
	r     io.Reader
	since int // bytes since the last row
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.since > rowMost {
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p)
	b.since += n
	return n, err
}
