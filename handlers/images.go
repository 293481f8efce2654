package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
)

// picturePolicy is for pictures, which are no pages.
const picturePolicy = "default-src 'none'; sandbox"

// image hands out a photograph in one of its sizes, to those who may see it.
func (s *Server) image(c echo.Context) error {
	ctx := c.Request().Context()
	key := c.Param("key")
	width, format, ok := imageSize(c.Param("size"))
	if !ok || !imagehost.ValidKey(key) {
		return store.ErrNotFound
	}
	access, err := s.Store.ImageAccess(ctx, viewerID(c), key)
	if err != nil {
		return err
	}
	keeper, ok := s.Darkroom.Hosts[access.Host]
	if !ok {
		return fmt.Errorf("the host %q of image %s is not set up", access.Host, key)
	}
	picture, err := keeper.Open(ctx, key, width, format)
	if errors.Is(err, imagehost.ErrNotFound) {
		return store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("open image: %w", err)
	}
	defer picture.Body.Close()
	h := c.Response().Header()
	askNotToLearn(c, access.NoLearning)
	h.Set("Cache-Control", "private, no-cache")
	if access.Public {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // feeds and cards are read elsewhere
	}
	h.Set("ETag", fmt.Sprintf(`"%s-%d-%s"`, key, picture.Width, format))
	h.Set("Content-Type", picture.ContentType)
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", picturePolicy)
	http.ServeContent(c.Response(), c.Request(), "", picture.Modified, picture.Body)
	return nil
}

// imageSize reads "640.jpg".
func imageSize(size string) (width int, format imagehost.Format, ok bool) {
	digits, name, _ := strings.Cut(size, ".")
	width, err := strconv.Atoi(digits)
	format = imagehost.Format(name)
	return width, format, err == nil && strconv.Itoa(width) == digits && (format == imagehost.JPEG || format == imagehost.AVIF)
}

func imagePath(key string, step int, format imagehost.Format) string {
	return "/images/" + key + "/" + strconv.Itoa(step) + "." + string(format)
}

// largest is the widest size that is kept of a photograph.
func largest(img store.Image) (src string, width, height int) {
	if img.Key == "" {
		return "", 0, 0
	}
	sizes := imagehost.Sizes(img.Width, img.Height)
	size := sizes[len(sizes)-1]
	return imagePath(img.Key, size.Step, imagehost.JPEG), size.Width, size.Height
}
