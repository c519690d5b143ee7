/** « My alerts »: a saved switch says so, and can be taken back. Saving itself is htmx's work, or the form's. */

import { announce, showNote } from "./notes.js";

document.body.addEventListener("preference-saved", ({ detail }) => {
  const actions = [{ label: detail.undo, post: detail.undoUrl, url: detail.page }];
  showNote({ title: detail.text, kind: "good", icon: "check2-circle", actions });
  announce(detail.text);
});

/* The button that was pressed disappears with its cell: the switch beside it takes the focus. */
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  const pressed = detail.requestConfig?.elt?.querySelector("button")?.id;
  const cell = detail.elt.closest("[id^='cell-']") ?? document.getElementById(detail.target.id);
  if (!/^(reset|never)-/.test(pressed ?? "") || !cell) return;
  document.getElementById(pressed.replace(/^(reset|never)-/, "switch-"))?.focus();
});
