package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"openstudio/handlers"
	"openstudio/store"
	"openstudio/store/catalogue"
	"openstudio/store/imagehost"
)

const importUsage = `
  openstudio import works.csv --artist USERNAME  make drafts of a catalogue's works
    --images DIR                and of the photographs that it names
    --map title=Titel,year=Jahr which columns are which, where it is not guessed
    --unit mm|cm|in             of lengths that do not say
    --price 100                 of works without one; they are not for sale
    --kind painting             of works that do not tell
    --dry-run                   only say what would become of it

  The same file again makes nothing twice and goes on where it was broken off.
`

// importOptions is what the words after "import" say.
type importOptions struct {
	file, artist, images string
	settings             catalogue.Settings
	dry                  bool
}

func readImportOptions(args []string) (importOptions, error) {
	o := importOptions{settings: catalogue.Settings{Map: map[catalogue.Field]string{}}}
	help := errors.New("this is how it imports:\n" + strings.Trim(importUsage, "\n"))
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.file, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.artist, "artist", "", "")
	flags.StringVar(&o.images, "images", "", "")
	flags.StringVar(&o.settings.Price, "price", "", "")
	flags.StringVar(&o.settings.Medium, "kind", "", "")
	flags.BoolVar(&o.dry, "dry-run", false, "")
	flags.Func("unit", "", func(s string) error {
		if !slices.Contains(catalogue.Units(), catalogue.Unit(s)) {
			return errors.New("the unit is mm, cm or in")
		}
		o.settings.Unit = catalogue.Unit(s)
		return nil
	})
	flags.Func("map", "", func(s string) error {
		for _, pair := range strings.Split(s, ",") {
			name, header, ok := strings.Cut(pair, "=")
			if field := catalogue.Field(strings.TrimSpace(name)); ok && slices.Contains(catalogue.Fields(), field) {
				o.settings.Map[field] = strings.TrimSpace(header)
				continue
			}
			return fmt.Errorf("%q is no field with its column; the fields are %v", pair, catalogue.Fields())
		}
		return nil
	})
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return o, help
	} else if err != nil {
		return o, err
	}
	if o.file == "" && flags.NArg() == 1 {
		o.file = flags.Arg(0)
	} else if flags.NArg() > 0 {
		return o, help
	}
	if o.file == "" || o.artist == "" {
		return o, help
	}
	return o, nil
}

// importCommand does what the words after "import" ask for. The file is read
// twice: to see what is in it, and to take it in.
func (p *program) importCommand(ctx context.Context, args []string) error {
	o, err := readImportOptions(args)
	if err != nil {
		return err
	}
	file, err := os.Open(o.file)
	if err != nil {
		return err
	}
	defer file.Close()
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	page, err := m.ArtistByUsername(ctx, o.artist)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no artist is called %q here", o.artist)
	}
	if err != nil {
		return err
	}
	artist := store.Member{ID: page.ID, Role: store.Artist, Username: page.Username}
	intake := handlers.Intake{Store: m.Store, Artist: artist, File: file, Settings: o.settings}
	examples := map[string]string{}
	intake.Each = func(row catalogue.Row) error {
		problems := row.Problems
		if row.Refused != nil {
			problems = []catalogue.Problem{*row.Refused}
		}
		for _, problem := range problems {
			if examples[problem.Kind] == "" {
				examples[problem.Kind] = fmt.Sprintf("line %d: %s", row.Line, problem.Sentence)
			}
		}
		return nil
	}
	found, err := intake.Check(ctx)
	if err != nil {
		return err
	}
	p.say("%d rows: %d can be taken in, %d are refused.", found.Rows, found.Rows-found.Refused, found.Refused)
	p.sayKinds("Refused", found.Reasons, examples)
	p.sayKinds("Taken in with a gap or shortened", found.Amiss, examples)
	if o.dry {
		return nil
	}
	return p.takeIn(ctx, m, intake, o, found)
}

func (p *program) sayKinds(title string, kinds map[string]int, examples map[string]string) {
	if len(kinds) == 0 {
		return
	}
	p.say("%s:", title)
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b string) int { return kinds[b] - kinds[a] }) {
		p.say("  %6d  %s, for example %s", kinds[kind], kind, examples[kind])
	}
}

