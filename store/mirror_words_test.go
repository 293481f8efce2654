package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

// A text finds the same works in the same order whether it is looked for in memory or by SQL,
// whatever is said of them in the meantime.
func TestTextsAreFoundTheSameBothWays(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Fill(t, 250)
	bySQL := *m
	bySQL.Store = m.Open(t)
	bySQL.Store.Blind()
	random := rand.New(rand.NewPCG(6, 28))
	vocabulary := strings.Fields("heron herons her north northern light lighthouse low tide tides Été Ørsted’s straße straight O'Keeffe 1e5 10e 12abc 3d 3 30 2nd a1b2 " +
		"0x1f x oil oils boat 日本 日本画 हिन्दी Kraków krakow no-one T.S. ½ ² ﬁne fine İzmir ǆ Ωmega ωmega the thé")
	words := func(most int) string {
		var list []string
		for range 1 + random.IntN(most) {
			list = append(list, vocabulary[random.IntN(len(vocabulary))])
		}
		return strings.Join(list, " ")
	}
	say := func(where string, args ...any) {
		t.Helper()
		args = append([]any{words(5), words(3), words(3), words(8)}, args...)
		if _, err := m.DB.Exec(`UPDATE artworks SET title = $1, material = $2, subjects = $3, description = $4 WHERE `+where, args...); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 250 {
		say(`id = (SELECT id FROM artworks ORDER BY id OFFSET $5 LIMIT 1)`, n)
	}
	found := 0
	for round := range 12 {
		for range 25 {
			q := words(3)
			switch random.IntN(6) {
			case 0:
				q = `"` + q + `"`
			case 1:
				runes := []rune(q)
				q = string(runes[:1+random.IntN(len(runes))])
			case 2:
				q = strings.ToUpper(q)
			}
			f := store.Filter{Query: q, ForSale: random.IntN(4) == 0}
			if random.IntN(3) == 0 {
				f.Sort = store.PriceUp
			}
			f = f.Clean()
			inMemory, want := listed(t, m, f), listed(t, &bySQL, f)
			if !slices.Equal(inMemory, want) {
				t.Errorf("round %d, %+v: %d works in memory %v\n%d by SQL %v", round, f, len(inMemory), inMemory, len(want), want)
			}
			if f.Query != "" {
				found += min(len(want), 1)
			}
		}
		for range 10 {
			say(`id = (SELECT id FROM artworks ORDER BY id OFFSET $5 LIMIT 1)`, random.IntN(250))
		}
		say(`id % 50 = $5`, round)
		for _, q := range []string{
			`UPDATE artworks SET state = CASE WHEN state = 'listed' THEN 'unlisted' ELSE 'listed' END WHERE id % 31 = $1`,
			`UPDATE artworks SET price = price + 100 WHERE id % 3 = $1 % 3`,
			`UPDATE members SET first_name = 'Heron' || $1 WHERE username LIKE 'artist-%' AND id % 5 = $1 % 5`,
		} {
			if _, err := m.DB.Exec(q, round); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d of 300 texts find something", found)
	}
}

// In memory every work that holds a common word is in the list, in each order, and of those that
// fit best the one that is called so first, however long ago it was hung.
func TestACommonWordIsFoundToTheEnd(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Fill(t, 3000)
	called := m.Work(t, m.Ana, storetest.Work{Title: "Work"})
	brief := m.Work(t, m.Ana, storetest.Work{Title: "Work of clay and slip"})
	for id, q := range map[int64]string{called: `2000-01-01`, brief: `2000-01-02`} {
		if _, err := m.DB.Exec(`UPDATE artworks SET listed_at = $2 WHERE id = $1`, id, q); err != nil {
			t.Fatal(err)
		}
	}
	f := store.Filter{Query: "work"}.Clean()
	ids := listed(t, m, f)
	if len(ids) != 3002 || ids[0] != called || ids[len(ids)-1] != brief {
		t.Errorf("%d works, first %d, last %d, want 3002, first %d, last %d", len(ids), ids[0], ids[len(ids)-1], called, brief)
	}
	for sort, order := range map[store.Sort]string{store.PriceUp: "price, id", store.PriceDown: "price DESC, id DESC",
		store.SizeUp: "greatest(width, height), id", store.SizeDown: "greatest(width, height) DESC, id DESC"} {
		var want []int64
		if err := m.DB.Select(&want, `SELECT id FROM artworks ORDER BY `+order); err != nil {
			t.Fatal(err)
		}
		if got := listed(t, m, store.Filter{Query: "work", Sort: sort}.Clean()); !slices.Equal(got, want) {
			t.Errorf("by %s: %d works %v, want %d works %v", sort, len(got), got, len(want), want)
		}
	}
	if early, err := m.Store.EndsEarly(context.Background(), f); early || err != nil {
		t.Errorf("the list ends early: %v, %v", early, err)
	}
	if less, err := m.Store.LessWords(context.Background(), store.Filter{Query: "work zzqx"}.Clean()); err != nil || len(less) != 1 || less[0].Word != "zzqx" || less[0].Works != store.RowCountMost+1 {
		t.Errorf("less words: %s, %v", fmt.Sprint(less), err)
	}
}
