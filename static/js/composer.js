// Enter sends by the form's default button; Shift+Enter and an open input method stay with the text.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-enter]");
  if (!field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  const button = field.form.querySelector(field.dataset.enter);
  if (button && !button.disabled) field.form.requestSubmit(button);
});

// What is typed stays in this tab until it is sent, also what is typed while a message is on its way.
const draftKey = (field) => `draft.${field.dataset.draft}`;
const restore = () => document.querySelectorAll("[data-draft]").forEach((field) => { field.value ||= sessionStorage.getItem(draftKey(field)) ?? ""; });
let sent;
document.addEventListener("input", ({ target }) => { if (target.dataset.draft) sessionStorage.setItem(draftKey(target), target.value); });
document.addEventListener("htmx:before:request", ({ target }) => { if (target.id === "composer") sent = target.elements.message.value; });
document.addEventListener("htmx:after:request", ({ target, detail }) => {
  const field = target.id === "composer" && detail.ctx.response.status < 300 && target.elements.message;
  if (field && field.value === sent) sessionStorage.removeItem(draftKey(field));
});
document.addEventListener("htmx:after:swap", restore);
restore();
