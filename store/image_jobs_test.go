package store_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// uploaded is a whole file of the artist's, sent in two parts.
func uploaded(t *testing.T, m *storetest.Market, artist store.Member, file string) store.Upload {
	t.Helper()
	ctx := context.Background()
	u, err := m.Store.BeginUpload(ctx, artist, "front.jpg", len(file))
	if err != nil {
		t.Fatal(err)
	}
	half := len(file) / 2
	for _, part := range []struct{ from, to int }{{0, half}, {half, len(file)}} {
		n, err := m.Store.AppendUpload(ctx, artist, u.ID, part.from, []byte(file[part.from:part.to]))
		if err != nil || n != part.to {
			t.Fatalf("%d are here, %v", n, err)
		}
	}
	return u
}

// waiting is a photograph of the artist's whose picture is not made.
func waiting(t *testing.T, m *storetest.Market, artist store.Member, file string) store.Image {
	t.Helper()
	img, err := m.Store.KeepUpload(context.Background(), artist, uploaded(t, m, artist, file).ID, 1600, 1200)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// claim takes the job that is due; there has to be one.
func claim(t *testing.T, m *storetest.Market) *store.ImageJob {
	t.Helper()
	job, err := m.Store.ClaimImageJob(context.Background())
	if err != nil || job == nil {
		t.Fatalf("no job is due, %v", err)
	}
	return job
}

// idle fails when a job is due.
func idle(t *testing.T, m *storetest.Market) {
	t.Helper()
	if job, err := m.Store.ClaimImageJob(context.Background()); err != nil || job != nil {
		t.Errorf("due: %+v %v", job, err)
	}
}

// finish announces the picture and makes it the job's photograph's own.
func finish(t *testing.T, m *storetest.Market, job *store.ImageJob, key string, avif bool) {
	t.Helper()
	ctx := context.Background()
	if err := m.Store.IntendPicture(ctx, store.StoredPicture{Host: "disk", Key: key}); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.FinishImage(ctx, job, made(key), avif); err != nil {
		t.Fatal(err)
	}
}

// deletes fails unless the pictures of just these keys are due to be deleted.
func deletes(t *testing.T, m *storetest.Market, want ...string) {
	t.Helper()
	ctx := context.Background()
	pictures, err := m.Store.ClaimDeletions(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range pictures {
		keys = append(keys, p.Key)
		if err := m.Store.PictureDeleted(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(keys)
	if !slices.Equal(keys, want) {
		t.Errorf("to be deleted: %v, not %v", keys, want)
	}
}

// own is the artist's photograph as it is now.
func own(t *testing.T, m *storetest.Market, artist store.Member, id int64) store.Image {
	t.Helper()
	images, err := m.Store.OwnImages(context.Background(), artist, []int64{id})
	if err != nil || len(images) != 1 {
		t.Fatalf("%d photographs, %v", len(images), err)
	}
	return images[0]
}

func TestAnUploadArrivesInParts(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	s := m.Store
	var conflict *store.Conflict

	for size, fails := range map[int]bool{-1: true, 0: true, 1: false, store.UploadMost: false, store.UploadMost + 1: true} {
		if _, err := s.BeginUpload(ctx, m.Ana, "x", size); errors.As(err, &conflict) != fails {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if _, err := s.BeginUpload(ctx, m.Ben, "x", 1); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("a collector uploads: %v", err)
	}

	u, err := s.BeginUpload(ctx, m.Ana, `C:\pictures\front.jpg`, 10)
	if err != nil || u.Name != "front.jpg" {
		t.Fatalf("%+v %v", u, err)
	}
	if _, err := s.AppendUpload(ctx, m.Dora, u.ID, 0, []byte("0123")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else appends: %v", err)
	}
	if n, err := s.AppendUpload(ctx, m.Ana, u.ID, 0, []byte("0123")); n != 4 || err != nil {
		t.Errorf("first part: %d %v", n, err)
	}
	for offset, part := range map[int]string{0: "0123", 3: "4", 5: "5", 4: "4567890"} {
		if n, err := s.AppendUpload(ctx, m.Ana, u.ID, offset, []byte(part)); !errors.As(err, &conflict) {
			t.Errorf("%q at %d: %d %v", part, offset, n, err)
		}
	}
	if _, err := s.KeepUpload(ctx, m.Ana, u.ID, 16, 12); !errors.As(err, &conflict) {
		t.Errorf("half a file is kept: %v", err)
	}
	if now, err := s.Upload(ctx, m.Ana, u.ID); err != nil || now.Received != 4 {
		t.Errorf("%+v %v", now, err)
	}
	if _, err := s.AppendUpload(ctx, m.Ana, u.ID, 4, []byte("456789")); err != nil {
		t.Error(err)
	}
	if file, err := s.UploadedFile(ctx, m.Ana, u.ID); err != nil || !bytes.Equal(file, []byte("0123456789")) {
		t.Errorf("%q %v", file, err)
	}
	for who, read := range map[string]error{
		"file": func() error { _, err := s.UploadedFile(ctx, m.Dora, u.ID); return err }(),
		"look": func() error { _, err := s.Upload(ctx, m.Dora, u.ID); return err }(),
		"keep": func() error { _, err := s.KeepUpload(ctx, m.Dora, u.ID, 16, 12); return err }(),
	} {
		if !errors.Is(read, store.ErrNotFound) {
			t.Errorf("%s of somebody else's: %v", who, read)
		}
	}

	// However often it is kept, it is one photograph, also after it is made.
	first, err := s.KeepUpload(ctx, m.Ana, u.ID, 16, 12)
	if err != nil || first.State != store.Preparing || first.Key != "" || first.Width != 16 {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := s.KeepUpload(ctx, m.Ana, u.ID, 16, 12); err != nil || again.ID != first.ID {
		t.Errorf("kept again: %+v %v", again, err)
	}
	if err := s.CancelUpload(ctx, m.Ana, u.ID); err != nil {
		t.Error(err)
	}
	job := claim(t, m)
	if file, err := s.JobFile(ctx, job); err != nil || string(file) != "0123456789" {
		t.Errorf("after it was kept, cancelling takes it away: %q %v", file, err)
	}
	finish(t, m, job, "made", false)
	if again, err := s.KeepUpload(ctx, m.Ana, u.ID, 16, 12); err != nil || again.ID != first.ID || again.Key != "made" {
		t.Errorf("kept once more: %+v %v", again, err)
	}
	var parts int
	if err := m.DB.Get(&parts, `SELECT count(*) FROM upload_parts`); err != nil || parts != 0 {
		t.Errorf("%d parts are left of a photograph that is made, %v", parts, err)
	}
}

func TestUploadsThatNobodyGoesOnWithAreSwept(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	old, err := m.Store.BeginUpload(ctx, m.Ana, "old.jpg", 10)
	if err != nil {
		t.Fatal(err)
	}
	kept := waiting(t, m, m.Ana, "0123456789")
	m.Clock.Advance(25 * time.Hour)
	young := uploaded(t, m, m.Ana, "9876543210")
	if n, err := m.Store.SweepUploads(ctx); n != 1 || err != nil {
		t.Errorf("%d swept, %v", n, err)
	}
	if _, err := m.Store.Upload(ctx, m.Ana, old.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := m.Store.Upload(ctx, m.Ana, young.ID); err != nil {
		t.Errorf("the young one: %v", err)
	}
	if file, err := m.Store.JobFile(ctx, claim(t, m)); err != nil || len(file) != 10 || kept.ID == 0 {
		t.Errorf("the one that waits for its picture: %d bytes, %v", len(file), err)
	}
}

func TestAJobIsDoneByOne(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	for range 5 {
		waiting(t, m, m.Ana, "file")
	}
	other := m.Open(t) // another instance
	var claimed atomic.Int64
	seen := sync.Map{}
	var all sync.WaitGroup
	for i := range 12 {
		s := []*store.Store{m.Store, other}[i%2]
		all.Go(func() {
			for {
				job, err := s.ClaimImageJob(ctx)
				if err != nil {
					t.Error(err)
				}
				if job == nil {
					return
				}
				claimed.Add(1)
				if _, twice := seen.LoadOrStore(job.ImageID, true); twice {
					t.Errorf("image %d is claimed twice", job.ImageID)
				}
			}
		})
	}
	all.Wait()
	if claimed.Load() != 5 {
		t.Errorf("%d claims of 5 jobs", claimed.Load())
	}
	m.Clock.Advance(119 * time.Second)
	idle(t, m)
	m.Clock.Advance(2 * time.Second)
	if job := claim(t, m); job.Claims != 2 || job.BrokeOff() {
		t.Errorf("an instance died: %+v", job)
	}
}

func TestFirstPicturesComeFirst(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	first := waiting(t, m, m.Ana, "one")
	finish(t, m, claim(t, m), "one", true)
	idle(t, m)
	m.Clock.Advance(10 * time.Second) // AVIF is due now
	if _, err := m.Store.RemakeImages(ctx, "disk", false); err != nil {
		t.Fatal(err)
	}
	second := waiting(t, m, m.Ana, "two")
	for i, want := range []struct {
		image             int64
		prepares, remakes bool
	}{{second.ID, true, false}, {first.ID, false, true}, {first.ID, false, false}} {
		if job := claim(t, m); job.ImageID != want.image || job.Prepares() != want.prepares || job.Remakes() != want.remakes {
			t.Errorf("job %d: %+v", i, job)
		}
	}
	idle(t, m)
}

func TestAPictureIsToldOf(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	heard := make(chan store.Signal, 20)
	listening := make(chan struct{})
	knocked := sync.OnceFunc(func() { close(listening) }) // whoever knocks may knock again
	go m.Open(t).Listen(ctx, func(s store.Signal) {
		if s.Order == -1 {
			knocked()
			return
		}
		heard <- s
	}, func() {})
	knock(t, m, listening)
	img := waiting(t, m, m.Ana, "file")
	finish(t, m, claim(t, m), "key", false)
	for sig := range heard {
		if sig.Image == img.ID && sig.Member == m.Ana.ID {
			break
		}
	}
	ready := own(t, m, m.Ana, img.ID)
	if ready.State != store.Ready || ready.Key != "key" || ready.Ground != "#aeb39e" {
		t.Errorf("%+v", ready)
	}
	idle(t, m)
}

// knock signals until it is heard.
func knock(t *testing.T, m *storetest.Market, listening chan struct{}) {
	t.Helper()
	for {
		if _, err := m.DB.Exec(`SELECT pg_notify('openstudio', '{"o":-1}')`); err != nil {
			t.Fatal(err)
		}
		select {
		case <-listening:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestEveryFileHasARowOrGoes(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	s := m.Store
	put := store.StoredPicture{Host: "disk", Key: "put"}

	// An instance dies after it put a picture, before the photograph has it.
	waiting(t, m, m.Ana, "file")
	job := claim(t, m)
	if err := s.IntendPicture(ctx, put); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(59 * time.Minute)
	deletes(t, m)
	m.Clock.Advance(2 * time.Minute)

	// While it is being deleted, nobody can take it, nor put it again.
	if claimed, err := s.ClaimDeletions(ctx, 10); err != nil || len(claimed) != 1 {
		t.Fatalf("%v %v", claimed, err)
	}
	if err := s.FinishImage(ctx, job, made("put"), false); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a picture is taken while it is deleted: %v", err)
	}
	if err := s.IntendPicture(ctx, put); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a picture is announced while it is deleted: %v", err)
	}
	// The one who deletes it dies, too: it is due again.
	deletes(t, m)
	m.Clock.Advance(6 * time.Minute)
	deletes(t, m, "put")

	finish(t, m, claim(t, m), "put", false)
	m.Clock.Advance(2 * time.Hour)
	deletes(t, m)
	all, err := s.StoredPictures(ctx)
	if err != nil || len(all) != 1 || !all[put] {
		t.Errorf("%v %v", all, err)
	}

	// A photograph that is removed while its picture is made: the picture goes.
	waiting(t, m, m.Ana, "two")
	job = claim(t, m)
	m.Clock.Advance(30 * time.Hour)
	if n, err := s.SweepImages(ctx); err != nil || n != 2 {
		t.Fatalf("%d swept, %v", n, err)
	}
	deletes(t, m, "put")
	finish(t, m, job, "late", false)
	m.Clock.Advance(2 * time.Hour)
	deletes(t, m, "late")
	var left int
	if err := m.DB.Get(&left, `SELECT (SELECT count(*) FROM uploads) + (SELECT count(*) FROM image_jobs) + (SELECT count(*) FROM picture_deletions)`); err != nil || left != 0 {
		t.Errorf("%d rows are left, %v", left, err)
	}
}

func TestARemadePictureTakesThePlace(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	id, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, photograph(t, m, m.Ana, "old")))
	if err != nil {
		t.Fatal(err)
	}
	m.Ask(t, m.Ben, id)
	waiting(t, m, m.Ana, "not made yet, so nothing to be made again")

	if n, err := m.Store.RemakeImages(ctx, "disk", true); err != nil || n != 0 {
		t.Errorf("a move to where it is: %d %v", n, err)
	}
	if n, err := m.Store.RemakeImages(ctx, "cloudinary", true); err != nil || n != 1 {
		t.Errorf("a move: %d %v", n, err)
	}
	claim(t, m) // the other one's first picture
	job := claim(t, m)
	if !job.Remakes() || job.Host != "disk" || job.Key != "old" || job.Target != "cloudinary" {
		t.Fatalf("%+v", job)
	}
	moved := made("new")
	moved.Host = "cloudinary"
	if err := m.Store.IntendPicture(ctx, store.StoredPicture{Host: "cloudinary", Key: "new"}); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.FinishImage(ctx, job, moved, false); err != nil {
		t.Fatal(err)
	}
	if n, _, err := m.Store.RemakesLeft(ctx); n != 0 || err != nil {
		t.Errorf("%d left, %v", n, err)
	}
	for key, want := range map[string]error{"new": nil, "old": store.ErrNotFound} {
		access, err := m.Store.ImageAccess(ctx, m.Ben.ID, key)
		if !errors.Is(err, want) || err == nil && (access.Host != "cloudinary" || !access.Public) {
			t.Errorf("%s: %+v %v", key, access, err)
		}
	}
	var snapshot string
	if err := m.DB.Get(&snapshot, `SELECT image_key FROM orders`); err != nil || snapshot != "new" {
		t.Errorf("the order has %q, %v", snapshot, err)
	}
	deletes(t, m)
	m.Clock.Advance(61 * time.Minute)
	deletes(t, m, "old")

	// AVIF of the picture that was replaced meanwhile changes nothing.
	late := *job
	late.Key = "old"
	if err := m.Store.AddAVIF(ctx, &late, 960); err != nil {
		t.Fatal(err)
	}
	a, err := m.Store.Artwork(ctx, 0, id)
	if err != nil || a.Cover.AVIFWidth != 0 || a.Images[0].AVIFWidth != 0 {
		t.Errorf("%+v %v", a.Cover, err)
	}
	late.Key = "new"
	if err := m.Store.AddAVIF(ctx, &late, 960); err != nil {
		t.Fatal(err)
	}
	if a, err = m.Store.Artwork(ctx, 0, id); err != nil || a.Cover.AVIFWidth != 960 {
		t.Errorf("%+v %v", a.Cover, err)
	}
}

func TestWhyThereIsNoPicture(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	img := waiting(t, m, m.Ana, "file")

	// The host is away: later, and later.
	var pauses []time.Duration
	for range 4 {
		job := claim(t, m)
		if err := m.Store.DelayImage(ctx, job, "It is away."); err != nil {
			t.Fatal(err)
		}
		if now := own(t, m, m.Ana, img.ID); now.State != store.Preparing || now.Reason != "It is away." {
			t.Errorf("%+v", now)
		}
		pause := time.Duration(0)
		for {
			var due bool
			if err := m.DB.Get(&due, `SELECT due_at <= $1 FROM image_jobs`, m.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			if due {
				break
			}
			m.Clock.Advance(time.Second)
			pause += time.Second
		}
		pauses = append(pauses, pause)
	}
	if want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}; !slices.Equal(pauses, want) {
		t.Errorf("pauses %v", pauses)
	}

	// However long it is away, the file is kept.
	if _, err := m.DB.Exec(`UPDATE image_jobs SET failures = 1000, due_at = $1`, m.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.DelayImage(ctx, claim(t, m), "It is away."); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(time.Hour)
	job := claim(t, m)
	if file, err := m.Store.JobFile(ctx, job); err != nil || string(file) != "file" {
		t.Errorf("after weeks: %q %v", file, err)
	}
	if err := m.Store.DelayImage(ctx, job, "It is away."); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(time.Hour)

	// Making it ends the program each time.
	for i := 1; ; i++ {
		job := claim(t, m)
		if job.BrokeOff() {
			if i != 6 {
				t.Errorf("given up at try %d", i)
			}
			if err := m.Store.RefuseImage(ctx, job, "It cannot be opened."); err != nil {
				t.Fatal(err)
			}
			break
		}
		m.Clock.Advance(3 * time.Minute)
	}
	if now := own(t, m, m.Ana, img.ID); now.State != store.RefusedImage || now.Reason != "It cannot be opened." || now.Key != "" {
		t.Errorf("%+v", now)
	}
	idle(t, m)

	// No work can be saved with it.
	var invalid *store.Invalid
	_, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, store.FormImage{ID: img.ID, Alt: "A field."}))
	if !errors.As(err, &invalid) || !strings.Contains(invalid.Get("photographs"), "cannot be opened") {
		t.Errorf("%v", err)
	}
}

func TestAWorkMayHangBeforeItsPictureIsMade(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	img := waiting(t, m, m.Ana, "file")
	id, err := m.Store.CreateArtwork(ctx, m.Ana, form(m, store.FormImage{ID: img.ID, Alt: "A field.", Part: store.FrontPart}))
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Store.Artwork(ctx, 0, id)
	if err != nil || a.Cover.Key != "" || a.Cover.Width != 1600 || len(a.Images) != 1 || a.Images[0].Part != store.FrontPart {
		t.Errorf("%+v %v", a.Cover, err)
	}
	finish(t, m, claim(t, m), "key", true)
	if a, err = m.Store.Artwork(ctx, 0, id); err != nil || a.Cover.Key != "key" || a.Images[0].Key != "key" {
		t.Errorf("%+v %v", a.Cover, err)
	}
}
