package imagehost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cloudinary/cloudinary-go/v2"
	"github.com/cloudinary/cloudinary-go/v2/api"
	"github.com/cloudinary/cloudinary-go/v2/api/admin"
	"github.com/cloudinary/cloudinary-go/v2/api/uploader"
	"github.com/cloudinary/cloudinary-go/v2/logger"
)

// Longest times, in seconds, that Cloudinary may take.
const (
	cloudinaryCall   = 30 // for a question or a picture
	cloudinaryUpload = 120
)

// The first parts of every public id: of pictures, and of originals, which are
// raw assets.
const (
	cloudinaryFolder    = "openstudio/"
	cloudinaryOriginals = "openstudio-originals/"
)

// Cloudinary keeps pictures at cloudinary.com, as authenticated assets: nobody can
// fetch one without a signature by our secret. Of a picture it is given the
// widest variant, to be seen, and the original as a raw file, to be kept. Open
// asks for the other sizes and for AVIF as signed transformations and passes
// their bytes on, so that no page names Cloudinary and a picture is seen by those
// only who may.
type Cloudinary struct {
	client   *cloudinary.Cloudinary
	delivery *http.Client
}

// readingURL is held while cloudinary-go reads a URL: it sets up one decoder that is
// shared by all.
var readingURL sync.Mutex

// NewCloudinary takes the URL that Cloudinary shows to the owner of an account:
// cloudinary://key:secret@cloud. Its query may say more, in the words of
// cloudinary-go: upload_prefix for another address of the API, secure=false and
// cname for another of the pictures. Nothing is asked of Cloudinary yet.
func NewCloudinary(cloudinaryURL string) (*Cloudinary, error) {
	// What the parsers say against a URL would show the secret in it.
	u, err := url.Parse(cloudinaryURL)
	if err != nil || u.Scheme != "cloudinary" || u.Host == "" || u.User.Username() == "" {
		return nil, errors.New("the Cloudinary URL is not of the form cloudinary://key:secret@cloud")
	}
	if secret, _ := u.User.Password(); secret == "" {
		return nil, errors.New("the Cloudinary URL has no secret")
	}
	readingURL.Lock()
	client, err := cloudinary.NewFromURL(cloudinaryURL)
	readingURL.Unlock()
	if err != nil {
		return nil, errors.New("the Cloudinary URL has a query that is not understood")
	}
	client.Config.URL.SignURL = true
	client.Config.URL.Analytics = false
	client.Upload.Config.API.Timeout = cloudinaryCall
	client.Upload.Config.API.UploadTimeout = cloudinaryUpload
	client.Admin.Config.API.Timeout = cloudinaryCall
	client.Logger.SetLevel(logger.NONE) // its errors come back to us

	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 8
	transport.MaxConnsPerHost = 16
	client.Upload.Client.Transport = uploadsByKind{transport}
	client.Admin.Client.Transport = transport
	return &Cloudinary{client, &http.Client{
		Transport: transport,
		Timeout:   cloudinaryCall * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}, nil
}

// uploadsByKind sends an upload to the address of its kind. That is where the
// Upload API wants to be told of it, but cloudinary-go sends everything to that of
// the kind "auto", where an original would become one more picture.
type uploadsByKind struct{ http.RoundTripper }

// uploadKind is the key of a context whose value is the kind.
type uploadKind struct{}

func (t uploadsByKind) RoundTrip(r *http.Request) (*http.Response, error) {
	if kind, ok := r.Context().Value(uploadKind{}).(string); ok {
		r = r.Clone(r.Context())
		r.URL.Path = strings.Replace(r.URL.Path, "/auto/upload", "/"+kind+"/upload", 1)
	}
	return t.RoundTripper.RoundTrip(r)
}

// Put implements Host. The original goes first: a picture that is kept has one.
func (c *Cloudinary) Put(ctx context.Context, key string, p *Prepared) error {
	if err := checkPut(key, p); err != nil {
		return err
	}
	original := uploader.UploadParams{PublicID: cloudinaryOriginals + key, ResourceType: "raw"}
	err := c.upload(ctx, p.Original, original)
	if err == nil || errors.Is(err, ErrExists) { // of a Put that was broken off
		widest := p.Variants[len(p.Variants)-1]
		err = c.upload(ctx, widest.File, uploader.UploadParams{
			PublicID: cloudinaryFolder + key, ResourceType: "image", AllowedFormats: api.CldAPIArray{"jpg"},
		})
	}
	if err != nil {
		return fmt.Errorf("send picture %s to Cloudinary: %w", key, err)
	}
	return nil
}

// upload sends a file under a new id.
func (c *Cloudinary) upload(ctx context.Context, file []byte, params uploader.UploadParams) error {
	params.Type = api.Authenticated
	params.Overwrite = api.Bool(false)
	ctx = context.WithValue(ctx, uploadKind{}, params.ResourceType)
	answer, err := c.client.Upload.Upload(ctx, bytes.NewReader(file), params)
	if err == nil {
		err = complaint(answer.Error)
	}
	switch {
	case err != nil:
		return err
	case existed(answer):
		return ErrExists
	case answer.PublicID != params.PublicID:
		return fmt.Errorf("it was kept as %q", answer.PublicID)
	}
	return nil
}

// existed says whether an upload found its id taken and was not stored.
func existed(answer *uploader.UploadResult) bool {
	raw, ok := answer.Response.(*map[string]any)
	return ok && (*raw)["existing"] == true
}

// AddAVIF implements Host.
func (c *Cloudinary) AddAVIF(context.Context, string, []Variant) error { return nil }

// MakesAVIF implements Host.
func (c *Cloudinary) MakesAVIF() bool { return true }

// Open implements Host. It fetches the whole variant before it returns.
func (c *Cloudinary) Open(ctx context.Context, key string, width int, format Format) (*Picture, error) {
	if !ValidKey(key) || !isStep(width) || !format.valid() {
		return nil, ErrNotFound
	}
	picture, err := c.open(ctx, key, width, format)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("fetch picture %s from Cloudinary: %w", key, err)
	}
	return picture, err
}

