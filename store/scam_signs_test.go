package store_test

import (
	"slices"
	"testing"

	"openstudio/store"
)

func TestScamSigns(t *testing.T) {
	t.Parallel()
	const price = store.Pence(145000) // £1,450
	type signs []store.ScamSign
	const address, more, shipper = store.AsksForAddress, store.OffersMore, store.OwnShipper
	for text, want := range map[string]signs{
		// As they are written to artists.
		"Hello, I saw this piece and my wife loves it. I will pay by certified check and my mover will come to pick it up.":                                  {more, shipper},
		"I want to surprise my wife for our anniversary. Please give me your email so that I can write to you.":                                              {address},
		"What’s your e-mail? I have some questions about the work.":                                                                                          {address},
		"Kindly send me your full name and your phone number for the payment.":                                                                               {address},
		"Text me at 07700 900123, I am not often here.":                                                                                                      {address},
		"Please reply to me at buyer.of.art@example.com as I am offshore.":                                                                                   {address},
		"contact me on WhatsApp for a quick deal":                                                                                                            {address},
		"Write back to me (jim [at] example.com) please":                                                                                                     nil, // brackets hide it; the next line shows the common form
		"Write to me at jim [at] example.com please":                                                                                                         {address},
		"Can we continue this by e-mail? It is easier for me.":                                                                                               {address},
		"I’ll be adding £200 more than the asking price so that you take it down today.":                                                                     {more},
		"I am willing to pay more than the price if you keep it for me.":                                                                                     {more},
		"I will send you a cheque for £2,900 and you send the balance back to my agent.":                                                                     {more},
		"I can offer you 2500 for it.":                                                                                                                       {more},
		"The cheque includes extra money for the movers; keep £50 for your trouble.":                                                                         {more},
		"You can deduct the cost of the piece and refund the difference to me.":                                                                              {more},
		"No need to worry about shipping, I have my own shipping agent who will handle it.":                                                                  {shipper},
		"My shipper would come for the pick up once you have cashed it.":                                                                                     {shipper},
		"I'm relocating to Cyprus, so my movers will pick it up with my other furniture.":                                                                    {shipper},
		"A private courier will come to collect the painting.":                                                                                               {shipper},
		"We use our own freight company for everything.":                                                                                                     {shipper},
		"I will pay in full via bank draft, over\u00adpay\u200bment is no problem, my shipping company will contact you. Send me your mobile number please.": {address, more, shipper},

		// As people write who want to know something.
		"How do you ship?":                                                    nil,
		"Which shipping company do you use?":                                  nil,
		"My email is on my website, if you ever need it.":                     nil,
		"Is delivery included in the price, or more than the price shown?":    nil,
		"Could you send me a picture of the edge?":                            nil,
		"Can I collect it from your studio? My brother has a van.":            nil,
		"Would you take £1,200 for it?":                                       nil,
		"I can pay £1,450 today.":                                             nil,
		"I will pay the £1,530 with delivery as soon as you accept.":          nil,
		"I paid £3,000 for a similar one ten years ago.":                      nil,
		"It should be insured for £5,000.":                                    nil,
		"I would like to send it to my sister as a present. Is that alright?": nil,
		"Does the frame cost extra?":                                          nil,
		"What size is it with the frame? I have 120 cm over the mantelpiece.": nil,
		"I loved your show in Leeds. The catalogue gave your address there.":  nil,
		"Thank you, it has arrived, and it is more than I hoped for.":         nil,
		"The courier left it with the neighbour; all is well.":                nil,
		"Could you write me a note for the back?":                             nil,
		"I saw it on your Instagram. Is it still for sale?":                   nil,
		"We move house in May. Could you send it after that?":                 nil,
		"Is the price on the phone the same as here?":                         nil,
		"": nil,
	} {
		if got := store.ScamSigns(text, true, price, 0); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestWhatAnArtistMaySay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]store.ScamSign{
		"My courier will collect it on Monday and my shipping company insures it for £9,000.": nil,
		"I can offer you another one for £5,000.":                                             nil,
		"Send me your email and pay me there, it is cheaper.":                                 {store.AsksForAddress},
	} {
		if got := store.ScamSigns(text, false, 145000, 0); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestTheSameTextToMany(t *testing.T) {
	t.Parallel()
	for copies, want := range map[int]int{0: 0, 1: 0, 2: 1, 40: 1} {
		if got := store.ScamSigns("I like your work.", true, 145000, copies); len(got) != want {
			t.Errorf("%d copies: %q", copies, got)
		}
	}
	// Without a price nothing is more than it.
	if got := store.ScamSigns("I offer you 2500 for it.", true, 0, 0); len(got) != 0 {
		t.Errorf("without a price: %q", got)
	}
}
