// Opens and closes dialogs, menus and the sheet, shows images large, copies ids.
const COPIED_MILLISECONDS = 1500;

async function copy(button) {
  const { copy: text, copyFrom } = button.dataset;
  const fetched = copyFrom && fetch(copyFrom).then((response) => response.blob());
  try {
    if (fetched) await navigator.clipboard.write([new ClipboardItem({ "text/plain": fetched })]);
    else await navigator.clipboard.writeText(text);
  } catch {
    return; // The browser or the server refused: the text stays selectable.
  }
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, COPIED_MILLISECONDS);
}

function zoom(button) {
  const box = document.getElementById("lightbox");
  const [small, large] = [button, box].map((around) => around.querySelector("img"));
  large.src = small.src;
  large.alt = small.alt;
  box.querySelector("a").href = small.src;
  box.querySelector("a").download = small.alt;
  box.showModal();
}

// The sheet is emptied at once: an event of the stream could open it again before its close event comes.
function shut(dialog) {
  dialog.close();
  if (dialog.id === "sheet") dialog.firstElementChild.replaceChildren();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const opener = target.closest("[data-dialog]");
  const copier = target.closest("[data-copy], [data-copy-from]");
  const zoomer = target.closest("[data-zoom]");
  const proxy = target.closest("[data-clicks]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  else if (copier) copy(copier);
  else if (zoomer) zoom(zoomer);
  else if (proxy) document.getElementById(proxy.dataset.clicks)?.click();
  else if (target.closest("[data-close]") || target.matches("dialog")) shut(target.closest("dialog"));
});

// The request goes on when its dialog closes.
document.addEventListener("submit", (event) => event.target.closest(".dialog")?.close());

// Another answer may have replaced the target meanwhile; htmx would drop this one.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.target?.isConnected !== false) return;
  ctx.target = document.getElementById(ctx.target.id) ?? (ctx.swap === "none" ? document.body : ctx.target);
});

// The sheet opens when its content arrives, and forgets it when it closes.
document.addEventListener("htmx:before:request", ({ target, detail }) => {
  detail.ctx.isOfSheet = Boolean(target.closest?.("#sheet"));
  // Another answer can replace the button before its own comes.
  detail.ctx.closes = target.matches?.("[data-close-after]") && target.closest("dialog");
});
document.addEventListener("htmx:after:swap", ({ detail }) => {
  const sheet = document.getElementById("sheet");
  const isLate = detail.ctx?.isOfSheet && !sheet.open; // It was closed while the answer was on its way.
  if (isLate) sheet.firstElementChild.replaceChildren();
  else if (sheet.firstElementChild.hasChildNodes() && !sheet.open) sheet.showModal();
  if (detail.ctx?.closes && detail.ctx.response.status < 300) shut(detail.ctx.closes);
});
document.addEventListener("close", (event) => {
  if (event.target.id === "sheet") event.target.firstElementChild.replaceChildren();
}, true);

function closeMenus(but) {
  for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== but) menu.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("summary, [data-stays]")?.closest(".menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.(".menu[open]");
  if (!menu) return;
  event.preventDefault(); // It would close the sheet around the menu too.
  menu.open = false;
  menu.querySelector("summary").focus();
});
