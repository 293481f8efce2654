package layout

// PreviewProps are what others show of a page. Title, Type and URL are needed.
type PreviewProps struct {
	Type               string // "website", "profile"
	Title, Description string
	URL                string // absolute, as Image
	Image              string // or ""
	Width, Height      int    // of the image, in pixels
	Alt                string
}
