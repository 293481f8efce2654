package imagehost

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
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
	"github.com/gen2brain/avif"
)

const (
	fakeCloud  = "studio"
	fakeAPIKey = "1234567890"
	fakeSecret = "a-secret-of-the-test"
)

// A fakeCloudinary speaks Cloudinary's wire format, of the references of its Upload
// and Admin APIs, and keeps what it is sent. It believes nothing without its
// signature.
type fakeCloudinary struct {
	server *httptest.Server

	mu     sync.Mutex
	assets map[string]fakeAsset // by kind, "image/" or "raw/", and public id
	fail   http.HandlerFunc     // answers in place of everything else when set
	broken string               // the end of addresses that answer with an error
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
	mux.HandleFunc("POST "+api+"/{kind}/upload", f.upload)
	mux.HandleFunc("POST "+api+"/{kind}/destroy", f.destroy)
	mux.HandleFunc("GET "+api+"/resources/image/authenticated", f.list)
	mux.HandleFunc("GET "+cloud+"/image/authenticated/{signature}/{transformation}/v1/{id...}", f.deliver)
	mux.HandleFunc("GET "+cloud+"/raw/authenticated/{signature}/v1/{id...}", f.deliverRaw)
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		fail, broken := f.fail, f.broken
		f.mu.Unlock()
		if broken != "" && strings.HasSuffix(r.URL.Path, broken) {
			complain(w, http.StatusInternalServerError, "General Error")
			return
		}
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

// hang makes the fake answer nothing until the caller has given up.
func (f *fakeCloudinary) hang() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then is it noticed that the caller is gone
		<-r.Context().Done()
	}
}

// hangUp makes the fake close every line without an answer.
func (f *fakeCloudinary) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
}

// failOn makes the fake break down at addresses with such an end, or none.
func (f *fakeCloudinary) failOn(end string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = end
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
	result := map[string]any{"resource_type": r.PathValue("kind"), "type": "authenticated", "tags": []string{}}
	switch config, err := jpeg.DecodeConfig(bytes.NewReader(file)); {
	case r.PathValue("kind") == "raw":
	case r.PathValue("kind") != "image" || err != nil || r.Form.Get("allowed_formats") != "jpg":
		complain(w, http.StatusBadRequest, "Invalid image file")
		return
	default:
		result["format"], result["width"], result["height"] = "jpg", config.Width, config.Height
	}
	if r.Form.Get("type") != "authenticated" || r.Form.Get("overwrite") != "false" {
		complain(w, http.StatusBadRequest, "not what this fake is for")
		return
	}
	id := r.Form.Get("public_id")
	name := r.PathValue("kind") + "/" + id
	f.mu.Lock()
	asset, existing := f.assets[name]
	if !existing {
		asset = fakeAsset{file, time.Now()}
		f.assets[name] = asset
	}
	f.mu.Unlock()
	result["public_id"], result["version"], result["bytes"] = id, asset.created.Unix(), len(asset.file)
	result["created_at"] = asset.created.UTC().Format(time.RFC3339)
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
	name := r.PathValue("kind") + "/" + r.Form.Get("public_id")
	if _, ok := f.assets[name]; !ok {
		answer(w, http.StatusOK, map[string]string{"result": "not found"})
		return
	}
	delete(f.assets, name)
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
	for name := range f.assets {
		id, isImage := strings.CutPrefix(name, "image/")
		if isImage && strings.HasPrefix(id, r.FormValue("prefix")) && id > r.FormValue("next_cursor") {
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
			"created_at": f.assets["image/"+id].created.UTC().Format(time.RFC3339), "bytes": len(f.assets["image/"+id].file),
		})
	}
	page["resources"] = resources
	answer(w, http.StatusOK, page)
}

