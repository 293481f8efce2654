package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openstudio/store/storetest"
)

// importer is the program on a market, with a folder that has a catalogue and
// photographs in it.
func importer(t *testing.T, m *storetest.Market, list string, photographs ...string) (p *program, out *bytes.Buffer, dir string) {
	t.Helper()
	out, dir = &bytes.Buffer{}, t.TempDir()
	p = &program{Config: Config{Port: "0", DataDir: t.TempDir(), DatabaseURL: m.DSN}, log: slog.New(slog.DiscardHandler), out: out, err: io.Discard}
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("works.csv", []byte(list))
	for i, name := range photographs {
		write(name, photographOf(t, uint8(20*i)))
	}
	return p, out, dir
}

func TestACatalogueIsImportedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	p, out, dir := importer(t, m, "No,Titel,Technik,Bild,Alt\n1,Fog,oil,fog.jpg|gone.jpg,A fog.\n2,,oil,,\n3,Sill,breath,,\n", "FOG.JPG", "3.jpg")
	if err := os.WriteFile(filepath.Join(dir, "broken.jpg"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "works.csv")
	count := func(query string) (n int) {
		if err := m.DB.Get(&n, query); err != nil {
			t.Fatal(err)
		}
		return n
	}

	if err := p.importCommand(ctx, []string{list, "--artist", "ana", "--dry-run"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "3 rows: 1 can be taken in, 2 are refused.") || count(`SELECT count(*) FROM artworks`)+count(`SELECT count(*) FROM imports`) != 0 {
		t.Errorf("the dry run:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(dir, "works.rejected.csv")); err == nil {
		t.Error("the dry run wrote a file")
	}

	out.Reset()
	if err := p.importCommand(ctx, []string{list, "--artist", "ana", "--images", dir}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 works are drafts of ana now, 0 were here before this import, 2 rows are refused", "line 2: gone.jpg is not in", "1 photographs are taken in"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	rejected, err := os.ReadFile(filepath.Join(dir, "works.rejected.csv"))
	if err != nil || !strings.Contains(string(rejected), "line 3: It has no title. “Untitled” is one.,2,,oil") || strings.Count(string(rejected), "\n") != 3 {
		t.Errorf("%v\n%s", err, rejected)
	}

	// Again, with what was missing: the rest comes, and nothing twice.
	out.Reset()
	if err := p.importCommand(ctx, []string{"--artist", "ana", "--images", dir, "--kind", "painting", "--map", "title=Titel,notes=Technik", list}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "2 works are drafts of ana now") || count(`SELECT count(*) FROM artworks`) != 2 || count(`SELECT count(*) FROM imports`) != 1 {
		t.Errorf("the second time:\n%s", out)
	}
	if n := count(`SELECT count(*) FROM images i JOIN artworks a ON a.id = i.artwork_id
		WHERE (i.name, i.alt, a.title) IN (('FOG.JPG', 'A fog.', 'Fog'), ('3.jpg', '', 'Sill'))`); n != 2 || count(`SELECT count(*) FROM images`) != 2 {
		t.Errorf("%d photographs hang where they should:\n%s", n, out)
	}
	if n := count(`SELECT count(*) FROM image_jobs`); n != 2 {
		t.Errorf("%d jobs make the two pictures", n)
	}
}

func TestTheCommandLineSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	p, _, dir := importer(t, m, "title,medium\nA,oil\n")
	list := filepath.Join(dir, "works.csv")
	for want, args := range map[string][]string{
		"this is how it imports":      {},
		"this is how it imports:":     {list},
		"no artist is called":         {list, "--artist", "ben"},
		"no such file":                {list + "x", "--artist", "ana"},
		"the unit is mm, cm or in":    {list, "--artist", "ana", "--unit", "ell"},
		"no field with its column":    {list, "--artist", "ana", "--map", "colour=x"},
		"No column is called “Titel”": {list, "--artist", "ana", "--map", "title=Titel"},
		"is not a price":              {list, "--artist", "ana", "--price", "dear"},
		"none of the market’s":        {list, "--artist", "ana", "--kind", "poem"},
	} {
		if err := p.importCommand(context.Background(), args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}
