package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	netmail "net/mail"
	"strings"
	"sync"
	"time"

	"openstudio/handlers"
	"openstudio/store"
	"openstudio/store/mail"
	"openstudio/views/emails"
)

// Letters are claimed a few at a time, so that slow deliveries end well within
// the two minutes that a claim lasts.
const (
	lettersAtOnce  = 4
	letterPatience = 20 * time.Second
)

// jobs is the market's clock: what is done at times rather than on request. Any
// number of instances may run it on one database.
type jobs struct {
	store    *store.Store
	darkroom *handlers.Darkroom
	till     *handlers.Till
	base     string // of the letters' links, without a slash at its end
	sender   mail.Sender
	domain   string // of the letters' ids
	bounces  string // the address to which letters come back, or ""
	log      *slog.Logger
}

// orderTime is how often the orders' clock looks, when no signal wakes it.
const orderTime = 15 * time.Second

// job is one thing to do every so often. do returns how many it did.
type job struct {
	what  string
	every time.Duration
	do    func(context.Context) (int, error)
}

func (j *jobs) all() []job {
	return []job{
		{"letters sent", 2 * time.Second, j.sendLetters},
		{"refunds asked for", 2 * time.Second, j.till.Refund},
		{"charge-backs recovered or passed on", 10 * time.Second, j.till.Recover},
		{"payments asked about", 10 * time.Second, j.till.Reconcile},
		{"members told of new works", 2 * time.Second, j.store.TellOfNewWorks},
		{"digests written", 5 * time.Minute, j.store.WriteDigests},
		{"addresses swept", time.Hour, j.store.SweepDigests},
		{"photographs swept", time.Hour, j.store.SweepImages},
		{"uploads swept", time.Hour, j.store.SweepUploads},
		{"words learned", time.Minute, j.store.RefreshVocabulary},
		{"pictures deleted", time.Minute, j.darkroom.Delete},
		{"sessions swept", time.Hour, func(ctx context.Context) (int, error) { return 0, j.store.SweepSessions(ctx) }},
	}
}

// run does every job in its time until ctx ends, and returns when the last one
// under way has ended.
func (j *jobs) run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { j.darkroom.Run(ctx) })
	for _, job := range j.all() {
		running.Go(func() { j.repeat(ctx, job, nil) })
	}
	wake := make(chan struct{}, 1)
	running.Go(func() { j.listen(ctx, wake) })
	running.Go(func() { j.repeat(ctx, job{"orders moved on", orderTime, j.store.KeepTime}, wake) })
	running.Wait()
}

// listen wakes the orders' clock when a piece may have become free. The clock
// looks by itself too, so a signal that is lost is only time.
func (j *jobs) listen(ctx context.Context, wake chan<- struct{}) {
	ring := func() {
		select {
		case wake <- struct{}{}:
		default: // it is about to look
		}
	}
	for ctx.Err() == nil {
		err := j.store.Listen(ctx, func(sig store.Signal) {
			if sig.Line {
				ring()
			}
		}, ring)
		if ctx.Err() != nil {
			return
		}
		j.log.ErrorContext(ctx, "the orders’ clock hears nothing", "error", err)
		select {
		case <-time.After(jitter(orderTime)):
		case <-ctx.Done():
		}
	}
}

// repeat does one job over and over, and at once when it is woken; wake may be nil.
// It says something when it did something, and when it failed.
func (j *jobs) repeat(ctx context.Context, job job, wake <-chan struct{}) {
	for {
		n, err := job.do(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			j.log.ErrorContext(ctx, "job failed", "job", job.what, "error", err)
		case n > 0:
			j.log.InfoContext(ctx, job.what, "count", n)
		}
		select {
		case <-time.After(jitter(job.every)):
		case <-wake:
		case <-ctx.Done():
			return
		}
	}
}

// jitter varies a pause by a fifth, so that instances do not march in step.
func jitter(d time.Duration) time.Duration {
	return d - d/5 + time.Duration(rand.Int64N(int64(d/5*2)+1))
}

// sendLetters sends every letter that is due and returns how many it sent. A
// letter that cannot be sent waits for its next time; the others go on.
func (j *jobs) sendLetters(ctx context.Context) (sent int, err error) {
	for {
		due, err := j.store.ClaimLetters(ctx, lettersAtOnce)
		if err != nil {
			return sent, err
		}
		for _, l := range due {
			if ctx.Err() != nil {
				return sent, ctx.Err() // what was claimed is due again in two minutes
			}
			// A letter under way is brought to its end, so that it is not sent twice.
			ctx := context.WithoutCancel(ctx)
			reason := j.sendLetter(ctx, l)
			if reason == nil {
				sent++
				err = j.store.LetterSent(ctx, l.ID)
			} else {
				j.log.WarnContext(ctx, "letter not sent", "letter", l.ID, "tries", l.Attempts, "error", reason)
				err = j.store.LetterFailed(ctx, l, failure(reason))
			}
			if err != nil {
				return sent, err
			}
		}
		if len(due) < lettersAtOnce {
			return sent, nil
		}
	}
}

// sendLetter writes one letter and hands it over.
func (j *jobs) sendLetter(ctx context.Context, l store.Letter) error {
	ctx, cancel := context.WithTimeout(ctx, letterPatience)
	defer cancel()
	w, err := emails.Write(ctx, l, j.base)
	if err != nil {
		return fmt.Errorf("write letter %d: %w", l.ID, err)
	}
	to := netmail.Address{Name: strings.TrimSpace(l.FirstName + " " + l.LastName), Address: l.To}
	return j.sender.Send(ctx, mail.Message{To: to.String(), Subject: w.Subject, Text: w.Text, HTML: w.HTML, Stop: w.Stop,
		MessageID: l.Key + "@" + j.domain, Return: j.returnAddress(l)})
}

// returnAddress is where a letter comes back to: an address of its own, so that a
// report needs not be believed to know which letter it is about.
func (j *jobs) returnAddress(l store.Letter) string {
	local, domain, ok := strings.Cut(j.bounces, "@")
	if !ok {
		return ""
	}
	return local + "+" + l.ReturnToken + "@" + domain
}

// failure says in the words of the store why a letter was not sent.
func failure(err error) store.Failure {
	f := store.Failure{Reason: err.Error()}
	var refusal *mail.Refusal
	if errors.As(err, &refusal) {
		f.Code, f.ForGood = refusal.Code, refusal.ForGood
	}
	return f
}
