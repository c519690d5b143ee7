/** Menus are <details class="menu">: they work without script; with it they close as people expect. */

export function startMenus() {
  document.addEventListener("toggle", closeOthers, true);
  document.addEventListener("click", closeOutside);
  document.addEventListener("keydown", closeOnEscape);
  document.addEventListener("focusin", closeOutside);
}

const openMenus = () => document.querySelectorAll("details.menu[open]");

function closeOthers({ target }) {
  if (!target.matches?.("details.menu[open]")) return;
  for (const menu of openMenus()) if (menu !== target) menu.open = false;
}

function closeOutside({ target }) {
  for (const menu of openMenus()) if (!menu.contains(target) && document.contains(target)) menu.open = false;
}

function closeOnEscape(event) {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}
