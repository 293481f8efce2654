package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"openstudio/store"
	"openstudio/store/catalogue"
)

// Intake takes a catalogue in: from a page, or from the command line.
type Intake struct {
	Store    *store.Store
	Artist   store.Member
	File     io.ReadSeeker
	Settings catalogue.Settings
	Most     int // rows that are taken; 0 for any number

	// Each is told every row that was read; nil is nobody.
	Each func(catalogue.Row) error
	// Made is told the works of a batch, each beside its row; nil is nobody.
	Made func(ctx context.Context, rows []catalogue.Row, works []store.ImportedWork) error
}

// Tally is what became of the rows of a catalogue.
type Tally struct {
	Rows, Refused int
	Made          int            // works of this import, those of an earlier try too
	Reasons       map[string]int // of the refused, by kind
	Amiss         map[string]int // what is left out or shortened, by kind
}

// limitsOf are the market's limits as a catalogue knows them.
func limitsOf(s *store.Store) catalogue.Limits {
	l := s.ImportLimits()
	limits := catalogue.Limits{Title: store.TitleMost, Material: store.MaterialMost, Description: store.DescriptionMost, Subjects: store.SubjectsMost, Notes: store.NotesMost,
		Alt: store.AltMost, Year: l.Year, PriceLeast: int64(l.PriceLeast), PriceMost: int64(l.PriceMost), LengthLeast: int64(l.LengthLeast),
		WeightLeast: int64(l.WeightLeast), NumberMost: int64(l.NumberMost), Pieces: l.Pieces, Images: store.ImagesMost}
	for _, m := range store.Mediums() {
		limits.Media = append(limits.Media, string(m))
	}
	return limits
}

// Open begins to read the catalogue. It fails with *catalogue.Unreadable when it
// makes no sense.
func (in Intake) Open() (*catalogue.Reader, error) {
	return catalogue.Open(in.File, in.Settings, limitsOf(in.Store))
}

// Check reads the catalogue to its end and changes nothing. It fails with
// *catalogue.Unreadable.
func (in Intake) Check(ctx context.Context) (Tally, error) { return in.run(ctx, 0) }

// Import makes drafts of the catalogue's works. What is here already stays as it
// is, so that an import that was broken off goes on. It fails with
// *catalogue.Unreadable.
func (in Intake) Import(ctx context.Context, importID int64) (Tally, error) {
	tally, err := in.run(ctx, importID)
	if err == nil {
		err = in.Store.EndImport(ctx, in.Artist, importID, tally.Rows, tally.Refused)
	}
	return tally, err
}

func (in Intake) run(ctx context.Context, importID int64) (Tally, error) {
	tally := Tally{Reasons: map[string]int{}, Amiss: map[string]int{}}
	reader, err := in.Open()
	if err != nil {
		return tally, err
	}
	batch := make([]catalogue.Row, 0, store.ImportBatch)
	flush := func() error {
		if importID == 0 || len(batch) == 0 {
			batch = batch[:0]
			return ctx.Err()
		}
		rows := make([]store.ImportRow, len(batch))
		for i, row := range batch {
			rows[i] = importRow(row)
		}
		works, err := in.Store.ImportArtworks(ctx, in.Artist, importID, rows)
		if err != nil {
			return fmt.Errorf("import the rows from line %d on: %w", batch[0].Line, err)
		}
		for _, w := range works {
			if w.Mine {
				tally.Made++
			}
		}
		if in.Made != nil {
			err = in.Made(ctx, batch, works)
		}
		batch = batch[:0]
		return err
	}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return tally, flush()
		}
		if err != nil {
			return tally, err
		}
		tally.Rows++
		if in.Most > 0 && tally.Rows > in.Most {
			return tally, &catalogue.Unreadable{Sentence: fmt.Sprintf("It has more than %d rows. Split it, or ask the people who run the market to import it.", in.Most)}
		}
		if row.Refused != nil {
			tally.Refused++
			tally.Reasons[row.Refused.Kind]++
		} else {
			for _, p := range row.Problems {
				tally.Amiss[p.Kind]++
			}
			batch = append(batch, row)
		}
		if in.Each != nil {
			if err := in.Each(row); err != nil {
				return tally, err
			}
		}
		if len(batch) == cap(batch) {
			if err := flush(); err != nil {
				return tally, err
			}
		}
	}
}

// importRow is a row as the store takes it.
func importRow(r catalogue.Row) store.ImportRow {
	return store.ImportRow{Key: r.Key, Title: r.Title, Material: r.Material, Description: r.Description, Subjects: r.Subjects, Notes: r.Notes, Medium: store.Medium(r.Medium),
		Year: r.Year, Height: store.Hundredths(r.Height), Width: store.Hundredths(r.Width), Depth: store.Hundredths(r.Depth),
		Weight: store.Hundredths(r.Weight), Price: store.Pence(r.Price), ForSale: r.ForSale, Edition: store.Edition(r.Edition),
		EditionSize: r.EditionSize, Quantity: r.Quantity}
}

// ImageNames finds files by the names that a catalogue has for them: in any case,
// with or without their endings.
type ImageNames[T any] struct{ byName map[string]T }

// Add adds a file. Of two that are called the same, the first stays.
func (n *ImageNames[T]) Add(name string, file T) {
	if n.byName == nil {
		n.byName = map[string]T{}
	}
	name = strings.ToLower(name)
	for _, key := range []string{name, strings.TrimSuffix(name, path.Ext(name))} {
		if _, taken := n.byName[key]; !taken {
			n.byName[key] = file
		}
	}
}

// Find returns the file of a name.
func (n *ImageNames[T]) Find(name string) (T, bool) {
	name = strings.ToLower(name)
	file, ok := n.byName[name]
	if !ok {
		file, ok = n.byName[strings.TrimSuffix(name, path.Ext(name))]
	}
	return file, ok
}

// ImagesOf are the names of the files of a row. Without any, its number may be
// one.
func ImagesOf(row catalogue.Row) []string {
	if len(row.Images) > 0 {
		return row.Images
	}
	return []string{row.Key}
}

// RefusedColumn is the first column of a file of refused rows. An import does not
// read it, so that the file can be put right and sent again.
const RefusedColumn = "refused because"

// RefusedReason says where a refused row is and why it is refused.
func RefusedReason(row catalogue.Row) string {
	return fmt.Sprintf("line %d: %s", row.Line, row.Refused.Sentence)
}
