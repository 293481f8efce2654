package imagehost

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/disintegration/imaging"
)

const (
	fakeCloud  = "studio"
	fakeAPIKey = "1234567890"
	fakeSecret = "a-secret-of-the-test"
)

// A fakeCloudinary speaks Cloudinary's wire format and keeps what it is sent. It
// believes nothing without its signature.
type fakeCloudinary struct {
	server *httptest.Server

	mu     sync.Mutex
	assets map[string]fakeAsset // by public id
	fail   http.HandlerFunc     // answers in place of everything else when set
}

type fakeAsset struct {
	file    []byte
	created time.Time
}

func newFakeCloudinary(t *testing.T) *fakeCloudinary {
	t.Helper()
	f := &fakeCloudinary{assets: map[string]fakeAsset{}}
	api, cloud := "/v1_1/"+fakeCloud, "/"+fakeCloud
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+api+"/auto/upload", f.upload)
	mux.HandleFunc("POST "+api+"/image/destroy", f.destroy)
	mux.HandleFunc("GET "+api+"/resources/image/authenticated", f.list)
	mux.HandleFunc("GET "+cloud+"/image/authenticated/{signature}/{transformation}/v1/{id...}", f.deliver)
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		fail := f.fail
		f.mu.Unlock()
		if fail != nil {
			fail(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeCloudinary) client(t *testing.T) *Cloudinary {
	t.Helper()
	c, err := NewCloudinary(fmt.Sprintf("cloudinary://%s:%s@%s?upload_prefix=%s&secure=false&cname=%s",
		fakeAPIKey, fakeSecret, fakeCloud, f.server.URL, strings.TrimPrefix(f.server.URL, "http://")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.delivery.CloseIdleConnections)
	return c
}

// failWith makes the fake answer everything so.
func (f *fakeCloudinary) failWith(status int, contentType, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func complain(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"error": map[string]any{"message": message}})
}

// signed checks the signature of a form: over its fields in order, less the file
// and the key.
func signed(w http.ResponseWriter, r *http.Request) bool {
	var fields []string
	for name, values := range r.Form {
		switch name {
		case "file", "cloud_name", "resource_type", "api_key", "signature":
		default:
			fields = append(fields, name+"="+strings.ReplaceAll(values[0], "&", "%26"))
		}
	}
	slices.Sort(fields)
	sum := sha1.Sum([]byte(strings.Join(fields, "&") + fakeSecret))
	stamp, _ := strconv.ParseInt(r.Form.Get("timestamp"), 10, 64)
	switch {
	case r.Form.Get("api_key") != fakeAPIKey:
		complain(w, http.StatusUnauthorized, "Unknown API key "+r.Form.Get("api_key"))
	case r.Form.Get("signature") != hex.EncodeToString(sum[:]):
		complain(w, http.StatusUnauthorized, "Invalid Signature")
	case time.Since(time.Unix(stamp, 0)).Abs() > time.Hour:
		complain(w, http.StatusBadRequest, "Stale request")
	default:
		return true
	}
	return false
}

func (f *fakeCloudinary) upload(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(MaxBytes); err != nil {
		complain(w, http.StatusBadRequest, err.Error())
		return
	}
	if !signed(w, r) {
		return
	}
	part, _, err := r.FormFile("file")
	if err != nil {
		complain(w, http.StatusBadRequest, "Missing required parameter - file")
		return
	}
	file, err := io.ReadAll(part)
	if err != nil {
		complain(w, http.StatusBadRequest, err.Error())
		return
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil || r.Form.Get("allowed_formats") != "jpg" {
		complain(w, http.StatusBadRequest, "Invalid image file")
		return
	}
	if r.Form.Get("type") != "authenticated" || r.Form.Get("overwrite") != "false" {
		complain(w, http.StatusBadRequest, "not what this fake is for")
		return
	}
	id := r.Form.Get("public_id")
	f.mu.Lock()
	asset, existing := f.assets[id]
	if !existing {
		asset = fakeAsset{file, time.Now()}
		f.assets[id] = asset
	}
	f.mu.Unlock()
	result := map[string]any{
		"public_id": id, "version": asset.created.Unix(), "width": config.Width, "height": config.Height,
		"format": "jpg", "resource_type": "image", "type": "authenticated", "bytes": len(asset.file),
		"created_at": asset.created.UTC().Format(time.RFC3339), "tags": []string{},
	}
	if existing {
		result["existing"] = true
	}
	answer(w, http.StatusOK, result)
}

func (f *fakeCloudinary) destroy(w http.ResponseWriter, r *http.Request) {
	// The client does not say that it sends a form; Cloudinary takes it as one.
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := r.ParseForm(); err != nil {
		complain(w, http.StatusBadRequest, err.Error())
		return
	}
	if !signed(w, r) {
		return
	}
	if r.Form.Get("invalidate") != "true" || r.Form.Get("type") != "authenticated" {
		complain(w, http.StatusBadRequest, "not what this fake is for")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.assets[r.Form.Get("public_id")]; !ok {
		answer(w, http.StatusOK, map[string]string{"result": "not found"})
		return
	}
	delete(f.assets, r.Form.Get("public_id"))
	answer(w, http.StatusOK, map[string]string{"result": "ok"})
}

// list gives pages of three, whatever is asked for, so that there are some.
func (f *fakeCloudinary) list(w http.ResponseWriter, r *http.Request) {
	const pageSize = 3
	if name, secret, _ := r.BasicAuth(); name != fakeAPIKey || secret != fakeSecret {
		complain(w, http.StatusUnauthorized, "unauthorized")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id := range f.assets {
		if strings.HasPrefix(id, r.FormValue("prefix")) && id > r.FormValue("next_cursor") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	page := map[string]any{}
	if len(ids) > pageSize {
		ids = ids[:pageSize]
		page["next_cursor"] = ids[pageSize-1]
	}
	resources := []map[string]any{}
	for _, id := range ids {
		resources = append(resources, map[string]any{
			"public_id": id, "format": "jpg", "resource_type": "image", "type": "authenticated",
			"created_at": f.assets[id].created.UTC().Format(time.RFC3339), "bytes": len(f.assets[id].file),
		})
	}
	page["resources"] = resources
	answer(w, http.StatusOK, page)
}

func (f *fakeCloudinary) deliver(w http.ResponseWriter, r *http.Request) {
	id, transformation := r.PathValue("id"), r.PathValue("transformation")
	sum := sha1.Sum([]byte(transformation + "/" + id + fakeSecret))
	if r.PathValue("signature") != "s--"+base64.RawURLEncoding.EncodeToString(sum[:])[:8]+"--" {
		http.Error(w, "", http.StatusUnauthorized)
		return
	}
	var width, quality int
	if _, err := fmt.Sscanf(transformation, "c_limit,f_jpg,q_%d,w_%d", &quality, &width); err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	asset, ok := f.assets[id]
	f.mu.Unlock()
	if !ok {
		w.Header().Set("X-Cld-Error", "Resource not found - "+id)
		http.Error(w, "", http.StatusNotFound)
		return
	}
	img, err := jpeg.Decode(bytes.NewReader(asset.file))
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	if img.Bounds().Dx() > width {
		img = imaging.Resize(img, width, 0, imaging.Box)
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Last-Modified", asset.created.UTC().Format(http.TimeFormat))
	jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
}

func TestCloudinaryIsSentTheWidestVariantAlone(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	p := prepare(t, withSegment(asJPEG(t, testCard(2600, 300)), 0xfe, "where the artist lives"))
	key := put(t, fake.client(t), p)
	if len(fake.assets) != 1 || !bytes.Equal(fake.assets["openstudio/"+key].file, p.Variants[3].JPEG) {
		t.Errorf("it keeps %d assets", len(fake.assets))
	}
}

func TestCloudinaryMakesPagesOfOthersPictures(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	key := put(t, host, prepare(t, asJPEG(t, testCard(6, 4))))
	for _, id := range []string{"sample", "openstudio/logo", "openstudio/old/" + NewKey(), "openstudio-two/" + NewKey()} {
		fake.assets[id] = fakeAsset{created: time.Now()}
	}
	if got := keys(t, host); !slices.Equal(got, []string{key}) {
		t.Errorf("it keeps %v, want %v", got, key)
	}
}

func TestCloudinaryTellsOfFailures(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	p := prepare(t, asJPEG(t, testCard(6, 4)))
	key := put(t, host, p)
	for name, set := range map[string]func(){
		"a complaint":      func() { fake.failWith(420, "application/json", `{"error":{"message":"Rate Limit Exceeded"}}`) },
		"a page of HTML":   func() { fake.failWith(502, "text/html", "<html>Bad Gateway") },
		"HTML for all":     func() { fake.failWith(200, "image/jpeg", "<script>alert(1)</script>") },
		"a way elsewhere":  func() { fake.failWith(302, "text/plain", "elsewhere") },
		"an empty answer":  func() { fake.failWith(500, "application/json", "{}") },
		"nothing at all":   func() { fake.failWith(500, "text/plain", "") },
		"a broken picture": func() { fake.failWith(200, "image/jpeg", "\xff\xd8\xff") },
	} {
		set()
		_, err := host.Open(t.Context(), key, 320)
		for call, err := range map[string]error{
			"Put":    host.Put(t.Context(), NewKey(), p),
			"Open":   err,
			"Delete": host.Delete(t.Context(), key),
			"Each":   host.Each(t.Context(), func(string, time.Time) error { return nil }),
		} {
			if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrExists) {
				t.Errorf("%s: %s ended with %v", name, call, err)
			}
		}
	}
}

func TestCloudinaryErrorsKeepItsSecrets(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	p := prepare(t, asJPEG(t, testCard(6, 4)))
	key := put(t, host, p)
	address, err := host.address(key, 320)
	if err != nil {
		t.Fatal(err)
	}
	_, signature, _ := strings.Cut(address, "s--")
	signature, _, ok := strings.Cut(signature, "--")
	if !ok || len(signature) != 8 {
		t.Fatalf("%s has no signature", address)
	}
	fake.server.Close()
	_, err = host.Open(t.Context(), key, 320)
	for call, err := range map[string]error{
		"Put":    host.Put(t.Context(), NewKey(), p),
		"Open":   err,
		"Delete": host.Delete(t.Context(), key),
		"Each":   host.Each(t.Context(), func(string, time.Time) error { return nil }),
	} {
		if err == nil {
			t.Errorf("%s did not fail", call)
		} else if s := err.Error(); strings.Contains(s, fakeSecret) || strings.Contains(s, signature) {
			t.Errorf("%s tells a secret: %s", call, s)
		}
	}
	for _, bad := range []string{
		"", "studio", "https://key:hidden@studio", "cloudinary://studio", "cloudinary://key@studio", "cloudinary://key:hidden@",
		"cloudinary://key:hidden%zz@studio", "cloudinary://key:hidden@studio?timeout=soon",
	} {
		if _, err := NewCloudinary(bad); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("NewCloudinary(%q): %v", bad, err)
		}
	}
}

func TestCloudinaryByDefaultIsCloudinary(t *testing.T) {
	t.Parallel()
	c, err := NewCloudinary("cloudinary://key:hidden@studio")
	if err != nil {
		t.Fatal(err)
	}
	key := NewKey()
	address, err := c.address(key, 640)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte("c_limit,f_jpg,q_82,w_640/openstudio/" + key + "hidden"))
	want := "https://res.cloudinary.com/studio/image/authenticated/s--" +
		base64.RawURLEncoding.EncodeToString(sum[:])[:8] + "--/c_limit,f_jpg,q_82,w_640/v1/openstudio/" + key
	if address != want {
		t.Errorf("the address is %s, want %s", address, want)
	}
	if prefix := c.client.Upload.Config.API.UploadPrefix; prefix != "https://api.cloudinary.com" {
		t.Errorf("uploads go to %s", prefix)
	}
}
