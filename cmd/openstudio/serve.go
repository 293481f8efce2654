package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"openstudio/handlers"
	"openstudio/static"
)

// drain is how long requests under way may take to end.
const drain = 10 * time.Second

// serve opens the market and keeps it open until ctx ends. It closes in order:
// no new requests, open pages, requests under way, jobs, store, database.
func (p *program) serve(ctx context.Context, install bool) error {
	listeners, port, err := listen(ctx, p.Prod, p.Port)
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	if install && p.DatabaseURL == "" {
		if _, err := p.installPostgres(ctx); err != nil {
			return err
		}
	}
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	demo := false
	if !p.Prod {
		if demo, err = p.fillDemo(ctx, m); err != nil {
			return err
		}
	}
	base := p.baseURL(port)
	server, jobs, err := p.assemble(m, base)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // packing the static files took a hundred times what is kept
	p.log.Info("open", "config", p.Config.String(), "version", version())
	p.warn()
	p.say("OpenStudio is open at %s", base)
	if demo {
		p.say("%s", demoSignIns)
	}
	return p.keepOpen(ctx, m, listeners, server, jobs)
}

// assemble builds the handlers and the jobs of the market.
func (p *program) assemble(m *market, base string) (*handlers.Server, *jobs, error) {
	assets, err := static.New()
	if err != nil {
		return nil, nil, err
	}
	sender, err := p.sender()
	if err != nil {
		return nil, nil, err
	}
	address, err := url.Parse(base)
	if err != nil {
		return nil, nil, err
	}
	gateway, err := p.gateway(m)
	if err != nil {
		return nil, nil, err
	}
	darkroom := p.darkroom(m)
	server, err := handlers.New(handlers.Config{
		Store: m.Store, Darkroom: darkroom, Assets: assets,
		Gateway: gateway, Log: p.log,
		Secret: m.secret, BaseURL: base, Dev: !p.Prod, Proxies: p.Proxies,
	})
	if err != nil {
		return nil, nil, err
	}
	return server, &jobs{m.Store, darkroom, server.Till(), base, sender, address.Hostname(), p.Bounces, p.log}, nil
}

// warn says what a market for the public should not lack.
func (p *program) warn() {
	if !p.Prod {
		return
	}
	if p.BaseURL == "" {
		p.log.Warn("BASE_URL is not set: links in letters lead to localhost, and cookies are not kept to https")
	}
	if p.Payments == byStripe && !strings.Contains(p.Stripe.Key, "_live_") {
		p.log.Warn("STRIPE_SECRET_KEY is of test mode: payments look real, and no money moves")
	}
	if p.SMTP == "" {
		p.log.Warn("SMTP_URL is not set: letters are written to this log")
	}
}

// keepOpen answers requests and does the jobs until ctx ends or something
// breaks, then drains.
func (p *program) keepOpen(ctx context.Context, m *market, listeners []net.Listener, server *handlers.Server, jobs *jobs) error {
	web := &http.Server{
		Handler:           server,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      120 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelError),
	}
	broken := make(chan error, len(listeners)+1)
	for _, l := range listeners {
		go func() { broken <- web.Serve(l) }()
	}
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		if err := server.Run(streams); streams.Err() == nil {
			broken <- err
		}
	}()
	working, endJobs := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { jobs.run(working) })

	err := p.watch(ctx, m, broken)
	endStreams()
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if drained := web.Shutdown(draining); drained != nil {
		p.log.Warn("requests were broken off", "after", drain)
		web.Close()
	}
	endJobs()
	done.Wait()
	return err
}

// watch waits until ctx ends, which is no error, or something breaks. The market's
// own PostgreSQL is started again when it has ended by itself: it recovers all that
// was committed, and the pool connects again.
func (p *program) watch(ctx context.Context, m *market, broken <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			p.log.Info("closing")
			return nil
		case err := <-broken:
			return err
		case <-m.lost():
		}
		ended := m.postgres.Err()
		p.log.Warn("starting the database again", "error", ended)
		again, err := m.postgres.Restart(ctx)
		if err != nil {
			return fmt.Errorf("%w. It does not start again: %w", ended, err)
		}
		m.postgres = again
	}
}

// listen opens the port: to everybody in PROD, to this machine alone in DEV.
// It returns the port's number, for a port of 0.
func listen(ctx context.Context, public bool, port string) (ls []net.Listener, number string, err error) {
	if public {
		ls, err = listenOn(ctx, nil, "tcp", ":"+port)
	} else if ls, err = listenOn(ctx, nil, "tcp4", "127.0.0.1:"+port); err == nil {
		// What browsers call localhost may be ::1, where the machine has it.
		_, port, _ = net.SplitHostPort(ls[0].Addr().String())
		ls, err = listenOn(ctx, ls, "tcp6", "[::1]:"+port)
		if err != nil && !errors.Is(err, syscall.EADDRINUSE) {
			err = nil
		}
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		closeAll(ls)
		return nil, "", fmt.Errorf("port %s is taken by another program. Stop that one, or choose another port, as in PORT=8081", port)
	case errors.Is(err, syscall.EACCES):
		return nil, "", fmt.Errorf("this account may not open port %s. Choose one above 1023, as in PORT=8080", port)
	case err != nil:
		return nil, "", fmt.Errorf("open port %s: %w", port, err)
	}
	_, number, err = net.SplitHostPort(ls[0].Addr().String())
	return ls, number, err
}

func listenOn(ctx context.Context, ls []net.Listener, network, address string) ([]net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, network, address)
	if err != nil {
		return ls, err
	}
	return append(ls, l), nil
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		l.Close()
	}
}
