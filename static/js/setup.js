// Shows that a form has unsaved changes, and asks before they are lost.
const saved = {};
const stamps = {};
let resume;

function contents(form) {
  return JSON.stringify([...new FormData(form)].filter(([, value]) => value));
}

function isDirty(id) {
  return document.getElementById(id)?.hasAttribute("data-dirty");
}

// A form that arrives holds what is stored, unless it was refused or filled in; afterwards it is compared with that.
function look(isFresh = false) {
  for (const form of document.querySelectorAll("[data-guard]")) {
    const { id, dataset } = form;
    if (isFresh || stamps[id] !== dataset.guard) {
      if ("filled" in dataset) saved[id] = "";
      else if (!("refused" in dataset)) saved[id] = contents(form);
    }
    stamps[id] = dataset.guard;
    form.toggleAttribute("data-dirty", contents(form) !== saved[id]);
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
  const leaves = event.type === "cancel" ? event.target === sheet : event.target === sheet || event.target.closest("#sheet [data-close]");
  if (!leaves || !isDirty("function-form")) return;
  event.preventDefault();
  event.stopPropagation();
  ask(() => sheet.close());
}

for (const name of ["cancel", "click"]) document.addEventListener(name, guardSheet, true);
for (const name of ["input", "change", "edited"]) document.addEventListener(name, () => look());
document.addEventListener("htmx:after:swap", ({ target }) => look(target.id === "bus" && !isDirty("setup-form")));

document.addEventListener("close", (event) => {
  if (event.target.id !== "confirm-discard" || !resume) return;
  resume.drop?.();
  resume = undefined;
}, true);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-discard]")) return;
  const { go } = resume;
  resume = undefined;
  event.target.closest("dialog").close();
  go();
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-guard][data-dirty]")) event.preventDefault();
});
look();
