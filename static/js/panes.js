// The panes' order and which are shown, kept in a cookie that the server renders from; and the colour scheme.
const YEAR_SECONDS = 31536000;
const DRAG_PIXELS = 8;
const NAMES = ["setup", "chat", "logs"];
const panes = document.querySelector(".panes");
const isPhone = matchMedia("(max-width: 720px)");
const order = () => [...panes.querySelectorAll(":scope > .pane")].map((pane) => pane.dataset.name);
const hidden = () => panes.dataset.off?.split(" ") ?? [];

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

function keep() {
  const part = (name) => [name, panes.dataset[`${name}Width`], hidden().includes(name) && "off"].filter(Boolean).join(".");
  remember("layout", [...order().map(part), panes.dataset.side].join(":"));
}

function mark() {
  const shown = isPhone.matches ? panes.dataset.pane : panes.dataset.side;
  for (const button of document.querySelectorAll("[data-show]")) button.ariaPressed = button.dataset.show === shown;
  for (const box of document.querySelectorAll("[data-panel]")) {
    box.checked = !hidden().includes(box.dataset.panel);
    box.disabled = box.checked && hidden().length === NAMES.length - 1;
  }
}

function toggle(name) {
  const off = hidden().includes(name) ? hidden().filter((each) => each !== name) : [...hidden(), name];
  panes.toggleAttribute("data-off", off.length > 0);
  if (off.length) panes.dataset.off = off.join(" ");
}

// Moved in the document, so that reading order and order on the screen are one; the chat stays, the others move.
function place(names) {
  const focused = document.activeElement;
  const scrolled = [...panes.querySelectorAll(".pane-body")].map((body) => [body, body.scrollTop]);
  const [pane, chat] = [(name) => panes.querySelector(`.${name}`), names.indexOf("chat")];
  const both = (name) => [pane(name), panes.querySelector(`[data-splitter="${name}"]`)];
  pane("chat").before(...names.slice(0, chat).flatMap(both));
  pane("chat").after(...names.slice(chat + 1).flatMap((name) => both(name).reverse()));
  for (const [body, top] of scrolled) body.scrollTop = top;
  focused.focus();
}

function move(name, index) {
  if (NAMES[index]) place(order().filter((each) => each !== name).toSpliced(index, 0, name));
}

function drag(start, pane) {
  const end = new AbortController();
  addEventListener("pointermove", (event) => {
    if (Math.abs(event.clientX - start.clientX) > DRAG_PIXELS) pane.dataset.moving = "";
    const under = "moving" in pane.dataset && document.elementFromPoint(event.clientX, event.clientY)?.closest(".pane");
    for (const each of panes.children) each.toggleAttribute("data-target", each === under && each !== pane);
  }, end);
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => {
    const target = panes.querySelector("[data-target]");
    end.abort();
    for (const each of panes.children) ["data-target", "data-moving"].forEach((name) => each.removeAttribute(name));
    if (target && type === "pointerup") change(() => move(pane.dataset.name, order().indexOf(target.dataset.name)));
  }, end);
}

function change(action) {
  action();
  mark();
  keep();
}

function toggleTheme({ dataset }) {
  const isDark = dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  remember("theme", dataset.theme = isDark ? "light" : "dark");
}

panes.addEventListener("pointerdown", (event) => {
  const head = event.button === 0 && !isPhone.matches && event.target.closest(".pane-head");
  if (head && !event.target.closest("a, button, input, label, select, .menu")) drag(event, head.closest(".pane"));
});
document.addEventListener("click", ({ target }) => {
  const { show: shown, panel, move: moved, by } = target.closest("[data-show], [data-panel], [data-move]")?.dataset ?? {};
  if (shown) change(() => Object.assign(panes.dataset, { pane: shown }, shown !== "chat" && { side: shown }));
  if (panel) change(() => toggle(panel));
  if (moved) change(() => move(moved, order().indexOf(moved) + Number(by)));
  if (target.closest("[data-layout-reset]")) change(() => { delete panes.dataset.off; place(NAMES); });
  if (target.closest("[data-theme-toggle]")) toggleTheme(document.documentElement);
});
panes.addEventListener("resized", keep);
isPhone.addEventListener("change", mark);
mark();
