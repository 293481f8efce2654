// Package browsertest drives Chromium through the market as people go through
// it: with and without JavaScript, on a desk and on a phone, in both lights,
// with axe-core looking at every page.
package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

//go:embed testdata/axe.min.js
var axe string

// chromium is the browser that all tests of this package share; each person in
// a test has a context of their own in it, as in a private window.
var chromium struct {
	ctx context.Context
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	path := findBrowser()
	if path == "" {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "browsertest: no Chromium found")
			return 1
		}
		fmt.Println("*** SKIPPED: no Chromium or Chrome found, so the browser tests did not run. Install one, or name it in OPENSTUDIO_BROWSER. ***")
		return 0
	}
	profile, err := os.MkdirTemp("", "openstudio-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profile)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, quit := chromedp.NewContext(allocator)
	defer quit()
	if err := chromedp.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "browsertest: start", path, err)
		return 1
	}
	chromium.ctx = ctx
	return storetest.Main(m)
}

func findBrowser() string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"}
	if named := os.Getenv("OPENSTUDIO_BROWSER"); named != "" {
		names = []string{named}
	}
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	return ""
}

// look is how a person looks at the market.
type look struct {
	Width, Height int64
	NoScript      bool
	Evening       bool // the device asks for dark pages
}

var (
	desk  = look{Width: 1280, Height: 900}
	phone = look{Width: 390, Height: 844}
)

func (l look) String() string {
	s := fmt.Sprint(l.Width)
	if l.NoScript {
		s += " without JavaScript"
	}
	if l.Evening {
		s += " in the evening"
	}
	return s
}

// person is somebody at a browser of their own.
type person struct {
	t    *testing.T
	site *handlertest.Site
	name string
	look look
	ctx  context.Context

	mu       sync.Mutex
	problems []string // what the console complained of
}

// patience is how long a person waits for something to show.
const patience = 60 * time.Second

// open opens a private window.
func open(t *testing.T, site *handlertest.Site, name string, l look) *person {
	t.Helper()
	ctx, closeWindow := privateWindow(t)
	p := &person{t: t, site: site, name: name, look: l, ctx: ctx}
	// The window lives as long as the context of its first run.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal("open a private window: ", err)
	}
	chromedp.ListenTarget(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			p.complain(ev.ExceptionDetails.Error())
		case *cdplog.EventEntryAdded:
			if ev.Entry.Level == cdplog.LevelError && ev.Entry.Source != cdplog.SourceNetwork {
				p.complain(ev.Entry.Text)
			}
		}
	})
	colour := "light"
	if l.Evening {
		colour = "dark"
	}
	t.Cleanup(func() {
		if t.Failed() {
			p.picture("failed")
		}
		closeWindow()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems {
			t.Errorf("%s’s console: %s", name, problem)
		}
	})
	p.do("open a window",
		cdplog.Enable(), network.Enable(),
		browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorDeny),
		emulation.SetDeviceMetricsOverride(l.Width, l.Height, 1, l.Width < 600),
		emulation.SetScriptExecutionDisabled(l.NoScript),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: colour}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
	return p
}

// privateWindow opens a window that shares nothing with the others.
func privateWindow(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	c := chromedp.FromContext(chromium.ctx)
	ctx := cdp.WithExecutor(chromium.ctx, c.Browser)
	private, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(ctx)
	if err != nil {
		t.Fatal("open a private window: ", err)
	}
	window, err := target.CreateTarget("about:blank").WithBrowserContextID(private).WithNewWindow(true).Do(ctx)
	if err != nil {
		t.Fatal("open a private window: ", err)
	}
	return chromedp.NewContext(chromium.ctx, chromedp.WithTargetID(window))
}

func (p *person) complain(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, text)
}

// do runs actions and fails the test when they do not succeed in time.
func (p *person) do(what string, actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("it did not happen in %s: %w\n%s", patience, err, p.words())
		}
		p.t.Fatalf("%s (%s): %s: %v", p.name, p.look, what, err)
	}
}

// words is the text of the page's main part, for messages.
func (p *person) words() string {
	ctx, cancel := context.WithTimeout(p.ctx, 3*time.Second)
	defer cancel()
	var address, text string
	_ = chromedp.Run(ctx, chromedp.Location(&address), chromedp.Text("body", &text, chromedp.ByQuery))
	if len(text) > 2500 {
		text = text[:2500] + " …"
	}
	return address + "\n" + text
}

// visit goes to a page.
func (p *person) visit(path string) {
	p.t.Helper()
	p.do("visit "+path, chromedp.Navigate(p.site.URL+path), chromedp.WaitReady("main", chromedp.ByQuery))
}

// sees waits for a text anywhere on the page.
func (p *person) sees(text string) {
	p.t.Helper()
	p.holds(fmt.Sprintf("see %q", text), shows(text))
}

// holds waits until a JavaScript expression is true.
func (p *person) holds(what, expression string) {
	p.t.Helper()
	p.do(what, until(func(ctx context.Context) (yes bool, err error) {
		err = chromedp.Evaluate("!!("+expression+")", &yes).Do(ctx)
		return yes, err
	}))
}

// until asks again and again, and takes an error for a no: a page that goes away
// does not answer, and the next is asked.
func until(ask func(context.Context) (yes bool, err error)) chromedp.ActionFunc {
	return func(ctx context.Context) error {
		for {
			yes, err := ask(ctx)
			if err == nil && yes {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%w (%v)", ctx.Err(), err)
			case <-time.After(30 * time.Millisecond):
			}
		}
	}
}

