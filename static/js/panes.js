// Chooses the pane to show where not all fit, and the colour scheme.
const YEAR_SECONDS = 31536000;
const panes = document.querySelector(".panes");
const switcher = document.querySelector(".pane-switch");
const isPhone = matchMedia("(max-width: 720px)");

function mark() {
  const shown = isPhone.matches ? panes.dataset.pane : panes.dataset.side;
  for (const button of switcher.children) button.setAttribute("aria-pressed", button.dataset.show === shown);
}

function show(name) {
  panes.dataset.pane = name;
  if (name !== "chat") panes.dataset.side = name;
  mark();
}

function toggleTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show]");
  if (button) show(button.dataset.show);
  if (event.target.closest("[data-theme-toggle]")) toggleTheme();
});
isPhone.addEventListener("change", mark);
mark();
