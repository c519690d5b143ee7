/** The stock list: the filter panel, short addresses, and keys for hands that stay on the keyboard. */

const SWITCH = "inbox-keys"; // one switch in this browser for the keys of every list
const form = document.getElementById("stock-form");
const search = document.getElementById("stock-search");
const opener = document.getElementById("stock-filter");
const panel = document.getElementById("panel");
const results = document.getElementById("results");

opener.addEventListener("click", togglePanel);
document.body.addEventListener("htmx:configRequest", leaveOutEmpty);
document.body.addEventListener("htmx:afterSwap", settled);
document.addEventListener("keydown", pressed);
document.addEventListener("click", clicked);

/* --- The panel: read when it is opened, then kept and hidden, so that its ticks stay in the form --- */

async function togglePanel(event) {
  event.preventDefault();
  if (!panel.querySelector("#facets")) await htmx.ajax("GET", filterUrl(), { target: panel, swap: "innerHTML" });
  else panel.hidden = !panel.hidden;
  const isOpen = !panel.hidden;
  opener.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) panel.querySelector("input")?.focus();
}

function clicked({ target }) {
  if (target.closest("[data-print]")) print();
  if (target.closest("[data-close-panel]")) closePanel();
}

function closePanel() {
  panel.hidden = true;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
}

const filterUrl = () => `${opener.dataset.panelUrl}?${addressOf(new FormData(form))}`;

function addressOf(data) {
  const filled = [...data].filter(([, value]) => value !== "");
  return new URLSearchParams(filled).toString();
}

/** An address that somebody passes on names only what narrows the list. */
function leaveOutEmpty({ detail }) {
  if (!form.contains(detail.elt)) return;
  for (const name of new Set(detail.formData.keys())) {
    const kept = detail.formData.getAll(name).filter((value) => value !== "");
    detail.formData.delete(name);
    for (const value of kept) detail.formData.append(name, value);
  }
}

/** New rows: the focus goes to the first of them; a new list: the number beside « filter » follows. */
function settled({ target, detail }) {
  if (detail.elt?.id === "results" || target.id === "results") return showFilters();
  if (detail.requestConfig?.elt?.matches("[data-more]") && document.activeElement === document.body) focusAfterMore();
}

let lastLink = null;
document.body.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target.id === "more") lastLink = links().at(-1);
});

function focusAfterMore() {
  const all = links();
  all[all.indexOf(lastLink) + 1]?.focus({ preventScroll: true });
}

function showFilters() {
  const used = Number(results.querySelector("[data-filters-in-use]")?.dataset.filtersInUse ?? 0);
  const count = opener.querySelector("[data-filter-count]");
  count.textContent = used;
  count.hidden = !used;
}

/* --- Keys --- */

const enabled = document.querySelector("[data-keys-on]");
enabled.checked = localStorage.getItem(SWITCH) !== "off";
enabled.addEventListener("change", () => localStorage.setItem(SWITCH, enabled.checked ? "on" : "off"));

const links = () => [...results.querySelectorAll("tbody th > a")];

function pressed(event) {
  if (event.key === "Escape" && panel.contains(event.target)) return closePanel();
  if (!enabled.checked || isElsewhere(event)) return;
  const isInList = Boolean(event.target.closest(".stock-table"));
  const deeds = { "/": toSearch, j: () => move(+1), k: () => move(-1) };
  if (isInList) Object.assign(deeds, { ArrowDown: () => move(+1), ArrowUp: () => move(-1) });
  if (!deeds[event.key]) return;
  event.preventDefault();
  deeds[event.key]();
}

function isElsewhere({ target, ctrlKey, metaKey, altKey, defaultPrevented }) {
  const types = target.matches("textarea, select, input:not([type=checkbox])") || target.isContentEditable;
  return defaultPrevented || ctrlKey || metaKey || altKey || types || document.querySelector("dialog[open], details.menu[open]");
}

function toSearch() {
  search.focus();
  search.select();
}

function move(by) {
  const all = links();
  const at = all.indexOf(document.activeElement.closest("tr")?.querySelector("th > a"));
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
}
