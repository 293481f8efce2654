// Photographs are sent as they are chosen, dropped or pasted, one after another,
// each with its progress. A file whose connection is lost goes on where it broke
// off. Without this script the form carries them itself.
const queue = [];
let current;

const form = () => document.getElementById("work-form");
const list = () => document.getElementById("uploads");
const place = () => document.querySelector("input[data-upload]");
const say = (text) => { document.getElementById("upload-said").textContent = text; };
const megabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;
const inList = (node) => node.closest?.("#uploads > li");

for (const node of document.querySelectorAll("[data-scripted]")) node.hidden = false;

document.addEventListener("change", ({ target }) => {
  if (target.matches("input[data-upload]")) addAll(target.files);
  else if (target.matches("input[data-replace]") && target.files.length) add(target.files[0], inList(target));
  else return;
  target.value = ""; // what is sent here is not sent with the form again
  next();
});

// Files that are dropped anywhere on the form, and pictures that are pasted.
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") && event.target.closest?.("#work-form");

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.querySelector(".drop").dataset.over = "";
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete document.querySelector(".drop")?.dataset.over;
});

document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  delete document.querySelector(".drop").dataset.over;
  addAll(event.dataTransfer.files);
  next();
});

document.addEventListener("paste", (event) => {
  if (!form() || !event.clipboardData.files.length) return;
  event.preventDefault();
  addAll(event.clipboardData.files);
  next();
});

// Press the cross: an upload under way is broken off, one that waits or failed
// leaves the list. Press an arrow: the photograph moves by one place.
document.addEventListener("click", (event) => {
  const row = inList(event.target);
  if (!row) return;
  if (event.target.closest("[data-drop]")) drop(row);
  if (event.target.closest("[data-again]")) again(row);
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.move === "earlier") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  moved(row);
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  (shown(button) ? button : [...row.querySelectorAll("[data-move]")].find(shown))?.focus();
});

// The picture of a line is what it is dragged by.
let dragged;

document.addEventListener("dragstart", (event) => {
  if (!event.target.closest?.("[data-drag]")) return;
  dragged = inList(event.target);
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  event.dataTransfer.setDragImage(dragged, 20, 20);
});

document.addEventListener("dragover", (event) => {
  const over = dragged && inList(event.target);
  if (!over) return;
  event.preventDefault();
  if (over === dragged) return;
  const { top, height } = over.getBoundingClientRect();
  if (event.clientY < top + height / 2) over.before(dragged);
  else over.after(dragged);
});

document.addEventListener("dragend", () => {
  if (dragged) moved(dragged);
  dragged = undefined;
});

function moved(row) {
  const rows = [...list().children];
  say(`${row.querySelector("b").textContent} is now number ${rows.indexOf(row) + 1} of ${rows.length}.`);
  changed();
}

// How much of a description is written.
document.addEventListener("input", ({ target }) => {
  const count = inList(target)?.querySelector("[data-count]");
  if (count && target.maxLength > 0) count.textContent = `${[...target.value].length} of ${count.dataset.count}`;
});

