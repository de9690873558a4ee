// Keeps a list's newest entry in view while its end is in view, and offers the way back when it is not.
const NEAR_PIXELS = 48;

function stick(box) {
  const name = box.dataset.stick;
  const button = document.querySelector(`[data-to-newest="${name}"]`);
  let isAtEnd = true;
  let height = 0;
  let room = 0;

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
    if (isAtEnd) toEnd();
  });
  for (const part of [box, box.firstElementChild]) sizes.observe(part);
  button.addEventListener("click", toEnd);
  document.addEventListener("submit", (event) => { if (event.target.dataset.follows === name) toEnd(); });
  toEnd();
}

for (const box of document.querySelectorAll("[data-stick]")) stick(box);
