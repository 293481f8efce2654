package store

import "strings"

// zoneAreas groups the 124 postcode areas of the United Kingdom and the Crown
// dependencies by how a parcel from London reaches them.
var zoneAreas = [...]string{
	1: "EC WC N E SE SW W NW HA UB",
	2: "BR CR DA KT ME RH SM TN TW AL CB CM CO EN HP IG LU RM SG SS B CV DY HR ST TF WR WS WV DE DN LE LN NG NN PE " +
		"BN CT GU IP MK NR OX RG SL WD",
	3: "BA BH BS DT EX GL PL PO SN SP TA TQ TR BD HD HG HU HX LS S WF YO BB BL CA CH CW FY L LA M OL PR SK WA WN " +
		"DH DL NE SR TS CF LD LL NP SA SY SO",
	4: "AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE BT",
	5: "GY JE IM",
}

// zones maps a postcode area to its delivery zone, 1 to 5.
var zones = func() map[string]int {
	m := make(map[string]int, 124)
	for zone, areas := range zoneAreas {
		for area := range strings.FieldsSeq(areas) {
			m[area] = zone
		}
	}
	return m
}()

// postcodeArea is the letters that a postcode begins with: "LS" of "LS6 3QT".
// GIR 0AA stands in Bootle, Liverpool. A British Forces post office number has
// no area.
func postcodeArea(postcode string) string {
	if postcode == "GIR 0AA" {
		return "L"
	}
	i := strings.IndexFunc(postcode, func(r rune) bool { return r < 'A' || r > 'Z' })
	if i < 0 {
		return ""
	}
	return postcode[:i]
}

// zone is the delivery zone of a normalised postcode. Forces post is carried
// from London at the inland rate, so BFPO lies in zone 1.
func zone(postcode string) int {
	if strings.HasPrefix(postcode, "BF") {
		return 1
	}
	return zones[postcodeArea(postcode)]
}

// What no formula reaches: a work that is heavier, or longer on one side, is
// delivered at a price that its artist quotes.
const (
	HeaviestQuoted Hundredths = 3000  // 30 kg
	LongestQuoted  Hundredths = 20000 // 200 cm
)

// askedOfArtist reports whether a work is delivered at a price that its artist
// quotes.
func askedOfArtist(medium Medium, width, height, depth, weight Hundredths) bool {
	return medium != DigitalArt && (weight > HeaviestQuoted || max(width, height, depth) > LongestQuoted)
}

// Quote is what a collector pays for one piece, delivered or collected.
type Quote struct {
	Price      Pence      // of the work
	Delivery   Pence      // carriage; 0 while Unquoted
	Cover      Pence      // insurance: 1 % of the price
	Rate       Commission // what the market keeps
	Unquoted   bool       // its artist has yet to say what delivery costs
	Collection bool       // it is fetched from the studio: no delivery, no cover
}

// Total is the sum of the quote; while it is Unquoted, all but the delivery.
func (q Quote) Total() Pence { return q.Price + q.Delivery + q.Cover }

// Commission is what the market keeps, in pence.
func (q Quote) Commission() Pence { return q.Rate.Of(q.Price) }

// ArtistReceives is what the artist has of the total.
func (q Quote) ArtistReceives() Pence { return q.Total() - q.Commission() }

// cover is the insurance of a work on its way: 1 % of the price. Digital art needs
// none.
func cover(price Pence, medium Medium) Pence {
	if medium == DigitalArt {
		return 0
	}
	return Pence(roundHalfUp(int64(price), 100))
}

// quote computes delivery and cover for one piece between two normalised
// postcodes:
//
//	delivery = (£5 + £2 a kg + £0.001 a cm³) × (1 + 0.2 × zones between)
//	cover    = 1 % of the price
//
// each rounded half up to a penny, once. A flat work counts as 1 cm deep.
// Digital art is delivered by no one, and needs no cover on the way. Where the
// artist has a rate of their own for the zone, delivery costs that; what is too
// heavy or too long for the formula is Unquoted whatever the rates.
func quote(price Pence, medium Medium, width, height, depth, weight Hundredths, from, to string, own Rates) Quote {
	return quoteBetween(price, medium, width, height, depth, weight, zone(from), zone(to), own)
}

// quoteBetween is the quote between two zones.
func quoteBetween(price Pence, medium Medium, width, height, depth, weight Hundredths, from, to int, own Rates) Quote {
	if medium == DigitalArt {
		return Quote{Price: price}
	}
	if askedOfArtist(medium, width, height, depth, weight) {
		return Quote{Price: price, Cover: cover(price, medium), Unquoted: true}
	}
	if rate, ok := own.To(to); ok {
		return Quote{Price: price, Delivery: rate, Cover: cover(price, medium)}
	}
	if depth == 0 {
		depth = 100
	}
	distance := int64(from - to)
	if distance < 0 {
		distance = -distance
	}
	// In pence: (500 + 2 a hundredth of a kg + 1e-7 a cubic hundredth of a cm)
	// × (10 + 2 × distance) / 10. The fraction of the volume is carried along
	// separately, because the whole sum in its units would not fit.
	factor := 10 + 2*distance
	volume := int64(width) * int64(height) * int64(depth)
	const perPenny = 10_000_000
	tenths := (500 + 2*int64(weight) + volume/perPenny) * factor
	delivery := tenths/10 + roundHalfUp(tenths%10*perPenny+volume%perPenny*factor, 10*perPenny)
	return Quote{Price: price, Delivery: Pence(delivery), Cover: cover(price, medium)}
}

// roundHalfUp divides two positive numbers and rounds to the nearest, halves up.
func roundHalfUp(n, d int64) int64 { return (n + d/2) / d }
