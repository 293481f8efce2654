package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/storetest"
)

// keeper is the program on a market with so many photographs, each kept on disk.
func keeper(t *testing.T, m *storetest.Market, photographs int) (*program, *bytes.Buffer) {
	t.Helper()
	ctx := context.Background()
	out := &bytes.Buffer{}
	p := &program{Config: Config{Port: "0", DataDir: t.TempDir(), DatabaseURL: m.DSN}, log: slog.New(slog.DiscardHandler), out: out, err: io.Discard}
	market, err := p.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer market.close()
	for i := range photographs {
		file := photographOf(t, uint8(20*i))
		u, err := market.BeginUpload(ctx, m.Ana, "front.jpg", len(file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := market.AppendUpload(ctx, m.Ana, u.ID, 0, file); err != nil {
			t.Fatal(err)
		}
		if _, err := market.KeepUpload(ctx, m.Ana, u.ID, photographWidth, photographHeight); err != nil {
			t.Fatal(err)
		}
	}
	darkroom := p.darkroom(market)
	for range photographs {
		if worked, err := darkroom.Work(ctx); !worked || err != nil {
			t.Fatal(worked, err)
		}
	}
	return p, out
}

// pictures are those that the photographs have now.
func picturesOf(t *testing.T, m *storetest.Market) (pictures []store.StoredPicture) {
	t.Helper()
	if err := m.DB.Select(&pictures, `SELECT host, key FROM images WHERE state = 'ready' ORDER BY id`); err != nil {
		t.Fatal(err)
	}
	return pictures
}

func TestPicturesAreRebuiltFromTheirOriginals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	p, out := keeper(t, m, 3)
	before := picturesOf(t, m)

	// Made again in the same way, they are the same.
	if err := p.imagesCommand(ctx, []string{"rebuild"}); err != nil {
		t.Fatal(err)
	}
	if after := picturesOf(t, m); !slices.Equal(before, after) {
		t.Errorf("the same pictures have other keys: %v, %v", before, after)
	}

	// One was made in another way: its key becomes another.
	if _, err := m.DB.Exec(`UPDATE images SET seed = reverse(seed) WHERE key = $1`, before[1].Key); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := p.imagesCommand(ctx, []string{"rebuild"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "3 pictures are made and kept at disk") {
		t.Errorf("it says %q", out)
	}
	after := picturesOf(t, m)
	if after[0] != before[0] || after[1] == before[1] || after[2] != before[2] {
		t.Errorf("rebuilt: %v, %v", before, after)
	}
	disk, err := imagehost.NewDisk(filepath.Join(p.DataDir, "images"))
	if err != nil {
		t.Fatal(err)
	}
	for _, picture := range append(after, before[1]) { // the replaced one is there for an hour
		opened, err := disk.Open(ctx, picture.Key, 960, imagehost.JPEG)
		if err != nil {
			t.Fatal(err)
		}
		opened.Body.Close()
	}
	if err := p.imagesCommand(ctx, []string{"check"}); err != nil {
		t.Error(err)
	}
}

func TestCheckingPicturesFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	p, out := keeper(t, m, 2)
	if err := p.imagesCommand(ctx, []string{"check"}); err != nil || !strings.Contains(out.String(), "2 pictures are kept, 0 are missing, 0 are nobody's.") {
		t.Errorf("all is well, but: %v %s", err, out)
	}
	key := picturesOf(t, m)[0].Key
	folder := filepath.Join(p.DataDir, "images", "kept", key[:2], key)
	stranger := strings.Repeat("e", 32)
	if err := os.MkdirAll(filepath.Join(p.DataDir, "images", "kept", "ee"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(folder, filepath.Join(p.DataDir, "images", "kept", "ee", stranger)); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := p.imagesCommand(ctx, []string{"check"}); err == nil {
		t.Error("a picture is missing, and it does not fail")
	}
	for _, want := range []string{"disk lacks " + key, "disk keeps " + stranger, "2 pictures are kept, 1 are missing, 1 are nobody's."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q: %s", want, out)
		}
	}
}

func TestImagesSaysWhatItCanDo(t *testing.T) {
	t.Parallel()
	p := quiet(t)
	for _, args := range [][]string{nil, {"junk"}, {"move"}, {"move", "--to"}, {"move", "--to", "mars"}, {"rebuild", "all"}} {
		if err := p.imagesCommand(context.Background(), args); err == nil || !strings.Contains(err.Error(), "images rebuild") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
