package store_test

import (
	"context"
	"testing"

	"openstudio/store"
	"openstudio/store/storetest"
)

// BenchmarkListing hangs a new work in a market without saved searches, and in one
// with 100,000: members are told afterwards.
func BenchmarkListing(b *testing.B) {
	for name, searches := range map[string]int{"none": 0, "100000": 100_000} {
		b.Run(name, func(b *testing.B) {
			m := storetest.New(b)
			fillSearches(b, m, searches)
			for b.Loop() {
				b.StopTimer()
				id := m.Work(b, m.Ana, storetest.Work{Title: "Blue door, abbey", State: store.Draft})
				b.StartTimer()
				if err := m.Store.SetListed(context.Background(), m.Ana, id, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMatching compares one new work with 100,000 saved searches, of which some
// 6,000 have one of its keys and half of those find it.
func BenchmarkMatching(b *testing.B) {
	m := storetest.New(b)
	fillSearches(b, m, 100_000)
	id := m.Work(b, m.Ana, storetest.Work{Title: "Blue door, abbey"})
	for b.Loop() {
		if _, err := m.DB.Exec(`WITH a AS (INSERT INTO announcements (key, artist_id, artwork_id, works, created_at) VALUES (gen_random_uuid(), $2, $1, 1, now()) RETURNING id)
			INSERT INTO announced_works (announcement_id, artwork_id, listed_at) SELECT id, $1, now() FROM a`, id, m.Ana.ID); err != nil {
			b.Fatal(err)
		}
		if _, err := m.Store.TellOfNewWorks(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
