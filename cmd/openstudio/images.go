package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"openstudio/store"
)

const imagesUsage = `  openstudio images rebuild                      make every picture again of its original
  openstudio images move --to cloudinary|disk    bring every picture to another host
  openstudio images check                        compare the pictures at the hosts with the database

  What is broken off goes on where it was when it is called again, and while the
  market is served.
`

// imagesCommand does what the words after "images" ask for.
func (p *program) imagesCommand(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "rebuild":
		return p.remake(ctx, p.imageHost(), false)
	case len(args) == 3 && args[0] == "move" && args[1] == "--to" && (args[2] == diskHost || args[2] == cloudinaryHost):
		return p.remake(ctx, args[2], true)
	case len(args) == 1 && args[0] == "check":
		return p.checkImages(ctx)
	}
	return errors.New("this is what it can do with pictures:\n" + strings.TrimRight(imagesUsage, "\n"))
}

// remake has pictures made again and kept at a host, and shows how far it is. An
// order that was broken off is brought to its end first, without a new one.
func (p *program) remake(ctx context.Context, host string, moving bool) error {
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	if _, ok := m.images[host]; !ok {
		return errors.New("no account at Cloudinary is named: set CLOUDINARY_URL")
	}
	all, ordered, err := m.RemakesLeft(ctx)
	if err != nil {
		return err
	}
	if all > 0 && ordered == host {
		p.say("Going on with %d pictures.", all)
	} else if all, err = m.RemakeImages(ctx, host, moving); err != nil {
		return err
	}
	darkroom := p.darkroom(m)
	bar := progressBar{out: p.err, all: all, began: time.Now()}
	for left := all; left > 0; {
		worked, err := darkroom.Work(ctx)
		if err != nil {
			return err
		}
		if left, _, err = m.RemakesLeft(ctx); err != nil {
			return err
		}
		bar.show(all - left)
		if !worked && left > 0 { // others are at it, or they were put off
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	bar.end()
	if moving && host != p.imageHost() {
		p.say("New pictures still go to %s, as CLOUDINARY_URL says.", p.imageHost())
	}
	p.say("%d pictures are made and kept at %s. Those before are deleted within an hour or two of serving.", all, host)
	return nil
}

// progressBar is a line that is written over and over.
type progressBar struct {
	out   io.Writer
	all   int
	began time.Time
}

const barWidth = 40

func (b progressBar) show(done int) {
	full := barWidth * done / max(1, b.all)
	fmt.Fprintf(b.out, "\r[%s%s] %d of %d", strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), done, b.all)
	if done > 0 && done < b.all {
		left := time.Since(b.began) / time.Duration(done) * time.Duration(b.all-done)
		fmt.Fprintf(b.out, ", %s left   ", left.Round(time.Second))
	}
}

func (b progressBar) end() {
	if b.all > 0 {
		fmt.Fprintln(b.out)
	}
}

// checkImages says which pictures a host does not keep, and which it keeps for
// nobody.
func (p *program) checkImages(ctx context.Context) error {
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	known, err := m.StoredPictures(ctx)
	if err != nil {
		return err
	}
	kept, strangers := 0, 0
	for name, host := range m.images {
		err := host.Each(ctx, func(key string, _ time.Time) error {
			picture := store.StoredPicture{Host: name, Key: key}
			if _, ok := known[picture]; !ok {
				strangers++
				p.say("%s keeps %s, which no photograph has", name, key)
			}
			kept++
			delete(known, picture)
			return nil
		})
		if err != nil {
			return err
		}
	}
	missing := 0
	for picture, wanted := range known {
		if wanted {
			missing++
			p.say("%s lacks %s, which a photograph has", picture.Host, picture.Key)
		}
	}
	p.say("%d pictures are kept, %d are missing, %d are nobody's.", kept, missing, strangers)
	if missing > 0 {
		return errors.New("pictures are missing")
	}
	return nil
}
