// Photographs are sent as they are chosen, one after another, each with its
// progress. Without this script the form carries them itself.
const queue = [];
let current;

const form = () => document.getElementById("work-form");
const list = () => document.getElementById("uploads");
const say = (text) => { document.getElementById("upload-said").textContent = text; };
const megabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;

document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[data-upload]")) return;
  for (const file of target.files) add(file, target.dataset.upload);
  target.value = ""; // what is sent here is not sent with the form again
  next();
});

// Press the cross: an upload under way is broken off, one that waits or failed
// leaves the list.
document.addEventListener("click", ({ target }) => {
  const row = target.closest("#uploads > li");
  if (row && target.closest("[data-drop]")) drop(row);
  if (row && target.closest("[data-again]")) again(row);
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

function add(file, url) {
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  row.querySelector("b").textContent = file.name;
  row.querySelector("span.mute").textContent = megabytes(file.size);
  row.querySelector("progress").setAttribute("aria-label", `Uploading ${file.name}`);
  row.querySelector("[data-drop]").setAttribute("aria-label", `Cancel ${file.name}`);
  list().append(row);
  queue.push({ file, url, row });
}

function next() {
  if (current || !queue.length) return;
  current = queue.shift();
  const { file, url, row } = current;
  const body = new FormData();
  body.append("position", list().querySelectorAll("input[name=image]").length);
  body.append("photograph", file);
  const request = current.request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.floor(100 * loaded / total);
    row.querySelector("progress").value = percent;
    row.querySelector(".tiny").textContent = percent < 100 ? `${percent}%` : "It has arrived and is being prepared";
  });
  request.addEventListener("load", () => done(current, request));
  request.addEventListener("error", () => failed(current, "The connection was lost. The file is still here."));
  request.send(body);
}

function done(job, { status, responseText }) {
  if (status === 401) return failed(job, "You are signed out. Log in in another tab, then try again.");
  if (status !== 200 && status !== 422) return failed(job, "It could not be kept.");
  const answer = new DOMParser().parseFromString(responseText, "text/html").querySelector("li");
  if (!answer) return failed(job, "It could not be kept.");
  job.row.replaceWith(document.importNode(answer, true));
  say(status === 200 ? `${job.file.name} is here.` : answer.querySelector(".field__error").textContent.trim());
  if (status === 200) form().dispatchEvent(new Event("input", { bubbles: true })); // the preview looks again
  ended();
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
  queue.push(row.job);
  next();
}

function drop(row) {
  const waits = queue.findIndex((job) => job.row === row);
  if (waits >= 0) queue.splice(waits, 1);
  const running = current?.row === row;
  if (running) current.request.abort();
  row.remove();
  document.querySelector("input[data-upload]").focus();
  if (running) ended();
}
