/** The gallery page only: shows what a toast looks like. */

import { showNote } from "./notes.js";

for (const button of document.querySelectorAll("[data-gallery-note]")) {
  const { title, body, action } = button.dataset;
  button.addEventListener("click", () => {
    showNote({ title, body, kind: "urgent", icon: "bell-fill", stays: true, actions: [{ label: action, url: "#main", primary: true }] });
  });
}
