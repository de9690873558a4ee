// Counts times, leads to the output that a run waits for, and sends a message once the thread is free.
let led;

setInterval(() => {
  for (const time of document.querySelectorAll("[data-until], [data-since]")) {
    const { until, since } = time.dataset;
    const seconds = Math.max(0, Math.round(until ? until - Date.now() / 1000 : Date.now() / 1000 - since));
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}, 1000);

// Nobody who writes elsewhere is led away.
document.addEventListener("htmx:after:swap", () => {
  const field = document.querySelector("[data-output]");
  const focused = document.activeElement;
  const isFree = focused === document.body || focused.closest("#composer-actions") || (focused.id === "message" && !focused.value);
  if (field && field.id !== led && isFree) field.focus({ preventScroll: true });
  led = field?.id;
  const send = document.querySelector("[data-default]:not(:disabled)");
  if (!send || !("waits" in send.form.dataset)) return;
  delete send.form.dataset.waits;
  send.form.requestSubmit(send);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-wait]");
  if (button) button.ariaPressed = document.getElementById("composer").toggleAttribute("data-waits");
});