// back goes to the page before. The step is taken after the answer: a page that
// is left does not give one.
func (p *person) back() {
	p.t.Helper()
	p.do("go back", chromedp.Evaluate(`setTimeout(() => history.back()), 0`, nil))
}

// seesNot fails when a text is on the page now.
func (p *person) seesNot(text string) {
	p.t.Helper()
	var there bool
	p.do(fmt.Sprintf("look for %q", text), until(func(ctx context.Context) (bool, error) {
		return true, chromedp.Evaluate(shows(text), &there).Do(ctx)
	}))
	if there {
		p.t.Errorf("%s (%s) sees %q", p.name, p.look, text)
	}
}

// shows is whether a text is anywhere on the page, in JavaScript.
func shows(text string) string {
	return fmt.Sprintf(`document.body.innerText.replace(/\s+/g, " ").includes(%s)`, quote(text))
}

// fill types into a field.
func (p *person) fill(selector, text string) {
	p.t.Helper()
	p.do("fill "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery), chromedp.Clear(selector, chromedp.ByQuery),
		chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// explain types into a text area that is empty.
func (p *person) explain(selector, text string) {
	p.t.Helper()
	p.do("write into "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery), chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// choose picks an option of a menu.
func (p *person) choose(selector, value string) {
	p.t.Helper()
	p.do("choose "+value, chromedp.SetValue(selector, value, chromedp.ByQuery))
}

// press clicks what the selector names.
func (p *person) press(selector string) {
	p.t.Helper()
	p.do("press "+selector, chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			err := chromedp.Tasks{chromedp.WaitVisible(selector, chromedp.ByQuery), chromedp.ScrollIntoView(selector, chromedp.ByQuery),
				chromedp.Click(selector, chromedp.ByQuery)}.Do(ctx)
			// What stands on the page may be swapped between finding and pressing it.
			if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "Could not find node") {
				return err
			}
		}
	}))
}

// pressText clicks the first visible button or link of main or a dialog whose
// words begin with text.
func (p *person) pressText(text string) {
	p.t.Helper()
	p.do(fmt.Sprintf("press %q", text), until(func(ctx context.Context) (found bool, err error) {
		err = chromedp.Evaluate(fmt.Sprintf(`(() => {
			document.querySelectorAll('[data-pressed]').forEach(n => n.removeAttribute('data-pressed'));
			const all = [...document.querySelectorAll('dialog button, dialog a, main button, main a, #dialog button')];
			const one = all.find(n => n.checkVisibility() && !n.disabled && !n.closest('[aria-hidden]') && n.innerText.trim().startsWith(%s));
			if (one) one.setAttribute('data-pressed', '');
			return !!one;
		})()`, quote(text)), &found).Do(ctx)
		return found, err
	}), chromedp.ScrollIntoView("[data-pressed]", chromedp.ByQuery), chromedp.Click("[data-pressed]", chromedp.ByQuery))
}

// at waits until the page's address has this path.
func (p *person) at(path string) {
	p.t.Helper()
	p.do("be at "+path, until(func(ctx context.Context) (bool, error) {
		var address string
		err := chromedp.Location(&address).Do(ctx)
		return strings.HasPrefix(strings.TrimPrefix(address, p.site.URL), path), err
	}), chromedp.WaitReady("main", chromedp.ByQuery))
}

// await waits until something has become true behind the page.
func (p *person) await(what string, done func() bool) {
	p.t.Helper()
	for until := time.Now().Add(patience); !done(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(until) {
			p.t.Fatalf("%s (%s): %s: it did not happen\n%s", p.name, p.look, what, p.words())
		}
	}
}

// signIn goes through the door.
func (p *person) signIn(m store.Member) {
	p.t.Helper()
	p.visit("/login")
	p.fill("#email", m.Email)
	p.fill("#password", storetest.Password)
	p.press("main form button.button--wide")
	p.sees("Welcome back " + m.Name() + ".")
}

// violation is one thing that axe-core found.
type violation struct {
	ID, Help string
	Nodes    []struct{ HTML, FailureSummary string }
}

// inspect lets axe-core look at the page as it is, and checks that nothing
// reaches over the window's edge.
func (p *person) inspect(what string) {
	p.t.Helper()
	var raw []byte
	var overhang float64
	p.do("inspect "+what, until(func(ctx context.Context) (bool, error) {
		return true, chromedp.Tasks{
			chromedp.Evaluate(axe+";0", nil),
			chromedp.Evaluate(`axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))`, &raw,
				func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }),
			chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &overhang),
		}.Do(ctx)
	}))
	var text string
	var violations []violation
	if err := json.Unmarshal(raw, &text); err != nil {
		p.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		for _, n := range v.Nodes {
			p.t.Errorf("axe on %s (%s): %s: %s\n%s\n%s", what, p.look, v.ID, v.Help, n.HTML, n.FailureSummary)
		}
	}
	if overhang > 0 {
		p.t.Errorf("%s (%s) is %v px wider than its window", what, p.look, overhang)
	}
	p.picture(what)
}

// picture keeps a screenshot of the whole page where OPENSTUDIO_PICTURES says.
func (p *person) picture(what string) {
	dir := os.Getenv("OPENSTUDIO_PICTURES")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	var png []byte
	if err := chromedp.Run(ctx, chromedp.FullScreenshot(&png, 100)); err != nil {
		p.t.Logf("picture of %s: %v", what, err)
		return
	}
	name := strings.NewReplacer("/", "_", " ", "-", "?", "_").Replace(fmt.Sprintf("%s %s %s.png", what, p.name, p.look))
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
		p.t.Logf("picture of %s: %v", what, err)
	}
}

// quote writes a Go string as a JavaScript one.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
