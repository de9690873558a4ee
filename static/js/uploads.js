// Uploads files from buttons, drops and pastes, two at a time, each with its progress; the answers are parts.
const waiting = [];
let free = 2;

function fail({ area, row }, text) {
  row.dataset.state = "failed";
  row.querySelector(".reason").textContent = text || area.dataset.lost;
}

function finish({ area, row }, text) {
  row.remove();
  htmx.swap({ sourceElement: area, target: area, swap: "none", text });
}

function send(job) {
  const request = job.request = new XMLHttpRequest();
  free -= 1;
  request.open("POST", `${job.area.dataset.upload}?name=${encodeURIComponent(job.file.name)}`);
  request.upload.onprogress = ({ loaded, total }) => { job.row.querySelector("progress").value = loaded / total; };
  request.onload = () => (request.status < 400 ? finish : fail)(job, request.responseText);
  request.onerror = () => fail(job);
  request.onloadend = () => { free += 1; next(); };
  request.send(job.file);
}

function next() {
  const job = free ? waiting.shift() : undefined;
  if (job?.row.isConnected) send(job);
  else if (job) next();
}

function start(job) {
  const { area: { dataset }, row, file: { size } } = job;
  row.dataset.state = "sending";
  row.querySelector(".reason").textContent = "";
  if (!size) fail(job, dataset.empty);
  else if (size > dataset.largest) fail(job, dataset.tooLarge);
  else waiting.push(job);
  next();
}

function add(area, file) {
  const row = area.querySelector("template").content.firstElementChild.cloneNode(true);
  row.querySelector(".file-name").textContent = file.name;
  area.querySelector("ul").append(row);
  start(row.job = { area, row, file });
}

function take(event) {
  const { files, types } = event.dataTransfer ?? event.clipboardData;
  if (!types.includes("Files") || (event.type === "paste" && types.includes("text/plain"))) return;
  event.preventDefault(); // A file that misses its place must not replace the page.
  const zone = event.target.closest("[data-drop]");
  for (const each of document.querySelectorAll("[data-drop]")) each.toggleAttribute("data-dropping", each === zone && event.type === "dragover");
  if (event.type !== "dragover") for (const file of files) if (zone) add(zone.querySelector("[data-upload]"), file);
}

for (const name of ["dragover", "drop", "paste"]) document.addEventListener(name, take);
document.addEventListener("change", ({ target }) => {
  const { uploadInput: area } = target.dataset;
  for (const file of area ? target.files : []) add(document.querySelector(area), file);
  if (area) target.value = ""; // The same file may be chosen again.
});
document.addEventListener("click", ({ target }) => {
  const job = target.closest(".upload-row")?.job;
  if (target.closest("[data-retry]")) start(job);
  if (target.closest("[data-remove]")) job?.request?.abort();
}, true);
document.addEventListener("submit", (event) => {
  const row = event.target.querySelector(".upload-row[data-state=sending]");
  if (!row) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  row.querySelector(".reason").textContent = row.closest("[data-upload]").dataset.wait;
}, true);
