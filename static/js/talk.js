// What is said while the page is looked at is read; what comes while it is
// hidden is read when it is looked at again.
const seen = () => document.getElementById("talk-seen");
let unread = false;

function look() {
  if (!unread || document.visibilityState !== "visible" || !seen()) return;
  unread = false;
  htmx.trigger(seen(), "seen");
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.elt.id !== "talk-news" || detail.xhr.status !== 200) return;
  unread = true;
  look();
});

document.addEventListener("visibilitychange", look);
