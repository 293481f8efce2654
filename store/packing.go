package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// CarrierArt is what a carrier's terms say of art.
type CarrierArt string

// What terms say of art, as far as somebody has read them.
const (
	CarriesArt CarrierArt = "carried"
	NotCovered CarrierArt = "not covered" // carried, but nothing is paid for it
	RefusesArt CarrierArt = "refused"
	AskAboutIt CarrierArt = "ask" // nothing sure was found
)

// PackingCarrier is a line of the operator's list of carriers.
type PackingCarrier struct {
	Name         string     `db:"name"`
	Art          CarrierArt `db:"art"`
	Words        string     `db:"words"`         // what its terms say, in short
	Source       string     `db:"source"`        // the address where that was read, or ""
	Heaviest     Hundredths `db:"heaviest"`      // kg that it takes; 0 when not known
	Longest      Hundredths `db:"longest"`       // cm of the longest side that it takes; 0 when not known
	LimitsSource string     `db:"limits_source"` // the address where the limits were read, or ""
	ReadOn       *time.Time `db:"read_on"`       // the day on which both were read; nil for never
}

// Packs says how a kind of work is packed.
type Packs string

// How works are packed. The last two are for materials alone: those of every work,
// and those of heavy ones besides.
const (
	PackPaper   Packs = "paper"
	PackFlat    Packs = "flat"
	PackTextile Packs = "textile"
	PackSolid   Packs = "solid"

	packEverything Packs = "everything"
	packHeavy      Packs = "heavy"
)

// PackingMaterial is a line of the operator's list of materials.
type PackingMaterial struct {
	Packs Packs  `db:"packs"` // for what it is
	Words string `db:"words"`
}

// Packing is advice on how to pack the work of an order.
type Packing struct {
	Packs                Packs
	Width, Height, Depth int // inside the box, in whole cm
	Edge, Face           int // the space on each side of the work, and before and behind it, in cm
	Materials            []string
	Carriers             []PackingCarrier // whose terms do not refuse it, as far as is known, and that take its size
	Not                  []NotCarried     // the others
}

// NotCarried is a carrier that does not take the work, and why.
type NotCarried struct {
	PackingCarrier
	Why string // "" when its terms refuse art
}

// The rule for the space around a work, in cm: as much as couriers ask for fragile
// things, two inches at the least and three around solid ones.
const (
	flatSpace   = 6
	frontSpace  = 4 // before and behind what is flat, where boards are
	paperSpace  = 5
	boardSpace  = 2 // before and behind a sheet between boards
	solidSpace  = 8
	heavyMore   = 2
	heavyWeight = Hundredths(1000)
	thinnest    = Hundredths(100) // what says no depth counts as 1 cm deep
	flatMost    = Hundredths(1500)
	boxWall     = Hundredths(200) // what the walls of the box add to its outside
)

// packs is how the work of an order is packed.
func (o Order) packs() Packs {
	switch {
	case o.Medium == Sculpture, o.Medium == Ceramics, o.Depth > flatMost:
		return PackSolid
	case o.Medium == Textile && o.Depth <= thinnest:
		return PackTextile
	case (o.Medium == Photography || o.Medium == Printmaking) && o.Depth <= thinnest:
		return PackPaper
	}
	return PackFlat
}

// packed is the advice without lists: how large the box is inside.
func (o Order) packed() Packing {
	p := Packing{Packs: o.packs()}
	switch p.Packs {
	case PackSolid:
		p.Edge, p.Face = solidSpace, solidSpace
	case PackPaper:
		p.Edge, p.Face = paperSpace, boardSpace
	case PackTextile:
		p.Edge, p.Face = paperSpace, paperSpace
	default:
		p.Edge, p.Face = flatSpace, frontSpace
	}
	if o.Weight > heavyWeight {
		p.Edge, p.Face = p.Edge+heavyMore, p.Face+heavyMore
	}
	p.Width, p.Height = wholeCM(o.Width)+2*p.Edge, wholeCM(o.Height)+2*p.Edge
	p.Depth = wholeCM(max(o.Depth, thinnest)) + 2*p.Face
	return p
}

// wholeCM rounds a length up to whole centimetres.
func wholeCM(h Hundredths) int { return int((h + 99) / 100) }

// why says why a carrier does not take the box, or "" when it does.
func (c PackingCarrier) why(p Packing, weight Hundredths) string {
	long := Hundredths(max(p.Width, p.Height, p.Depth))*100 + boxWall
	switch {
	case c.Heaviest > 0 && weight > c.Heaviest:
		return "takes " + c.Heaviest.String() + " kg at most"
	case c.Longest > 0 && long > c.Longest:
		return "takes " + c.Longest.String() + " cm at most"
	}
	return ""
}

