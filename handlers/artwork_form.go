package handlers

import (
	"errors"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artworks"
	"openstudio/views/studio"
	"openstudio/views/ui"
)

// newArtwork shows the form of a new work.
func (s *Server) newArtwork(c echo.Context) error {
	return s.showForm(c, http.StatusOK, store.Artwork{}, artworks.FormProps{Form: s.Store.NewArtworkForm()})
}

// editArtwork shows the form of a work.
func (s *Server) editArtwork(c echo.Context) error {
	a, err := s.ownArtwork(c)
	if err != nil {
		return err
	}
	return s.showForm(c, http.StatusOK, a, artworks.FormProps{Form: a.Form()})
}

// createArtwork makes a work from its form.
func (s *Server) createArtwork(c echo.Context) error {
	return s.saveForm(c, store.Artwork{}, func(f store.ArtworkForm) (id int64, err error) {
		return s.Store.CreateArtwork(c.Request().Context(), member(c), f)
	})
}

// updateArtwork saves an edit of a work.
func (s *Server) updateArtwork(c echo.Context) error {
	a, err := s.ownArtwork(c)
	if err != nil {
		return err
	}
	return s.saveForm(c, a, func(f store.ArtworkForm) (id int64, err error) {
		return a.ID, s.Store.UpdateArtwork(c.Request().Context(), member(c), a.ID, f)
	})
}

// saveForm does what the button of a form asks for. The photographs that came
// with it are kept first, so that no answer loses them.
func (s *Server) saveForm(c echo.Context, a store.Artwork, save func(store.ArtworkForm) (int64, error)) error {
	sent, err := multipartForm(c)
	if err != nil {
		return err
	}
	defer sent.RemoveAll()
	p := artworks.FormProps{Form: readForm(sent)}
	if p.Refused, err = s.keepPhotographs(c, sent, &p.Form); err != nil {
		return err
	}
	do, photograph, _ := strings.Cut(first(sent, "do"), ":")
	status := http.StatusOK
	if len(p.Refused) > 0 {
		status = http.StatusUnprocessableEntity
	}
	switch do {
	case "hang", "draft", "save":
		p.Form.Hang = do == "hang"
	default:
		p.Form.Images = arrange(p.Form.Images, do, photograph)
		return s.showForm(c, status, a, p)
	}
	if len(p.Refused) > 0 {
		return s.showForm(c, status, a, p)
	}
	artwork, err := save(p.Form)
	var stale *store.StaleEdit
	switch {
	case errors.As(err, &p.Invalid):
		return s.showForm(c, http.StatusUnprocessableEntity, a, p)
	case errors.As(err, &stale):
		p.Stale = p.Form.Differences(stale.Now)
		p.Form.Version = stale.Now.Version
		return s.showForm(c, http.StatusConflict, a, p)
	case err != nil:
		return err
	}
	return s.saved(c, artwork, do)
}

// saved goes on from a form that was saved.
func (s *Server) saved(c echo.Context, artwork int64, do string) error {
	sentence := "Your changes are kept."
	switch do {
	case "hang":
		sentence = "It hangs. Everybody can see it."
	case "draft":
		sentence = "Kept as a draft. Only you can see it."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, artworkPath(artwork, ""))
}

// showForm shows the form of a work, or of a new one when a has no id.
func (s *Server) showForm(c echo.Context, status int, a store.Artwork, p artworks.FormProps) error {
	ctx := c.Request().Context()
	tabs, err := s.studioTabs(c, studio.Works)
	if err != nil {
		return err
	}
	p.ID, p.State, p.Title = a.ID, a.State, "New work"
	if a.ID != 0 {
		p.Title = "Edit " + a.Title
	}
	p.Tabs = tabs
	images, err := s.Store.OwnImages(ctx, member(c), imageIDs(p.Form))
	if err != nil {
		return err
	}
	for _, img := range images {
		u := s.upload(img, typed(p.Form, img.ID))
		u.Error = p.Invalid.Get(store.FormImage{ID: img.ID}.AltField())
		p.Photos = append(p.Photos, u)
	}
	p.Label = s.label(c, p.Form, images)
	return s.show(c, status, view{Title: p.Title, NoIndex: true, Head: artworks.FormHead(s.Assets.URL("js/upload.js")),
		Page: artworks.FormPage(p), Fragment: artworks.Form(p)})
}

// previewArtwork shows a form's work as it would hang.
func (s *Server) previewArtwork(c echo.Context) error {
	f := readForm(&multipart.Form{Value: c.QueryParams()})
	images, err := s.Store.OwnImages(c.Request().Context(), member(c), imageIDs(f))
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, artworks.Preview(s.label(c, f, images)))
}

