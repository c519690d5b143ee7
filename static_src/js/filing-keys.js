/** One key for each deed on the inbox page. They can be switched off: some people steer by voice. */

const SWITCH = "inbox-keys"; // in this browser only

/** @param {{form: HTMLFormElement, file: Function, take: Function, undo: Function}} page */
export function startKeys(page) {
  const dialog = document.getElementById("keys");
  const enabled = dialog.querySelector("[data-keys-on]");
  enabled.checked = localStorage.getItem(SWITCH) !== "off";
  enabled.addEventListener("change", () => localStorage.setItem(SWITCH, enabled.checked ? "on" : "off"));
  const opener = document.querySelector("[data-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (!enabled.checked || isElsewhere(event)) return;
    if (press(event, page, dialog)) event.preventDefault();
  });
}

function isElsewhere({ target, ctrlKey, metaKey, altKey, defaultPrevented }) {
  const types = target.matches("textarea, select, input:not([type=checkbox])") || target.isContentEditable;
  const isOver = document.querySelector("dialog[open], details.menu[open]");
  return defaultPrevented || ctrlKey || metaKey || altKey || types || Boolean(isOver);
}

/** @returns whether the key meant something here. */
function press({ key, target }, { form, file, take, undo }, dialog) {
  const isInList = form.contains(target) && Boolean(target.closest(".item"));
  if (key === "j" || (key === "ArrowDown" && isInList)) return move(form, +1);
  if (key === "k" || (key === "ArrowUp" && isInList)) return move(form, -1);
  if (key === "?") return done(dialog.showModal());
  if (key === "z") return done(undo());
  if (key === "/") return done(document.getElementById("inbox-search").focus());
  const line = current(form);
  if (!line) return false;
  const ids = form.classList.contains("has-selection") ? null : [line.dataset.key];
  if (key === "x") return done(take(line));
  if (key === "e") return done(file(form.dataset.folder === "archived" ? "unarchive" : "archive", ids));
  if (key === "h") return done(file("snooze", ids));
  if (key === "u") return done(file(line.classList.contains("is-unread") ? "read" : "unread", ids));
  return false;
}

const done = () => true;

const lines = (form) => [...form.querySelectorAll(".item")];
const current = (form) => document.activeElement?.closest("form[data-filing] .item");

function move(form, by) {
  const all = lines(form);
  const at = all.indexOf(current(form));
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  next?.querySelector(".item-title").focus();
  return Boolean(next);
}
