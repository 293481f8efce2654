package store

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestZonesKnowEveryArea(t *testing.T) {
	t.Parallel()
	if len(zones) != 124 {
		t.Errorf("%d postcode areas, want 124", len(zones))
	}
	for postcode, want := range map[string]int{
		"EC1A 1BB": 1, "HA1 1AA": 1, "UB1 1AA": 1, "BN1 1AA": 2, "CT1 1AA": 2, "GU1 1AA": 2, "IP1 1AA": 2, "MK1 1AA": 2,
		"NR1 1AA": 2, "OX1 1AA": 2, "RG1 1AA": 2, "SL1 1AA": 2, "WD1 1AA": 2, "SO14 1AA": 3, "LS6 3QT": 3, "L1 1AA": 3,
		"GIR 0AA": 3, "G1 1AA": 4, "BT9 5AA": 4, "GY1 1AA": 5, "JE1 1AA": 5, "IM1 1AA": 5, "BF1 2AA": 1,
	} {
		if got := zone(postcode); got != want {
			t.Errorf("zone(%s) = %d, want %d", postcode, got, want)
		}
	}
}

// TestQuoteIsExact compares the quote with the same formula in fractions.
func TestQuoteIsExact(t *testing.T) {
	t.Parallel()
	areas := make([]string, 0, len(zones))
	for a := range zones {
		areas = append(areas, a)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := func(name string) Hundredths {
			return Hundredths(rapid.Int64Range(10, int64(LongestQuoted)).Draw(t, name))
		}
		price := Pence(rapid.Int64Range(100, 9999999).Draw(t, "price"))
		w, h, d := size("width"), size("height"), size("depth")
		kg := Hundredths(rapid.Int64Range(1, int64(HeaviestQuoted)).Draw(t, "weight"))
		from := rapid.SampledFrom(areas).Draw(t, "from") + "1 1AA"
		to := rapid.SampledFrom(areas).Draw(t, "to") + "1 1AA"
		got := quote(price, Painting, w, h, d, kg, from, to, Rates{})

		distance := int64(zone(from) - zone(to))
		if distance < 0 {
			distance = -distance
		}
		r := func(n, m int64) *big.Rat { return big.NewRat(n, m) }
		pounds := r(5, 1)
		pounds.Add(pounds, new(big.Rat).Mul(r(2, 1), r(int64(kg), 100)))
		volume := new(big.Rat).Mul(new(big.Rat).Mul(r(int64(w), 100), r(int64(h), 100)), r(int64(d), 100))
		pounds.Add(pounds, new(big.Rat).Mul(r(1, 1000), volume))
		pounds.Mul(pounds, new(big.Rat).Add(r(1, 1), r(distance, 5)))
		half := func(pence *big.Rat) Pence { // half up
			pence = new(big.Rat).Add(pence, r(1, 2))
			return Pence(new(big.Int).Quo(pence.Num(), pence.Denom()).Int64())
		}
		if want := half(new(big.Rat).Mul(pounds, r(100, 1))); got.Delivery != want {
			t.Fatalf("delivery %d, want %d", got.Delivery, want)
		}
		if want := half(r(int64(price), 100)); got.Cover != want {
			t.Fatalf("cover %d, want %d", got.Cover, want)
		}
		if got.Total() != price+got.Delivery+got.Cover {
			t.Fatalf("total %d", got.Total())
		}
		back := quote(price, Painting, w, h, d, kg, to, from, Rates{})
		if back != got {
			t.Fatalf("the way back costs %v, not %v", back, got)
		}
	})
}

func TestQuoteByHand(t *testing.T) {
	t.Parallel()
	// (5 + 2×7.2 + 0.001×150×120×4) × (1 + 0.2×1) = 91.4 × 1.2, cover 34.00
	q := quote(340000, Painting, 15000, 12000, 400, 720, "G12 8QQ", "LS6 3QT", Rates{})
	if q.Delivery != 10968 || q.Cover != 3400 || q.Total() != 354368 {
		t.Errorf("%+v", q)
	}
	if q := quote(39000, DigitalArt, 6000, 8000, 0, 0, "S1 1AA", "JE2 3AB", Rates{}); q.Total() != 39000 {
		t.Errorf("digital art costs %+v", q)
	}
}

