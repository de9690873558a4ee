// Enter sends by the form's default button; Shift+Enter and an open input method stay with the text.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-enter]");
  if (!field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  const button = field.form.querySelector(field.dataset.enter);
  if (button && !button.disabled) field.form.requestSubmit(button);
});