// deliver makes a picture in the size and the format of a signed transformation.
func (f *fakeCloudinary) deliver(w http.ResponseWriter, r *http.Request) {
	transformation := r.PathValue("transformation")
	asset, ok := f.signedAsset(w, r, "image", transformation+"/")
	if !ok {
		return
	}
	var format Format
	var width, quality int
	fields := strings.NewReplacer(",", " ", "_", " ").Replace(transformation)
	if _, err := fmt.Sscanf(fields, "c limit f %s q %d w %d", &format, &quality, &width); err != nil || !format.valid() {
		http.Error(w, "", http.StatusBadRequest)
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
	w.Header().Set("Content-Type", format.ContentType())
	if format == AVIF {
		avif.Encode(w, img, avif.Options{Quality: quality, Speed: 10, ChromaSubsampling: image.YCbCrSubsampleRatio420})
		return
	}
	jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
}

func (f *fakeCloudinary) deliverRaw(w http.ResponseWriter, r *http.Request) {
	if asset, ok := f.signedAsset(w, r, "raw", ""); ok {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(asset.file)
	}
}

// signedAsset finds the asset of a signed address, in which something stands before
// the public id, or answers that it may not be seen or is not there.
func (f *fakeCloudinary) signedAsset(w http.ResponseWriter, r *http.Request, kind, before string) (fakeAsset, bool) {
	id := r.PathValue("id")
	sum := sha1.Sum([]byte(before + id + fakeSecret))
	if r.PathValue("signature") != "s--"+base64.RawURLEncoding.EncodeToString(sum[:])[:8]+"--" {
		http.Error(w, "", http.StatusUnauthorized)
		return fakeAsset{}, false
	}
	f.mu.Lock()
	asset, ok := f.assets[kind+"/"+id]
	f.mu.Unlock()
	if !ok {
		w.Header().Set("X-Cld-Error", "Resource not found - "+id)
		http.Error(w, "", http.StatusNotFound)
		return fakeAsset{}, false
	}
	w.Header().Set("Last-Modified", asset.created.UTC().Format(http.TimeFormat))
	return asset, true
}

func TestCloudinaryIsSentTheWidestVariantAndTheOriginal(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	p := prepare(t, withSegment(asJPEG(t, testCard(2600, 300)), 0xfe, "where the artist lives"))
	key := put(t, fake.client(t), p)
	if len(fake.assets) != 2 || !bytes.Equal(fake.assets["image/openstudio/"+key].file, p.Variants[5].File) ||
		!bytes.Equal(fake.assets["raw/openstudio-originals/"+key].file, p.Original) {
		t.Errorf("it keeps %d assets", len(fake.assets))
	}
}

// A Put that was broken off behind the original is begun again, once, or undone.
func TestCloudinaryPutBrokenOff(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	p := prepare(t, asJPEG(t, testCard(60, 40)))
	again, gone := NewKey(), NewKey()
	for _, key := range []string{again, gone} {
		fake.failOn("/image/upload")
		if err := host.Put(t.Context(), key, p); err == nil || errors.Is(err, ErrExists) {
			t.Fatalf("the Put to be broken off: %v", err)
		}
		fake.failOn("")
		if _, ok := fake.assets["raw/openstudio-originals/"+key]; !ok || len(keys(t, host)) != 0 {
			t.Fatal("it was not broken off in the middle")
		}
		if _, err := host.Open(t.Context(), key, 320, JPEG); !errors.Is(err, ErrNotFound) {
			t.Errorf("Open: %v, want ErrNotFound", err)
		}
		if key == again {
			if err := host.Put(t.Context(), key, p); err != nil {
				t.Errorf("Put again: %v", err)
			}
			if err := host.Put(t.Context(), key, p); !errors.Is(err, ErrExists) {
				t.Errorf("Put of a taken key: %v, want ErrExists", err)
			}
			open(t, host, key, 320, JPEG)
		}
		if err := host.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete: %v", err)
		}
		if len(fake.assets) != 0 {
			t.Errorf("%d assets are left", len(fake.assets))
		}
	}
}

// What the artist has deleted is gone from every address at which it was, and a
// Delete that was broken off can be begun again.
func TestCloudinaryDeletesWhatWasSigned(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	key := put(t, host, prepare(t, asJPEG(t, testCard(60, 40))))
	var addresses []string
	for _, step := range Steps() {
		for _, format := range []Format{JPEG, AVIF} {
			address, err := host.address(key, step, format)
			if err != nil {
				t.Fatal(err)
			}
			addresses = append(addresses, address)
		}
	}
	original, err := host.originalAddress(key)
	if err != nil {
		t.Fatal(err)
	}
	addresses = append(addresses, original)
	answers := func(want int) {
		t.Helper()
		for _, address := range addresses {
			answer, err := host.delivery.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s answers %s, want %d", address, answer.Status, want)
			}
		}
	}
	answers(http.StatusOK)
	fake.failOn("/raw/destroy")
	if err := host.Delete(t.Context(), key); err == nil {
		t.Error("the original was not deleted, but Delete did not say so")
	}
	fake.failOn("")
	if err := host.Delete(t.Context(), key); err != nil {
		t.Errorf("Delete again: %v", err)
	}
	answers(http.StatusNotFound)
}

