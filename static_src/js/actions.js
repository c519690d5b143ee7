/** Buttons that do a deed in one click: <button data-post="/api/…" data-then="/page/after/">. */

import { postJson, Refused } from "./http.js";
import { announce, showNote } from "./notes.js";

export function startActions() {
  document.addEventListener("click", act);
  document.addEventListener("submit", submitOnce);
}

async function act(event) {
  const button = event.target.closest("button[data-post]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  event.preventDefault();
  button.setAttribute("aria-disabled", "true");
  try {
    await postJson(button.dataset.post);
    if (button.dataset.then) location.assign(button.dataset.then);
  } catch (error) {
    tellWhy(error);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function tellWhy(error) {
  const words = document.body.dataset;
  const isLost = error instanceof Refused && error.status === 409;
  const text = error instanceof Refused && error.status < 500 ? error.message : words.failed;
  showNote({ title: text, kind: isLost ? "" : "bad", icon: isLost ? "info-circle" : "exclamation-octagon" });
  announce(text);
}

/** A second tap on a slow connection must not send a form twice. */
function submitOnce(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent === "1") event.preventDefault();
  form.dataset.sent = "1";
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  setTimeout(() => delete form.dataset.sent, 5_000);
}
