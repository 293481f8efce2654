package handlers

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/catalogue"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// What pages of an import take and show.
const (
	importMost   = 10_000 // rows
	previewWorks = 5
	problemsMost = 100 // lines of each sort
)

func (s *Server) importIntake(c echo.Context, file []byte, settings catalogue.Settings) Intake {
	return Intake{Store: s.Store, Artist: member(c), File: bytes.NewReader(file), Settings: settings, Most: importMost}
}

// askImport asks for a catalogue.
func (s *Server) askImport(c echo.Context) error { return s.showImport(c, http.StatusOK, "") }

func (s *Server) showImport(c echo.Context, status int, fault string) error {
	tabs, err := s.studioTabs(c, studio.Works)
	if err != nil {
		return err
	}
	return s.show(c, status, view{Title: "Import your works", NoIndex: true, Page: studio.ImportPage(studio.ImportProps{
		Tabs: tabs, Error: fault, Most: importMost})})
}

// sendCatalogue keeps a catalogue, and the photographs with it, until the artist
// has seen what is in it. A file that cannot be read leaves nothing.
func (s *Server) sendCatalogue(c echo.Context) error {
	sent, err := multipartForm(c)
	if err != nil {
		return err
	}
	defer sent.RemoveAll()
	if len(sent.File["file"]) != 1 || sent.File["file"][0].Size == 0 {
		return s.showImport(c, http.StatusUnprocessableEntity, "Choose a CSV file with something in it.")
	}
	header := sent.File["file"][0]
	if header.Size > store.UploadMost {
		return s.showImport(c, http.StatusUnprocessableEntity, "It is larger than 20 MB. Split it, and import one part after the other.")
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	intake := Intake{Store: s.Store, Artist: member(c), File: file, Most: importMost}
	_, err = intake.Check(c.Request().Context())
	var unreadable *catalogue.Unreadable
	if errors.As(err, &unreadable) && unreadable.Header == nil {
		return s.showImport(c, http.StatusUnprocessableEntity, unreadable.Sentence)
	} else if err != nil && unreadable == nil {
		return err
	}
	u, err := s.Store.BeginUpload(c.Request().Context(), member(c), header.Filename, int(header.Size))
	if reason, ok := refusal(err); ok {
		return s.showImport(c, http.StatusUnprocessableEntity, reason)
	}
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	if err := s.receive(c, u.ID, 0, file); err != nil {
		return err
	}
	var refused []string
	for _, photograph := range sent.File["photographs"] {
		_, err := s.keepPhotograph(c, photograph)
		if reason, ok := refusal(err); ok {
			refused = append(refused, photograph.Filename+": "+reason)
		} else if err != nil {
			return err
		}
	}
	if n := len(refused); n > 0 {
		if n > 5 {
			refused = append(refused[:5], "and "+strconv.Itoa(n-5)+" more.")
		}
		s.flash(c, ui.Alert, "Some photographs were not taken in. "+strings.Join(refused, " "))
	}
	return s.redirect(c, studio.Import+"/"+u.ID)
}

// waitingCatalogue returns a catalogue that waits to be imported.
func (s *Server) waitingCatalogue(c echo.Context, upload string) (store.Upload, []byte, error) {
	ctx := c.Request().Context()
	u, err := s.Store.Upload(ctx, member(c), upload)
	if err != nil {
		return u, nil, err
	}
	if u.Received < u.Size {
		return u, nil, store.ErrNotFound
	}
	file, err := s.Store.UploadedFile(ctx, member(c), upload)
	return u, file, err
}

// previewImport shows what will become of a catalogue, by the settings that the
// address has.
func (s *Server) previewImport(c echo.Context) error {
	u, file, err := s.waitingCatalogue(c, c.Param("upload"))
	if err != nil {
		return err
	}
	return s.showPreview(c, u, file, c.QueryParams())
}

// importCatalogue makes drafts of a catalogue's works.
func (s *Server) importCatalogue(c echo.Context) error {
	ctx := c.Request().Context()
	u, file, err := s.waitingCatalogue(c, c.Param("upload"))
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	settings := catalogue.ParseSettings(form)
	intake := s.importIntake(c, file, settings)
	found, err := intake.Check(ctx)
	var unreadable *catalogue.Unreadable
	if errors.As(err, &unreadable) || err == nil && found.Rows == found.Refused {
		return s.showPreview(c, u, file, form)
	}
	if err != nil {
		return err
	}
	started, err := s.Store.BeginImport(ctx, member(c), "upload "+u.ID, u.Name, settings.String(), u.ID)
	if err != nil {
		return err
	}
	if intake.Made, err = s.hangWaiting(ctx, member(c)); err != nil {
		return err
	}
	if _, err := intake.Import(ctx, started.ID); err != nil {
		return err
	}
	s.flash(c, ui.Done, "Your list is imported.")
	return s.redirect(c, importPath(started.ID))
}

func importPath(id int64) string { return "/studio/imports/" + strconv.FormatInt(id, 10) }

// hangWaiting gives works that have no photograph those that were sent with the
// catalogue and that their rows name. A photograph goes to the first who names it.
func (s *Server) hangWaiting(ctx context.Context, artist store.Member) (func(context.Context, []catalogue.Row, []store.ImportedWork) error, error) {
	images, err := s.Store.WaitingImages(ctx, artist)
	if err != nil {
		return nil, err
	}
	var names ImageNames[int64]
	for _, img := range images {
		names.Add(img.Name, img.ID)
	}
	taken := map[int64]bool{}
	return func(ctx context.Context, rows []catalogue.Row, works []store.ImportedWork) error {
		var given []store.GivenImage
		for i, row := range rows {
			if !works[i].Bare {
				continue
			}
			position := 0
			for _, name := range ImagesOf(row) {
				image, ok := names.Find(name)
				if !ok || taken[image] {
					continue
				}
				g := store.GivenImage{Artwork: works[i].ID, Image: image, Position: position}
				if position == 0 {
					g.Alt = row.Alt
				}
				given, taken[image] = append(given, g), true
				position++
			}
		}
		if len(given) == 0 {
			return nil
		}
		return s.Store.GiveImages(ctx, artist, given)
	}, nil
}

// showPreview reads a catalogue and changes nothing.
func (s *Server) showPreview(c echo.Context, u store.Upload, file []byte, typed url.Values) error {
	settings := catalogue.ParseSettings(typed)
	p := studio.PreviewProps{Path: studio.Import + "/" + u.ID, Name: u.Name, Invalid: &store.Invalid{}}
	intake := s.importIntake(c, file, settings)
	var refused, gaps []studio.ImportProblem
	intake.Each = func(row catalogue.Row) error {
		if row.Refused == nil && len(p.Works) < previewWorks {
			p.Works = append(p.Works, previewWork(row))
		}
		switch {
		case row.Refused != nil && len(refused) < problemsMost:
			refused = append(refused, studio.ImportProblem{Line: row.Line, Refused: true, Sentence: row.Refused.Sentence})
		case row.Refused != nil:
			p.Unshown++
		case len(row.Problems) > 0 && len(gaps) < problemsMost:
			var sentences []string
			for _, problem := range row.Problems {
				sentences = append(sentences, problem.Sentence)
			}
			gaps = append(gaps, studio.ImportProblem{Line: row.Line, Sentence: strings.Join(sentences, " ")})
		case len(row.Problems) > 0:
			p.Unshown++
		}
		return nil
	}
	tally, err := intake.Check(c.Request().Context())
	p.Problems = append(refused, gaps...)
	var unreadable *catalogue.Unreadable
	if err != nil && !errors.As(err, &unreadable) {
		return err
	}
	status := http.StatusOK
	var header []string
	columns := catalogue.Columns{}
	if unreadable != nil {
		status, header = http.StatusUnprocessableEntity, unreadable.Header
		p.Invalid.Add(fieldOfImport(unreadable.Field), unreadable.Sentence)
	} else {
		reader, err := intake.Open()
		if err != nil {
			return err
		}
		header, columns = reader.Header, reader.Columns
		p.Ready, p.Refused = tally.Rows-tally.Refused, tally.Refused
		if p.Ready == 0 {
			status = http.StatusUnprocessableEntity
			p.Invalid.Add("columns-h", "No line of it can be imported as it is read now.")
		}
	}
	p.Columns, p.Settings = columnFields(header, columns, settings, p.Invalid), settingFields(settings, p.Invalid)
	tabs, err := s.studioTabs(c, studio.Works)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, status, view{Title: "Import your works", NoIndex: true, Page: studio.PreviewPage(p)})
}

