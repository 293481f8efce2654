package imagehost

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func newDisk(t *testing.T) *Disk {
	t.Helper()
	d, err := NewDisk(filepath.Join(t.TempDir(), "data", "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// unfinished counts the folders that a Put or a Delete has left behind.
func unfinished(t *testing.T, d *Disk) int {
	t.Helper()
	folders, err := os.ReadDir(d.making)
	if err != nil {
		t.Fatal(err)
	}
	return len(folders)
}

func TestDiskIsPrivate(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	put(t, d, prepare(t, asJPEG(t, testCard(700, 300))))
	files := 0
	err := filepath.WalkDir(filepath.Dir(d.kept), func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if info.IsDir() {
			want = fs.ModeDir | 0o700
		} else {
			files++
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
		return nil
	})
	if err != nil || files != 4 {
		t.Errorf("%d files: %v", files, err)
	}
}

func TestDiskPutFails(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	p := prepare(t, asJPEG(t, testCard(700, 300)))
	for steps := range 20 {
		key := NewKey()
		err := d.Put(&countdown{Context: t.Context(), left: steps}, key, p)
		if n := unfinished(t, d); n != 0 {
			t.Errorf("after %d steps: %d folders were left behind", steps, n)
		}
		if err == nil {
			open(t, d, key, 320, JPEG)
			if steps < len(p.Variants)+1 {
				t.Errorf("it needed but %d steps", steps)
			}
			return
		}
		isNotFound(t, d, key)
		if got := keys(t, d); len(got) != 0 {
			t.Errorf("after %d steps: it keeps %v", steps, got)
		}
	}
	t.Error("it never succeeded")
}

// TestDiskPutKilled kills a process in the middle of a Put, after every one of
// its files.
func TestDiskPutKilled(t *testing.T) {
	const folder, steps = "IMAGEHOST_TEST_FOLDER", "IMAGEHOST_TEST_STEPS"
	p := prepare(t, asJPEG(t, testCard(700, 300)))
	if dir := os.Getenv(folder); dir != "" {
		d, err := NewDisk(dir)
		if err != nil {
			t.Fatal(err)
		}
		left, err := strconv.Atoi(os.Getenv(steps))
		if err != nil {
			t.Fatal(err)
		}
		d.Put(&countdown{t.Context(), left, func() { syscall.Kill(os.Getpid(), syscall.SIGKILL) }}, NewKey(), p)
		t.Fatal("it outlived the kill")
	}
	t.Parallel()
	for left := range len(p.Variants) + 2 { // one for the original, one before the last rename
		d := newDisk(t)
		child := exec.Command(os.Args[0], "-test.run=^TestDiskPutKilled$")
		child.Env = append(os.Environ(), folder+"="+filepath.Dir(d.kept), steps+"="+strconv.Itoa(left))
		out, err := child.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the child ended with %v: %s", err, out)
		}
		if n := unfinished(t, d); n != 1 {
			t.Errorf("after %d steps: %d folders were left behind, want 1", left, n)
		}
		if got := keys(t, d); len(got) != 0 {
			t.Errorf("after %d steps: it keeps %v", left, got)
		}
		if err := d.Sweep(t.Context(), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if n := unfinished(t, d); n != 0 {
			t.Errorf("after %d steps: %d folders are left", left, n)
		}
	}
}

// TestDiskAddAVIFKilled kills a process in the middle of an AddAVIF, before every
// one of its files: what is there then is whole.
func TestDiskAddAVIFKilled(t *testing.T) {
	const folder, keyName, steps = "IMAGEHOST_TEST_FOLDER", "IMAGEHOST_TEST_KEY", "IMAGEHOST_TEST_STEPS"
	var variants []Variant
	for _, size := range Sizes(700, 300) {
		variants = append(variants, Variant{size, bytes.Repeat([]byte{byte(size.Step)}, 1<<20)})
	}
	if dir := os.Getenv(folder); dir != "" {
		d, err := NewDisk(dir)
		if err != nil {
			t.Fatal(err)
		}
		left, err := strconv.Atoi(os.Getenv(steps))
		if err != nil {
			t.Fatal(err)
		}
		d.AddAVIF(&countdown{t.Context(), left, func() { syscall.Kill(os.Getpid(), syscall.SIGKILL) }}, os.Getenv(keyName), variants)
		t.Fatal("it outlived the kill")
	}
	t.Parallel()
	p := prepare(t, asJPEG(t, testCard(700, 300)))
	for left := range variants {
		d := newDisk(t)
		key := put(t, d, p)
		child := exec.Command(os.Args[0], "-test.run=^TestDiskAddAVIFKilled$")
		child.Env = append(os.Environ(), folder+"="+filepath.Dir(d.kept), keyName+"="+key, steps+"="+strconv.Itoa(left))
		out, err := child.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the child ended with %v: %s", err, out)
		}
		for i, v := range variants {
			kept, err := os.ReadFile(filepath.Join(d.folder(key), variantFile(v.Width, AVIF)))
			if whole := err == nil && bytes.Equal(kept, v.File); whole != (i < left) || !whole && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after %d files: %d has %d bytes: %v", left, v.Width, len(kept), err)
			}
		}
		if err := d.AddAVIF(t.Context(), key, variants); err != nil {
			t.Errorf("after %d files: AddAVIF again: %v", left, err)
		}
		open(t, d, key, 960, AVIF)
		open(t, d, key, 960, JPEG)
		if err := d.Sweep(t.Context(), time.Now().Add(time.Minute)); err != nil || unfinished(t, d) != 0 {
			t.Errorf("after %d files: %d folders are left: %v", left, unfinished(t, d), err)
		}
	}
}

func TestDiskAddAVIFToNothing(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	key := put(t, d, prepare(t, asJPEG(t, testCard(6, 4))))
	if err := d.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{key, NewKey()} {
		if err := d.AddAVIF(t.Context(), key, []Variant{{Size{320, 6, 4}, []byte("a picture")}}); !errors.Is(err, ErrNotFound) {
			t.Errorf("AddAVIF: %v, want ErrNotFound", err)
		}
		isNotFound(t, d, key)
	}
	if got := keys(t, d); len(got) != 0 || unfinished(t, d) != 0 {
		t.Errorf("it keeps %v and %d unfinished folders", got, unfinished(t, d))
	}
}

func TestDiskSweepsOldLeftovers(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	old, young := filepath.Join(d.making, "old"), filepath.Join(d.making, "young")
	for _, dir := range []string{old, young} {
		if err := os.MkdirAll(filepath.Join(dir, "inner"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-leftover - time.Minute)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	key := put(t, d, prepare(t, asJPEG(t, testCard(6, 4))))
	again, err := NewDisk(filepath.Dir(d.kept))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one is gone: %v", err)
	}
	open(t, again, key, 320, JPEG)
}

func TestDiskOpenedPictureOutlivesDelete(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	p := prepare(t, asJPEG(t, testCard(60, 40)))
	key := put(t, d, p)
	picture, err := d.Open(t.Context(), key, 320, JPEG)
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Body.Close()
	if err := d.Delete(context.Background(), key); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, picture.Body); !bytes.Equal(got, p.Variants[0].File) {
		t.Errorf("%d bytes are left of %d", len(got), len(p.Variants[0].File))
	}
	if n := unfinished(t, d); n != 0 {
		t.Errorf("%d folders were left behind", n)
	}
}

func TestDiskNeedsAFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewDisk(file); err == nil {
		t.Error("a file was taken for a folder")
	}
}
