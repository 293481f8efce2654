package browsertest

import (
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
)

// photograph makes a JPEG of a pale field over a dark band.
func photograph(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for y := range 1200 {
		for x := range 1600 {
			c := color.RGBA{0xae, 0xb3, 0x9e, 0xff}
			if y > 800 {
				c = color.RGBA{0x3a, 0x40, 0x33, 0xff}
			}
			img.SetRGBA(x, y, c)
		}
	}
	path := filepath.Join(t.TempDir(), "sill.jpg")
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

// TestSale sells a painting from its photograph to its arrival, in two windows.
func TestSale(t *testing.T) {
	t.Parallel()
	bare := desk
	bare.NoScript = true
	barePhone := phone
	barePhone.NoScript = true
	for _, l := range []look{desk, phone, bare, barePhone} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			sell(t, l)
		})
	}
}

func sell(t *testing.T, l look) {
	site := handlertest.New(t)
	site.KeepDeveloping(t)
	ana, ben := open(t, site, "Ana", l), open(t, site, "Ben", l)

	// Ana hangs a work.
	ana.signIn(site.Ana)
	ana.visit("/artworks/new")
	ana.fill("#title", "Sill, March")
	ana.fill("#year", "2025")
	ana.choose("#medium", "painting")
	ana.fill("#material", "oil on linen")
	ana.fill("#height", "60")
	ana.fill("#width", "80")
	ana.fill("#depth", "4")
	ana.fill("#weight", "6.5")
	ana.fill("#price", "1450")
	ana.do("choose a photograph", chromedp.SetUploadFiles(`input[type="file"]`, []string{photograph(t)}, chromedp.ByQuery))
	if l.NoScript {
		ana.pressText("Hang it") // the photograph is kept, its words are missing
		ana.sees("Describe the first photograph")
	}
	ana.do("wait for the photograph", chromedp.WaitVisible(`#uploads input.input`, chromedp.ByQuery))
	ana.fill(`#uploads input.input`, "A pale green field over a dark band.")
	ana.pressText("Hang it")
	ana.at("/artworks/")
	ana.sees("It hangs")
	var address string
	ana.do("read the address", chromedp.Location(&address))
	path := address[len(site.URL):]

	// Ben finds it, keeps it and asks for it.
	ben.visit("/artworks?q=sill")
	ben.sees("1 work")
	ben.press(".work__save .save, .work__save a")
	ben.at("/login")
	ben.fill("#email", site.Ben.Email)
	ben.fill("#password", "a quiet north light")
	ben.press("main form button.button--wide")
	ben.sees("Welcome back Ben Okoro.")
	ben.visit("/gallery")
	ben.sees("Sill, March")
	ben.visit(path)
	ben.sees("In your gallery")
	ben.sees("Total")
	ben.pressText("Ask to buy")
	ben.at("/orders/")
	ben.sees("Request sent. Ana has been told.")
	ben.do("read the address", chromedp.Location(&address))
	order := address[len(site.URL):]

	// Ana is told, and accepts.
	if l.NoScript {
		ana.visit(path)
	}
	ana.do("be told", chromedp.WaitVisible("#badge .dot", chromedp.ByQuery))
	ana.visit("/studio/orders")
	ana.sees("Ben Okoro, Bristol BS1")
	ana.seesNot("Redcliffe")
	ana.pressText("Accept")
	ana.sees("Accepted. The collector has been told")
	ana.visit(order)
	ana.sees("4 Redcliffe Parade")

	// Ben sees it without a reload, and pays.
	if l.NoScript {
		ben.visit(order)
	}
	ben.sees("Held for you until")
	ben.pressText("Pay £")
	ben.at("/test-gateway/")
	ben.pressText("Decline")
	ben.sees("The payment was declined. Nothing was charged; you can try again.")
	ben.pressText("Pay £")
	ben.at("/test-gateway/")
	ben.pressText("Pay £")
	ben.sees("Paid. The sale is made")

	// Ana ships it; a shipment without a number is refused beside its field.
	if l.NoScript {
		ana.visit(order)
	}
	ana.sees("Mark as shipped")
	ana.choose(`select[name="carrier"]`, "Royal Mail")
	ana.pressText("Mark as shipped")
	ana.sees("Enter the tracking number")
	ana.fill(`input[name="tracking"]`, "RM 4418 2096 7GB")
	ana.pressText("Mark as shipped")
	ana.sees("Shipped. The collector has been told.")

	// It arrives.
	if l.NoScript {
		ben.visit(order)
	}
	ben.sees("RM 4418 2096 7GB")
	ben.pressText("It has arrived")
	ben.sees("Thank you. The artist has been told that it arrived.")
	if l.NoScript {
		ana.visit(order)
	}
	ana.sees("The sale is made.")
	ben.visit(path)
	ben.sees("Sold")
}
