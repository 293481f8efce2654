package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"openstudio/store/imagehost"
	"openstudio/store/storetest"
)

// The environment of an instance that a test starts as a process of its own.
const (
	instanceData = "OPENSTUDIO_TEST_DATA" // its data folder
	instanceDSN  = "OPENSTUDIO_TEST_DSN"
	instancePort = "OPENSTUDIO_TEST_PORT"
)

// beInstance serves a market until the process is killed.
func beInstance() int {
	p := &program{
		Config: Config{Port: os.Getenv(instancePort), DataDir: os.Getenv(instanceData), DatabaseURL: os.Getenv(instanceDSN),
			Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), out: os.Stdout, err: os.Stderr,
	}
	if err := p.serve(context.Background(), false); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// instance is the program as a process that can be killed.
type instance struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

func startInstance(t *testing.T, m *storetest.Market, data, port string) *instance {
	t.Helper()
	i := &instance{cmd: exec.Command(os.Args[0])}
	i.cmd.Env = append(os.Environ(), instanceData+"="+data, instanceDSN+"="+m.DSN, instancePort+"="+port)
	i.cmd.Stderr = &i.said
	out, err := i.cmd.StdoutPipe()
	if err == nil {
		err = i.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "OpenStudio is open at") {
			go io.Copy(io.Discard, out)
			return i
		}
	}
	t.Fatalf("it does not open: %s", i.words())
	return nil
}

// words are what it has logged, once it is dead.
func (i *instance) words() string {
	i.kill()
	return i.said.String()
}

func (i *instance) kill() {
	i.cmd.Process.Kill() // SIGKILL: it cannot do anything more
	i.cmd.Wait()
}

// artist is somebody who sends photographs, and goes on when the line is lost.
type artist struct {
	t    *testing.T
	base string
	http *http.Client
	lost int // uploads that were begun, perhaps, without an answer
}

