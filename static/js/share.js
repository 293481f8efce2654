// Sharing a work: a button that copies its link, and the device's own sheet
// where there is one. Without this script the link is there to be copied and the
// letter to be written.
const byID = (id) => document.getElementById(id);
const link = byID("share-link");
const copy = byID("share-copy");
const sheet = byID("share-sheet");
const say = (text) => { byID("share-said").textContent = text; };

if (link) {
  link.addEventListener("focus", () => link.select());
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.value);
      say("The link is copied.");
    } catch {
      link.focus();
      say("The link is marked. Copy it from there.");
    }
  });
  sheet.hidden = !navigator.share;
  sheet.addEventListener("click", () => {
    // Whoever closes the sheet again has changed their mind: no error.
    navigator.share({ title: sheet.dataset.title, url: link.value }).catch(() => {});
  });
}
