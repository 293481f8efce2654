package store_test

import (
	"context"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

// say gives a work a description, a material and subjects.
func say(t *testing.T, m *storetest.Market, id int64, description, material, subjects string) {
	t.Helper()
	if _, err := m.DB.Exec(`UPDATE artworks SET description = $2, material = $3, subjects = $4 WHERE id = $1`, id, description, material, subjects); err != nil {
		t.Fatal(err)
	}
}

// searched are the titles that a search finds, the best first.
func searched(t testing.TB, m *storetest.Market, q string) string {
	t.Helper()
	f := store.Filter{Query: q}.Clean()
	page, err := m.Store.Artworks(context.Background(), 0, f)
	if err != nil {
		t.Fatalf("%q: %v", q, err)
	}
	if f.Query == "" {
		return "no query"
	}
	searchedAsListed(t, m, f)
	var titles []string
	for _, w := range page.Items {
		titles = append(titles, w.Title)
	}
	return strings.Join(titles, " | ")
}

func TestSearchFindsWordsWhereverTheyStand(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	hang := func(title string) int64 { return m.Work(t, m.Ana, storetest.Work{Title: title}) }
	say(t, m, hang("Said"), "Painted beside a heron.", "oil", "")
	say(t, m, hang("Shown"), "", "oil", "heron, low tide")
	hang("Grey heron at the weir, seen from the bridge")
	hang("Heron")
	hang("Été à Kraków – Ørsted’s Garden")
	m.Work(t, m.Ana, storetest.Work{Title: "Heron in a drawer", State: store.Draft})
	m.Work(t, m.Ana, storetest.Work{Title: "Heron taken down", State: store.Unlisted})
	m.Work(t, m.Dora, storetest.Work{Title: "Voe", Medium: store.Printmaking})

	const summer = "Été à Kraków – Ørsted’s Garden"
	finds := map[string]string{
		"heron": "Heron | Grey heron at the weir, seen from the bridge | Shown | Said", "HÉRON": "Heron | Grey heron at the weir, seen from the bridge | Shown | Said",
		"ete": summer, "été krakow": summer, "orsteds": summer, "Ørsted's gard": summer, "isbis": "Voe", "dora voe": "Voe", "printmaking": "Voe",
		`"heron at the weir"`: "Grey heron at the weir, seen from the bridge", `"weir at the heron"`: "", "tide": "Shown", "eron": "", "drawer": "",
		"!?&|": "no query", "": "no query",
	}
	bothWays(m, func(way string) {
		for q, want := range finds {
			if got := searched(t, m, q); got != want {
				t.Errorf("%s, %q finds %q, not %q", way, q, got, want)
			}
		}
	})
}

func TestSearchCorrectsALetter(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	m.Work(t, m.Ana, storetest.Work{Title: "Landscape with a lighthouse"})
	m.Work(t, m.Ana, storetest.Work{Title: "A cane of oak"})
	m.Work(t, m.Ana, storetest.Work{Title: "Secretive", State: store.Draft})
	if _, err := m.Store.RefreshVocabulary(ctx); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]string{
		"lanscape": "landscape", "ladnscape": "landscape", "landscaape": "landscape", "lendscape": "landscape", "andscape": "landscape",
		"lighthuose lanscape": "lighthouse landscape", "landscape": "", "zzzzzz": "", "secretiv": "", "x": "",
		"café": "cane?", "café lanscape": "cane landscape?",
	} {
		got, ok, err := m.Store.Correct(ctx, q)
		want, unsure := strings.CutSuffix(want, "?")
		if err != nil || ok != (want != "") || ok && got != (store.Correction{Query: want, Sure: !unsure}) {
			t.Errorf("%q becomes %+v, %v (%v), not %q", q, got, ok, err, want)
		}
	}
}

func TestSearchFindsArtistsAndPublicGalleries(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	set := func(v string) {
		if _, err := m.DB.Exec(`UPDATE galleries SET title = 'Höfn in winter', visibility = $2 WHERE collector_id = $1`, m.Ben.ID, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []string{"private", "link", "public"} {
		set(v)
		b, err := m.Store.FindBeside(ctx, "hofn")
		if err != nil || (len(b.Galleries) == 1) != (v == "public") {
			t.Errorf("a %s gallery: %+v, %v", v, b.Galleries, err)
		}
	}
	b, err := m.Store.FindBeside(ctx, "isbister")
	if err != nil || len(b.Artists) != 1 || b.Artists[0].Name != "Dora Isbister" {
		t.Errorf("%+v, %v", b.Artists, err)
	}
	if b, err = m.Store.FindBeside(ctx, "okoro"); err != nil || len(b.Artists) != 0 {
		t.Errorf("a collector is found as an artist: %+v, %v", b.Artists, err)
	}
}

func TestBestPagesAreWhole(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	for range 60 {
		m.Work(t, m.Ana, storetest.Work{Title: "Heron"})
	}
	seen := map[int64]bool{}
	f := store.Filter{Query: "heron"}.Clean()
	for {
		page, err := m.Store.Artworks(context.Background(), 0, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range page.Items {
			if seen[w.ID] {
				t.Fatalf("work %d comes twice", w.ID)
			}
			seen[w.ID] = true
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	if len(seen) != 60 {
		t.Errorf("the pages have %d works, not 60", len(seen))
	}
}

func FuzzSearch(f *testing.F) {
	m := storetest.New(f)
	for _, q := range []string{"", "\x00", "'", `\`, `"`, `"""a b"`, "&|!:*<->", "a & b | !c:*", "🌊 wave", strings.Repeat("x", 10_000), "\xff\xfe", "ǅ ﬁ ½ ٣", "日本 の 海", "a\u0301\u0301", "x:*A", "(((", "%_"} {
		f.Add(q)
	}
	ctx := context.Background()
	f.Fuzz(func(t *testing.T, q string) {
		searched(t, m, q)
		if _, err := m.Store.CountArtworks(ctx, store.Filter{Query: q}.Clean()); err != nil {
			t.Error(err)
		}
		if _, err := m.Store.Suggest(ctx, q); err != nil {
			t.Error(err)
		}
		if _, err := m.Store.FindBeside(ctx, q); err != nil {
			t.Error(err)
		}
		if _, _, err := m.Store.Correct(ctx, q); err != nil {
			t.Error(err)
		}
	})
}

// What is typed and what is searched are folded alike, here and in SQL.
func TestFoldingIsTheSameInSQL(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	for _, text := range []string{"Été à Kraków", "Ørsted’s Garden – no. 2", "STRAẞE, Straße", "Łódź/Đà Nẵng", "œuvre Ænima þorn", "½ of 3²", "naïve, e\u0301tude",
		"‘Single’ “double” «guillemets»", "a_b-c.d@e", "東京 2020", "Ωμέγα Привет", "İstanbul ılık", "tab\tline\nend", "(no title)", "100 % & more"} {
		var folded string
		if err := m.DB.Get(&folded, `SELECT fold($1)`, text); err != nil {
			t.Fatal(err)
		}
		if got := store.FoldWords(text); got != folded {
			t.Errorf("%q is %q here and %q in SQL", text, got, folded)
		}
	}
}
