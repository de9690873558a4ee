// Filters the log rows by text, and hides calls that only read.
const rows = document.getElementById("log-rows");
const field = document.querySelector("[data-log-filter]");
const reads = document.querySelector("[data-log-reads]");
const count = document.querySelector("[data-log-count]");

function isShown(row, words) {
  if (!reads.checked && "read" in row.dataset) return false;
  const text = row.textContent.toLowerCase();
  return words.every((word) => text.includes(word));
}

function filter(candidates) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of candidates) row.hidden = !isShown(row, words);
  const all = rows.children.length;
  const shown = rows.querySelectorAll(":scope > :not([hidden])").length;
  count.textContent = shown === all ? `${all}` : `${shown} of ${all}`;
}

function rowOf(node) {
  return node.closest?.(".log-row");
}

const observer = new MutationObserver((changes) => {
  const touched = changes.flatMap((change) => [change.target, ...change.addedNodes].map(rowOf));
  filter(new Set(touched.filter(Boolean)));
});

reads.checked = localStorage.getItem("logs.reads") !== "hide";
observer.observe(rows, { childList: true, subtree: true });
field.addEventListener("input", () => filter(rows.children));
reads.addEventListener("change", () => {
  localStorage.setItem("logs.reads", reads.checked ? "show" : "hide");
  filter(rows.children);
});
filter(rows.children);