func previewWork(row catalogue.Row) studio.PreviewWork {
	card := store.Card{Width: store.Hundredths(row.Width), Height: store.Hundredths(row.Height), Depth: store.Hundredths(row.Depth)}
	w := studio.PreviewWork{Line: strconv.Itoa(row.Line), Title: row.Title, Medium: store.Medium(row.Medium).Label(), Size: card.Dimensions(),
		Price: "Price to come", Image: strings.Join(row.Images, ", ")}
	if row.Year > 0 {
		w.Year = ", " + strconv.Itoa(row.Year)
	}
	if row.Material != "" {
		w.Material = ", " + row.Material
	}
	if row.Price > 0 {
		w.Price = store.Pence(row.Price).Short()
	}
	return w
}

// fieldOfImport is the name of the input by which a setting is made.
func fieldOfImport(field string) string {
	if field == "kind" || field == "price" {
		return field
	}
	return "column-" + strings.ReplaceAll(field, " ", "-")
}

// columnFields ask for each field which column it is.
func columnFields(header []string, columns catalogue.Columns, settings catalogue.Settings, inv *store.Invalid) []ui.FieldProps {
	options := []ui.Option{{Value: "-", Label: "In no column"}}
	for _, name := range header {
		if name != "" {
			options = append(options, ui.Option{Value: name, Label: name})
		}
	}
	var fields []ui.FieldProps
	for _, field := range catalogue.Fields() {
		f := ui.FieldProps{ID: fieldOfImport(string(field)), Name: "column-" + string(field), Label: capital(string(field)), Options: options, Value: "-"}
		if chosen, ok := settings.Map[field]; ok {
			f.Value = chosen
		} else if i, ok := columns[field]; ok {
			f.Value = header[i]
		}
		if string(field) != "price" {
			f.Error = inv.Get(f.ID)
		} else {
			f.ID = "column-price"
		}
		fields = append(fields, f)
	}
	return fields
}

