/** Pushes that this device shows: they go once the alert was read, filed or settled, wherever that happened. */

import { getJson } from "./http.js";

async function shown() {
  if (!("serviceWorker" in navigator)) return [];
  const registration = await navigator.serviceWorker.getRegistration();
  const notifications = (await registration?.getNotifications?.()) ?? [];
  return notifications.filter(({ data }) => Number.isInteger(data?.notification));
}

/** Close those of these alerts. @param {number[]} ids */
export async function closeShown(ids) {
  const settled = new Set(ids);
  if (!settled.size) return;
  for (const one of await shown()) if (settled.has(one.data.notification)) one.close();
}

/** Close what was dealt with while no page was open here. @param {string} url says which alerts are still open */
export async function tidyShown(url) {
  const all = await shown();
  if (!all.length) return;
  const { open } = await getJson(`${url}?ids=${all.slice(0, 100).map(({ data }) => data.notification)}`);
  for (const one of all.slice(0, 100)) if (!open.includes(one.data.notification)) one.close();
}
