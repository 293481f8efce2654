package browsertest

import (
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
)

// grain makes a JPEG of some 1.5 MB, which takes its time on a slow line.
func grain(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1700, 1300))
	random := rand.New(rand.NewPCG(1, 2))
	for y := range 1300 {
		for x := range 1700 {
			n := uint8(random.IntN(200))
			img.SetRGBA(x, y, color.RGBA{n, n, uint8(y / 6), 0xff})
		}
	}
	path := filepath.Join(t.TempDir(), "grain.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// line sets how many bytes a second go out.
func line(upload float64) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := network.EmulateNetworkConditionsByRule(false, []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: upload}}).Do(ctx)
		return err
	})
}

func awaitPromise(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }

const (
	slowly  = 150 << 10
	freely  = -1
	onlyOne = `document.querySelectorAll("#uploads > li").length === 1 && `
)

// TestAnUploadSurvivesALostLine loses the line in the middle of a file, gets it
// back, and sees the photograph come.
func TestAnUploadSurvivesALostLine(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.KeepDeveloping(t)
	ana := open(t, site, "Ana", desk)
	ana.signIn(site.Ana)
	ana.visit("/artworks/new")
	ana.do("be on a slow line", line(slowly))
	ana.do("choose a photograph", chromedp.SetUploadFiles("#files", []string{grain(t)}, chromedp.ByQuery))
	ana.holds("see how far it is", `(() => { const bar = document.querySelector("#uploads progress"); return bar && bar.value > 20 && bar.value < 100; })()`)
	site.CutLines()
	ana.sees("The connection was lost. It goes on by itself.")
	ana.await("some of it is safe", func() bool {
		var n int
		return site.DB.Get(&n, `SELECT received FROM uploads`) == nil && n > 0
	})
	ana.do("be on a quick line", line(freely))
	ana.holds("see the picture, alone", onlyOne+`!!document.querySelector("#uploads img.hung")`)
	ana.sees("1700 × 1300 px")
	var uploads, images int
	err := site.DB.QueryRow(`SELECT (SELECT count(*) FROM uploads), (SELECT count(*) FROM images)`).Scan(&uploads, &images)
	if err != nil || uploads != 0 || images != 1 {
		t.Errorf("%d uploads, %d photographs, %v", uploads, images, err)
	}
	ana.inspect("the form with a photograph")
}

// TestPhotographsComeByEveryWay drops, pastes, replaces, drags and cancels.
func TestPhotographsComeByEveryWay(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.KeepDeveloping(t)
	ana := open(t, site, "Ana", desk)
	ana.signIn(site.Ana)
	ana.visit("/artworks/new")

	// Two files at once are dropped, one is pasted.
	carry := `
		const carry = async (names) => {
			const data = new DataTransfer();
			for (const [name, width] of names) {
				const canvas = Object.assign(document.createElement("canvas"), { width, height: 90 });
				canvas.getContext("2d").fillRect(0, 0, width / 2, 90);
				data.items.add(new File([await new Promise((done) => canvas.toBlob(done, "image/png"))], name, { type: "image/png" }));
			}
			return data;
		};`
	ana.do("drop two files", chromedp.Evaluate(`(async () => {`+carry+`
		const dataTransfer = await carry([["one.png", 101], ["two.png", 102]]);
		const on = document.querySelector(".drop");
		on.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }));
		if (!("over" in on.dataset)) throw new Error("the place does not show that it takes files");
		on.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
	})()`, nil, awaitPromise))
	ana.sees("102 × 90 px")
	ana.do("paste a file", chromedp.Evaluate(`(async () => {`+carry+`
		const clipboardData = await carry([["three.png", 103]]);
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
	})()`, nil, awaitPromise))
	ana.sees("103 × 90 px")
	ana.holds("see all pictures", `document.querySelectorAll("#uploads img.hung").length === 3`)
	names := func(want string) {
		t.Helper()
		ana.holds("see "+want, `[...document.querySelectorAll("#uploads b")].map((b) => b.textContent).join(" ") === "`+want+`"`)
	}
	names("one.png two.png three.png")

	// What was written counts, and stays when the picture is another.
	ana.fill("#uploads li:nth-child(2) input.input", "A dark half.")
	ana.choose("#uploads li:nth-child(2) select", "edge")
	ana.holds("see the count", `document.querySelector("#uploads li:nth-child(2) [data-count]").textContent === "12 of 300"`)
	ana.do("replace the second", chromedp.SetUploadFiles("#uploads li:nth-child(2) input[data-replace]", []string{photograph(t)}, chromedp.ByQuery))
	names("one.png sill.jpg three.png")
	ana.holds("see its words", `document.querySelector("#uploads li:nth-child(2) input.input").value === "A dark half." &&
		document.querySelector("#uploads li:nth-child(2) select").value === "edge"`)

	// The picture of the third is dragged over the first, then moved back by key.
	ana.do("drag the third to the front", chromedp.Evaluate(`(() => {
		const dataTransfer = new DataTransfer();
		const from = document.querySelector("#uploads li:nth-child(3) [data-drag]"), to = document.querySelector("#uploads li");
		from.dispatchEvent(new DragEvent("dragstart", { dataTransfer, bubbles: true }));
		to.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true, clientY: to.getBoundingClientRect().top + 2 }));
		from.dispatchEvent(new DragEvent("dragend", { bubbles: true }));
	})()`, nil))
	names("three.png one.png sill.jpg")
	ana.do("move it back by key", chromedp.Focus(`button[aria-label="Move three.png later"]`, chromedp.ByQuery), chromedp.KeyEvent("\r"))
	names("one.png three.png sill.jpg")
	ana.holds("keep the focus", `document.activeElement.getAttribute("aria-label") === "Move three.png later"`)

	// A file under way is cancelled, and nothing of it stays.
	ana.do("be on a slow line", line(slowly))
	ana.do("choose a photograph", chromedp.SetUploadFiles("#files", []string{grain(t)}, chromedp.ByQuery))
	ana.holds("see how far it is", `document.querySelector("#uploads progress")?.value > 5`)
	ana.press(`button[aria-label="Cancel grain.jpg"]`)
	ana.do("be on a quick line", line(freely))
	names("one.png three.png sill.jpg")
	ana.await("nothing of it is here", func() bool {
		var n int
		return site.DB.Get(&n, `SELECT count(*) FROM uploads`) == nil && n == 0
	})

	// The form is sent in the order that is seen.
	ana.fill("#title", "Sill, March")
	ana.pressText("Keep as draft") // it lacks much: everything stays
	ana.sees("Say what it is made of")
	names("one.png three.png sill.jpg")
	ana.holds("see its words still", `document.querySelector("#uploads li:nth-child(3) input.input").value === "A dark half." &&
		document.querySelector("#uploads li:nth-child(3) select").value === "edge"`)
	ana.inspect("the form with three photographs")
}