func (c *Cloudinary) open(ctx context.Context, key string, width int, format Format) (*Picture, error) {
	address, err := c.address(key, width, format)
	if err != nil {
		return nil, err
	}
	file, modified, err := c.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	picture := &Picture{
		Body: body{bytes.NewReader(file)}, ContentType: format.ContentType(),
		Size: int64(len(file)), Modified: modified, Width: width,
	}
	if format == JPEG {
		config, err := jpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			return nil, fmt.Errorf("it sent no JPEG: %w", err)
		}
		picture.Width = config.Width
	} else if !isHEIF(file) {
		return nil, errors.New("it sent no AVIF")
	}
	return picture, nil
}

// Original implements Host.
func (c *Cloudinary) Original(ctx context.Context, key string) ([]byte, error) {
	if !ValidKey(key) {
		return nil, ErrNotFound
	}
	address, err := c.originalAddress(key)
	if err != nil {
		return nil, err
	}
	file, _, err := c.fetch(ctx, address)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("fetch the original of picture %s from Cloudinary: %w", key, err)
	}
	return file, err
}

// fetch gets a file from a signed address.
func (c *Cloudinary) fetch(ctx context.Context, address string) (file []byte, modified time.Time, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, modified, err
	}
	answer, err := c.delivery.Do(request)
	if err != nil {
		// Whoever reads the signed address could fetch the picture.
		var withAddress *url.Error
		if errors.As(err, &withAddress) {
			err = withAddress.Err
		}
		return nil, modified, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return nil, modified, ErrNotFound
	case answer.StatusCode != http.StatusOK:
		return nil, modified, fmt.Errorf("it answered %s", answer.Status)
	}
	file, err = io.ReadAll(io.LimitReader(answer.Body, MaxBytes+1))
	if err != nil {
		return nil, modified, err
	}
	if len(file) > MaxBytes {
		return nil, modified, errors.New("it sent more than a picture's worth")
	}
	modified, _ = http.ParseTime(answer.Header.Get("Last-Modified")) // zero when it does not say
	return file, modified, nil
}

// cloudinaryAVIFQuality is on the safe side: how Cloudinary's scale compares with
// that of JPEG is not known.
const cloudinaryAVIFQuality = 80

func qualityOf(format Format) int {
	if format == AVIF {
		return cloudinaryAVIFQuality
	}
	return quality
}

// address returns the signed address of the variant that is at most width pixels
// wide.
func (c *Cloudinary) address(key string, width int, format Format) (string, error) {
	asset, err := c.client.Image(cloudinaryFolder + key)
	if err != nil {
		return "", err
	}
	asset.DeliveryType = api.Authenticated
	asset.Transformation = fmt.Sprintf("c_limit,f_%s,q_%d,w_%d", format, qualityOf(format), width)
	return asset.String()
}

// originalAddress returns the signed address of the original.
func (c *Cloudinary) originalAddress(key string) (string, error) {
	asset, err := c.client.File(cloudinaryOriginals + key)
	if err != nil {
		return "", err
	}
	asset.DeliveryType = api.Authenticated
	return asset.String()
}

// A body is a picture's bytes in memory.
type body struct{ *bytes.Reader }

func (body) Close() error { return nil }

// Delete implements Host. It also asks for the copies at Cloudinary's edge to go.
func (c *Cloudinary) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	// The original goes last, so that a deletion that was broken off is begun
	// again.
	for _, params := range []uploader.DestroyParams{
		{PublicID: cloudinaryFolder + key}, {PublicID: cloudinaryOriginals + key, ResourceType: "raw"},
	} {
		if err := c.destroy(ctx, params); err != nil {
			return fmt.Errorf("delete picture %s at Cloudinary: %w", key, err)
		}
	}
	return nil
}

func (c *Cloudinary) destroy(ctx context.Context, params uploader.DestroyParams) error {
	params.Type = api.Authenticated
	params.Invalidate = api.Bool(true)
	answer, err := c.client.Upload.Destroy(ctx, params)
	if err == nil {
		err = complaint(answer.Error)
	}
	if err == nil && answer.Result != "ok" && answer.Result != "not found" {
		err = fmt.Errorf("it answered %q", answer.Result)
	}
	return err
}

// Each implements Host.
func (c *Cloudinary) Each(ctx context.Context, f func(key string, stored time.Time) error) error {
	const pageSize = 500 // the most that Cloudinary gives
	page := admin.AssetsParams{
		AssetType: api.Image, DeliveryType: api.Authenticated,
		Prefix: cloudinaryFolder, MaxResults: pageSize,
	}
	for {
		answer, err := c.client.Admin.Assets(ctx, page)
		if err == nil {
			err = complaint(answer.Error)
		}
		if err == nil && answer.Assets == nil {
			err = errors.New("it sent no list")
		}
		if err != nil {
			return fmt.Errorf("list the pictures at Cloudinary: %w", err)
		}
		for _, asset := range answer.Assets {
			key := strings.TrimPrefix(asset.PublicID, cloudinaryFolder)
			if !ValidKey(key) {
				continue
			}
			if err := f(key, asset.CreatedAt); err != nil {
				return err
			}
		}
		if answer.NextCursor == "" {
			return nil
		}
		page.NextCursor = answer.NextCursor
	}
}

// complaint returns what Cloudinary found wrong as an error.
func complaint(e api.ErrorResp) error {
	if e.Message == "" {
		return nil
	}
	return errors.New(e.Message)
}
