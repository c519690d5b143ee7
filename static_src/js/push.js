/** « My devices »: let this browser receive push messages, or stop it. Permission is asked on a click, never before. */

import { getJson, Refused } from "./http.js";

const root = document.querySelector("[data-push]");
if (root) start();

async function start() {
  await markThisDevice(await currentSubscription());
  show(await state());
  root.querySelector("[data-push-activate]").addEventListener("click", activate);
  root.querySelector("[data-push-deactivate]").addEventListener("click", deactivate);
}

async function state() {
  if (needsInstallation()) return "install";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  // On only when the server knows this browser as the person's own: somebody else may have used it before.
  return document.querySelector("[data-this-device]:not([hidden])") ? "on" : "off";
}

/** Safari on phones and tablets offers push to installed apps only. */
function needsInstallation() {
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  return isApple && !matchMedia("(display-mode: standalone)").matches && !("PushManager" in window);
}

function show(name, reason = "") {
  for (const part of root.querySelectorAll("[data-push-state]")) part.hidden = part.dataset.pushState !== name;
  root.querySelector("[data-push-reason]").textContent = reason;
}

async function activate(event) {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") return show(await state());
    const subscription = await subscribe();
    await send("POST", subscription.toJSON());
    location.reload();
  } catch (error) {
    show("failed", error instanceof Refused ? error.message : "");
    root.querySelector('[data-push-state="off"]').hidden = false;
  } finally {
    button.disabled = false;
  }
}

async function deactivate() {
  const subscription = await currentSubscription();
  if (subscription) {
    await send("DELETE", { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }
  location.reload();
}

async function subscribe() {
  const { public_key: publicKey } = await getJson(root.dataset.keyUrl);
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    // A subscription made with another key of ours is in the way: it could not receive anything any more.
    const old = await pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return pushManager.subscribe(options);
  }
}

async function currentSubscription() {
  if (!("serviceWorker" in navigator && "PushManager" in window)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function markThisDevice(subscription) {
  if (!subscription) return;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  const fingerprint = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const line = document.querySelector(`[data-device="${fingerprint}"] [data-this-device]`);
  if (line) line.hidden = false;
}

async function send(method, data) {
  const response = await fetch(root.dataset.subscriptionsUrl, {
    method,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
    },
    body: JSON.stringify(data),
  });
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
}

function bytesOf(base64url) {
  const binary = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
