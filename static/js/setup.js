// Shows that the setup has unsaved changes, and asks before they are lost.
let resume;

function isChanged(field) {
  if (field.matches("[hx-confirm]")) return false;
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  return field.value !== field.defaultValue;
}

function isDirty(form) {
  return "refused" in form.dataset || [...form.elements].some((field) => field.name && isChanged(field));
}

function markDirty(event) {
  const form = event.target.closest?.("[data-guard]");
  if (form) form.toggleAttribute("data-dirty", isDirty(form));
}

function restoreSelect() {
  for (const option of document.getElementById("assistant").options) option.selected = option.defaultSelected;
}

document.addEventListener("input", markDirty);
document.addEventListener("change", markDirty);

// Every hx-confirm of the page guards the setup's unsaved changes.
document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  if (!document.querySelector("[data-guard][data-dirty]")) {
    event.detail.issueRequest();
    return;
  }
  resume = event.detail;
  document.getElementById("confirm-discard").showModal();
});

document.addEventListener("close", (event) => {
  if (event.target.id !== "confirm-discard" || !resume) return;
  resume.dropRequest();
  resume = undefined;
  restoreSelect();
}, true);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-discard]")) return;
  const { issueRequest } = resume;
  resume = undefined;
  event.target.closest("dialog").close();
  issueRequest();
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-guard][data-dirty]")) event.preventDefault();
});