// label is a form's work as far as it is written; dots stand for the rest.
func (s *Server) label(c echo.Context, f store.ArtworkForm, images []store.Image) artworks.Label {
	or := func(text, otherwise string) string {
		if text = strings.TrimSpace(text); text == "" {
			return otherwise
		}
		return text
	}
	w := ui.Work{Artist: member(c).Name(), Title: or(f.Title, "Title to come"), Facts1: store.Medium(f.Medium).Label() + ", " + or(f.Material, "…"),
		Facts2: or(f.Height, "…") + " × " + or(f.Width, "…"), PriceLine: "Price to come"}
	if strings.TrimSpace(f.Depth) != "" {
		w.Facts2 += " × " + strings.TrimSpace(f.Depth)
	}
	w.Facts2 += " cm"
	switch f.Edition {
	case store.LimitedEdition:
		w.Facts2 += " · Edition of " + or(f.EditionSize, "…")
	case store.OpenEdition:
		w.Facts2 += " · Open edition"
	}
	if price, ok := store.ParsePence(f.Price); ok && f.ForSale {
		w.PriceLine = price.Short()
	} else if !f.ForSale {
		w.PriceLine = "Not for sale"
	}
	if len(images) > 0 {
		w.Photo = s.photo(images[0], hangSizes)
	}
	return artworks.Label{Work: w, Year: or(f.Year, "…")}
}

// readForm reads a work as it was typed.
func readForm(form *multipart.Form) store.ArtworkForm {
	get := func(name string) string { return first(form, name) }
	f := store.ArtworkForm{
		Key: get("key"), Title: get("title"), Year: get("year"), Medium: get("medium"), Material: get("material"),
		Description: get("description"), Subjects: get("subjects"), Notes: get("notes"), Height: get("height"), Width: get("width"), Depth: get("depth"), Weight: get("weight"),
		Edition: store.Edition(get("edition")), EditionSize: get("edition_size"), Quantity: get("quantity"), Price: get("price"),
		ForSale: get("sale") == "1",
	}
	f.Version, _ = strconv.Atoi(get("version"))
	for _, value := range form.Value["image"] {
		img := store.FormImage{}
		n, err := strconv.ParseInt(value, 10, 64)
		if img.ID = n; err == nil && !slices.Contains(imageIDs(f), n) {
			img.Alt, img.Part = get(img.AltField()), store.ImagePart(get(img.PartField()))
			f.Images = append(f.Images, img)
		}
	}
	return f
}

func first(form *multipart.Form, name string) string {
	if values := form.Value[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// multipartMemory is how much of a form is held in memory, in bytes; the rest of
// its files waits on disk.
const multipartMemory = 256 << 10

// multipartForm reads a form with files. The caller removes them.
func multipartForm(c echo.Context) (*multipart.Form, error) {
	r := c.Request()
	err := r.ParseMultipartForm(multipartMemory)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return r.MultipartForm, nil
	case errors.As(err, &tooLarge):
		return nil, err
	case errors.Is(err, http.ErrNotMultipart):
		// A form without files is as good.
		if err := r.ParseForm(); err != nil {
			return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		return &multipart.Form{Value: r.PostForm}, nil
	}
	return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
}

// keepPhotographs keeps the files of a form: those that take a photograph's place,
// and those that are added. It returns the files that are not taken in.
func (s *Server) keepPhotographs(c echo.Context, sent *multipart.Form, f *store.ArtworkForm) (list []artworks.Refused, err error) {
	keep := func(file *multipart.FileHeader) (id int64, err error) {
		img, err := s.keepPhotograph(c, file)
		if reason, ok := refusal(err); ok {
			list = append(list, artworks.Refused{Name: file.Filename, Reason: reason})
			return 0, nil
		}
		return img.ID, err
	}
	for i, img := range f.Images {
		for _, file := range sent.File[img.ReplaceField()] {
			id, err := keep(file)
			if err != nil {
				return nil, err
			}
			if id != 0 {
				f.Images[i].ID = id
			}
		}
	}
	for _, file := range sent.File["photographs"] {
		if len(f.Images) >= store.ImagesMost {
			list = append(list, artworks.Refused{Name: file.Filename, Reason: "Ten photographs are the most. Remove one to make room."})
			continue
		}
		id, err := keep(file)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			f.Images = append(f.Images, store.FormImage{ID: id})
		}
	}
	return list, nil
}

// arrange removes a photograph from a form or moves it by one place. Anything
// else leaves them as they are.
func arrange(images []store.FormImage, do, photograph string) []store.FormImage {
	i := slices.IndexFunc(images, func(img store.FormImage) bool { return strconv.FormatInt(img.ID, 10) == photograph })
	switch {
	case i < 0:
	case do == "remove":
		images = slices.Delete(images, i, i+1)
	case do == "earlier" && i > 0:
		images[i-1], images[i] = images[i], images[i-1]
	case do == "later" && i < len(images)-1:
		images[i], images[i+1] = images[i+1], images[i]
	}
	return images
}

func imageIDs(f store.ArtworkForm) []int64 {
	ids := make([]int64, len(f.Images))
	for i, img := range f.Images {
		ids[i] = img.ID
	}
	return ids
}

// typed is what the form says about a photograph.
func typed(f store.ArtworkForm, image int64) store.FormImage {
	for _, img := range f.Images {
		if img.ID == image {
			return img
		}
	}
	return store.FormImage{ID: image}
}
