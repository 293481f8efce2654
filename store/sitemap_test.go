package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

func TestSitemapsNameEveryPublicPageOnce(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	const works = 60_000
	m.Fill(t, works)
	// Every one of them is found by an index.
	for _, kind := range store.SitemapKinds() {
		parts, pages := kind.Queries()
		for query, plan := range map[string]string{parts: m.Explain(t, parts), pages: m.Explain(t, pages, 0, 50_000)} {
			if strings.Contains(plan, "Seq Scan on artworks") {
				t.Errorf("%s reads all:\n%s", query, plan)
			}
		}
	}
	hidden := m.Work(t, m.Ana, storetest.Work{State: store.Unlisted})
	ctx := context.Background()
	parts, err := m.Store.SitemapParts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[store.SitemapKind]map[int64]bool{}
	for _, part := range parts {
		n := 0
		err := m.Store.SitemapPages(ctx, part, func(pages []store.SitemapPage) error {
			n += len(pages)
			for _, p := range pages {
				if seen[part.Kind] == nil {
					seen[part.Kind] = map[int64]bool{}
				}
				if seen[part.Kind][p.ID] || p.Name == "" || p.Changed.IsZero() {
					t.Fatalf("%v: %+v", part, p)
				}
				seen[part.Kind][p.ID] = true
			}
			return nil
		})
		if err != nil || n == 0 || n > 50_000 {
			t.Errorf("%v: %d pages, %v", part, n, err)
		}
	}
	if len(parts) != 3 || len(seen[store.SitemapWorks]) != works || seen[store.SitemapWorks][hidden] {
		t.Errorf("%v: %d works", parts, len(seen[store.SitemapWorks]))
	}
	if n := len(seen[store.SitemapArtists]); n != works/50 || seen[store.SitemapArtists][m.Ana.ID] {
		t.Errorf("%d artists", n)
	}
	for _, part := range []store.SitemapPart{{Kind: store.SitemapWorks, N: 2}, {Kind: store.SitemapWorks, N: -1}, {Kind: store.SitemapGalleries}, {Kind: store.SitemapArtists, N: 1 << 62}} {
		if err := m.Store.SitemapPages(ctx, part, nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v: %v", part, err)
		}
	}
}