// A form that is sent in the middle of an upload would go without it.
document.addEventListener("submit", (event) => {
  if (event.target !== form() || !current && !queue.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say("Wait until the photographs are here, then try again.");
  (current ?? queue[0]).row.scrollIntoView({ block: "nearest" });
}, true);

addEventListener("beforeunload", (event) => {
  if (current || queue.length) event.preventDefault();
});

function addAll(files) {
  for (const file of files) add(file);
}

// add puts a file into the queue; it takes the place of a photograph, or comes
// last.
function add(file, replaces) {
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  row.querySelector("b").textContent = file.name;
  row.querySelector("span.mute").textContent = megabytes(file.size);
  row.querySelector("progress").setAttribute("aria-label", `Uploading ${file.name}`);
  row.querySelector("[data-drop]").setAttribute("aria-label", `Cancel ${file.name}`);
  if (replaces) replaces.after(row);
  else list().append(row);
  queue.push({ file, row, replaces, retries: 0 });
}

function next() {
  if (current || !queue.length) return;
  current = queue.shift();
  send(current);
}

// A Stop ends the upload of a file; any other failure is a lost connection.
class Stop extends Error {}

async function send(job) {
  const note = job.row.querySelector(".tiny");
  job.stop = new AbortController();
  for (;;) {
    try {
      const answer = await attempt(job);
      return current === job && done(job, answer);
    } catch (error) {
      if (job.stop.signal.aborted) return;
      if (error instanceof Stop) return failed(job, error.message);
    }
    if (++job.retries > 8) return failed(job, "The connection was lost. The file is still here.");
    note.textContent = "The connection was lost. It goes on by itself.";
    await new Promise((resolve) => { setTimeout(resolve, Math.min(500 * 2 ** job.retries, 15000)); });
    if (job.stop.signal.aborted) return;
  }
}

// attempt brings a file over, from where it broke off, and returns the answer.
async function attempt(job) {
  const { file, stop: { signal } } = job;
  let offset = 0;
  if (job.url) {
    const here = await ask(job.url, { method: "HEAD", signal });
    if (here.status === 404) {
      // Either all of it arrived and the answer was lost, or it was forgotten.
      const answer = await ask(job.url, { signal });
      if (answer.status === 200) return answer.text();
      job.url = undefined;
    } else if (!here.ok) refused(here.status);
    else offset = Number(here.headers.get("Upload-Offset"));
  }
  if (!job.url) {
    const begun = await ask(place().dataset.upload, { method: "POST", signal, body: new URLSearchParams({ name: file.name, size: file.size }) });
    if (begun.status === 422) return begun.text();
    if (begun.status !== 201) refused(begun.status);
    job.url = begun.headers.get("Location");
  }
  return push(job, offset);
}

const ask = (url, options) => fetch(url, { ...options, headers: { "HX-Request": "true" } });

function refused(status) {
  if (status === 401 || status === 403) throw new Stop("You are signed out. Log in in another tab, then try again.");
  if (status === 429) throw new Stop("That is too fast. Wait a minute, then try again.");
  if (status >= 400 && status < 500 && status !== 409 && status !== 408) throw new Stop("It could not be kept.");
  throw new Error(status);
}

// push sends the rest of a file; only XMLHttpRequest tells how far it is.
function push(job, offset) {
  const { file, row } = job;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", job.url);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.setRequestHeader("Upload-Offset", offset);
    request.upload.addEventListener("progress", ({ loaded }) => {
      const percent = Math.floor(100 * (offset + loaded) / file.size);
      row.querySelector("progress").value = percent;
      row.querySelector(".tiny").textContent = percent < 100 ? `${percent}%` : "It has arrived";
      job.retries = 0;
    });
    request.addEventListener("load", () => {
      if (request.status === 200 || request.status === 422) return resolve(request.responseText);
      try { refused(request.status); } catch (error) { reject(error); }
    });
    for (const lost of ["error", "abort", "timeout"]) request.addEventListener(lost, () => reject(new Error(lost)));
    job.stop.signal.addEventListener("abort", () => request.abort());
    request.send(offset ? file.slice(offset) : file);
  });
}

function done(job, text) {
  const answer = new DOMParser().parseFromString(text, "text/html").querySelector("li");
  if (!answer) return failed(job, "It could not be kept.");
  const row = document.importNode(answer, true);
  const here = row.querySelector("input[name=image]");
  if (here && job.replaces?.isConnected) {
    // The new photograph says what the old one said.
    for (const kind of ["alt", "part"]) {
      const from = job.replaces.querySelector(`[name^="${kind}-"]`);
      const to = row.querySelector(`[name^="${kind}-"]`);
      if (from && to) to.value = from.value;
    }
    job.replaces.remove();
  }
  job.row.replaceWith(row);
  htmx.process(row);
  say(here ? `${job.file.name} is here.` : row.querySelector(".field__error").textContent.trim());
  row.querySelector("input.input")?.dispatchEvent(new Event("input", { bubbles: true }));
  if (here) changed();
  ended();
}

// changed has the preview look again.
function changed() {
  form().dispatchEvent(new Event("input", { bubbles: true }));
}

function failed(job, why) {
  job.row.dataset.error = "";
  job.row.querySelector(".tiny").textContent = why;
  job.row.querySelector("[data-again]").hidden = false;
  job.row.job = job;
  say(`${job.file.name}: ${why}`);
  ended();
}

function ended() {
  current = undefined;
  next();
}

function again(row) {
  delete row.dataset.error;
  row.querySelector("[data-again]").hidden = true;
  row.querySelector(".tiny").textContent = "Waiting";
  row.job.retries = 0;
  queue.push(row.job);
  next();
}

function drop(row) {
  const waits = queue.findIndex((job) => job.row === row);
  if (waits >= 0) queue.splice(waits, 1);
  const job = current?.row === row ? current : row.job;
  job?.stop?.abort();
  if (job?.url) ask(job.url, { method: "DELETE" }).catch(() => {}); // else it is swept after a day
  row.remove();
  place().focus();
  if (current?.row === row) ended();
}
