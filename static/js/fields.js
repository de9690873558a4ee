// Lists that are searched and chosen from, rows that go, numbers beside sliders, counted texts.
function search(field) {
  const words = field.value.toLowerCase().split(/\s+/);
  for (const option of field.parentElement.querySelectorAll("[data-option]")) {
    const text = `${option.textContent} ${option.value} ${option.dataset.option}`.toLowerCase();
    option.hidden = !words.every((word) => text.includes(word));
  }
}

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Enter: 0 }[event.key];
  const field = event.target.closest?.("[data-arrows]")?.querySelector("[data-filter]");
  if (!field || step === undefined || (!step && event.target !== field)) return;
  event.preventDefault();
  const shown = [...field.parentElement.querySelectorAll(".pick-option:not([hidden])")];
  if (step) (shown[shown.indexOf(event.target) + step] ?? field).focus();
  else shown.find((option) => "option" in option.dataset)?.click();
}

document.addEventListener("keydown", move);
document.addEventListener("htmx:after:swap", () => document.querySelectorAll(":popover-open > [data-filter]").forEach(search));
document.addEventListener("input", ({ target }) => {
  const { mirror, counted, filter } = target.dataset;
  if (mirror) document.getElementById(mirror).value = target.value || "1";
  if (counted) document.getElementById(counted).textContent = [...target.value].length.toLocaleString("en");
  if (filter !== undefined) search(target);
});
document.addEventListener("click", ({ target }) => {
  const option = target.closest("[data-fill]");
  const row = target.closest("[data-remove]")?.closest("[data-row]");
  const changed = option ? document.getElementById(option.dataset.fill) : row?.parentElement;
  option?.closest("[popover]").hidePopover();
  if (option) changed.value = option.value;
  row?.remove();
  changed?.dispatchEvent(new Event("change", { bubbles: true }));
});
