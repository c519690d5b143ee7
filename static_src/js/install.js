/** The installable app: registers the service worker, and offers installation where the browser allows it. */

export function startInstallation() {
  if ("serviceWorker" in navigator && document.body.dataset.worker) {
    navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/" }).catch(() => {});
  }
  addEventListener("beforeinstallprompt", offer);
}

function offer(event) {
  event.preventDefault();
  for (const button of document.querySelectorAll("[data-install]")) {
    button.hidden = false;
    button.addEventListener("click", () => event.prompt(), { once: true });
  }
}
