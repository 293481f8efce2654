package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

func TestACrowdIsAddedOnce(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	p := quiet(t)
	p.DatabaseURL = m.DSN
	csv := filepath.Join(t.TempDir(), "works.csv")
	if err := os.WriteFile(csv, []byte("title,medium,year,width,height\nThe Ferry at Dusk,oil on canvas,1931,120,90\n,oil on canvas,1932,10,10\nKiln,stoneware,,30,20\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	works := func() (n int) {
		t.Helper()
		// Whoever is shown is whole, and shows a photograph.
		if err := m.DB.Get(&n, `SELECT count(*) FROM artworks a JOIN images i ON i.artwork_id = a.id AND i.position = 0 AND i.state = 'ready'
			WHERE a.state = 'listed' AND (a.title LIKE 'The Ferry at Dusk%' AND a.width = 12000 AND a.year = 1931 OR a.title LIKE 'Kiln%' AND a.depth > 0)`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, test := range []struct{ asked, there int }{{7, 7}, {7, 7}, {store.CrowdBatch + 3, store.CrowdBatch + 3}} {
		if err := p.demoCommand(t.Context(), []string{"--works", strconv.Itoa(test.asked), "--catalogue", csv}); err != nil {
			t.Fatal(err)
		}
		if n := works(); n != test.there {
			t.Errorf("%d works after %d were asked for", n, test.asked)
		}
	}
}

func TestACrowdNeedsNoCatalogue(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	p := quiet(t)
	p.DatabaseURL = m.DSN
	if err := p.demoCommand(t.Context(), []string{"--works", "300"}); err != nil {
		t.Fatal(err)
	}
	var titles, artists int
	if err := m.DB.QueryRow(`SELECT count(DISTINCT title), count(DISTINCT artist_id) FROM artworks JOIN members m ON m.id = artist_id WHERE m.username LIKE 'crowd-%'`).Scan(&titles, &artists); err != nil {
		t.Fatal(err)
	}
	if titles != 300 || artists < 2 {
		t.Errorf("%d titles by %d artists", titles, artists)
	}
}

func TestDemoOptions(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--works", "-1"}, {"--works", "many"}, {"--works", "10000001"}, {"--catalogue", "x.csv"}, {"now"}} {
		if o, err := readDemoOptions(args); err == nil {
			t.Errorf("%v is %+v", args, o)
		}
	}
}
