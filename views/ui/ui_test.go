package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

func html(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func holds(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func lacks(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if strings.Contains(got, want) {
			t.Errorf("%s in\n%s", want, got)
		}
	}
}

func TestFieldTellsItsErrorAndHint(t *testing.T) {
	t.Parallel()
	p := FieldProps{Name: "price", Label: "Price, £", Value: `"2"`, Error: "Use numbers only.", Hint: "All of it is yours.", MaxLength: 9, Required: true, InputMode: "decimal"}
	wired := []string{`<label class="field__label" for="price">`, `id="price"`, `aria-invalid="true"`, `aria-describedby="price-error price-hint"`, `id="price-error"`, `id="price-hint"`, ` required`}
	holds(t, html(t, Field(p)), append(wired, `value="&#34;2&#34;"`, `maxlength="9"`, `inputmode="decimal"`, `type="text"`)...)
	holds(t, html(t, TextArea(p)), append(wired, `>&#34;2&#34;</textarea>`)...)
	p.Options = []Option{{"1", "One"}, {`"2"`, "Two"}}
	holds(t, html(t, Select(p)), append(wired, `<option value="1">One</option>`, `<option value="&#34;2&#34;" selected>Two</option>`)...)
}

func TestFieldWithNothingToTell(t *testing.T) {
	t.Parallel()
	got := html(t, Field(FieldProps{ID: "a", Name: "b", Label: "B", Optional: true}))
	holds(t, got, `id="a" name="b"`, "(optional)")
	lacks(t, got, "aria-", "maxlength", "required", "disabled", "value=")
}

func TestPasswordIsNeverWrittenBack(t *testing.T) {
	t.Parallel()
	lacks(t, html(t, Field(FieldProps{Name: "p", Type: "password", Value: "hunter2"})), "hunter2")
}

func TestTextAreaKeepsItsFirstEmptyLine(t *testing.T) {
	t.Parallel()
	holds(t, html(t, TextArea(FieldProps{Name: "a", Value: "\nb"})), ">\n\nb</textarea>")
	holds(t, html(t, TextArea(FieldProps{Name: "a", Value: "b"})), ">b</textarea>")
}

func TestErrorSummary(t *testing.T) {
	t.Parallel()
	if got := html(t, ErrorSummary(nil)); got != "" {
		t.Errorf("no problems gave %s", got)
	}
	got := html(t, ErrorSummary([]Problem{{"email", "Email is already in use"}, {"price", "Price is missing"}}))
	holds(t, got, "Two things to put right", `role="alert"`, `tabindex="-1" autofocus`, `<a href="#email">Email is already in use</a>`)
}

func TestNoticeKinds(t *testing.T) {
	t.Parallel()
	holds(t, html(t, Notice(NoticeProps{Kind: Alert, Text: "No."})), `role="alert"`, string(MarkWarning))
	holds(t, html(t, Notice(NoticeProps{Kind: News, Lead: "Ah.", Text: "Oh."})), `role="status"`, string(MarkBell), "<b>Ah.</b> Oh.")
	holds(t, html(t, Notice(NoticeProps{Text: "<i>"})), `role="status"`, string(MarkTick), "&lt;i&gt;")
}

func TestOnlyACompletedOrderHasTheDot(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"pending", "accepted", "ready", "shipped", "cancelled"} {
		got := html(t, Status(state, "Word"))
		holds(t, got, `data-status="`+state+`"`, "Word")
		lacks(t, got, `class="dot"`)
	}
	holds(t, html(t, Status(Completed, "Completed")), `class="dot"`)
}

func TestSteps(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 14, 9, 0, 0, 0, time.UTC)
	got := html(t, Steps([]Step{{Word: "Pending", At: at, When: Moment(at)}, {Word: "Accepted", At: at, When: "now", Now: true}, {Word: "Shipped"}}))
	holds(t, got,
		`<li class="step" data-state="done">Pending <time datetime="2026-07-14T09:00:00Z">14 Jul, 10:00</time></li>`,
		`<li class="step" aria-current="step">Accepted`,
		`<li class="step">Shipped`)
}

func TestMoreAndChipAskForWhatTheyLinkTo(t *testing.T) {
	t.Parallel()
	holds(t, html(t, More(MoreProps{Href: "/artworks?after=9&q=a", Label: "Show 24 more"})), `href="/artworks?after=9&amp;q=a" hx-get="/artworks?after=9&amp;q=a"`)
	holds(t, html(t, Chip(ChipProps{Label: "Painting", Href: "/artworks", Target: "#results"})), `hx-get="/artworks"`, `hx-target="#results"`)
	lacks(t, html(t, Chip(ChipProps{Label: "Painting", Href: "/artworks"})), "hx-")
	lacks(t, html(t, Chip(ChipProps{Href: "javascript:alert(1)"})), "alert(1)")
}

func TestPicture(t *testing.T) {
	t.Parallel()
	got := html(t, Picture(PictureProps{Src: "/images/1", Width: 800, Height: 640, Class: "work__image", Lazy: true}))
	holds(t, got, `class="hung work__image"`, `width="800" height="640"`, `alt=""`, `loading="lazy"`)
	lacks(t, got, "srcset", "sizes", "fetchpriority")
}

func TestAgo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 14, 23, 30, 0, 0, time.UTC) // half past midnight on the 15th in London
	for _, c := range []struct {
		past time.Duration
		want string
	}{
		{-time.Hour, "Just now"},
		{59 * time.Second, "Just now"},
		{time.Minute, "1 minute ago"},
		{59 * time.Minute, "59 minutes ago"},
		{time.Hour, "Yesterday"},
		{24*time.Hour + 29*time.Minute, "Yesterday"},
		{24*time.Hour + 31*time.Minute, "13 July"},
		{400 * 24 * time.Hour, "10 June 2025"},
	} {
		if got := Ago(now.Add(-c.past), now); got != c.want {
			t.Errorf("%v before: %q, want %q", c.past, got, c.want)
		}
	}
	if got := Ago(now.Add(13*time.Hour), now.Add(15*time.Hour)); got != "2 hours ago" {
		t.Errorf("at noon: %q", got)
	}
	if got := Day(now); got != "15 July 2026" {
		t.Errorf("in London it is %q", got)
	}
}

func TestUntilAndOrdinal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]string{
		77*time.Hour + 32*time.Minute: "Thu 15:32", -time.Hour: "Mon 09:00", 7 * 24 * time.Hour: "Mon 8 June, 10:00"} {
		if got := Until(now.Add(after), now); got != want {
			t.Errorf("in %s: %q, want %q", after, got, want)
		}
	}
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 21: "21st", 113: "113th"} {
		if got := Ordinal(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
