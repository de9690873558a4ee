// Lists that are searched and chosen from, rows that go, numbers beside sliders, counted texts.
function options(list) {
  return [...list.querySelectorAll(".pick-option")].filter((option) => option.checkVisibility());
}

function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", ({ target }) => {
  const { mirror, counted } = target.dataset;
  if (mirror) document.getElementById(mirror).value = target.value || "1";
  if (counted) document.getElementById(counted).textContent = [...target.value].length.toLocaleString("en");
  if (!("filter" in target.dataset)) return;
  const words = target.value.toLowerCase().split(/\s+/);
  for (const option of target.closest("[popover]").querySelectorAll("[data-option]")) {
    const text = `${option.textContent} ${option.value} ${option.dataset.option}`.toLowerCase();
    option.hidden = !words.every((word) => text.includes(word));
  }
});

document.addEventListener("keydown", (event) => {
  const list = event.target.closest?.("[data-arrows]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!list || !(step || (event.key === "Enter" && event.target.matches("[data-filter]")))) return;
  event.preventDefault();
  const shown = options(list);
  if (!step) shown.find((option) => "option" in option.dataset)?.click();
  else (shown[shown.indexOf(event.target) + step] ?? list.querySelector("[data-filter]")).focus();
});

document.addEventListener("click", ({ target }) => {
  const option = target.closest("[data-fill]");
  const row = target.closest("[data-remove]")?.closest("[data-row]");
  if (option) {
    option.closest("[popover]").hidePopover();
    set(document.getElementById(option.dataset.fill), option.value);
  }
  row?.remove();
  if (row) document.dispatchEvent(new Event("edited"));
});
