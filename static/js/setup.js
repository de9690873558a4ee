// Shows that a form has unsaved changes, and asks before they are lost.
const saved = {};
let resume;
const FILLED = "textarea, select, input:not([type=checkbox], [type=radio]), :checked"; // FormData would lay the page out.
const contents = (form) => JSON.stringify([...form.elements].filter((field) => field.value && field.matches(FILLED)).map(({ name, value }) => [name, value]));
const isDirty = (id) => document.querySelector(`#${id}[data-dirty]`) !== null;

// A form is compared with what it held when its stamp came, or the stream changed it; one filled in has no stamp and is never clean.
function look(isByStream) {
  for (const form of document.querySelectorAll("[data-guard]")) {
    const [{ dirty, guard }, now] = [form.dataset, contents(form)];
    if (guard && (!(guard in saved) || (isByStream && dirty === undefined))) saved[guard] = now;
    form.toggleAttribute("data-dirty", now !== saved[guard]);
  }
}

function ask(go, drop) {
  resume = { go, drop };
  document.getElementById("confirm-discard").showModal();
}

// Every hx-confirm of the page guards the setup's unsaved changes.
document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  const { issueRequest, dropRequest } = event.detail;
  if (isDirty("setup-form")) ask(issueRequest, dropRequest);
  else issueRequest();
});

function guardSheet(event) {
  const sheet = document.getElementById("sheet");
  const leaves = event.target === sheet || (event.type === "click" && event.target.closest("#sheet [data-close]"));
  if (!leaves || !isDirty("function-form")) return;
  event.preventDefault();
  event.stopPropagation();
  ask(() => sheet.close());
}

for (const name of ["cancel", "click"]) document.addEventListener(name, guardSheet, true);
for (const name of ["input", "change", "htmx:after:swap"]) {
  document.addEventListener(name, ({ target }) => look(target.id === "bus"));
}
document.addEventListener("close", ({ target }) => {
  if (target.id === "confirm-discard") resume?.drop?.();
}, true);
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-discard]")) return;
  const { go } = resume;
  resume = undefined;
  target.closest("dialog").close();
  go();
});
addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-guard][data-dirty]")) event.preventDefault();
});
look();
