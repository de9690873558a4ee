// Uploads files from buttons, drops and pastes, some at a time, each with its progress; the answers are parts.
const AT_ONCE = 2;
const jobs = new WeakMap();
const waiting = [];
let running = 0;

function fail(row, text) {
  row.dataset.state = "failed";
  row.querySelector(".reason").textContent = text;
}

function finish({ area, row, request }) {
  if (request.status >= 400) return fail(row, request.responseText || area.dataset.lost);
  row.remove();
  area.querySelector("[data-upload-notice]").textContent = "";
  htmx.swap({ sourceElement: area, target: area, swap: "none", text: request.responseText });
  setTimeout(() => area.dispatchEvent(new Event("change", { bubbles: true })));
}

function send(job) {
  const bar = job.row.querySelector("progress");
  const request = job.request = new XMLHttpRequest();
  request.open("POST", `${job.area.dataset.upload}?name=${encodeURIComponent(job.file.name)}`);
  request.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
  request.upload.onload = () => bar.removeAttribute("value");
  request.onload = () => finish(job);
  request.onerror = () => fail(job.row, job.area.dataset.lost);
  request.onloadend = () => { running -= 1; next(); };
  request.send(job.file);
}

function next() {
  while (running < AT_ONCE && waiting.length) {
    const job = waiting.shift();
    if (!job.row.isConnected) continue;
    running += 1;
    send(job);
  }
}

function start(job) {
  const { size } = job.file;
  job.row.dataset.state = "sending";
  job.row.querySelector("progress").value = 0;
  if (!size) fail(job.row, job.area.dataset.empty);
  else if (size > Number(job.area.dataset.largest)) fail(job.row, job.area.dataset.tooLarge);
  else waiting.push(job);
  next();
}

function add(area, files) {
  for (const file of files) {
    const row = area.querySelector("[data-upload-row]").content.cloneNode(true).firstElementChild;
    row.querySelector(".file-name").textContent = file.name;
    area.querySelector("[data-upload-rows]").append(row);
    jobs.set(row, { area, row, file });
    start(jobs.get(row));
  }
}

function onFiles(event, transfer) {
  const zone = event.target.closest?.("[data-drop]");
  if (!transfer?.types.includes("Files") || (event.type === "paste" && transfer.types.includes("text/plain"))) return;
  event.preventDefault(); // A file that misses its place must not replace the page.
  for (const other of document.querySelectorAll("[data-dropping]")) if (other !== zone) delete other.dataset.dropping;
  zone?.toggleAttribute("data-dropping", event.type === "dragover");
  if (zone && event.type !== "dragover") add(zone.querySelector("[data-upload]"), [...transfer.files]);
}

for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => onFiles(event, event.dataTransfer));
document.addEventListener("paste", (event) => onFiles(event, event.clipboardData));
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) for (const zone of document.querySelectorAll("[data-dropping]")) delete zone.dataset.dropping;
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-upload-input]")) return;
  add(document.querySelector(target.dataset.uploadInput), [...target.files]);
  target.value = "";
});
document.addEventListener("click", ({ target }) => {
  const job = jobs.get(target.closest(".upload-row"));
  const removed = target.closest("[data-remove]");
  if (target.closest("[data-upload-retry]")) start(job);
  if (target.closest("[data-upload-cancel]")) { job.request?.abort(); job.row.remove(); }
  if (!removed) return;
  const { parentElement } = removed.closest(removed.dataset.remove);
  removed.closest(removed.dataset.remove).remove();
  parentElement.dispatchEvent(new Event("change", { bubbles: true }));
});
// A form is not sent while its files are on their way.
document.addEventListener("submit", (event) => {
  const row = event.target.querySelector(".upload-row[data-state=sending]");
  if (!row) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const area = row.closest("[data-upload]");
  area.querySelector("[data-upload-notice]").textContent = area.dataset.waiting;
}, true);
