// Keeps a list's newest entry in view while its end is in view, and offers the way back when it is not.
const NEAR_PIXELS = 48;

function stick(box) {
  const name = box.dataset.stick;
  const button = document.querySelector(`[data-to-newest="${name}"]`);
  let isAtEnd = true;
  let [height, room, top] = [0, 0, 0];
  let below; // What was below the top when older entries came in above: it stays in view.

  const toEnd = () => {
    isAtEnd = button.hidden = true;
    box.scrollTop = box.scrollHeight;
    top = box.scrollTop;
  };

  box.addEventListener("scroll", () => {
    // A list that grows moves nothing up: that is the reader. Other scrolls that come with a change of size are the observer's.
    const [isUp, isSame] = [box.scrollTop < top && box.scrollHeight >= height, box.scrollHeight === height];
    top = box.scrollTop;
    if (box.clientHeight === room && (isUp || isSame)) button.hidden = isAtEnd = !isUp && height - top - room < NEAR_PIXELS;
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
