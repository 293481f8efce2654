package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/storetest"
)

func TestTheDatabaseKnowsTheZonesOfPostcodes(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	postcodes := []string{"GIR 0AA", "BFPO 57", "BF1 3AA", "XX1 1AA", "L20 1AA"}
	for _, area := range store.Areas() {
		postcodes = append(postcodes, area+"1 1AA", area+"1A 1AA")
	}
	var zones []int
	if err := m.DB.Select(&zones, `SELECT postcode_zone(p) FROM unnest($1::text[]) WITH ORDINALITY AS t (p, n) ORDER BY n`, pq.Array(postcodes)); err != nil {
		t.Fatal(err)
	}
	if len(postcodes) < 2*124 {
		t.Fatalf("only %d postcodes", len(postcodes))
	}
	for i, postcode := range postcodes {
		if want := store.Zone(postcode); zones[i] != want {
			t.Errorf("%s lies in zone %d, want %d", postcode, zones[i], want)
		}
	}
}

// What a list says a work costs, delivered, is what its quote says, to the penny.
func TestTheDeliveredPriceOfAListIsThatOfTheQuote(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	random := rand.New(rand.NewPCG(9, 11))
	// Sizes of all magnitudes, so that every part of the sum is the one that decides.
	upTo := func(most int) int64 {
		return 1 + random.Int64N(min(int64(most), 10<<random.IntN(17)))
	}
	areas, mediums := store.Areas(), store.Mediums()
	const pairs = 10_000
	var prices, widths, heights, depths, weights []int64
	var kinds, from, to, own []string
	ratesOf := make([]store.Rates, 0, pairs)
	for range pairs {
		var rates store.Rates
		for z := range rates {
			if random.IntN(3) == 0 {
				rates[z] = sql.NullInt64{Int64: upTo(999999), Valid: true}
			}
		}
		if len(ratesOf)%2 == 0 { // most artists have none, or all
			rates = store.Rates{}
		} else if len(ratesOf)%5 == 0 {
			for z := range rates {
				rates[z] = sql.NullInt64{Int64: upTo(999999), Valid: true}
			}
		}
		column, err := rates.Value()
		if err != nil {
			t.Fatal(err)
		}
		ratesOf, own = append(ratesOf, rates), append(own, fmt.Sprint(column))
		prices = append(prices, 99+upTo(9999900))
		widths, heights = append(widths, 9+upTo(999990)), append(heights, 9+upTo(999990))
		depth := upTo(999999) // 0 for a flat work
		if random.IntN(3) == 0 {
			depth = 0
		}
		depths, weights = append(depths, depth), append(weights, upTo(999999))
		kinds = append(kinds, string(mediums[random.IntN(len(mediums))]))
		from, to = append(from, areas[random.IntN(len(areas))]+"1 1AA"), append(to, areas[random.IntN(len(areas))]+"2 2ZZ")
	}
	var totals []struct {
		Total, Least sql.NullInt64
	}
	err := m.DB.Select(&totals, `
		SELECT delivered(p::integer, k, w::integer, h::integer, NULLIF(d, 0)::integer, g::integer, postcode_zone(f), postcode_zone(t), r::integer[]) AS total,
			delivered_least(p::integer, k, w::integer, h::integer, NULLIF(d, 0)::integer, g::integer, r::integer[]) AS least
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[])
			WITH ORDINALITY AS x (p, k, w, h, d, g, f, t, r, n) ORDER BY n`,
		pq.Array(prices), pq.Array(kinds), pq.Array(widths), pq.Array(heights), pq.Array(depths), pq.Array(weights), pq.Array(from), pq.Array(to), pq.Array(own))
	if err != nil {
		t.Fatal(err)
	}
	if len(totals) != pairs {
		t.Fatalf("%d prices, want %d", len(totals), pairs)
	}
	unquoted, byRate := 0, 0
	for i, got := range totals {
		want := store.Priced(store.Pence(prices[i]), store.Medium(kinds[i]), store.Hundredths(widths[i]), store.Hundredths(heights[i]),
			store.Hundredths(depths[i]), store.Hundredths(weights[i]), from[i], to[i], ratesOf[i])
		if want.Unquoted {
			unquoted++
		} else if _, ok := ratesOf[i].To(store.Zone(to[i])); ok {
			byRate++
		}
		if got.Total.Valid == want.Unquoted || got.Least.Valid == want.Unquoted || !want.Unquoted && store.Pence(got.Total.Int64) != want.Total() {
			t.Fatalf("%s of %d × %d × %d, %d heavy, for %d from %s to %s at %s: %v, want %+v",
				kinds[i], widths[i], heights[i], depths[i], weights[i], prices[i], from[i], to[i], own[i], got, want)
		}
		if got.Least.Int64 > got.Total.Int64 {
			t.Fatalf("%d is said to be the least, at %s, and %d is paid", got.Least.Int64, own[i], got.Total.Int64)
		}
	}
	if unquoted < pairs/20 || byRate < pairs/20 {
		t.Errorf("only %d are quoted by their artists, and %d at their rates", unquoted, byRate)
	}
}

func TestAPlaceForParcelsIsRead(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"ls6 3qt": "LS6", "LS63QT": "LS6", "bt9": "BT9", " B T ": "BT", "ec1a 1bb": "EC1A", "EC1A": "EC1A", "gir 0aa": "L20", "bfpo 57": "BFPO", "bf1": "BF1", "je2": "JE2",
		"": "", "XX1": "", "12": "", "LS6 3Q": "", "LS6 3QTX": "", "Leeds": "", "ＬＳ6": "",
	} {
		got, ok := store.ParseOutward(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", typed, got, ok, want)
		}
		if again, ok := store.ParseOutward(got); want != "" && (again != got || !ok) {
			t.Errorf("%q is read again as %q", got, again)
		}
	}
}
