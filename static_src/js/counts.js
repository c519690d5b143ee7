/** Numbers beside the links of the navigation: <span data-waiting="<address>" data-moves="<begin of subjects>">.

    The inbox says which subjects moved; a number that counts such ones is read again. One reading serves every place
    that shows it, and what moves meanwhile is read once more. */

import { getJson } from "./http.js";

const reading = new Map(); // address → whether something moved since the reading began
const missed = new Set(); // addresses whose reading failed

export function recount(subjects = []) {
  const moved = [...document.querySelectorAll("[data-waiting]")]
    .filter(({ dataset }) => subjects.some((subject) => subject.startsWith(dataset.moves)))
    .map(({ dataset }) => dataset.waiting);
  for (const url of new Set([...moved, ...missed])) read(url);
}

async function read(url) {
  if (reading.has(url)) return reading.set(url, true);
  try {
    do {
      reading.set(url, false);
      show(url, (await getJson(url)).waiting);
    } while (reading.get(url));
    missed.delete(url);
  } catch {
    missed.add(url);
  } finally {
    reading.delete(url);
  }
}

function show(url, waiting) {
  for (const count of document.querySelectorAll(`[data-waiting="${CSS.escape(url)}"]`)) {
    count.querySelector("[data-number]").textContent = waiting > 99 ? "99+" : String(waiting);
    count.hidden = waiting === 0;
  }
}
