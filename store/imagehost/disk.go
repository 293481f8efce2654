package imagehost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// leftover is the age at which an unfinished folder can no longer be somebody's
// work in progress.
const leftover = time.Hour

// Disk keeps pictures in a folder, which several processes may share. A picture
// is a folder of its own, kept/ab/abcd…, with a file for each variant, named by
// its width, and the original. Folders are made and unmade in the folder making
// beside and come and go by renaming.
type Disk struct{ kept, making string }

// NewDisk opens the folder, which it makes when there is none, and sweeps away
// what was left unfinished more than an hour ago.
func NewDisk(dir string) (*Disk, error) {
	d := &Disk{kept: filepath.Join(dir, "kept"), making: filepath.Join(dir, "making")}
	for _, dir := range []string{d.kept, d.making} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("open the pictures' folder: %w", err)
		}
	}
	return d, d.Sweep(context.Background(), time.Now().Add(-leftover))
}

// Put implements Host.
func (d *Disk) Put(ctx context.Context, key string, p *Prepared) error {
	if err := checkPut(key, p); err != nil {
		return err
	}
	if err := d.put(ctx, key, p); err != nil {
		return fmt.Errorf("keep picture %s: %w", key, err)
	}
	return nil
}

func (d *Disk) put(ctx context.Context, key string, p *Prepared) error {
	work, err := os.MkdirTemp(d.making, key+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) // nothing is there any more when all went well
	for _, v := range p.Variants {
		if err := writeFile(ctx, filepath.Join(work, variantFile(v.Width, JPEG)), v.File); err != nil {
			return err
		}
	}
	if err := writeFile(ctx, filepath.Join(work, originalFile), p.Original); err != nil {
		return err
	}
	if err := syncDir(work); err != nil {
		return err
	}
	folder := d.folder(key)
	shelf := filepath.Dir(folder)
	err = os.Mkdir(shelf, 0o700)
	if err == nil {
		err = syncDir(d.kept)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = os.Rename(work, folder)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	return syncDir(shelf)
}

// AddAVIF implements Host. The widest comes last, so that a picture whose widest
// is there has them all.
func (d *Disk) AddAVIF(ctx context.Context, key string, variants []Variant) error {
	if err := checkKey(key); err != nil {
		return err
	}
	for _, v := range variants {
		err := d.add(ctx, key, variantFile(v.Width, AVIF), v.File)
		if errors.Is(err, fs.ErrNotExist) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("keep picture %s as AVIF: %w", key, err)
		}
	}
	return nil
}

// add puts a file into a picture's folder, whole or not at all.
func (d *Disk) add(ctx context.Context, key, name string, data []byte) error {
	work, err := os.MkdirTemp(d.making, key+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, name)
	if err := writeFile(ctx, made, data); err != nil {
		return err
	}
	folder := d.folder(key)
	if err := os.Rename(made, filepath.Join(folder, name)); err != nil {
		return err
	}
	return syncDir(folder)
}

// MakesAVIF implements Host.
func (d *Disk) MakesAVIF() bool { return false }

// Original implements Host.
func (d *Disk) Original(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !ValidKey(key) {
		return nil, ErrNotFound
	}
	file, err := os.ReadFile(filepath.Join(d.folder(key), originalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read the original of picture %s: %w", key, err)
	}
	return file, nil
}

// Open implements Host.
func (d *Disk) Open(ctx context.Context, key string, width int, format Format) (*Picture, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !ValidKey(key) || !isStep(width) || !format.valid() {
		return nil, ErrNotFound
	}
	picture, err := d.open(key, width, format)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open picture %s: %w", key, err)
	}
	return picture, nil
}

func (d *Disk) open(key string, width int, format Format) (*Picture, error) {
	file, err := os.Open(filepath.Join(d.folder(key), variantFile(width, format)))
	if errors.Is(err, fs.ErrNotExist) { // the original is narrower than the step
		width, err = d.narrower(key, width, format)
		if err != nil {
			return nil, err
		}
		file, err = os.Open(filepath.Join(d.folder(key), variantFile(width, format)))
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &Picture{
		Body: file, ContentType: format.ContentType(),
		Size: info.Size(), Modified: info.ModTime(), Width: width,
	}, nil
}

// narrower returns the width of a picture's widest variant that is at most so
// wide.
func (d *Disk) narrower(key string, most int, format Format) (int, error) {
	files, err := os.ReadDir(d.folder(key))
	if err != nil {
		return 0, err
	}
	widest := 0
	for _, file := range files {
		name, isVariant := strings.CutSuffix(file.Name(), "."+string(format))
		width, err := strconv.Atoi(name)
		if isVariant && err == nil && width <= most {
			widest = max(widest, width)
		}
	}
	if widest == 0 {
		return 0, fs.ErrNotExist
	}
	return widest, nil
}

// Delete implements Host.
func (d *Disk) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkKey(key); err != nil {
		return err
	}
	if err := d.delete(key); err != nil {
		return fmt.Errorf("delete picture %s: %w", key, err)
	}
	return nil
}

// delete takes the picture out of sight by one rename before its files go.
func (d *Disk) delete(key string) error {
	folder, gone := d.folder(key), filepath.Join(d.making, NewKey())
	err := os.Rename(folder, gone)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(folder)), os.RemoveAll(gone))
}

// Each implements Host.
func (d *Disk) Each(ctx context.Context, f func(key string, stored time.Time) error) error {
	shelves, err := os.ReadDir(d.kept)
	if err != nil {
		return fmt.Errorf("list the pictures: %w", err)
	}
	for _, shelf := range shelves {
		folders, err := os.ReadDir(filepath.Join(d.kept, shelf.Name()))
		if err != nil {
			return fmt.Errorf("list the pictures: %w", err)
		}
		for _, folder := range folders {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !ValidKey(folder.Name()) {
				continue
			}
			info, err := folder.Info()
			if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
				continue
			}
			if err != nil {
				return fmt.Errorf("list the pictures: %w", err)
			}
			if err := f(folder.Name(), info.ModTime()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sweep removes what broken-off Puts and Deletes have left behind and nobody has
// worked on since the given time.
func (d *Disk) Sweep(ctx context.Context, before time.Time) error {
	folders, err := os.ReadDir(d.making)
	if err != nil {
		return fmt.Errorf("sweep the pictures' folder: %w", err)
	}
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := folder.Info()
		if errors.Is(err, fs.ErrNotExist) { // finished meanwhile
			continue
		}
		if err == nil && info.ModTime().Before(before) {
			err = os.RemoveAll(filepath.Join(d.making, folder.Name()))
		}
		if err != nil {
			return fmt.Errorf("sweep the pictures' folder: %w", err)
		}
	}
	return nil
}

func (d *Disk) folder(key string) string { return filepath.Join(d.kept, key[:2], key) }

const originalFile = "original"

func variantFile(width int, format Format) string { return strconv.Itoa(width) + "." + string(format) }

// writeFile writes a new file down to the disk itself.
func writeFile(ctx context.Context, name string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDir makes the names in a folder last.
func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
