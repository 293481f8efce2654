// Looking at a work: arrow keys and swipes step through its photographs, and
// the close view is enlarged and moved by wheel, fingers, pointer and keys.
// Without this script the photographs are links and the close view scrolls.
const byID = (id) => document.getElementById(id);
const viewer = () => byID("viewer");
const zoom = () => byID("zoom");
const isOpen = () => zoom()?.matches(":popover-open") ?? false;

const stepOf = 1.5; // what a key or a button enlarges by
const swipe = 48; // how far a finger goes until it means the next picture, in px
const slack = 10; // how far it may stray in a tap
const secondTap = 320; // how long it may take, in ms

// The picture in the close view: its upper left corner in the room, and how
// many px one of its pixels is shown at.
let picture, room, x, y, scale;
let wide, tall; // the picture's pixels
let fit, one, most; // scales: the whole of it, its own pixels, no larger
let opener, at, wasOpen, tap;
const held = new Map(); // the pointers that are down, by id

// ready prepares a viewer that has just come to the page.
function ready() {
  held.clear();
  tap = undefined;
  x = y = 0;
  scale = fit = 1;
  picture = zoom()?.querySelector("img");
  if (!picture) return;
  wide = Number(picture.getAttribute("width"));
  tall = Number(picture.getAttribute("height"));
  room = byID("zoom-room");
  zoom().dataset.live = "";
  zoom().setAttribute("aria-modal", "true");
  zoom().querySelector("[data-tool]").hidden = false;
  picture.draggable = false;
  room.addEventListener("wheel", wheel, { passive: false });
  room.addEventListener("pointerdown", down);
  room.addEventListener("pointermove", move);
  room.addEventListener("pointerup", up);
  room.addEventListener("pointercancel", up);
  zoom().addEventListener("toggle", toggled);
  new ResizeObserver(measure).observe(room);
}

// measure learns the room's size. What was fitted to it stays so.
function measure() {
  if (!isOpen()) return;
  const fitted = scale <= fit;
  one = 1 / devicePixelRatio;
  most = 2 * one;
  fit = Math.min(room.clientWidth / wide, room.clientHeight / tall, most);
  show(fitted ? fit : scale);
}

// show draws the picture at a scale, with one point of the room held still.
function show(to, px = room.clientWidth / 2, py = room.clientHeight / 2) {
  to = Math.min(most, Math.max(fit, to));
  x = px - (px - x) * to / scale;
  y = py - (py - y) * to / scale;
  scale = to;
  place();
}

function place() {
  x = within(x, room.clientWidth, wide * scale);
  y = within(y, room.clientHeight, tall * scale);
  picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  room.toggleAttribute("data-close", scale > fit);
  byID("zoom-percent").value = `${Math.round(100 * scale / one)}%`;
  byID("zoom-in").setAttribute("aria-disabled", scale >= most);
  for (const id of ["zoom-out", "zoom-fit"]) byID(id).setAttribute("aria-disabled", scale <= fit);
}

// within keeps a picture that is larger than the room in front of all of it,
// and a smaller one in its middle.
const within = (from, space, size) => size <= space ? (space - size) / 2 : Math.min(0, Math.max(space - size, from));

const eased = (ease) => room.toggleAttribute("data-ease", ease);
const isFit = () => scale <= fit * 1.001;

function closer(by) { eased(true); show(scale * by); }

// toggle changes between the whole picture and its own pixels, or twice those
// where the whole is as large already.
function toggle(px, py) {
  eased(true);
  show(isFit() ? (one > fit * 1.05 ? one : most) : fit, px, py);
}

function wheel(event) {
  event.preventDefault();
  eased(false);
  const lines = event.deltaMode === 1 ? 16 : 1;
  const box = room.getBoundingClientRect();
  show(scale * Math.exp(-event.deltaY * lines * (event.ctrlKey ? .01 : .002)), event.clientX - box.left, event.clientY - box.top);
}

function down(event) {
  if (event.pointerType === "mouse" && event.button !== 0) return;
  room.setPointerCapture(event.pointerId);
  held.set(event.pointerId, { x: event.clientX, y: event.clientY, fromX: event.clientX, fromY: event.clientY, alone: held.size === 0 });
  if (held.size > 1) for (const p of held.values()) p.alone = false;
  eased(false);
  room.toggleAttribute("data-held", !isFit());
}

function move(event) {
  const p = held.get(event.pointerId);
  if (!p) return;
  const before = spread();
  p.x = event.clientX;
  p.y = event.clientY;
  const after = spread();
  x += after.x - before.x;
  y += after.y - before.y;
  if (before.size && after.size) {
    const box = room.getBoundingClientRect();
    show(scale * after.size / before.size, after.x - box.left, after.y - box.top);
  } else place();
}

// spread is the middle of the first two pointers and how far apart they are.
function spread() {
  const [a, b = a] = held.values();
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.hypot(a.x - b.x, a.y - b.y) };
}