func (a *artist) do(method, path string, body io.Reader, headers ...string) (*http.Response, string, error) {
	a.t.Helper()
	r, err := http.NewRequest(method, a.base+path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Origin", a.base)
	r.Header.Set("HX-Request", "true")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := a.http.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer, string(text), err
}

var errAway = errors.New("nobody answers")

// send brings a file as far as the instance lives. It remembers the place that was
// made for it, and returns the photograph's id when the file was taken in.
func (a *artist) send(upload *string, name string, file []byte) (string, error) {
	if *upload == "" {
		form := url.Values{"name": {name}, "size": {strconv.Itoa(len(file))}}
		answer, text, err := a.do(http.MethodPost, "/artworks/uploads", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
		if err != nil {
			a.lost++
			return "", errAway
		}
		if answer.StatusCode != http.StatusCreated {
			return "", fmt.Errorf("begin: %s %s", answer.Status, text)
		}
		*upload = answer.Header.Get("Location")
	}
	offset := 0
	answer, _, err := a.do(http.MethodHead, *upload, nil)
	if err != nil {
		return "", errAway
	}
	if answer.StatusCode == http.StatusOK {
		offset, _ = strconv.Atoi(answer.Header.Get("Upload-Offset"))
		// A slow line, so that there is time to be killed in.
		line := &slowLine{rest: file[offset:]}
		answer, text, err := a.do(http.MethodPatch, *upload, line, "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
		if err != nil || answer.StatusCode >= 500 {
			return "", errAway
		}
		return photographID(answer, text)
	}
	answer, text, err := a.do(http.MethodGet, *upload, nil)
	if err != nil {
		return "", errAway
	}
	return photographID(answer, text)
}

func photographID(answer *http.Response, text string) (string, error) {
	id := regexp.MustCompile(`name="image" value="(\d+)"`).FindStringSubmatch(text)
	if answer.StatusCode != http.StatusOK || id == nil {
		return "", fmt.Errorf("not taken in: %s %.300s", answer.Status, text)
	}
	return id[1], nil
}

// slowLine lets a part through every few milliseconds.
type slowLine struct{ rest []byte }

func (l *slowLine) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		return 0, io.EOF
	}
	time.Sleep(2 * time.Millisecond)
	n := copy(p, l.rest[:min(len(l.rest), 16<<10)])
	l.rest = l.rest[n:]
	return n, nil
}

// The size of a photograph of these tests, in pixels.
const photographWidth, photographHeight = 1000, 700

// photographOf is a grainy JPEG, each with a shade of its own.
func photographOf(t *testing.T, shade uint8) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(shade), 7))
	img := image.NewRGBA(image.Rect(0, 0, photographWidth, photographHeight))
	for y := range photographHeight {
		for x := range photographWidth {
			n := uint8(random.IntN(90))
			img.SetRGBA(x, y, color.RGBA{shade + n, n, 0x80, 0xff})
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestKilledAtTwentyPointsOfAnUpload kills the program twenty times while a
// photograph is sent and made, and starts it again each time. At the end every
// photograph that was taken in has a picture that opens in every size and an
// original that is what was sent, and every file at the host has a row.
func TestKilledAtTwentyPointsOfAnUpload(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	data, port := t.TempDir(), unusedPort(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	ana := &artist{t: t, base: "http://localhost:" + port, http: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}

	const points = 20
	taken := map[string][]byte{} // by id, what was sent
	program := startInstance(t, m, data, port)
	form := url.Values{"email": {m.Ana.Email}, "password": {storetest.Password}}
	if answer, text, err := ana.do(http.MethodPost, "/login", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded"); err != nil || len(jar.Cookies(answer.Request.URL)) == 0 {
		t.Fatalf("not signed in: %v %.300s", err, text)
	}
	for point := range points {
		file := photographOf(t, uint8(10+4*point))
		upload := ""
		killed := make(chan struct{})
		go func(i *instance) {
			defer close(killed)
			time.Sleep(time.Duration(point) * 50 * time.Millisecond)
			i.kill()
		}(program)
		id, err := ana.send(&upload, fmt.Sprintf("%d.jpg", point), file)
		<-killed
		program = startInstance(t, m, data, port)
		for tries := 0; errors.Is(err, errAway) && tries < 5; tries++ {
			id, err = ana.send(&upload, fmt.Sprintf("%d.jpg", point), file)
		}
		if err != nil {
			t.Fatalf("point %d: %v\n%s", point, err, program.words())
		}
		taken[id] = file
	}
	if len(taken) != points {
		t.Errorf("%d photographs of %d files", len(taken), points)
	}

	// What a killed instance had claimed is due again; nobody waits for that here.
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if _, err := m.DB.Exec(`UPDATE image_jobs SET due_at = now() - interval '1 second' WHERE task = 'prepare'`); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := m.DB.Get(&left, `SELECT count(*) FROM image_jobs WHERE task = 'prepare'`); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d pictures are not made\n%s", left, program.words())
		}
	}
	program.kill()

	host, err := imagehost.NewDisk(filepath.Join(data, "images"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		ID     string `db:"id"`
		Key    string `db:"key"`
		State  string `db:"state"`
		Width  int    `db:"width"`
		Height int    `db:"height"`
	}
	if err := m.DB.Select(&rows, `SELECT id, key, state, width, height FROM images`); err != nil {
		t.Fatal(err)
	}
	if len(rows) != points {
		t.Errorf("%d photographs of %d files", len(rows), points)
	}
	for _, r := range rows {
		if r.State != "ready" {
			t.Errorf("photograph %s is %s", r.ID, r.State)
			continue
		}
		for _, size := range imagehost.Sizes(r.Width, r.Height) {
			picture, err := host.Open(ctx, r.Key, size.Step, imagehost.JPEG)
			if err != nil {
				t.Errorf("photograph %s at %d: %v", r.ID, size.Step, err)
				continue
			}
			img, err := jpeg.Decode(picture.Body)
			picture.Body.Close()
			if err != nil || img.Bounds().Dx() != size.Width || img.Bounds().Dy() != size.Height {
				t.Errorf("photograph %s at %d: it does not open: %v", r.ID, size.Step, err)
			}
		}
		if original, err := host.Original(ctx, r.Key); err != nil || !bytes.Equal(original, taken[r.ID]) {
			t.Errorf("photograph %s is not what was sent: %v", r.ID, err)
		}
	}
	known, err := m.Store.StoredPictures(ctx)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for picture := range known {
		kept[picture.Key] = true
	}
	err = host.Each(ctx, func(key string, _ time.Time) error {
		if !kept[key] {
			t.Errorf("the host keeps %s, of which nothing is known", key)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	// An upload of which the artist's side never heard that it had begun waits
	// empty for the sweep.
	var left struct {
		Empty int `db:"empty"`
		Begun int `db:"begun"`
	}
	err = m.DB.Get(&left, `SELECT count(*) FILTER (WHERE received = 0) AS empty, count(*) FILTER (WHERE received > 0) AS begun FROM uploads`)
	if err != nil || left.Begun != 0 || left.Empty > ana.lost {
		t.Errorf("%+v uploads are left over of %d whose beginning got lost, %v", left, ana.lost, err)
	}
}
