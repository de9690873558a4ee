// Keeps a list's newest entry in view while its end is in view, and offers the way back when it is not.
for (const box of document.querySelectorAll("[data-stick]")) {
  const button = document.querySelector(`[data-to-newest="${box.dataset.stick}"]`);
  const end = box.querySelector("[data-end]");
  let isAtEnd = true;

  const toEnd = () => { box.scrollTop = box.scrollHeight; };
  const follow = () => { if (isAtEnd) toEnd(); };

  box.addEventListener("scroll", () => {
    isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
    button.hidden = isAtEnd;
  }, { passive: true });
  button.addEventListener("click", toEnd);

  const sizes = new ResizeObserver(follow);
  for (const part of box.children) if (part !== end) sizes.observe(part);
  sizes.observe(box);
  toEnd();
}
