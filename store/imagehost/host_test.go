package imagehost

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// notKeys are what a smuggler would try in place of a key.
func notKeys() []string {
	key := NewKey()
	return []string{
		"", ".", "..", "/", "../" + key, key + "/..", key + "/original", key + "\x00", key + "\n",
		key[1:], key + "0", strings.ToUpper("a" + key[1:]), "../../../../../../../../../etc/", "é" + key[2:], "%2e%2e%2f" + key[9:],
		"..%2f" + key[5:], "../" + key[3:], key[:2] + "/" + key[3:], "g" + key[1:],
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		key := NewKey()
		if !ValidKey(key) || seen[key] {
			t.Fatalf("NewKey made %q", key)
		}
		seen[key] = true
	}
	for _, key := range notKeys() {
		if ValidKey(key) {
			t.Errorf("%q is taken for a key", key)
		}
	}
}

// TestHosts is the contract of a Host, held against both.
func TestHosts(t *testing.T) {
	t.Parallel()
	for name, newHost := range map[string]func(*testing.T) Host{
		"disk":       func(t *testing.T) Host { return newDisk(t) },
		"cloudinary": func(t *testing.T) Host { return newFakeCloudinary(t).client(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, test := range map[string]func(*testing.T, Host){
				"keeps every size":         keepsEverySize,
				"takes AVIF later":         takesAVIFLater,
				"keeps small pictures":     keepsSmallPictures,
				"never serves originals":   neverServesOriginals,
				"knows only what it keeps": knowsOnlyWhatItKeeps,
				"deletes for good":         deletesForGood,
				"never replaces":           neverReplaces,
				"lists all":                listsAll,
				"refuses other keys":       refusesOtherKeys,
				"ends with its context":    endsWithItsContext,
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, newHost(t))
				})
			}
		})
	}
}

func put(t *testing.T, host Host, p *Prepared) string {
	t.Helper()
	key := NewKey()
	if err := host.Put(t.Context(), key, p); err != nil {
		t.Fatalf("Put: %v", err)
	}
	return key
}

func open(t *testing.T, host Host, key string, width int, format Format) (*Picture, []byte) {
	t.Helper()
	picture, err := host.Open(t.Context(), key, width, format)
	if err != nil {
		t.Fatalf("Open at %d as %s: %v", width, format, err)
	}
	file := readAll(t, picture.Body)
	if _, err := picture.Body.Seek(0, io.SeekStart); err != nil {
		t.Errorf("Seek: %v", err)
	}
	if again := readAll(t, picture.Body); !bytes.Equal(again, file) {
		t.Error("a second reading differs")
	}
	if err := picture.Body.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if picture.ContentType != format.ContentType() || picture.Size != int64(len(file)) {
		t.Errorf("%d bytes said to be %d of %s", len(file), picture.Size, picture.ContentType)
	}
	return picture, file
}

func isNotFound(t *testing.T, host Host, key string) {
	t.Helper()
	for _, width := range Steps() {
		for _, format := range []Format{JPEG, AVIF} {
			if _, err := host.Open(t.Context(), key, width, format); !errors.Is(err, ErrNotFound) {
				t.Errorf("Open at %d as %s: %v, want ErrNotFound", width, format, err)
			}
		}
	}
	if _, err := host.Original(t.Context(), key); !errors.Is(err, ErrNotFound) {
		t.Errorf("Original: %v, want ErrNotFound", err)
	}
}

