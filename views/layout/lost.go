package layout

import "net/http"

// loss is what a page says when it cannot show what was asked for.
type loss struct{ title, head, text string }

func lossOf(code int) loss {
	switch code {
	case http.StatusNotFound:
		return loss{"Nothing hangs here", "This wall is bare", "The work may have been taken down, or the address has a slip in it."}
	case http.StatusForbidden:
		return loss{"Not your door", "This door is not yours", "It opens for somebody else. If you have another account, log in with that one."}
	case http.StatusConflict:
		return loss{"It has changed", "It has changed meanwhile", "Somebody was quicker, or you were in another window. Look at it as it is now, then decide."}
	case http.StatusRequestEntityTooLarge:
		return loss{"Too large", "Too large for the door", "What you sent is larger than we can take. Go back and choose a smaller file."}
	case http.StatusTooManyRequests:
		return loss{"One moment", "One moment", "That was a lot in a short time. Wait a minute, then try again."}
	}
	return loss{"Something slipped", "Something slipped", "The fault is ours and it has been written down. Nothing you sent was charged or lost; try again in a minute."}
}

// LostTitle is the title of the page that Lost is the body of.
func LostTitle(code int) string { return lossOf(code).title }

// LostText says the same in one sentence or two, for a flash.
func LostText(code int) string { return lossOf(code).text }
