package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/views/artworks"
	"openstudio/views/ui"
)

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

// The headers by which upload.js goes on with a file after the line was lost, as
// in the tus protocol 1.0 (https://tus.io/protocols/resumable-upload).
const (
	uploadOffset = "Upload-Offset" // bytes that are here
	uploadLength = "Upload-Length" // bytes of the whole file
)

// beginUpload makes a place for a file and says where.
func (s *Server) beginUpload(c echo.Context) error {
	name := c.FormValue("name")
	u, err := s.Store.BeginUpload(c.Request().Context(), member(c), name, number(c, "size"))
	if reason, ok := refusal(err); ok {
		return s.part(c, http.StatusUnprocessableEntity, artworks.RefusedItem(artworks.Refused{Name: name, Reason: reason}))
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/artworks/uploads/"+u.ID)
	return c.NoContent(http.StatusCreated)
}

// uploadHere says how much of a file has arrived.
func (s *Server) uploadHere(c echo.Context) error {
	u, err := s.Store.Upload(c.Request().Context(), member(c), c.Param("upload"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(uploadOffset, strconv.Itoa(u.Received))
	h.Set(uploadLength, strconv.Itoa(u.Size))
	h.Set("Cache-Control", "no-store")
	return c.NoContent(http.StatusOK)
}

// appendUpload takes in the rest of a file, as far as it comes. With its last
// byte the file is a photograph: the answer is its line of the form.
func (s *Server) appendUpload(c echo.Context) error {
	offset, err := strconv.Atoi(c.Request().Header.Get(uploadOffset))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	upload := c.Param("upload")
	if err := s.receive(c, upload, offset, c.Request().Body); err != nil {
		return err
	}
	u, err := s.Store.Upload(c.Request().Context(), member(c), upload)
	if err != nil {
		return err
	}
	if u.Received < u.Size {
		c.Response().Header().Set(uploadOffset, strconv.Itoa(u.Received))
		return c.NoContent(http.StatusNoContent)
	}
	img, err := s.keepUpload(c, upload)
	return s.showUploaded(c, u.Name, img, err)
}

// showUpload shows the photograph that was made of a file, to a page that missed
// the answer.
func (s *Server) showUpload(c echo.Context) error {
	img, err := s.Store.UploadedImage(c.Request().Context(), member(c), c.Param("upload"))
	return s.showUploaded(c, "", img, err)
}

func (s *Server) showUploaded(c echo.Context, name string, img store.Image, err error) error {
	if reason, ok := refusal(err); ok {
		return s.part(c, http.StatusUnprocessableEntity, artworks.RefusedItem(artworks.Refused{Name: name, Reason: reason}))
	}
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, artworks.UploadItem(s.upload(img, store.FormImage{ID: img.ID})))
}

// cancelUpload drops what has arrived of a file.
func (s *Server) cancelUpload(c echo.Context) error {
	if err := s.Store.CancelUpload(c.Request().Context(), member(c), c.Param("upload")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// showPicture is the picture of a photograph in its line of the form, as far as it
// is made.
func (s *Server) showPicture(c echo.Context) error {
	image, err := id(c, "id")
	if err != nil {
		return err
	}
	images, err := s.Store.OwnImages(c.Request().Context(), member(c), []int64{image})
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return store.ErrNotFound
	}
	return s.part(c, http.StatusOK, artworks.UploadPicture(s.upload(images[0], store.FormImage{ID: image})))
}

// receiveSize is how much of a file is made safe at a time, in bytes.
const receiveSize = 512 << 10

// receive makes a file safe part by part, from the offset on. What was made safe
// stays when the connection breaks.
func (s *Server) receive(c echo.Context, upload string, offset int, file io.Reader) error {
	part := make([]byte, receiveSize)
	ctx := context.WithoutCancel(c.Request().Context()) // what came before the line broke is kept
	for {
		n, err := io.ReadFull(file, part)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if n > 0 {
			received, kept := s.Store.AppendUpload(ctx, member(c), upload, offset, part[:n])
			if kept != nil {
				return kept
			}
			offset = received
		}
		switch {
		case ended:
			return nil
		case err != nil:
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return err
			}
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err) // nobody is there to read it
		}
	}
}

// keepUpload looks at a whole file and makes a photograph of it. The error is an
// *imagehost.Refused when the file is at fault; then it is dropped.
func (s *Server) keepUpload(c echo.Context, upload string) (store.Image, error) {
	ctx := c.Request().Context()
	file, err := s.Store.UploadedFile(ctx, member(c), upload)
	if errors.Is(err, store.ErrNotFound) {
		return s.Store.UploadedImage(ctx, member(c), upload) // it was kept before
	}
	if err != nil {
		return store.Image{}, err
	}
	width, height, err := imagehost.Inspect(file)
	if err != nil {
		return store.Image{}, errors.Join(err, s.Store.CancelUpload(ctx, member(c), upload))
	}
	img, err := s.Store.KeepUpload(ctx, member(c), upload, width, height)
	if err == nil {
		s.Darkroom.Wake()
	}
	return img, err
}

// keepPhotograph makes a file of a form safe and makes a photograph of it. The
// error is an *imagehost.Refused when the file is at fault.
func (s *Server) keepPhotograph(c echo.Context, header *multipart.FileHeader) (store.Image, error) {
	file, err := header.Open()
	if err != nil {
		return store.Image{}, fmt.Errorf("open an upload: %w", err)
	}
	defer file.Close()
	u, err := s.Store.BeginUpload(c.Request().Context(), member(c), header.Filename, int(header.Size))
	if err != nil {
		return store.Image{}, err
	}
	if err := s.receive(c, u.ID, 0, file); err != nil {
		return store.Image{}, err
	}
	return s.keepUpload(c, u.ID)
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

// upload is a kept photograph as a line of its form, with what was typed about
// it.
func (s *Server) upload(img store.Image, typed store.FormImage) artworks.Upload {
	u := artworks.Upload{ID: img.ID, Name: img.Name, Pixels: fmt.Sprintf("%d × %d px", img.Width, img.Height), State: img.State,
		Thumb: s.photo(img, ""), Alt: typed.Alt, Part: typed.Part, Reason: img.Reason}
	for _, finding := range img.Findings {
		u.Findings = append(u.Findings, imagehost.Finding(finding).Sentence())
	}
	if u.Thumb.Src == "" {
		u.Thumb = ui.Photo{Width: img.Width, Height: img.Height, Ground: img.Ground}
	}
	return u
}
