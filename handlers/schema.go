package handlers

import (
	"encoding/json"
	"strconv"

	"github.com/a-h/templ"

	"openstudio/store"
)

// What machines read on a page, in the words of https://schema.org: what the
// page shows to everybody, and nothing else.

// linked is a data block of https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
// It is not run, so the policy lets it stand; what is written in it is escaped so
// that no title ends it.
func linked(things ...any) templ.Component {
	return templ.JSONScript("", struct {
		Context string `json:"@context"`
		Graph   []any  `json:"@graph"`
	}{"https://schema.org", things}).WithType("application/ld+json")
}

// schemaArtwork is https://schema.org/VisualArtwork.
type schemaArtwork struct {
	Type        string          `json:"@type"`
	ID          string          `json:"@id"`
	Name        string          `json:"name"`
	URL         string          `json:"url"`
	Image       []string        `json:"image,omitempty"`
	Description string          `json:"description,omitempty"`
	Keywords    string          `json:"keywords,omitempty"`
	DateCreated string          `json:"dateCreated"`
	Artform     string          `json:"artform"`
	ArtMedium   string          `json:"artMedium"`
	ArtEdition  int             `json:"artEdition,omitempty"` // how many there are, of a limited edition
	Width       schemaQuantity  `json:"width"`
	Height      schemaQuantity  `json:"height"`
	Depth       *schemaQuantity `json:"depth,omitempty"`
	Creator     schemaPerson    `json:"creator"`
	Offers      *schemaOffer    `json:"offers,omitempty"`
}

// schemaQuantity is https://schema.org/QuantitativeValue in centimetres, which
// UN/CEFACT Recommendation 20 calls CMT.
type schemaQuantity struct {
	Type     string      `json:"@type"`
	Value    json.Number `json:"value"`
	UnitCode string      `json:"unitCode"`
}

// schemaOffer is https://schema.org/Offer. What is sold out has no price.
type schemaOffer struct {
	Type          string       `json:"@type"`
	URL           string       `json:"url"`
	Price         string       `json:"price,omitempty"`
	PriceCurrency string       `json:"priceCurrency,omitempty"`
	Availability  string       `json:"availability"`
	Seller        schemaPerson `json:"seller"`
}

// schemaPerson is https://schema.org/Person.
type schemaPerson struct {
	Type         string       `json:"@type"`
	ID           string       `json:"@id"`
	Name         string       `json:"name"`
	URL          string       `json:"url"`
	Description  string       `json:"description,omitempty"`
	HomeLocation *schemaPlace `json:"homeLocation,omitempty"`
	SameAs       string       `json:"sameAs,omitempty"`
	KnowsAbout   []string     `json:"knowsAbout,omitempty"`
}

type schemaPlace struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

// schemaTrail is https://schema.org/BreadcrumbList: from the list down to the
// page.
type schemaTrail struct {
	Type  string       `json:"@type"`
	Items []schemaStep `json:"itemListElement"`
}

type schemaStep struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	Item     string `json:"item"`
}

// schemaOfWork is a listed work whose page is at home.
func (s *Server) schemaOfWork(a store.Artwork, home string) schemaArtwork {
	artist := s.schemaOfArtist(a.ArtistUsername, a.ArtistName)
	w := schemaArtwork{
		Type: "VisualArtwork", ID: home + "#work", Name: a.Title, URL: home, Description: a.Description, Keywords: a.Subjects, DateCreated: strconv.Itoa(a.Year),
		Artform: a.Medium.Label(), ArtMedium: a.Material, ArtEdition: a.EditionSize,
		Width: schemaLength(a.Width), Height: schemaLength(a.Height), Creator: artist,
	}
	if a.Depth > 0 {
		depth := schemaLength(a.Depth)
		w.Depth = &depth
	}
	for _, img := range a.Images {
		if img.State == store.Ready {
			src, _, _ := largest(img)
			w.Image = append(w.Image, s.BaseURL+src)
		}
	}
	switch {
	case a.SoldOut():
		w.Offers = &schemaOffer{Type: "Offer", URL: home, Availability: "https://schema.org/SoldOut", Seller: artist}
	case a.Buyable():
		w.Offers = &schemaOffer{Type: "Offer", URL: home, Price: a.Price.Plain(), PriceCurrency: "GBP", Availability: "https://schema.org/InStock", Seller: artist}
	}
	return w
}

func schemaLength(h store.Hundredths) schemaQuantity {
	return schemaQuantity{"QuantitativeValue", json.Number(h.String()), "CMT"}
}

// schemaOfArtist is an artist as other things name them.
func (s *Server) schemaOfArtist(username, name string) schemaPerson {
	home := s.BaseURL + artistPath(username)
	return schemaPerson{Type: "Person", ID: home + "#artist", Name: name, URL: home}
}

// schemaOfPage is an artist as their own page shows them.
func (s *Server) schemaOfPage(a store.ArtistPage) schemaPerson {
	p := s.schemaOfArtist(a.Username, a.Name)
	p.Description, p.SameAs = a.Bio, a.Website
	if a.Town != "" {
		p.HomeLocation = &schemaPlace{"Place", a.Town}
	}
	for _, m := range a.Mediums {
		p.KnowsAbout = append(p.KnowsAbout, m.Label())
	}
	return p
}

// trail is the way down to a page, as pairs of a name and a path.
func (s *Server) trail(steps ...string) schemaTrail {
	t := schemaTrail{Type: "BreadcrumbList"}
	for i := 0; i+1 < len(steps); i += 2 {
		t.Items = append(t.Items, schemaStep{"ListItem", i/2 + 1, steps[i], s.BaseURL + steps[i+1]})
	}
	return t
}
