package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"openstudio/store"
)

const packingUsage = `
  openstudio packing carriers|materials           write a list that artists are advised by, as CSV
  openstudio packing carriers|materials list.csv  put an edited list in its place
    Carriers: art is carried, not covered, refused or ask; weights in kg, lengths in
    cm, days as 2026-11-30. Materials: packs is paper, flat, textile, solid, everything
    or heavy. Terms of carriers change: read them before you write them down.
`

// The columns of the lists.
var (
	carrierColumns  = []string{"name", "art", "words", "source", "heaviest kg", "longest cm", "limits source", "read on"}
	materialColumns = []string{"packs", "words"}
)

// packingCommand writes a list of the advice on packing, or reads one.
func (p *program) packingCommand(ctx context.Context, args []string) error {
	if len(args) == 0 || len(args) > 2 || args[0] != "carriers" && args[0] != "materials" {
		return errors.New("say which list:\n" + strings.Trim(packingUsage, "\n"))
	}
	columns := carrierColumns
	if args[0] == "materials" {
		columns = materialColumns
	}
	var rows [][]string
	if len(args) == 2 { // before anything is opened
		var err error
		if rows, err = readRows(args[1], columns); err != nil {
			return err
		}
	}
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	switch {
	case len(args) == 1 && args[0] == "carriers":
		return p.writeCarriers(ctx, m)
	case len(args) == 1:
		return p.writeMaterials(ctx, m)
	case args[0] == "carriers":
		err = setCarriers(ctx, m, rows)
	default:
		err = setMaterials(ctx, m, rows)
	}
	if err == nil {
		p.say("The list of %s has %d lines now.", args[0], len(rows))
	}
	return lines(err)
}

func (p *program) writeCarriers(ctx context.Context, m *market) error {
	list, err := m.PackingCarriers(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{carrierColumns}
	for _, c := range list {
		day := ""
		if c.ReadOn != nil {
			day = c.ReadOn.Format(time.DateOnly)
		}
		rows = append(rows, []string{c.Name, string(c.Art), c.Words, c.Source, known(c.Heaviest), known(c.Longest), c.LimitsSource, day})
	}
	return csv.NewWriter(p.out).WriteAll(rows)
}

// known is a limit, or nothing where none is known.
func known(h store.Hundredths) string {
	if h == 0 {
		return ""
	}
	return h.String()
}

func (p *program) writeMaterials(ctx context.Context, m *market) error {
	list, err := m.PackingMaterials(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{materialColumns}
	for _, material := range list {
		rows = append(rows, []string{string(material.Packs), material.Words})
	}
	return csv.NewWriter(p.out).WriteAll(rows)
}

func setCarriers(ctx context.Context, m *market, rows [][]string) error {
	var inv store.Invalid
	list := make([]store.PackingCarrier, len(rows))
	for i, row := range rows {
		c := store.PackingCarrier{Name: row[0], Art: store.CarrierArt(row[1]), Words: row[2], Source: row[3], LimitsSource: row[6]}
		for _, limit := range []struct {
			cell string
			to   *store.Hundredths
		}{{row[4], &c.Heaviest}, {row[5], &c.Longest}} {
			var ok bool
			if *limit.to, ok = store.ParseHundredths(limit.cell); !ok && limit.cell != "" {
				inv.Add(fmt.Sprint(i+1), limit.cell+" is no weight or length.")
			}
		}
		if row[7] != "" {
			day, err := time.Parse(time.DateOnly, row[7])
			if err != nil {
				inv.Add(fmt.Sprint(i+1), row[7]+" is no day, as in 2026-11-30.")
			}
			c.ReadOn = &day
		}
		list[i] = c
	}
	if err := inv.Err(); err != nil {
		return err
	}
	return m.SetPackingCarriers(ctx, list)
}

func setMaterials(ctx context.Context, m *market, rows [][]string) error {
	list := make([]store.PackingMaterial, len(rows))
	for i, row := range rows {
		list[i] = store.PackingMaterial{Packs: store.Packs(row[0]), Words: row[1]}
	}
	return m.SetPackingMaterials(ctx, list)
}

// readRows reads a list with these columns, in whatever order they stand.
func readRows(path string, columns []string) ([][]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := csv.NewReader(file)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s is no list: %w", path, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	places := make([]int, len(columns))
	for i, name := range columns {
		if places[i] = slices.IndexFunc(header, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) }); places[i] < 0 {
			return nil, fmt.Errorf("%s has no column %q; its columns are to be %s", path, name, strings.Join(columns, ", "))
		}
	}
	var rows [][]string
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		row := make([]string, len(columns))
		for i, place := range places {
			row[i] = strings.TrimSpace(cells[place])
		}
		rows = append(rows, row)
	}
}

// lines says what is wrong with a list, a line each. The names of the columns are
// its first line.
func lines(err error) error {
	var inv *store.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	said := make([]string, len(inv.Fields))
	for i, f := range inv.Fields {
		said[i] = "entry " + f.Field + ": " + f.Sentence
	}
	return fmt.Errorf("nothing was changed:\n%s", strings.Join(said, "\n"))
}
