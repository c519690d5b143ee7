/** Live parts of a page: <div data-part hx-get="…" hx-trigger="moved:<subject> from:body">.

    htmx reads the part again and gives the focus back to the element of the same id. Here is what it leaves open: a
    focus whose element is gone, and saying aloud what the new part has in `data-announce`. */

import { announce } from "./notes.js";

const before = new WeakMap();

export function startParts() {
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:afterSwap", conclude);
}

/** Tell the parts which show one of these subjects that something happened to it. */
export function tellParts(subjects) {
  for (const subject of new Set(subjects)) document.body.dispatchEvent(new CustomEvent(`moved:${subject}`));
}

const wordsOf = (part) => part.querySelector("[data-announce]")?.dataset.announce;

function remember({ target }) {
  if (!target.matches("[data-part]")) return;
  before.set(target, { words: wordsOf(target), hadFocus: target.contains(document.activeElement) });
}

/** Comes once for each new child; the first has all of them in place. */
function conclude({ target }) {
  const part = target.closest("[data-part]");
  const { words, hadFocus } = before.get(part) ?? {};
  if (!before.delete(part)) return;
  if (hadFocus && !part.contains(document.activeElement)) focusHeading(part);
  if (wordsOf(part) && wordsOf(part) !== words) announce(wordsOf(part));
}

function focusHeading(part) {
  const heading = part.querySelector("h1, h2");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