function up(event) {
  const p = held.get(event.pointerId);
  held.delete(event.pointerId);
  room.toggleAttribute("data-held", held.size > 0 && !isFit());
  if (!p?.alone || event.type === "pointercancel") return tap = undefined;
  const dx = event.clientX - p.fromX, dy = event.clientY - p.fromY;
  if (Math.hypot(dx, dy) > slack) {
    tap = undefined;
    if (event.pointerType === "touch" && isFit()) swiped(dx, dy);
    return;
  }
  const box = room.getBoundingClientRect();
  const now = { time: event.timeStamp, x: event.clientX, y: event.clientY };
  if (tap && now.time - tap.time < secondTap && Math.hypot(now.x - tap.x, now.y - tap.y) < 3 * slack) {
    tap = undefined;
    toggle(now.x - box.left, now.y - box.top);
  } else tap = now;
}

function swiped(dx, dy) {
  if (Math.abs(dx) >= swipe && Math.abs(dx) > 2 * Math.abs(dy)) step(dx < 0 ? 1 : -1);
}

// step goes to the photograph after or before this one, if there is one.
function step(by) { byID(by > 0 ? "next" : "previous")?.click(); }

function toggled({ newState }) {
  if (newState === "open") {
    if (picture.complete) ahead();
    else picture.addEventListener("load", ahead, { once: true });
    if (!zoom().contains(document.activeElement)) room.focus({ preventScroll: true });
    return;
  }
  scale = fit; // as it opens again
  const focused = document.activeElement;
  if (focused === document.body || zoom().contains(focused)) (byID(opener) ?? byID("look")).focus({ preventScroll: true });
}

// ahead fetches the neighbours of the picture in the close view.
function ahead() {
  if (navigator.connection?.saveData) return;
  for (const { dataset } of zoom().querySelectorAll("[data-picture]")) {
    const image = new Image();
    image.fetchPriority = "low";
    image.src = dataset.picture;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches("#look, #look-closer")) opener = button.id;
  if (button.id === "zoom-in") closer(stepOf);
  if (button.id === "zoom-out") closer(1 / stepOf);
  if (button.id === "zoom-fit") closer(0);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !viewer()?.contains(event.target)) return;
  if (isOpen() && event.key === "Tab") return stay(event);
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
  const upright = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
  const by = { "+": stepOf, "=": stepOf, "-": 1 / stepOf, "0": 0 }[event.key];
  if (sideways && (!isOpen() || isFit())) step(sideways);
  else if (isOpen() && (sideways || upright)) pan(-sideways * room.clientWidth / 8, -upright * room.clientHeight / 8);
  else if (isOpen() && by !== undefined) closer(by);
  else return;
  event.preventDefault();
});

function pan(dx, dy) {
  eased(true);
  x += dx;
  y += dy;
  place();
}

// stay keeps the focus in the close view.
function stay(event) {
  const all = [...zoom().querySelectorAll("[tabindex], a, button")].filter((node) => node.checkVisibility());
  const first = all[0], last = all.at(-1);
  const from = document.activeElement;
  if (event.shiftKey ? from !== first : from !== last) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

// Who comes to the photograph on the page will want its neighbours.
const known = new Set();
async function nearby({ target }) {
  if (navigator.connection?.saveData || !target.closest?.("#viewer")) return;
  for (const { href } of document.querySelectorAll("#previous, #next")) {
    if (known.has(href)) continue;
    known.add(href);
    const answer = await fetch(href, { headers: { "HX-Request": "true" } });
    if (!answer.ok) continue;
    const look = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("look");
    look.querySelector("img").fetchPriority = "low";
    document.importNode(look, true); // a picture of this document is fetched
  }
}
document.addEventListener("pointerover", nearby, { passive: true });
document.addEventListener("focusin", nearby);

// A finger that goes sideways over the picture on the page.
let start;
document.addEventListener("pointerdown", (event) => {
  start = event.pointerType === "touch" && event.isPrimary && event.target.closest?.(".viewer__open") ? event : undefined;
});
document.addEventListener("pointerup", (event) => {
  if (start?.pointerId === event.pointerId) swiped(event.clientX - start.clientX, event.clientY - start.clientY);
  start = undefined;
});

// A swap takes the viewer away and brings another: what was open is open again,
// and the focus is where it was.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target !== viewer()) return;
  wasOpen = isOpen();
  at = viewer().contains(document.activeElement) ? document.activeElement : undefined;
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target !== viewer()) return;
  htmx.process(target); // now rather than in a moment: the next key may come before
  ready();
  if (wasOpen) zoom().showPopover();
  const thumb = at?.matches(".thumb[hx-get]") && viewer().querySelector(".thumb[aria-current]");
  const back = thumb || byID(at?.id) || wasOpen && room;
  if (back) back.focus({ preventScroll: true });
  wasOpen = at = undefined;
});

ready();
