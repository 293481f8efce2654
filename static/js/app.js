// What HTML cannot say by itself: a dialog that was swapped in opens as a
// modal, the bell opens its popover, a lost connection is told.
const byID = (id) => document.getElementById(id);
const box = byID("dialog");
const notes = byID("notifications");

// Where the focus goes when a dialog closes: to its opener, to what has the
// opener's id since the swap, or to what the answer changed.
let opener, landing;

box.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!box.contains(detail.requestConfig.elt)) opener = detail.requestConfig.elt;
});

box.addEventListener("htmx:afterSwap", () => {
  const dialog = box.querySelector("dialog");
  if (!dialog || dialog.matches(":modal")) return;
  dialog.removeAttribute("open"); // open is for the page without script
  dialog.showModal();
});

box.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  box.querySelector("dialog").close();
});

// An answer that landed elsewhere on the page has settled the question.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.xhr.status || !box.contains(detail.requestConfig.elt) || box.contains(detail.target)) return;
  landing = detail.target.id;
  box.querySelector("dialog")?.close();
});

// "close" does not bubble, so it is caught on its way down.
box.addEventListener("close", (event) => {
  event.target.remove();
  if (document.activeElement !== document.body) return;
  const back = [opener, byID(opener?.id), byID(landing)].find((node) => node?.isConnected) ?? byID("main");
  if (back.tabIndex < 0) back.tabIndex = -1;
  back.focus({ preventScroll: true });
}, true);

// Nobody answered: say so where the person is looking.
document.addEventListener("htmx:sendError", ({ detail }) => {
  if (detail.requestConfig.verb === "get") return;
  const place = box.querySelector("dialog") ?? byID("flashes");
  byID("unreachable")?.remove();
  place.prepend(byID("unreachable-text").content.cloneNode(true));
  place.scrollIntoView({ block: "nearest" });
});

if (notes) {
  // A press outside closes a popover before the click arrives, so the click
  // must know what was there when the press began. Keys press nothing.
  let shown = false;
  document.addEventListener("pointerdown", () => { shown = notes.matches(":popover-open"); }, true);

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#badge") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (event.detail ? shown : notes.matches(":popover-open")) return notes.hidePopover();
    htmx.trigger(notes, "show");
    notes.showPopover();
    notes.focus({ preventScroll: true });
  });

  // The bell that opened it may have been renewed meanwhile.
  notes.addEventListener("toggle", (event) => {
    const at = document.activeElement;
    if (event.newState === "closed" && (at === document.body || notes.contains(at))) byID("badge").focus({ preventScroll: true });
  });
}

// A colour that is chosen counts.
document.addEventListener("input", ({ target }) => {
  const box = byID(target.dataset?.ticks);
  if (box) box.checked = true;
});

// What is wrong with a field of the filters is told beside it; the field itself
// stays as it is, with all that is being written.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  if (!target.id?.endsWith("-errors")) return;
  const wrong = [...byID(target.id).querySelectorAll("[data-field]")].map((line) => line.dataset.field);
  for (const field of document.querySelectorAll(`[aria-describedby="${target.id}"]`)) {
    field.toggleAttribute("aria-invalid", false);
    if (wrong.includes(field.name)) field.setAttribute("aria-invalid", "true");
  }
});