func TestCloudinaryMakesPagesOfOthersPictures(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	key := put(t, host, prepare(t, asJPEG(t, testCard(6, 4))))
	for _, id := range []string{"sample", "openstudio/logo", "openstudio/old/" + NewKey(), "openstudio-two/" + NewKey()} {
		fake.assets["image/"+id] = fakeAsset{created: time.Now()}
	}
	if got := keys(t, host); !slices.Equal(got, []string{key}) {
		t.Errorf("it keeps %v, want %v", got, key)
	}
}

// calls are the errors of every call to a host that talks over the wire.
func calls(ctx context.Context, host Host, key string, p *Prepared) map[string]error {
	_, jpegErr := host.Open(ctx, key, 320, JPEG)
	_, avifErr := host.Open(ctx, key, 320, AVIF)
	_, originalErr := host.Original(ctx, key)
	return map[string]error{
		"Put": host.Put(ctx, NewKey(), p), "Open": jpegErr, "Open as AVIF": avifErr, "Original": originalErr,
		"Delete": host.Delete(ctx, key), "Each": host.Each(ctx, func(string, time.Time) error { return nil }),
	}
}

func TestCloudinaryTellsOfFailures(t *testing.T) {
	t.Parallel()
	fake := newFakeCloudinary(t)
	host := fake.client(t)
	p := prepare(t, asJPEG(t, testCard(6, 4)))
	key := put(t, host, p)
	for name, test := range map[string]struct {
		status              int
		contentType, answer string
	}{
		"a complaint":      {420, "application/json", `{"error":{"message":"Rate Limit Exceeded"}}`},
		"a page of HTML":   {502, "text/html", "<html>Bad Gateway"},
		"HTML for all":     {200, "image/jpeg", "<script>alert(1)</script>"},
		"a way elsewhere":  {302, "text/plain", "elsewhere"},
		"an empty answer":  {500, "application/json", "{}"},
		"nothing at all":   {500, "text/plain", ""},
		"a broken picture": {200, "image/jpeg", "\xff\xd8\xff"},
	} {
		fake.failWith(test.status, test.contentType, test.answer)
		for call, err := range calls(t.Context(), host, key, p) {
			if call == "Original" && test.status == http.StatusOK {
				continue // it may be any file
			}
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
	secrets := []string{fakeSecret}
	for _, address := range []func() (string, error){
		func() (string, error) { return host.address(key, 320, JPEG) },
		func() (string, error) { return host.address(key, 320, AVIF) },
		func() (string, error) { return host.originalAddress(key) },
	} {
		address, err := address()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(address, "s--")
		const long = 8 // and any of its characters may be a dash
		if len(rest) < long+2 || rest[long:long+2] != "--" {
			t.Fatalf("%s has no signature", address)
		}
		secrets = append(secrets, rest[:long])
	}
	keepSecrets := func(ctx context.Context, trouble string) {
		t.Helper()
		for call, err := range calls(ctx, host, key, p) {
			if err == nil {
				t.Errorf("%s: %s did not fail", trouble, call)
				continue
			}
			for _, secret := range secrets {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: %s tells a secret: %v", trouble, call, err)
				}
			}
		}
	}
	fake.failWith(http.StatusInternalServerError, "text/plain", "")
	keepSecrets(t.Context(), "an error")
	fake.failWith(420, "application/json", `{"error":{"message":"Rate Limit Exceeded"}}`)
	keepSecrets(t.Context(), "too many calls")
	fake.hang()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	keepSecrets(ctx, "a timeout")
	fake.hangUp()
	keepSecrets(t.Context(), "a cut line")
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
	address, err := c.address(key, 640, JPEG)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte("c_limit,f_jpg,q_82,w_640/openstudio/" + key + "hidden"))
	want := "https://res.cloudinary.com/studio/image/authenticated/s--" +
		base64.RawURLEncoding.EncodeToString(sum[:])[:8] + "--/c_limit,f_jpg,q_82,w_640/v1/openstudio/" + key
	if address != want {
		t.Errorf("the address is %s, want %s", address, want)
	}
	address, err = c.originalAddress(key)
	if err != nil {
		t.Fatal(err)
	}
	sum = sha1.Sum([]byte("openstudio-originals/" + key + "hidden"))
	want = "https://res.cloudinary.com/studio/raw/authenticated/s--" +
		base64.RawURLEncoding.EncodeToString(sum[:])[:8] + "--/v1/openstudio-originals/" + key
	if address != want {
		t.Errorf("the address of the original is %s, want %s", address, want)
	}
	if prefix := c.client.Upload.Config.API.UploadPrefix; prefix != "https://api.cloudinary.com" {
		t.Errorf("uploads go to %s", prefix)
	}
}

func TestCloudinaryIsSetUpSideBySide(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if _, err := NewCloudinary("cloudinary://1:secret@studio"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
