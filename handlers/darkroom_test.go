package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store/imagehost"
)

func TestAPictureIsPushedToItsArtist(t *testing.T) {
	t.Parallel()
	here := handlertest.New(t)
	there := handlertest.Open(t, here.Market) // the artist's page is open at another instance
	anas := stream(t, there, there.SignedIn(t, here.Ana))
	doras := stream(t, there, there.SignedIn(t, here.Dora))
	await(t, anas, "notified")
	await(t, doras, "notified")
	image := imageID.FindStringSubmatch(here.SignedIn(t, here.Ana).SendFile("a.jpg", picture(t, 300, 200)).Body)[1]
	here.Develop(t)
	await(t, anas, "image-"+image)
	select {
	case e := <-doras:
		t.Errorf("somebody else is told %q", e)
	default:
	}
}

// awayHost keeps nothing for a while.
type awayHost struct {
	imagehost.Host
	away atomic.Int64 // how often it still fails
}

func (h *awayHost) Put(ctx context.Context, key string, p *imagehost.Prepared) error {
	if h.away.Add(-1) >= 0 {
		return errors.New("the secret of cloudinary://key:secret@cloud")
	}
	return h.Host.Put(ctx, key, p)
}

func TestAHostThatIsAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	host := &awayHost{Host: site.Images}
	host.away.Store(2)
	site.Darkroom.Hosts["disk"] = host
	ana := site.SignedIn(t, site.Ana)
	image := imageID.FindStringSubmatch(ana.SendFile("a.jpg", picture(t, 300, 200)).Body)[1]
	for range 2 {
		site.Develop(t)
		a := ana.Get("/artworks/images/" + image)
		shows(t, "while it is away", a, http.StatusOK, "does not answer. It is tried again by itself; nothing is lost.", "sse:image-")
		hides(t, "while it is away", a, "secret", "cloudinary")
		site.Clock.Advance(5 * time.Second)
	}
	site.Develop(t)
	shows(t, "when it is back", ana.Get("/artworks/images/"+image), http.StatusOK, "/images/")
	// What was put and never had a photograph goes.
	site.Clock.Advance(2 * time.Hour)
	if n, err := site.Darkroom.Delete(context.Background()); n != 0 || err != nil {
		t.Errorf("%d pictures are deleted, %v", n, err)
	}
}

func TestAFileThatOpensAndThenBreaksIsToldOf(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	whole := picture(t, 900, 700)
	a := ana.SendFile("torn.jpg", whole[:len(whole)/2]) // its header is right
	shows(t, "the line", a, http.StatusOK, "torn.jpg", "900 × 700 px", "Being prepared")
	image := imageID.FindStringSubmatch(a.Body)[1]
	site.Develop(t)
	shows(t, "the picture", ana.Get("/artworks/images/"+image), http.StatusOK, "It is damaged and cannot be opened.")
	a = ana.Upload("/artworks", nil, nil, typed("image", image, "alt-"+image, "A field.", "do", "hang")...)
	shows(t, "the form", a, http.StatusUnprocessableEntity, "One of the photographs cannot be opened. Remove it, then save.", "It is damaged and cannot be opened.", `value="A field."`)
	var left int
	if err := site.DB.Get(&left, `SELECT (SELECT count(*) FROM uploads) + (SELECT count(*) FROM image_jobs)`); err != nil || left != 0 {
		t.Errorf("%d rows are left over, %v", left, err)
	}
}

func TestTheArtistsDeleteDeletes(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	ana := site.SignedIn(t, site.Ana)
	image := imageID.FindStringSubmatch(ana.SendFile("a.jpg", picture(t, 300, 200)).Body)[1]
	site.Develop(t)
	key := pictureKey.FindStringSubmatch(ana.Get("/artworks/images/" + image).Body)[1]
	path := ana.Upload("/artworks", nil, nil, typed("image", image, "alt-"+image, "A field.", "do", "hang")...).Location
	if a := ana.Post(path, "_method", "DELETE"); a.Status != http.StatusSeeOther {
		t.Fatalf("delete: %d", a.Status)
	}
	if a := site.Visitor(t).Get("/images/" + key + "/320.jpg"); a.Status != http.StatusNotFound {
		t.Errorf("at once: %d", a.Status)
	}
	site.Clock.Advance(25 * time.Hour)
	if n, err := site.Store.SweepImages(ctx); n != 1 || err != nil {
		t.Errorf("%d photographs are swept, %v", n, err)
	}
	if n, err := site.Darkroom.Delete(ctx); n != 1 || err != nil {
		t.Errorf("%d pictures are deleted, %v", n, err)
	}
	if _, err := site.Images.Original(ctx, key); !errors.Is(err, imagehost.ErrNotFound) {
		t.Errorf("its original: %v", err)
	}
}

func TestAMarketMovesToAnotherHost(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	other, err := imagehost.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	site.Darkroom.Hosts["cloudinary"] = other
	ana := site.SignedIn(t, site.Ana)
	var images []string
	for range 3 {
		images = append(images, imageID.FindStringSubmatch(ana.SendFile("a.jpg", picture(t, 700, 500)).Body)[1])
	}
	site.Develop(t)
	where := func() (disk, cloudinary int) {
		t.Helper()
		if err := site.DB.QueryRow(`SELECT count(*) FILTER (WHERE host = 'disk'), count(*) FILTER (WHERE host = 'cloudinary') FROM images`).Scan(&disk, &cloudinary); err != nil {
			t.Fatal(err)
		}
		return disk, cloudinary
	}
	before := pictureKey.FindStringSubmatch(ana.Get("/artworks/images/" + images[0]).Body)[1]
	if n, err := site.Store.RemakeImages(ctx, "cloudinary", true); n != 3 || err != nil {
		t.Fatalf("%d to be moved, %v", n, err)
	}
	// It is broken off after the first, and every picture is seen meanwhile.
	if worked, err := site.Darkroom.Work(ctx); !worked || err != nil {
		t.Fatal(worked, err)
	}
	if disk, cloudinary := where(); disk != 2 || cloudinary != 1 {
		t.Errorf("%d and %d", disk, cloudinary)
	}
	seen := func() {
		t.Helper()
		for _, image := range images {
			key := pictureKey.FindStringSubmatch(ana.Get("/artworks/images/" + image).Body)[1]
			if a := ana.Get("/images/" + key + "/640.jpg"); a.Status != http.StatusOK || len(a.Body) == 0 {
				t.Errorf("photograph %s: %d", image, a.Status)
			}
		}
	}
	seen()
	if n, host, err := site.Store.RemakesLeft(ctx); n != 2 || host != "cloudinary" || err != nil {
		t.Errorf("%d left for %s, %v", n, host, err)
	}
	site.Develop(t)
	if disk, cloudinary := where(); disk != 0 || cloudinary != 3 {
		t.Errorf("%d and %d", disk, cloudinary)
	}
	seen()
	site.Clock.Advance(2 * time.Hour)
	if n, err := site.Darkroom.Delete(ctx); n != 3 || err != nil {
		t.Errorf("%d are deleted where they were, %v", n, err)
	}
	if _, err := site.Images.Original(ctx, before); !errors.Is(err, imagehost.ErrNotFound) {
		t.Errorf("it is kept where it was: %v", err)
	}
	seen()
}
