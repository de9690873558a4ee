// The event stream's health: retry a first connection that failed, say so while it is lost, announce runs.
const RETRY_MILLISECONDS = 2000;
const GRACE_MILLISECONDS = 1500;
let lostTimer;

function markLost() {
  lostTimer ??= setTimeout(() => { document.body.dataset.bus = "lost"; }, GRACE_MILLISECONDS);
}

function markLive() {
  clearTimeout(lostTimer);
  lostTimer = undefined;
  document.body.dataset.bus = "live";
  document.getElementById("offline-notice")?.remove();
}

const isBus = ({ target }) => target.id === "bus";

function retryLater(event) {
  if (!isBus(event)) return;
  markLost();
  setTimeout(() => event.target.dispatchEvent(new Event("bus:retry")), RETRY_MILLISECONDS);
}

// What the page asks for by itself (its hidden parts) fails silently: the banner tells it, and events ask again.
function showOffline(event) {
  if (event.target.hidden || document.getElementById("offline-notice")) return;
  const template = document.getElementById("offline-toast");
  document.getElementById("toasts").append(template.content.cloneNode(true));
}

document.addEventListener("htmx:sse:after:connection", markLive);
document.addEventListener("htmx:sse:error", (event) => { if (isBus(event)) markLost(); });
document.addEventListener("htmx:response:error", retryLater);
document.addEventListener("htmx:error", (event) => { retryLater(event); showOffline(event); });
document.addEventListener("announce", (event) => {
  document.getElementById("announcer").textContent = event.detail?.data ?? "";
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
});
