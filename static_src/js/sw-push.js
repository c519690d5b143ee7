/* The push half of the service worker, imported by sw.js. Its fields are those of channels/push/payload.py.

   A push message carries its own words, in its reader's language: a worker has no translations. */

const API = "/api/v1";
const ICON = "/static/img/icon-192.png";
const BADGE = "/static/img/badge-96.png";

self.addEventListener("push", (event) => event.waitUntil(showMessage(readMessage(event.data))));
self.addEventListener("notificationclick", (event) => event.waitUntil(answerClick(event)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain(event)));

/* A browser punishes a silent push, so even an unreadable one is shown, as plainly as can be. */
function readMessage(data) {
  try {
    return { title: "DMS", ...data.json() };
  } catch {
    return { title: "DMS" };
  }
}

/* Pages are told once it stands: they look at what is shown, and Chromium forgets one that it is asked about while it
   is still being shown. */
async function showMessage(message) {
  try {
    await show(message);
  } finally {
    await tellPages(message);
  }
  await tidy(message.notification).catch(() => {});
}

async function show(message) {
  if ("setAppBadge" in navigator && Number.isInteger(message.badge)) navigator.setAppBadge(message.badge).catch(() => {});
  await self.registration.showNotification(message.title, {
    body: message.body ?? "",
    lang: message.lang,
    tag: message.tag ?? "",
    renotify: Boolean(message.tag && message.urgent),
    requireInteraction: Boolean(message.urgent),
    icon: ICON,
    badge: BADGE,
    actions: (message.actions ?? []).map(({ key, label }) => ({ action: key, title: label })),
    data: message,
  });
}

/* No browser lets a message come only to take another one away. So each that comes takes along what was dealt with
   elsewhere since, and sets the number on the app's icon right. Without a session nothing is asked. */
async function tidy(justShown) {
  const shown = (await self.registration.getNotifications()).filter(({ data }) => Number.isInteger(data?.notification));
  const ids = shown.map(({ data }) => data.notification).slice(0, 100);
  const answer = await fetch(`${API}/inbox/open/?ids=${ids}`, { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) return;
  const { open, unread } = await answer.json();
  for (const one of shown.slice(0, 100)) {
    const { notification } = one.data;
    if (notification !== justShown && !open.includes(notification)) one.close();
  }
  if ("setAppBadge" in navigator) await navigator.setAppBadge(unread);
}

/* Open pages hear of it too: one whose socket was cut can then read its inbox again. */
async function tellPages(message) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage({ kind: "push", message });
}

async function answerClick(event) {
  const message = event.notification.data ?? {};
  event.notification.close();
  const action = (message.actions ?? []).find(({ key }) => key === event.action);
  if (action?.post) await act(action, message).catch(() => {});
  await openPage(message.url);
}

/* One tap does the deed: the session's cookie goes with a same-origin request, and the token is asked for first. */
async function act(action, message) {
  const result = await post(action.post).catch(() => ({ ok: false, text: "" }));
  await self.registration.showNotification(message.title, {
    body: result.text || (result.ok ? message.texts?.done : message.texts?.failed) || "",
    lang: message.lang,
    tag: message.tag ?? "",
    icon: ICON,
    badge: BADGE,
    data: { ...message, actions: [], notification: null }, // it tells what became of the tap: nothing takes it away
  });
}

/* The server's own sentence says what was done, or who was first; it speaks the reader's language. */
async function post(path) {
  const response = await send(path, "POST", {});
  const body = await response.json().catch(() => ({}));
  return { ok: response.ok, text: body.detail ?? "" };
}

async function send(path, method, data) {
  const tokenAnswer = await fetch(`${API}/session/csrf/`, { cache: "no-store", credentials: "same-origin" });
  if (!tokenAnswer.ok) throw new Error("signed out");
  const { token } = await tokenAnswer.json();
  return fetch(ownUrl(path), {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(data),
  });
}

/* A message may only lead to our own pages, whatever it says. */
function ownUrl(path) {
  const url = new URL(path ?? "/", self.location.origin);
  return url.origin === self.location.origin ? url.href : new URL("/", self.location.origin).href;
}

async function openPage(path) {
  const url = ownUrl(path);
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((client) => client.url === url);
  if (open) return open.focus();
  return self.clients.openWindow(url).catch(() => null);
}

/* The browser replaced its subscription by itself: without this the device falls silent unnoticed. */
async function subscribeAgain(event) {
  const answer = await fetch(`${API}/push/key/`, { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) return;
  const { public_key: applicationServerKey } = await answer.json();
  const fresh = event.newSubscription
    ?? (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  await send(`${API}/push/subscriptions/`, "POST", fresh.toJSON());
  if (event.oldSubscription) {
    await send(`${API}/push/subscriptions/`, "DELETE", { endpoint: event.oldSubscription.endpoint });
  }
}
