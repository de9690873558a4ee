// Colours the JSON in a field while it is typed; Tab indents there until Escape is pressed.
const WORDS = /("(?:\\.|[^"\\\n])*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;

function colour() {
  const boxes = [...document.querySelectorAll("[data-json]")];
  const isSame = boxes.every(({ firstElementChild: copy, lastElementChild: field }) => copy.textContent === `${field.value}\n`);
  if (isSame || !CSS.highlights) return;
  const colours = { key: new Highlight(), string: new Highlight(), number: new Highlight() };
  for (const box of boxes) {
    const { firstElementChild: copy, lastElementChild: { value: text } } = box;
    copy.textContent = `${text}\n`;
    for (const match of text.slice(0, 100000).matchAll(WORDS)) {
      const range = new Range();
      range.setStart(copy.firstChild, match.index);
      range.setEnd(copy.firstChild, match.index + (match[1] ?? match[0]).length);
      colours[match[2] ? "key" : match[1] ? "string" : "number"].add(range);
    }
    box.dataset.json = "coloured";
  }
  for (const kind in colours) CSS.highlights.set(`json-${kind}`, colours[kind]);
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-json]");
  const isTab = event.key === "Tab" && !event.shiftKey;
  if (!box || "free" in box.dataset || !(isTab || event.key === "Escape")) return;
  event.preventDefault();
  if (isTab) document.execCommand("insertText", false, "  ");
  else box.dataset.free = "";
});
document.addEventListener("focusout", ({ target }) => delete target.closest?.("[data-json]")?.dataset.free);
for (const name of ["input", "htmx:after:swap"]) document.addEventListener(name, colour);
colour();