// A work is quoted by the formula up to 30 kg and 200 cm, and beyond by its artist,
// whatever the artist's rates.
func TestWhatIsAskedOfTheArtist(t *testing.T) {
	t.Parallel()
	own := Rates{{Int64: 4500, Valid: true}, {}, {Int64: 0, Valid: true}, {}, {}}
	for _, test := range []struct {
		name                         string
		medium                       Medium
		width, height, depth, weight Hundredths
		unquoted                     bool
	}{
		{"as heavy as can be", Painting, 6000, 8000, 400, 3000, false},
		{"heavier", Painting, 6000, 8000, 400, 3001, true},
		{"as wide as can be", Painting, 20000, 8000, 400, 500, false},
		{"wider", Painting, 20001, 8000, 400, 500, true},
		{"higher", Painting, 8000, 20001, 400, 500, true},
		{"deeper", Sculpture, 8000, 8000, 20001, 500, true},
		{"large, of light", DigitalArt, 30000, 30000, 0, 0, false},
	} {
		for _, rates := range []Rates{{}, own} {
			q := quote(100000, test.medium, test.width, test.height, test.depth, test.weight, "LS2 7EW", "N1 1AA", rates)
			if q.Unquoted != test.unquoted {
				t.Errorf("%s: %+v", test.name, q)
			}
			if test.unquoted && (q.Delivery != 0 || q.Cover != 1000) {
				t.Errorf("%s: delivery %s, cover %s", test.name, q.Delivery, q.Cover)
			}
		}
	}
	for to, want := range map[string]Pence{"N1 1AA": 4500, "LS6 3QT": 0} {
		if q := quote(100000, Painting, 6000, 8000, 400, 650, "LS2 7EW", to, own); q.Delivery != want || q.Cover != 1000 {
			t.Errorf("by the artist's rate to %s: %+v", to, q)
		}
	}
	if formula, mixed := quote(100000, Painting, 6000, 8000, 400, 650, "LS2 7EW", "BS1 6SN", Rates{}), quote(100000, Painting, 6000, 8000, 400, 650, "LS2 7EW", "BN1 1AA", own); mixed.Delivery <= formula.Delivery {
		t.Errorf("without a rate: %+v, want the formula for the next zone", mixed)
	}
}

func TestCommission(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Commission{"0": 0, "2.5": 250, "12.25 %": 1225, " 100% ": 10000, "0.01": 1} {
		if got, err := ParseCommission(typed); err != nil || got != want {
			t.Errorf("%q is %d, %v", typed, got, err)
		}
	}
	for _, bad := range []string{"", "-1", "100.01", "2.555", "two", "1e1"} {
		if got, err := ParseCommission(bad); err == nil {
			t.Errorf("%q is %d", bad, got)
		}
	}
	for _, test := range []struct {
		rate        Commission
		price, want Pence
		words       string
	}{{0, 9999999, 0, "0%"}, {250, 145000, 3625, "2.5%"}, {250, 100, 3, "2.5%"}, {1225, 9999999, 1225000, "12.25%"}, {10000, 9999999, 9999999, "100%"}} {
		if got := test.rate.Of(test.price); got != test.want || test.rate.String() != test.words {
			t.Errorf("%s of %s is %s, want %s", test.rate, test.price, got, test.want)
		}
	}
	q := Quote{Price: 145000, Delivery: 4000, Cover: 1450, Rate: 250}
	if q.ArtistReceives() != q.Total()-3625 {
		t.Errorf("the artist receives %s of %s", q.ArtistReceives(), q.Total())
	}
}
