/** One vehicle: the gallery's keys, buttons and strip (swiping is the browser's own), and what its form needs. */

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-gallery-step]");
  if (step) go(step.closest("[data-gallery]"), (now) => now + Number(step.dataset.galleryStep));
  const place = event.target.closest("[data-gallery-to]");
  if (!place) return;
  event.preventDefault();
  go(place.closest("[data-gallery]"), () => Number(place.dataset.galleryTo));
});

document.addEventListener("keydown", (event) => {
  const gallery = document.querySelector("[data-gallery]:has([data-gallery-step])");
  const isTyping = event.target.matches("input, textarea, select, [contenteditable]");
  if (!gallery || isTyping || event.altKey || event.ctrlKey || event.metaKey) return;
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  go(gallery, (now) => now + steps[event.key]);
});

document.addEventListener("scroll", ({ target }) => target.matches?.("[data-gallery-stage]") && mark(target), true);

const placeOf = (stage) => Math.round(stage.scrollLeft / stage.clientWidth);

function go(gallery, next) {
  const stage = gallery.querySelector("[data-gallery-stage]");
  const count = stage.children.length;
  const place = (next(placeOf(stage)) + count) % count;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  stage.scrollTo({ left: place * stage.clientWidth, behavior: isStill ? "instant" : "smooth" });
}

function mark(stage) {
  const gallery = stage.closest("[data-gallery]");
  const place = placeOf(stage);
  const number = gallery.querySelector("[data-gallery-now]");
  if (!number || number.textContent === String(place + 1)) return;
  number.textContent = place + 1;
  for (const link of gallery.querySelectorAll("[data-gallery-to]")) {
    const isHere = Number(link.dataset.galleryTo) === place;
    link.toggleAttribute("aria-current", isHere);
    if (isHere) link.setAttribute("aria-current", "true");
    if (isHere) link.parentElement.parentElement.scrollTo({ left: link.offsetLeft - 120, behavior: "smooth" });
  }
}

/** Whoever saved in vain is taken to what is wrong. */
document.querySelector("[data-vehicle-form] [data-focus]")?.focus();

/** Nobody loses a long form by a slip of the thumb. */
const form = document.querySelector("[data-vehicle-form]");
if (form) {
  let isTouched = Boolean(form.querySelector("[data-focus]"));
  form.addEventListener("input", () => { isTouched = true; });
  form.addEventListener("submit", () => { isTouched = false; });
  addEventListener("beforeunload", (event) => isTouched && event.preventDefault());
}
