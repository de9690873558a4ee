// Resizes the outer panes by pointer and arrow keys; the widths are kept per browser.
const STEP_PIXELS = 16;
const panes = document.querySelector(".panes");

function paneOf(splitter) {
  return panes.querySelector(`[data-name="${splitter.dataset.splitter}"]`);
}

function setWidth(splitter, pixels) {
  const { splitter: name } = splitter.dataset;
  const low = Number(splitter.ariaValueMin);
  const high = Math.min(Number(splitter.ariaValueMax), innerWidth * 0.45);
  const width = Math.round(Math.min(Math.max(pixels, low), high));
  panes.style.setProperty(`--${name}-width`, `${width}px`);
  splitter.setAttribute("aria-valuenow", width);
  localStorage.setItem(`width.${name}`, width);
}

function reset(splitter) {
  panes.style.removeProperty(`--${splitter.dataset.splitter}-width`);
  localStorage.removeItem(`width.${splitter.dataset.splitter}`);
  splitter.setAttribute("aria-valuenow", Math.round(paneOf(splitter).offsetWidth));
}

function direction(splitter) {
  return splitter.dataset.splitter === "setup" ? 1 : -1;
}

function drag(splitter, start) {
  const width = paneOf(splitter).offsetWidth;
  const move = (event) => setWidth(splitter, width + direction(splitter) * (event.clientX - start.clientX));
  const stop = () => {
    delete splitter.dataset.dragging;
    splitter.removeEventListener("pointermove", move);
  };
  splitter.dataset.dragging = "";
  splitter.setPointerCapture(start.pointerId);
  splitter.addEventListener("pointermove", move);
  splitter.addEventListener("lostpointercapture", stop, { once: true });
}

function press(splitter, event) {
  const sign = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Home") reset(splitter);
  else if (sign) setWidth(splitter, paneOf(splitter).offsetWidth + sign * direction(splitter) * STEP_PIXELS);
  else return;
  event.preventDefault();
}

for (const splitter of document.querySelectorAll("[data-splitter]")) {
  const kept = Number(localStorage.getItem(`width.${splitter.dataset.splitter}`));
  if (kept) setWidth(splitter, kept);
  else splitter.setAttribute("aria-valuenow", Math.round(paneOf(splitter).offsetWidth));
  splitter.addEventListener("pointerdown", (event) => drag(splitter, event));
  splitter.addEventListener("dblclick", () => reset(splitter));
  splitter.addEventListener("keydown", (event) => press(splitter, event));
}
