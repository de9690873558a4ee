// Colours the JSON in a field while it is typed; Tab indents there until Escape is pressed.
const WORDS = /("(?:\\.|[^"\\\n])*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;
const KINDS = ["key", "string", "number"];

function colour() {
  const ranges = { key: [], string: [], number: [] };
  for (const box of document.querySelectorAll("[data-json]")) {
    const text = box.lastElementChild.value;
    const copy = box.firstElementChild;
    if (copy.textContent !== `${text}\n`) copy.textContent = `${text}\n`;
    for (const match of text.slice(0, 100000).matchAll(WORDS)) {
      const range = new Range();
      range.setStart(copy.firstChild, match.index);
      range.setEnd(copy.firstChild, match.index + (match[1] ?? match[0]).length);
      ranges[match[2] ? "key" : match[1] ? "string" : "number"].push(range);
    }
    box.dataset.json = "coloured";
  }
  for (const kind of KINDS) CSS.highlights.set(`json-${kind}`, new Highlight(...ranges[kind]));
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-json]");
  if (!box) return;
  if (event.key === "Escape" && !("free" in box.dataset)) event.preventDefault();
  if (event.key === "Escape") box.dataset.free = "";
  else if (event.key === "Tab" && !event.shiftKey && !("free" in box.dataset)) {
    event.preventDefault();
    document.execCommand("insertText", false, "  ");
  }
});
document.addEventListener("focusout", ({ target }) => delete target.closest?.("[data-json]")?.dataset.free);
if (window.CSS?.highlights) {
  document.addEventListener("input", colour);
  document.addEventListener("htmx:after:swap", colour);
  colour();
}
