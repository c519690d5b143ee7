/** Live lists: an element with data-live="<url of its fragment>" and children with data-key and data-version.

    The server renders the whole list; here only what differs is exchanged, so that focus, scroll position and
    open menus survive, and no line can be lost or doubled. They are read again when the bell tells of a change. What
    also changes by people of whom the reader's bell says nothing has data-live-every="<seconds>"; the numbers of the
    navigation that count its lines are named by data-live-counts="<begin of subjects>". */

import { recount } from "./counts.js";
import { getFragment } from "./http.js";

const waiting = new WeakMap();

export function startLists() {
  for (const list of document.querySelectorAll("[data-live-every]"))
    setInterval(() => document.hidden || readInTurn(list), Number(list.dataset.liveEvery) * 1000);
}

async function readInTurn(list) {
  const before = keysOf(list);
  await refresh(list).catch(() => {});
  if (list.dataset.liveCounts && keysOf(list) !== before) recount([list.dataset.liveCounts]);
}

const keysOf = (list) => [...list.children].map((node) => node.dataset.key).join();

/** Read every live list inside `root` again. Errors leave the list as it is: the next change tries again. */
export async function refreshLists(root = document) {
  await Promise.allSettled([...root.querySelectorAll("[data-live]")].map(refresh));
}

/** Read one list again. While a reading is under way, one more is queued, never two. */
export function refresh(list) {
  const running = waiting.get(list);
  if (running) {
    running.again = true;
    return running.done;
  }
  const state = { again: false };
  state.done = (async () => {
    try {
      do {
        state.again = false;
        merge(list, await getFragment(list.dataset.live));
      } while (state.again);
    } finally {
      waiting.delete(list);
      list.removeAttribute("aria-busy");
    }
  })();
  waiting.set(list, state);
  return state.done;
}

/** Make `list` hold what `fragment` holds, keeping the nodes that are the same. */
export function merge(list, fragment) {
  const source = fragment.querySelector("[data-live]") ?? fragment;
  const held = new Map([...list.children].filter((node) => node.dataset.key).map((node) => [node.dataset.key, node]));
  const active = document.activeElement;
  const focused = list.contains(active) ? active.closest("[data-key]") : null;
  const place = focused ? [...list.children].indexOf(focused) : 0;
  const wanted = [...source.children].map((node) => {
    const known = node.dataset.key && held.get(node.dataset.key);
    return known && known.dataset.version === node.dataset.version ? known : node;
  });
  if (!isSame(list.children, wanted)) list.replaceChildren(...wanted);
  if (focused && list.contains(active)) active.focus({ preventScroll: true }); // moving its node took the focus away
  else if (focused) focusAgain(list, focused.dataset.key, place);
  list.dispatchEvent(new CustomEvent("list:merged", { bubbles: true }));
}

const isSame = (now, wanted) => now.length === wanted.length && wanted.every((node, index) => node === now[index]);

/** To the same item, or to the one that took its place. */
function focusAgain(list, key, place) {
  const item = list.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? list.children[place] ?? list.lastElementChild;
  item?.querySelector("a, button")?.focus();
}
