/** The bell: badge, panel and toasts, fed by the inbox; also keeps live lists and parts of the page in step. */

import { recount } from "./counts.js";
import { getJson, postJson, Refused } from "./http.js";
import { Inbox } from "./inbox.js";
import { refresh, refreshLists } from "./lists.js";
import { announce, dismissNotes, noteFor, settle, showNote } from "./notes.js";
import { tellParts } from "./parts.js";
import { closeShown, tidyShown } from "./shown.js";
import { Wire } from "./wire.js";

const TRY_AGAIN = 1_500; // milliseconds after a reading failed although the socket is open; up to double
const TOASTS_AT_ONCE = 2; // more than these at one time become one note that counts them

export function startBell() {
  const bell = document.getElementById("bell");
  if (!bell) return;
  const { head, unread, delta, since } = bell.dataset;
  const inbox = new Inbox({ head: Number(head), unread: Number(unread) }, (after) => getJson(`${delta}?after=${after}`));
  const wire = new Wire(socketAddress(bell.dataset.socket));
  inbox.addEventListener("counted", ({ detail }) => showCount(bell, detail));
  inbox.addEventListener("changed", ({ detail }) => tellChanges(bell, detail, Date.parse(since)));
  listen(wire, inbox);
  bell.addEventListener("toggle", () => { if (bell.open) openPanel(bell, inbox); });
  document.addEventListener("click", readOnOpening);
  document.addEventListener("click", markRead);
  showCount(bell, inbox.unread);
  const tidy = () => { if (!document.hidden) tidyShown(bell.dataset.open).catch(() => {}); };
  document.addEventListener("visibilitychange", tidy);
  tidy();
}

function listen(wire, inbox) {
  const note = document.getElementById("offline-note");
  wire.addEventListener("hint", ({ detail }) => inbox.hint(detail));
  wire.addEventListener("connected", () => {
    note.hidden = true;
    inbox.catchUp().catch(() => {});
    recount();
  });
  wire.addEventListener("look", async () => {
    const before = inbox.cursor;
    await inbox.catchUp().catch((error) => {
      if (error instanceof Refused && (error.status === 401 || error.status === 403)) wire.end();
    });
    if (wire.isOpen && inbox.cursor > before) wire.renew();
  });
  inbox.addEventListener("stalled", () => {
    setTimeout(() => { if (wire.isOpen) inbox.catchUp().catch(() => {}); }, TRY_AGAIN * (1 + Math.random()));
  });
  wire.addEventListener("lost", () => { note.hidden = wire.isOpen; });
  wire.addEventListener("signed-out", () => tellSignedOut());
}

const socketAddress = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;

function showCount(bell, unread) {
  const words = bell.dataset;
  const label = unread === 0 ? words.labelNone : unread === 1 ? words.labelOne : words.labelMany.replace("{n}", unread);
  for (const badge of document.querySelectorAll("[data-unread-badge]")) {
    badge.textContent = unread > 99 ? "99+" : String(unread);
    badge.hidden = unread === 0;
  }
  for (const text of document.querySelectorAll("[data-unread-label]")) text.textContent = label;
  document.title = document.title.replace(/^\(\d+\+?\) /, "");
  if (unread) document.title = `(${unread > 99 ? "99+" : unread}) ${document.title}`;
  if (unread) navigator.setAppBadge?.(unread).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

function tellChanges(bell, items, since) {
  for (const item of items) settleNote(item);
  closeShown(items.filter((item) => !isOpen(item)).map((item) => item.id)).catch(() => {});
  const fresh = items.filter((item) => isOpen(item) && Date.parse(item.shown_at) > since);
  const urgent = fresh.filter((item) => item.urgency === "high" || item.urgency === "critical");
  if (!document.hidden && !bell.open) showNotes(bell, urgent);
  if (fresh.length === 1) announce(`${fresh[0].title}. ${fresh[0].body}`);
  else if (fresh.length) announce(bell.dataset.labelNew.replace("{n}", fresh.length));
  refreshLists();
  const subjects = items.map((item) => item.subject);
  tellParts(subjects);
  recount(subjects);
}

function showNotes(bell, items) {
  if (items.length > TOASTS_AT_ONCE) {
    const title = bell.dataset.labelNew.replace("{n}", items.length);
    showNote({ title, url: bell.dataset.inbox, kind: "urgent", icon: "bell-fill", stays: true });
    return;
  }
  for (const item of items) {
    if (noteFor(item.id)) continue;
    const actions = item.actions.map((action) => ({ ...action, url: item.url, primary: Boolean(action.post) && !action.quiet }));
    const open = { label: bell.dataset.labelOpen, url: item.url };
    showNote({ ...item, key: item.id, kind: "urgent", icon: "bell-fill", stays: true, actions: [...actions, open] });
  }
}

function settleNote(item) {
  const card = noteFor(item.id);
  if (!card) return;
  if (item.is_closed) settle(card, item.closed_text || item.body);
  else if (!isOpen(item)) card.remove();
}

const isOpen = (item) => !item.is_read && !item.is_closed && !item.is_archived && !item.snoozed_until;

/** The panel lists what the notes say, and they would cover it. */
async function openPanel(bell, inbox) {
  dismissNotes();
  const list = bell.querySelector("[data-live]");
  await refresh(list).catch(() => {});
  postJson(bell.dataset.seen, { up_to: inbox.cursor }).catch(() => {});
}

/** Opening an item reads it. The request outlives the page that it leaves. */
function readOnOpening(event) {
  const link = event.target.closest("a[data-reads]");
  if (link) postJson(document.getElementById("bell").dataset.read, { ids: [Number(link.dataset.reads)] }, { keepalive: true }).catch(() => {});
}

async function markRead(event) {
  const button = event.target.closest("button[data-mark-read]");
  if (!button) return;
  event.preventDefault();
  const bell = document.getElementById("bell");
  if (button.dataset.markRead === "all") await readAll(bell);
  else await postJson(bell.dataset.read, { ids: [Number(button.dataset.markRead)] }).catch(() => {});
  refreshLists();
}

/** A thumb slips: what was unread can be so again. */
async function readAll(bell) {
  const words = bell.dataset;
  if (bell.open && bell.contains(document.activeElement)) bell.querySelector("summary").focus();
  bell.open = false;
  try {
    tellRead(words, await postJson(words.read, { all: true }));
  } catch {
    tellFailure();
  }
}

function tellRead(words, { changed, undo }) {
  const title = changed === 0 ? words.saidNothing : changed === 1 ? words.saidRead : words.saidReadMany.replace("{n}", changed);
  const takeBack = undo && (() => unreadAgain(words, undo, card));
  const actions = undo ? [{ label: words.labelUndo, run: takeBack }] : [];
  const card = showNote({ title, key: "filed", kind: changed ? "good" : "", icon: changed ? "check2-circle" : "info-circle", actions });
  document.dispatchEvent(new CustomEvent("filed", { detail: takeBack }));
  announce(title);
}

async function unreadAgain(words, undo, card) {
  card.remove();
  await postJson(words.undo, undo).then(() => announce(words.saidUndo), tellFailure);
  refreshLists();
}

function tellFailure() {
  showNote({ title: document.body.dataset.failed, kind: "bad", icon: "exclamation-octagon" });
  announce(document.body.dataset.failed);
}

function tellSignedOut() {
  const words = document.body.dataset;
  showNote({
    title: words.signedOut,
    kind: "bad",
    icon: "lock",
    stays: true,
    actions: [{ label: words.signIn, url: location.href, primary: true }],
  });
}
