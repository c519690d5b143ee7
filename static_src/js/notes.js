/** Toasts. Urgent ones stay until somebody acts; the others leave by themselves, but not under a pointer or focus. */

const STAY = 8_000; // milliseconds
// On screen at once; older ones leave, and their items stay in the inbox. A phone keeps its buttons free.
const most = () => (matchMedia("(min-width: 48rem)").matches ? 3 : 1);

const region = () => document.getElementById("toasts");

/**
 * Show a note.
 * @param {{title: string, body?: string, kind?: string, icon?: string, url?: string, key?: string, stays?: boolean,
 *          actions?: Array<{label: string, url?: string, post?: string, run?: Function, primary?: boolean}>}} note
 */
export function showNote(note) {
  const card = document.getElementById("note-template").content.firstElementChild.cloneNode(true);
  if (note.kind) card.classList.add(`is-${note.kind}`);
  if (note.key) card.dataset.key = note.key;
  if (note.icon) setIcon(card, note.icon);
  card.querySelector(".note-title").append(note.url ? link(note.url, note.title) : note.title);
  card.querySelector(".note-body").textContent = note.body ?? "";
  card.querySelector(".note-actions").append(...(note.actions ?? []).map(button));
  card.querySelector("[data-dismiss]").addEventListener("click", () => card.remove());
  region().append(card);
  while (region().children.length > most()) region().firstElementChild.remove();
  if (!note.stays) leaveLater(card);
  return card;
}

/** The note that is shown for this key, if any. */
export const noteFor = (key) => region().querySelector(`[data-key="${CSS.escape(String(key))}"]`);

/** Take away the notes about inbox items. */
export function dismissNotes() {
  for (const card of region().querySelectorAll("[data-key]")) card.remove();
}

/** Say it to screen readers, after whatever they are saying now. */
export function announce(text) {
  const speaker = document.getElementById("announcer");
  speaker.textContent = "";
  requestAnimationFrame(() => { speaker.textContent = text; });
}

/** The matter is settled: the buttons go, the reason stays for a moment. */
export function settle(card, text) {
  card.classList.remove("is-urgent");
  card.querySelector(".note-actions").replaceChildren();
  card.querySelector(".note-body").textContent = text;
  leaveLater(card);
}

function leaveLater(card) {
  let timer = setTimeout(() => card.remove(), STAY);
  const pause = () => clearTimeout(timer);
  const resume = () => { pause(); timer = setTimeout(() => card.remove(), STAY / 2); };
  card.addEventListener("pointerenter", pause);
  card.addEventListener("focusin", pause);
  card.addEventListener("pointerleave", resume);
  card.addEventListener("focusout", resume);
}

function setIcon(card, name) {
  const use = card.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
}

function link(url, text, className = "") {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.textContent = text;
  anchor.className = className;
  return anchor;
}

function button({ label, url, post, run, primary }) {
  const look = `btn btn-sm ${primary ? "btn-signal" : "btn-quiet"}`;
  if (!post && !run) return link(url, label, look);
  const element = document.createElement("button");
  element.type = "button";
  element.className = look;
  element.textContent = label;
  if (run) {
    element.addEventListener("click", run);
    return element;
  }
  element.dataset.post = post;
  element.dataset.then = url;
  return element;
}
