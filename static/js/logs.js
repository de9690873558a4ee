// The logs pane: shows a run's entries and leads back to its message, downloads.
const FLASH_MILLISECONDS = 1600;
const form = document.getElementById("log-filter");

function showPane(name) {
  document.querySelector(`[data-panel="${name}"]:not(:checked)`)?.click();
  const isShown = document.querySelector(`.pane[data-name="${name}"]`).checkVisibility();
  if (!isShown) document.querySelector(`[data-show="${name}"]`)?.click();
}

function showRun(button) {
  form.elements.run.value = button.dataset.showRun;
  if (button.dataset.showRun) form.elements.text.value = form.elements.state.value = form.elements.kind.value = "";
  if (button.dataset.logView) form.elements.view.value = button.dataset.logView;
  showPane("logs");
  form.requestSubmit();
}

function flash(element) {
  element.scrollIntoView({ block: "nearest" });
  element.dataset.flash = "";
  setTimeout(() => delete element.dataset.flash, FLASH_MILLISECONDS);
}

function showMessage(id) {
  showPane("chat");
  const message = document.getElementById(id);
  if (message) flash(message);
}

function download(button) {
  location.assign(`${button.dataset.download}?${new URLSearchParams(new FormData(form))}`);
}

// A pull that had to wait was addressed before the one ahead of it moved the cursor.
document.getElementById("log-pull").addEventListener("htmx:before:request", ({ detail: { ctx: { request } } }) => {
  request.action = request.action.replace(/\bafter=\d+/, `after=${document.getElementById("log-cursor").value}`);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-run], [data-show-message], [data-download]");
  if (!button) return;
  if ("showRun" in button.dataset) showRun(button);
  else if (button.dataset.showMessage) showMessage(button.dataset.showMessage);
  else download(button);
});
