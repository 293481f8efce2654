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

// TestTheListsOfPackingAreEdited writes each list, reads it back unchanged, edited,
// and wrong.
func TestTheListsOfPackingAreEdited(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	var out bytes.Buffer
	p := &program{Config: Config{Port: "0", DataDir: t.TempDir(), DatabaseURL: m.DSN}, log: slog.New(slog.DiscardHandler), out: &out, err: io.Discard}
	run := func(args ...string) (string, error) {
		t.Helper()
		out.Reset()
		err := p.packingCommand(ctx, args)
		return out.String(), err
	}
	keep := func(text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "list.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, which := range []string{"carriers", "materials"} {
		list, err := run(which)
		if err != nil || strings.Count(list, "\n") < 8 {
			t.Fatalf("%s: %v\n%s", which, err, list)
		}
		if said, err := run(which, keep("\ufeff"+list)); err != nil {
			t.Errorf("%s again: %s, %v", which, said, err)
		}
		if again, err := run(which); err != nil || again != list {
			t.Errorf("%s, written and read, are\n%s, %v", which, again, err)
		}
	}
	edited := "Name,Art,Words,Source,Read on,Heaviest kg,Longest cm,Limits source\nGLS,ask,\"Ask, before you send.\",https://gls.example/terms,2026-12-01,30,,\n"
	if _, err := run("carriers", keep(edited)); err != nil {
		t.Fatal(err)
	}
	list, err := run("carriers")
	if want := "GLS,ask,\"Ask, before you send.\",https://gls.example/terms,30,,,2026-12-01\n"; err != nil || !strings.HasSuffix(list, "\n"+want) {
		t.Errorf("edited:\n%s, %v", list, err)
	}
	for what, bad := range map[string]string{
		"carries it perhaps": strings.Replace(edited, ",ask,", ",perhaps,", 1), "a day that is none": strings.Replace(edited, "2026-12-01", "soon", 1),
		"a weight that is none": strings.Replace(edited, ",30,", ",heavy,", 1), "a column that lacks": strings.Replace(edited, "Words", "Notes", 1), "no list": "",
	} {
		if said, err := run("carriers", keep(bad)); err == nil {
			t.Errorf("%s: %s", what, said)
		}
	}
	if again, err := run("carriers"); err != nil || again != list {
		t.Errorf("after bad lists:\n%s, %v", again, err)
	}
	for _, args := range [][]string{{}, {"boxes"}, {"carriers", "a", "b"}} {
		if _, err := run(args...); err == nil {
			t.Errorf("%v was done", args)
		}
	}
}
