package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

// hangCalled hangs a work of an artist's under a title.
func hangCalled(t *testing.T, m *storetest.Market, artist store.Member, title, description string) int64 {
	t.Helper()
	w := m.Work(t, artist)
	if _, err := m.DB.Exec(`UPDATE artworks SET title = $2, description = $3, search = lower($2) || E'\n' || lower($4) WHERE id = $1`,
		w, title, description, artist.Name()); err != nil {
		t.Fatal(err)
	}
	return w
}

func searched(t *testing.T, m *storetest.Market, q string) string {
	t.Helper()
	page, err := m.Store.Artworks(context.Background(), 0, store.Filter{Query: q}.Clean())
	if err != nil {
		t.Fatalf("%q: %v", q, err)
	}
	var titles []string
	for _, w := range page.Items {
		titles = append(titles, w.Title)
	}
	return strings.Join(titles, " | ")
}