// takeIn makes drafts of the rows and shows how far it is.
func (p *program) takeIn(ctx context.Context, m *market, intake handlers.Intake, o importOptions, found handlers.Tally) error {
	began := time.Now()
	sum := sha256.New()
	file := intake.File
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	started, err := m.BeginImport(ctx, intake.Artist, "file "+hex.EncodeToString(sum.Sum(nil)), filepath.Base(o.file), o.settings.String(), "")
	if err != nil {
		return err
	}
	refused := refusedFile{path: strings.TrimSuffix(o.file, filepath.Ext(o.file)) + ".rejected.csv"}
	reader, err := intake.Open()
	if err != nil {
		return err
	}
	bar, done := progressBar{out: p.err, all: found.Rows, began: began}, 0
	intake.Each = func(row catalogue.Row) error {
		if done++; done%store.ImportBatch == 0 {
			bar.show(done)
		}
		if row.Refused == nil {
			return nil
		}
		return refused.add(reader.Header, row)
	}
	var pictures *folder
	if o.images != "" {
		if pictures, err = p.openFolder(m, intake.Artist, o.images); err != nil {
			return err
		}
		intake.Made = pictures.hang
	}
	tally, err := intake.Import(ctx, started.ID)
	if closed := refused.close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("%w\nWhat was taken in stays. Call it again to go on", err)
	}
	bar.show(tally.Rows)
	bar.end()
	p.say("%d works are drafts of %s now, %d were here before this import, %d rows are refused; %s.", tally.Made, o.artist,
		tally.Rows-tally.Refused-tally.Made, tally.Refused, time.Since(began).Round(100*time.Millisecond))
	if tally.Refused > 0 {
		p.say("The refused rows and why are in %s.", refused.path)
	}
	if pictures != nil {
		p.say("%d photographs are taken in. Their pictures are made while the market is served.", pictures.taken)
	}
	p.say("They are at /studio/imports/%d, where those that lack nothing can be hung.", started.ID)
	return nil
}

// refusedFile is made when a first row is refused.
type refusedFile struct {
	path string
	file *os.File
	csv  *catalogue.Writer
}

func (f *refusedFile) add(header []string, row catalogue.Row) (err error) {
	if f.file == nil {
		if f.file, err = os.Create(f.path); err != nil {
			return err
		}
		if f.csv, err = catalogue.NewWriter(f.file, append([]string{handlers.RefusedColumn}, header...)...); err != nil {
			return err
		}
	}
	return f.csv.Copy(handlers.RefusedReason(row), row.Cells)
}

func (f *refusedFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.csv.Flush(), f.file.Close())
}

// folder is where a catalogue's photographs are.
type folder struct {
	*program
	store  *store.Store
	artist store.Member
	dir    string
	names  handlers.ImageNames[string]
	taken  int
}

func (p *program) openFolder(m *market, artist store.Member, dir string) (*folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{program: p, store: m.Store, artist: artist, dir: dir}
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			f.names.Add(entry.Name(), entry.Name())
		}
	}
	return f, nil
}

// hang gives the works of a batch that have no photograph the ones that their
// rows name.
func (f *folder) hang(ctx context.Context, rows []catalogue.Row, works []store.ImportedWork) error {
	for i, row := range rows {
		if !works[i].Bare {
			continue
		}
		var given []store.GivenImage
		for _, name := range handlers.ImagesOf(row) {
			file, ok := f.names.Find(name)
			if !ok {
				if len(row.Images) > 0 {
					f.say("line %d: %s is not in %s", row.Line, name, f.dir)
				}
				continue
			}
			img, err := f.keep(ctx, file)
			var refused *imagehost.Refused
			var conflict *store.Conflict
			switch {
			case errors.As(err, &refused):
				f.say("line %d: %s: %s", row.Line, file, refused.Reason)
				continue
			case errors.As(err, &conflict):
				f.say("line %d: %s: %s", row.Line, file, conflict.Sentence)
				continue
			case err != nil:
				return err
			}
			given = append(given, store.GivenImage{Artwork: works[i].ID, Image: img.ID, Position: len(given)})
		}
		if len(given) == 0 {
			continue
		}
		given[0].Alt = row.Alt
		if err := f.store.GiveImages(ctx, f.artist, given); err != nil {
			return err
		}
		f.taken += len(given)
	}
	return nil
}

// keep makes a file safe and makes a photograph of it, as an artist's upload is.
func (f *folder) keep(ctx context.Context, name string) (store.Image, error) {
	info, err := os.Stat(filepath.Join(f.dir, name))
	if err != nil {
		return store.Image{}, err
	}
	if info.Size() > store.UploadMost {
		return store.Image{}, &store.Conflict{Sentence: "It is larger than 20 MB."}
	}
	file, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		return store.Image{}, err
	}
	width, height, err := imagehost.Inspect(file)
	if err != nil {
		return store.Image{}, err
	}
	u, err := f.store.BeginUpload(ctx, f.artist, name, len(file))
	if err == nil {
		_, err = f.store.AppendUpload(ctx, f.artist, u.ID, 0, file)
	}
	if err != nil {
		return store.Image{}, err
	}
	return f.store.KeepUpload(ctx, f.artist, u.ID, width, height)
}