// settingFields ask for what a catalogue does not say.
func settingFields(settings catalogue.Settings, inv *store.Invalid) []ui.FieldProps {
	unit := ui.FieldProps{Name: "unit", Label: "Lengths are in", Value: string(settings.Unit), Options: []ui.Option{{Value: "", Label: "What the list says, else cm"}}}
	for _, u := range catalogue.Units() {
		unit.Options = append(unit.Options, ui.Option{Value: string(u), Label: string(u)})
	}
	kind := ui.FieldProps{Name: "kind", Label: "Medium, where it does not tell", Value: settings.Medium, Error: inv.Get("kind"),
		Options: []ui.Option{{Value: "", Label: "Leave those works out"}}}
	for _, m := range store.Mediums() {
		kind.Options = append(kind.Options, ui.Option{Value: string(m), Label: m.Label()})
	}
	price := ui.FieldProps{Name: "price", Label: "Price of works without one, £", Value: settings.Price, Error: inv.Get("price"), InputMode: "decimal",
		Optional: true, Hint: "They are not for sale until you say so."}
	return []ui.FieldProps{unit, kind, price}
}

// importResult says what became of an import.
func (s *Server) importResult(c echo.Context) error {
	ctx := c.Request().Context()
	started, err := s.ownImport(c)
	if err != nil {
		return err
	}
	p := studio.ResultProps{Import: started}
	if p.Lacks, p.Ready, err = s.Store.ImportLacks(ctx, member(c), started.ID); err != nil {
		return err
	}
	tabs, err := s.studioTabs(c, studio.Works)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, http.StatusOK, view{Title: started.Name, NoIndex: true, Page: studio.ResultPage(p)})
}

func (s *Server) ownImport(c echo.Context) (store.Import, error) {
	n, err := id(c, "id")
	if err != nil {
		return store.Import{}, err
	}
	return s.Store.Import(c.Request().Context(), member(c), n)
}

// refusedRows sends the rows of an import that were left out, each with the reason.
func (s *Server) refusedRows(c echo.Context) error {
	started, err := s.ownImport(c)
	if err != nil {
		return err
	}
	_, file, err := s.waitingCatalogue(c, started.Upload)
	if err != nil {
		return err
	}
	settings, err := url.ParseQuery(started.Settings)
	if err != nil {
		return err
	}
	intake := s.importIntake(c, file, catalogue.ParseSettings(settings))
	reader, err := intake.Open()
	if err != nil {
		return err
	}
	w, err := s.beginCSV(c, "rejected.csv", append([]string{RefusedColumn}, reader.Header...))
	if err != nil {
		return err
	}
	intake.Each = func(row catalogue.Row) error {
		if row.Refused == nil {
			return nil
		}
		return w.Copy(RefusedReason(row), row.Cells)
	}
	if _, err := intake.Check(c.Request().Context()); err != nil {
		return err
	}
	return w.Flush()
}

// hangImport hangs the drafts of an import that lack nothing.
func (s *Server) hangImport(c echo.Context) error {
	started, err := s.ownImport(c)
	if err != nil {
		return err
	}
	n, err := s.Store.HangImport(c.Request().Context(), member(c), started.ID)
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, capital(ui.Count(n, n, "work"))+" hung. Everybody can see them.")
	return s.redirect(c, importPath(started.ID))
}
