// Resizes the outer panes by pointer and arrow keys.
const STEP_PIXELS = 16;
const panes = document.querySelector(".panes");
const splitters = document.querySelectorAll("[data-splitter]");
const paneOf = (splitter) => panes.querySelector(`.${splitter.dataset.splitter}`);
const direction = (splitter) => (splitter.previousElementSibling === paneOf(splitter) ? 1 : -1);

function setWidth(splitter, pixels) {
  const { splitter: name } = splitter.dataset;
  const low = Number(splitter.ariaValueMin);
  const high = Math.max(low, Math.min(Number(splitter.ariaValueMax), innerWidth * 0.45));
  const width = panes.dataset[`${name}Width`] = Math.round(Math.min(Math.max(pixels, low), high));
  panes.style.setProperty(`--${name}-width`, `${width}px`);
  splitter.ariaValueNow = width;
  panes.dispatchEvent(new Event("resized"));
}

function reset(splitter) {
  panes.style.removeProperty(`--${splitter.dataset.splitter}-width`);
  delete panes.dataset[`${splitter.dataset.splitter}Width`];
  splitter.ariaValueNow = Math.round(paneOf(splitter).offsetWidth);
  panes.dispatchEvent(new Event("resized"));
}

function drag(splitter, start) {
  const width = paneOf(splitter).offsetWidth;
  splitter.dataset.dragging = "";
  splitter.setPointerCapture(start.pointerId);
  splitter.onpointermove = (event) => setWidth(splitter, width + direction(splitter) * (event.clientX - start.clientX));
  splitter.onlostpointercapture = () => { splitter.onpointermove = null; delete splitter.dataset.dragging; };
}

function press(splitter, event) {
  const sign = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Home") reset(splitter);
  else if (sign) setWidth(splitter, paneOf(splitter).offsetWidth + sign * direction(splitter) * STEP_PIXELS);
  else return;
  event.preventDefault();
}

for (const splitter of splitters) {
  const kept = Number(panes.dataset[`${splitter.dataset.splitter}Width`]);
  if (kept) setWidth(splitter, kept);
  else splitter.ariaValueNow = Math.round(paneOf(splitter).offsetWidth);
  splitter.addEventListener("pointerdown", (event) => drag(splitter, event));
  splitter.addEventListener("dblclick", () => reset(splitter));
  splitter.addEventListener("keydown", (event) => press(splitter, event));
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-layout-reset]")) splitters.forEach(reset);
});
