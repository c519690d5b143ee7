/** The inbox page: select, archive, put off, undo. Its forms work without this; here they do so without a new page. */

import { getFragment, postJson, Refused } from "./http.js";
import { startKeys } from "./filing-keys.js";
import { refreshLists } from "./lists.js";
import { announce, showNote } from "./notes.js";

// What each deed asks the API for: the path below the inbox, and what its body says beside the lines.
const DEEDS = {
  read: ["read/", { read: true }],
  unread: ["read/", { read: false }],
  archive: ["archive/", { archived: true }],
  unarchive: ["archive/", { archived: false }],
  snooze: ["snooze/", {}],
  wake: ["snooze/", {}],
};

const chosen = new Set(); // survives the exchange of a line that changed
let form;
let latestUndo = null;
let underWay = Promise.resolve(); // a line may be gone, by a hint, before the answer that says how to undo it

export function startFiling() {
  form = document.querySelector("form[data-filing]");
  if (!form) return;
  form.classList.add("is-scripted");
  for (const part of form.querySelectorAll("[data-scripted]")) part.hidden = false;
  form.addEventListener("submit", submitted);
  form.addEventListener("change", changed);
  form.addEventListener("list:merged", restore);
  document.getElementById("later").addEventListener("submit", hourChosen);
  addEventListener("pageshow", restore);
  document.addEventListener("filed", ({ detail }) => { latestUndo = detail; }); // « all read », which the bell does
  startKeys({ form, file, take, undo: () => underWay.then(() => latestUndo?.()) });
}

/* --- What is selected --- */

const boxes = () => [...form.querySelectorAll("input[name=ids]")];
const matching = () => form.querySelector("input[name=matching]");

/** Tick or untick a line. */
function take(line) {
  const box = line.querySelector("input[name=ids]");
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function changed({ target }) {
  if (target.matches("[data-select-all]")) for (const box of boxes()) box.checked = target.checked;
  if (!target.matches("[name=matching]")) matching().checked = false;
  for (const box of boxes()) chosen[box.checked ? "add" : "delete"](box.value);
  show();
}

function restore() {
  const shown = new Set(boxes().map((box) => box.value));
  for (const id of chosen) if (!shown.has(id)) chosen.delete(id);
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show();
}

function show() {
  const all = form.querySelector("[data-select-all]");
  const words = form.querySelector("[data-selected]");
  const isWhole = chosen.size > 0 && chosen.size === boxes().length;
  all.checked = isWhole;
  all.indeterminate = chosen.size > 0 && !isWhole;
  words.textContent = chosen.size ? saidOf(chosen.size) : words.dataset.none;
  form.classList.toggle("has-selection", chosen.size > 0);
  form.classList.toggle("has-whole-page", isWhole);
  if (!isWhole) matching().checked = false;
  for (const box of boxes()) box.closest(".item").classList.toggle("is-selected", box.checked);
}

const saidOf = (count) =>
  count === 1 ? form.dataset.saidSelectedOne : form.dataset.saidSelected.replace("{n}", count);

/* --- Deeds --- */

function submitted(event) {
  const [deed, id] = (event.submitter?.value ?? "").split(":");
  if (!(deed in DEEDS)) return;
  event.preventDefault();
  file(deed, id ? [id] : null);
}

/** Do it to these ids, or to what is selected; null when nothing is. */
export async function file(deed, ids = null) {
  const which = ids ? { ids: ids.map(Number) } : selection();
  if (!which) return;
  if (deed === "snooze") await askForHour(which);
  else await send(deed, which);
}

function selection() {
  if (matching().checked) return { matching: filters() };
  return chosen.size ? { ids: [...chosen].map(Number) } : null;
}

/** What the list shows. Nothing that came after what is on screen is meant. */
function filters() {
  const { folder, category, q, as_of: opened } = form.elements;
  const latest = [...form.querySelectorAll("[data-shown-at]")].map((line) => line.dataset.shownAt);
  const asOf = [opened.value, ...latest].reduce((one, other) => (Date.parse(one) < Date.parse(other) ? other : one));
  return { folder: folder.value, category: category.value, q: q.value, as_of: asOf };
}

function send(deed, which, more = {}) {
  latestUndo = null;
  const deedDone = ask(deed, which, more);
  underWay = deedDone;
  return deedDone;
}

async function ask(deed, which, more) {
  const [path, says] = DEEDS[deed];
  try {
    const answer = await postJson(form.dataset.filing + path, { ...which, ...says, ...more });
    if (which.matching || which.ids.length > 1) chosen.clear();
    for (const id of which.ids ?? []) if (deed !== "read" && deed !== "unread") chosen.delete(String(id));
    await refreshLists();
    show();
    tell(deed, answer);
    return true;
  } catch (error) {
    tellFailure(error);
    return false;
  }
}

function tell(deed, { changed: number, undo }) {
  const words = form.dataset;
  const said = `said${deed[0].toUpperCase()}${deed.slice(1)}`;
  const title = number === 0 ? words.saidNothing : number === 1 ? words[said] : words[`${said}Many`].replace("{n}", number);
  latestUndo = undo ? () => takeBack(undo, card) : null;
  const actions = undo ? [{ label: words.labelUndo, run: latestUndo }] : [];
  document.querySelector("[data-key=filed]")?.remove();
  const card = showNote({ title, key: "filed", kind: number ? "good" : "", icon: number ? "check2-circle" : "info-circle", actions });
  announce(title);
}

async function takeBack(undo, card) {
  latestUndo = null;
  card.remove();
  try {
    await postJson(`${form.dataset.filing}undo/`, undo);
    await refreshLists();
    announce(form.dataset.saidUndo);
  } catch (error) {
    tellFailure(error);
  }
}

function tellFailure(error) {
  const text = error instanceof Refused && error.status < 500 ? error.message : document.body.dataset.failed;
  showNote({ title: text, kind: "bad", icon: "exclamation-octagon" });
  announce(text);
}

/* --- Until when --- */

const LONGEST = 366 * 24 * 60 * 60 * 1000; // milliseconds, as the server takes it

/** Say at the field itself what the server would refuse. */
function isToCome(own) {
  const ahead = Date.parse(own.value) - Date.now();
  const isRefused = !(ahead > 0 && ahead < LONGEST);
  own.setCustomValidity(isRefused ? own.dataset.refused : "");
  own.addEventListener("input", () => own.setCustomValidity(""), { once: true });
  return own.reportValidity();
}

let putOff = null;

async function askForHour(which) {
  const dialog = document.getElementById("later");
  putOff = which;
  try {
    dialog.replaceChildren(await getFragment(form.dataset.later));
  } catch (error) {
    tellFailure(error);
    return;
  }
  for (const part of dialog.querySelectorAll("[data-scripted]")) part.hidden = false;
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.showModal();
}

async function hourChosen(event) {
  event.preventDefault();
  const { value } = event.submitter;
  const own = event.target.elements.own;
  if (value === "own" && !isToCome(own)) return;
  const more = value === "own" ? { until: new Date(own.value).toISOString() } : { preset: value };
  if (await send("snooze", putOff, more)) document.getElementById("later").close();
}