// packing is advice on how to pack an order's work.
func (s *Store) packing(ctx context.Context, o Order) (*Packing, error) {
	p := o.packed()
	carriers, err := s.PackingCarriers(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range carriers {
		why := c.why(p, o.Weight)
		if c.Art == RefusesArt || why != "" {
			p.Not = append(p.Not, NotCarried{c, why})
		} else {
			p.Carriers = append(p.Carriers, c)
		}
	}
	materials, err := s.PackingMaterials(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range materials {
		if m.Packs == p.Packs || m.Packs == packEverything || m.Packs == packHeavy && o.Weight > heavyWeight {
			p.Materials = append(p.Materials, m.Words)
		}
	}
	return &p, nil
}

// PackingCarriers returns the operator's list of carriers, in its order.
func (s *Store) PackingCarriers(ctx context.Context) ([]PackingCarrier, error) {
	var list []PackingCarrier
	err := s.selectRows(ctx, &list, `
		SELECT name, art, words, source, COALESCE(heaviest, 0) AS heaviest, COALESCE(longest, 0) AS longest, limits_source, read_on
		FROM packing_carriers ORDER BY place`)
	if err != nil {
		return nil, fmt.Errorf("list carriers: %w", err)
	}
	return list, nil
}

// PackingMaterials returns the operator's list of materials, in its order.
func (s *Store) PackingMaterials(ctx context.Context) ([]PackingMaterial, error) {
	var list []PackingMaterial
	if err := s.selectRows(ctx, &list, `SELECT packs, words FROM packing_materials ORDER BY place`); err != nil {
		return nil, fmt.Errorf("list materials: %w", err)
	}
	return list, nil
}

// SetPackingCarriers puts a list in the place of the one that is there. It fails
// with *Invalid, whose fields are the lines of the list from "1" on.
func (s *Store) SetPackingCarriers(ctx context.Context, list []PackingCarrier) error {
	var inv Invalid
	names := map[string]bool{}
	for i := range list {
		c, line := &list[i], fmt.Sprint(i+1)
		c.Name, c.Words = oneLine(c.Name), oneLine(c.Words)
		switch name := strings.ToLower(c.Name); {
		case name == "":
			inv.Add(line, "The name is missing.")
		case names[name]:
			inv.Add(line, c.Name+" stands there twice.")
		default:
			names[name] = true
		}
		limit(&inv, line, c.Name, 50)
		limit(&inv, line, c.Words, 300)
		switch c.Art {
		case CarriesArt, NotCovered, RefusesArt, AskAboutIt:
		default:
			inv.Add(line, "Art is carried, not covered, refused or ask.")
		}
		for _, source := range []string{c.Source, c.LimitsSource} {
			if limit(&inv, line, source, 300); source != "" && !webAddress(source) {
				inv.Add(line, "A source is an address that begins with https://.")
			}
		}
		if most := Hundredths(999_999); c.Heaviest < 0 || c.Heaviest > most || c.Longest < 0 || c.Longest > most {
			inv.Add(line, "Limits are kg and cm up to 9999.99, or nothing.")
		}
	}
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `LOCK TABLE packing_carriers IN SHARE ROW EXCLUSIVE MODE`)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM packing_carriers`)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `
				INSERT INTO packing_carriers (place, name, art, words, source, heaviest, longest, limits_source, read_on)
				SELECT c.n, c.name, c.art, c.words, c.source, NULLIF(c.heaviest, 0), NULLIF(c.longest, 0), c.limits_source, NULLIF(c.read_on, '')::date
				FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[]) WITH ORDINALITY
					AS c (name, art, words, source, heaviest, longest, limits_source, read_on, n)`,
				column(list, func(c PackingCarrier) string { return c.Name }), column(list, func(c PackingCarrier) string { return string(c.Art) }),
				column(list, func(c PackingCarrier) string { return c.Words }), column(list, func(c PackingCarrier) string { return c.Source }),
				column(list, func(c PackingCarrier) int64 { return int64(c.Heaviest) }), column(list, func(c PackingCarrier) int64 { return int64(c.Longest) }),
				column(list, func(c PackingCarrier) string { return c.LimitsSource }), column(list, PackingCarrier.readOn))
		}
		if err != nil {
			return fmt.Errorf("keep the list of carriers: %w", err)
		}
		return nil
	})
}

// column is one column of a list, for a statement that takes all its lines at once.
func column[L any, T string | int64](list []L, of func(L) T) any {
	values := make([]T, len(list))
	for i, l := range list {
		values[i] = of(l)
	}
	return pq.Array(values)
}

// readOn is the day on which the terms were read, or "".
func (c PackingCarrier) readOn() string {
	if c.ReadOn == nil {
		return ""
	}
	return c.ReadOn.Format(time.DateOnly)
}

// SetPackingMaterials puts a list in the place of the one that is there. It fails
// with *Invalid, whose fields are the lines of the list from "1" on.
func (s *Store) SetPackingMaterials(ctx context.Context, list []PackingMaterial) error {
	var inv Invalid
	for i := range list {
		m, line := &list[i], fmt.Sprint(i+1)
		if m.Words = oneLine(m.Words); m.Words == "" {
			inv.Add(line, "The words are missing.")
		}
		limit(&inv, line, m.Words, 300)
		switch m.Packs {
		case PackPaper, PackFlat, PackTextile, PackSolid, packEverything, packHeavy:
		default:
			inv.Add(line, "It packs paper, flat, textile, solid, everything or heavy.")
		}
	}
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `LOCK TABLE packing_materials IN SHARE ROW EXCLUSIVE MODE`)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM packing_materials`)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `
				INSERT INTO packing_materials (place, packs, words)
				SELECT m.n, m.packs, m.words FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS m (packs, words, n)`,
				column(list, func(m PackingMaterial) string { return string(m.Packs) }), column(list, func(m PackingMaterial) string { return m.Words }))
		}
		if err != nil {
			return fmt.Errorf("keep the list of materials: %w", err)
		}
		return nil
	})
}
