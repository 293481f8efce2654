package handlers

import (
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/views/artworks"
)

// image hands out a photograph in one of its sizes, to those who may see it.
func (s *Server) image(c echo.Context) error {
	ctx := c.Request().Context()
	key := c.Param("key")
	width, ok := imageWidth(c.Param("size"))
	if !ok || !imagehost.ValidKey(key) {
		return store.ErrNotFound
	}
	public, err := s.Store.ImageAccess(ctx, viewerID(c), key)
	if err != nil {
		return err
	}
	picture, err := s.Images.Open(ctx, key, width)
	if errors.Is(err, imagehost.ErrNotFound) {
		return store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("open image: %w", err)
	}
	defer picture.Body.Close()
	h := c.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	if public {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", fmt.Sprintf(`"%s-%d"`, key, picture.Width))
	h.Set("Content-Type", picture.ContentType)
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(c.Response(), c.Request(), "", picture.Modified, picture.Body)
	return nil
}

// imageWidth reads "640.jpg".
func imageWidth(size string) (int, bool) {
	digits, ok := strings.CutSuffix(size, ".jpg")
	width, err := strconv.Atoi(digits)
	return width, ok && err == nil && strconv.Itoa(width) == digits
}

// largest is the widest size that is kept of a photograph.
func largest(img store.Image) (src string, width, height int) {
	sizes := imagehost.Sizes(img.Width, img.Height)
	size := sizes[len(sizes)-1]
	return imagePath(img.Key, size.Step), size.Width, size.Height
}

// uploadPatience is how long a slow connection may take to send its files.
const uploadPatience = 15 * time.Minute

// unhurried lets a request that carries files outlive the server's timeouts.
func unhurried(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		rc := http.NewResponseController(c.Response())
		until := time.Now().Add(uploadPatience)
		if err := errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until.Add(time.Minute))); err != nil {
			return fmt.Errorf("give an upload time: %w", err)
		}
		return next(c)
	}
}

// addImage takes in one photograph of a form, sent by upload.js, and answers
// with its line of the form.
func (s *Server) addImage(c echo.Context) error {
	form, err := multipartForm(c)
	if err != nil {
		return err
	}
	defer form.RemoveAll()
	files := form.File["photograph"]
	if len(files) != 1 {
		return s.part(c, http.StatusUnprocessableEntity, artworks.RefusedItem(artworks.Refused{Name: "Nothing", Reason: "No file came with it. Choose one again."}))
	}
	img, err := s.keepPhotograph(c, files[0])
	if refused, ok := refusal(err); ok {
		return s.part(c, http.StatusUnprocessableEntity, artworks.RefusedItem(artworks.Refused{Name: files[0].Filename, Reason: refused}))
	}
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, artworks.UploadItem(s.upload(img, "", number(c, "position") == 0, true)))
}

// memoryOfForm is how much of a form is held in memory, in bytes; the rest of
// its files waits on disk.
const memoryOfForm = 256 << 10

// multipartForm reads a form with files. The caller removes them.
func multipartForm(c echo.Context) (*multipart.Form, error) {
	r := c.Request()
	err := r.ParseMultipartForm(memoryOfForm)
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

// keepPhotograph prepares a sent file, gives it to the host and remembers it as
// the artist's. The error is an *imagehost.Refused when the file is at fault.
func (s *Server) keepPhotograph(c echo.Context, header *multipart.FileHeader) (store.Image, error) {
	ctx := c.Request().Context()
	file, err := header.Open()
	if err != nil {
		return store.Image{}, fmt.Errorf("open an upload: %w", err)
	}
	defer file.Close()
	prepared, err := s.Preparer.Prepare(ctx, file)
	if err != nil {
		return store.Image{}, err
	}
	key := imagehost.NewKey()
	if err := s.Images.Put(ctx, key, prepared); err != nil {
		return store.Image{}, fmt.Errorf("keep an upload: %w", err)
	}
	img, err := s.Store.AddImage(ctx, member(c), store.NewImage{Key: key, Name: header.Filename, Width: prepared.Width, Height: prepared.Height, Ground: prepared.Ground})
	if errors.Is(err, store.ErrConflict) {
		// Of any other error nobody knows whether the row is there; the clock
		// finds pictures without one.
		err = errors.Join(err, s.Images.Delete(context.WithoutCancel(ctx), key))
	}
	return img, err
}

// refusal is the sentence for a person whose file is not taken in.
func refusal(err error) (string, bool) {
	var refused *imagehost.Refused
	var conflict *store.Conflict
	switch {
	case errors.As(err, &refused):
		return refused.Reason, true
	case errors.As(err, &conflict):
		return conflict.Sentence, true
	}
	return "", false
}

// upload is a kept photograph as a line of its form.
func (s *Server) upload(img store.Image, alt string, first, last bool) artworks.Upload {
	return artworks.Upload{ID: img.ID, Name: img.Name, Pixels: fmt.Sprintf("%d × %d px", img.Width, img.Height), Thumb: s.photo(img, ""),
		Alt: alt, First: first, Last: last}
}