func keys(t *testing.T, host Host) []string {
	t.Helper()
	var keys []string
	err := host.Each(t.Context(), func(key string, stored time.Time) error {
		if age := time.Since(stored); age < -time.Minute || age > time.Minute {
			t.Errorf("%s was kept %v ago", key, age)
		}
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		t.Fatalf("Each: %v", err)
	}
	slices.Sort(keys)
	return keys
}

func keepsEverySize(t *testing.T, host Host) {
	card := asJPEG(t, testCard(2600, 130))
	key := put(t, host, prepare(t, card))
	small := makeAVIF(t, NewPreparer(1, ""), card)
	wide := len(small)
	if err := host.AddAVIF(t.Context(), key, small); err != nil {
		t.Fatalf("AddAVIF: %v", err)
	}
	for i, size := range Sizes(2600, 130) {
		for _, format := range []Format{JPEG, AVIF} {
			if format == AVIF && !host.MakesAVIF() && i >= wide {
				size = small[wide-1].Size // the widest that there is
			}
			picture, file := open(t, host, key, Steps()[i], format)
			if picture.Width != size.Width && (format == JPEG || !host.MakesAVIF()) {
				t.Errorf("at %d as %s it is %d wide, want %d", Steps()[i], format, picture.Width, size.Width)
			}
			if age := time.Since(picture.Modified); age < -time.Minute || age > time.Minute {
				t.Errorf("it was kept %v ago", age)
			}
			isTestCard(t, decodeVariant(t, Variant{size, file}))
		}
	}
}

// AVIF comes later than the picture, and again after a job that was broken off.
func takesAVIFLater(t *testing.T, host Host) {
	card := asJPEG(t, testCard(700, 300))
	variants := makeAVIF(t, NewPreparer(1, ""), card)
	if err := host.AddAVIF(t.Context(), NewKey(), variants); !host.MakesAVIF() && !errors.Is(err, ErrNotFound) || host.MakesAVIF() && err != nil {
		t.Errorf("AddAVIF to no picture: %v", err)
	}
	key := put(t, host, prepare(t, card))
	for _, step := range Steps() {
		if _, err := host.Open(t.Context(), key, step, AVIF); host.MakesAVIF() != (err == nil) || err != nil && !errors.Is(err, ErrNotFound) {
			t.Errorf("before, at %d: %v", step, err)
		}
	}
	for range 2 {
		if err := host.AddAVIF(t.Context(), key, variants); err != nil {
			t.Fatalf("AddAVIF: %v", err)
		}
		for _, size := range Sizes(700, 300) {
			_, file := open(t, host, key, size.Step, AVIF)
			isTestCard(t, decodeVariant(t, Variant{size, file}))
		}
	}
	if got := keys(t, host); !slices.Equal(got, []string{key}) {
		t.Errorf("it keeps %v, want %v", got, key)
	}
	if err := host.Delete(t.Context(), key); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	isNotFound(t, host, key)
}

func keepsSmallPictures(t *testing.T, host Host) {
	for _, width := range []int{1, 200, 320, 500, 640, 1300} {
		key := put(t, host, prepare(t, asJPEG(t, testCard(width, 40))))
		for _, step := range Steps() {
			picture, file := open(t, host, key, step, JPEG)
			config, err := jpeg.DecodeConfig(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if want := min(step, width); picture.Width != want || config.Width != want {
				t.Errorf("a picture of %d is %d wide at %d and says %d", width, config.Width, step, picture.Width)
			}
		}
	}
}

// The original comes back as it came to who asks for it, and to nobody else.
func neverServesOriginals(t *testing.T, host Host) {
	const secret = "where the artist lives"
	original := withSegment(asJPEG(t, testCard(300, 200)), 0xfe, secret)
	key := put(t, host, prepare(t, original))
	for _, step := range Steps() {
		for _, format := range []Format{JPEG, AVIF, "original", "raw", "jpeg", "png", "", "."} {
			picture, err := host.Open(t.Context(), key, step, format)
			if err != nil {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("at %d as %q: %v", step, format, err)
				}
				continue
			}
			if file := readAll(t, picture.Body); bytes.Contains(file, []byte(secret)) {
				t.Errorf("at %d as %q it tells %s", step, format, secret)
			}
			picture.Body.Close()
		}
	}
	got, err := host.Original(t.Context(), key)
	if err != nil || !bytes.Equal(got, original) {
		t.Errorf("Original: %d bytes of %d: %v", len(got), len(original), err)
	}
}

func knowsOnlyWhatItKeeps(t *testing.T, host Host) {
	isNotFound(t, host, NewKey())
	key := put(t, host, prepare(t, asJPEG(t, testCard(700, 300))))
	for _, width := range []int{-1, 0, 1, 319, 321, 700, 2561, 1 << 40} {
		if _, err := host.Open(t.Context(), key, width, JPEG); !errors.Is(err, ErrNotFound) {
			t.Errorf("Open at %d: %v, want ErrNotFound", width, err)
		}
	}
	if err := host.Put(t.Context(), NewKey(), &Prepared{}); err == nil {
		t.Error("a picture without variants was kept")
	}
}

func deletesForGood(t *testing.T, host Host) {
	p := prepare(t, asJPEG(t, testCard(60, 40)))
	key, other := put(t, host, p), put(t, host, p)
	for range 2 { // the second time there is none
		if err := host.Delete(t.Context(), key); err != nil {
			t.Fatalf("Delete: %v", err)
		}
		isNotFound(t, host, key)
		if got := keys(t, host); !slices.Equal(got, []string{other}) {
			t.Errorf("it keeps %v, want %v", got, other)
		}
	}
	if err := host.Put(t.Context(), key, p); err != nil {
		t.Errorf("Put again: %v", err)
	}
	open(t, host, key, 320, JPEG)
}

func neverReplaces(t *testing.T, host Host) {
	key := put(t, host, prepare(t, asJPEG(t, testCard(300, 40))))
	_, before := open(t, host, key, 320, JPEG)
	if err := host.Put(t.Context(), key, prepare(t, asJPEG(t, testCard(200, 40)))); !errors.Is(err, ErrExists) {
		t.Errorf("Put of a taken key: %v, want ErrExists", err)
	}
	if _, after := open(t, host, key, 320, JPEG); !bytes.Equal(after, before) {
		t.Error("the picture has changed")
	}

	// Of many at once, one gets the key.
	p, race := prepare(t, asJPEG(t, testCard(60, 40))), NewKey()
	results := make(chan error)
	for range 8 {
		go func() { results <- host.Put(context.Background(), race, p) }()
	}
	kept := 0
	for range 8 {
		switch err := <-results; {
		case err == nil:
			kept++
		case !errors.Is(err, ErrExists):
			t.Errorf("Put in a race: %v", err)
		}
	}
	if kept != 1 {
		t.Errorf("%d of 8 got the key", kept)
	}
}

func listsAll(t *testing.T, host Host) {
	if got := keys(t, host); len(got) != 0 {
		t.Errorf("a new host keeps %v", got)
	}
	p := prepare(t, asJPEG(t, testCard(6, 4)))
	var want []string
	for range 7 {
		want = append(want, put(t, host, p))
	}
	slices.Sort(want)
	if got := keys(t, host); !slices.Equal(got, want) {
		t.Errorf("it keeps %v, want %v", got, want)
	}
	enough := errors.New("enough")
	calls := 0
	err := host.Each(t.Context(), func(string, time.Time) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("Each ended with %v after %d calls", err, calls)
	}
	// Pictures may go while they are listed.
	if err := host.Each(t.Context(), func(key string, _ time.Time) error { return host.Delete(t.Context(), key) }); err != nil {
		t.Errorf("Each with Delete: %v", err)
	}
	if got := keys(t, host); len(got) != 0 {
		t.Errorf("it still keeps %v", got)
	}
}

func refusesOtherKeys(t *testing.T, host Host) {
	p := prepare(t, asJPEG(t, testCard(6, 4)))
	for _, key := range notKeys() {
		if err := host.Put(t.Context(), key, p); err == nil {
			t.Errorf("Put took %q", key)
		}
		if err := host.Delete(t.Context(), key); err == nil {
			t.Errorf("Delete took %q", key)
		}
		if err := host.AddAVIF(t.Context(), key, []Variant{{Size{320, 6, 4}, []byte("a picture")}}); err == nil && !host.MakesAVIF() {
			t.Errorf("AddAVIF took %q", key)
		}
		isNotFound(t, host, key)
	}
	if got := keys(t, host); len(got) != 0 {
		t.Errorf("it keeps %v", got)
	}
}

func endsWithItsContext(t *testing.T, host Host) {
	p := prepare(t, asJPEG(t, testCard(6, 4)))
	key := put(t, host, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, openErr := host.Open(ctx, key, 320, JPEG)
	_, originalErr := host.Original(ctx, key)
	for name, err := range map[string]error{
		"Put":      host.Put(ctx, NewKey(), p),
		"Open":     openErr,
		"Original": originalErr,
		"Delete":   host.Delete(ctx, key),
		"Each":     host.Each(ctx, func(string, time.Time) error { return nil }),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s ended with %v", name, err)
		}
	}
	if got := keys(t, host); !slices.Equal(got, []string{key}) {
		t.Errorf("it keeps %v, want %v", got, key)
	}
}
