// Keeps a list's newest entry in view while its end is in view, and offers the way back when it is not.
const NEAR_PIXELS = 48;

function stick(box) {
  const name = box.dataset.stick;
  const button = document.querySelector(`[data-to-newest="${name}"]`);
  let isAtEnd = true;
  let [height, room] = [0, 0];
  let below; // What was below the top when older entries came in above: it stays in view.

  const toEnd = () => {
    isAtEnd = true;
    button.hidden = true;
    box.scrollTop = box.scrollHeight;
  };

  box.addEventListener("scroll", () => {
    // A scroll that comes with a change of size is not the reader's; the observer below takes care of it.
    if (box.scrollHeight !== height || box.clientHeight !== room) return;
    isAtEnd = height - box.scrollTop - room < NEAR_PIXELS;
    button.hidden = isAtEnd;
  }, { passive: true });

  const sizes = new ResizeObserver(() => {
    height = box.scrollHeight;
    room = box.clientHeight;
    if (below) box.scrollTop = height - below;
    else if (isAtEnd || height - room < NEAR_PIXELS) toEnd();
    below = undefined;
  });
  for (const part of [box, box.firstElementChild]) sizes.observe(part);
  button.addEventListener("click", toEnd);
  box.addEventListener("htmx:before:swap", (event) => {
    if (event.target.closest("[data-older]")) below = box.scrollHeight - box.scrollTop;
  });
  document.addEventListener("submit", (event) => { if (event.target.dataset.follows === name) toEnd(); });
  toEnd();
}

for (const box of document.querySelectorAll("[data-stick]")) stick(box);
