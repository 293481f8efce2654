package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"openstudio/store"
	"openstudio/store/imagehost"
)

// Darkroom makes the pictures of photographs. Its work is a queue in the
// database that every instance shares; each job is done as a whole, and done
// again by whoever comes next when its instance ends.
type Darkroom struct {
	Store    *store.Store
	Hosts    map[string]imagehost.Host // by name, all that keep pictures
	Host     string                    // the name of the one that keeps new ones
	Preparer *imagehost.Preparer
	Log      *slog.Logger

	wake chan struct{}
}

// NewDarkroom returns a Darkroom that keeps new pictures at the host of the name.
func NewDarkroom(s *store.Store, hosts map[string]imagehost.Host, host string, preparer *imagehost.Preparer, log *slog.Logger) *Darkroom {
	return &Darkroom{Store: s, Hosts: hosts, Host: host, Preparer: preparer, Log: log, wake: make(chan struct{}, 1)}
}

// darkroomPause is how often a Darkroom looks for work that another instance has
// left or that was put off.
const darkroomPause = 3 * time.Second

// Run works until ctx ends.
func (d *Darkroom) Run(ctx context.Context) {
	for ctx.Err() == nil {
		worked, err := d.Work(ctx)
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "darkroom failed", "error", err)
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-d.wake:
		case <-time.After(darkroomPause):
		case <-ctx.Done():
		}
	}
}

// Wake says that there is work.
func (d *Darkroom) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// The sentences for an artist whose picture is not made.
const (
	breaksOff = "It could not be opened, however often it was tried. Save it again as an ordinary JPEG and add that."
	hostAway  = "The place where pictures are kept does not answer. It is tried again by itself; nothing is lost."
)

// Work does one job, if one is due, and reports whether there was one.
func (d *Darkroom) Work(ctx context.Context) (worked bool, err error) {
	job, err := d.Store.ClaimImageJob(ctx)
	if job == nil || err != nil {
		return false, err
	}
	if job.BrokeOff() {
		d.Log.ErrorContext(ctx, "picture given up: making it ended the program each time", "image", job.ImageID)
		return true, d.Store.RefuseImage(ctx, job, breaksOff)
	}
	err = d.do(ctx, job)
	var refused *imagehost.Refused
	switch {
	case err == nil || ctx.Err() != nil:
		return true, err // what was broken off is due again in two minutes
	case errors.As(err, &refused):
		return true, d.Store.RefuseImage(ctx, job, refused.Reason)
	}
	d.Log.WarnContext(ctx, "picture put off, to be tried again", "image", job.ImageID, "task", job.Task, "error", err)
	return true, d.Store.DelayImage(ctx, job, hostAway)
}

func (d *Darkroom) do(ctx context.Context, job *store.ImageJob) error {
	if job.Prepares() {
		file, err := d.Store.JobFile(ctx, job)
		if err != nil {
			return err
		}
		return d.make(ctx, job, file, d.Host)
	}
	from, ok := d.Hosts[job.Host]
	if !ok {
		return fmt.Errorf("the host %q is not set up", job.Host)
	}
	original, err := from.Original(ctx, job.Key)
	if err != nil {
		return err
	}
	if job.Remakes() {
		return d.make(ctx, job, original, job.Target)
	}
	variants, err := d.Preparer.AVIF(ctx, original)
	if err != nil {
		return err
	}
	if err := from.AddAVIF(ctx, job.Key, variants); err != nil {
		return err
	}
	step := 0
	if n := len(variants); n > 0 {
		step = variants[n-1].Step
	}
	return d.Store.AddAVIF(ctx, job, step)
}

// make makes a picture of a file and has a host keep it.
func (d *Darkroom) make(ctx context.Context, job *store.ImageJob, file []byte, name string) error {
	host, ok := d.Hosts[name]
	if !ok {
		return fmt.Errorf("the host %q is not set up", name)
	}
	p, err := d.Preparer.Prepare(ctx, file)
	if err != nil {
		return err
	}
	made := Made(p, name, p.Key(job.Seed), host)
	if made.Key != job.Key || made.Host != job.Host {
		if err := Keep(ctx, d.Store, host, p, made); err != nil {
			return err
		}
	}
	return d.Store.FinishImage(ctx, job, made, !host.MakesAVIF())
}

// Keep has a host keep a picture that a photograph is about to have. It is
// announced first, so that it does not stay when the photograph never has it.
func Keep(ctx context.Context, s *store.Store, host imagehost.Host, p *imagehost.Prepared, made store.MadePicture) error {
	if err := s.IntendPicture(ctx, store.StoredPicture{Host: made.Host, Key: made.Key}); err != nil {
		return err
	}
	if err := host.Put(ctx, made.Key, p); err != nil && !errors.Is(err, imagehost.ErrExists) {
		return err
	}
	return nil
}

// Made is a prepared picture in the words of the store.
func Made(p *imagehost.Prepared, hostName, key string, host imagehost.Host) store.MadePicture {
	made := store.MadePicture{Host: hostName, Key: key, Width: p.Width, Height: p.Height, Ground: p.Ground}
	for _, swatch := range p.Palette {
		made.Palette = append(made.Palette, swatch.L, swatch.A, swatch.B, swatch.Share)
	}
	for _, finding := range p.Findings {
		made.Findings = append(made.Findings, string(finding))
	}
	if host.MakesAVIF() {
		sizes := imagehost.Sizes(p.Width, p.Height)
		made.AVIFWidth = sizes[len(sizes)-1].Step
	}
	return made
}

// Delete deletes the pictures at their hosts that no photograph has any more, and
// returns how many.
func (d *Darkroom) Delete(ctx context.Context) (int, error) {
	const atOnce = 20
	var failed []error
	for n := 0; ; {
		pictures, err := d.Store.ClaimDeletions(ctx, atOnce)
		if err != nil {
			return n, errors.Join(append(failed, err)...)
		}
		for _, p := range pictures {
			if err := d.delete(ctx, p); err != nil {
				failed = append(failed, err) // due again in five minutes
				continue
			}
			n++
		}
		if len(pictures) < atOnce {
			return n, errors.Join(failed...)
		}
	}
}

func (d *Darkroom) delete(ctx context.Context, p store.StoredPicture) error {
	host, ok := d.Hosts[p.Host]
	if !ok {
		return fmt.Errorf("delete picture %s: the host %q is not set up", p.Key, p.Host)
	}
	if err := host.Delete(ctx, p.Key); err != nil {
		return err
	}
	return d.Store.PictureDeleted(ctx, p)
}
