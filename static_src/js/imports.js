/** Pages of imports: dropping a file, the bar of its upload, ticking all, and what was unfolded staying so. */

const unfolded = new Set();

document.addEventListener("dragover", (event) => hover(event, true));
document.addEventListener("dragleave", (event) => hover(event, false));
document.addEventListener("drop", take);
document.addEventListener("change", changed);
document.body.addEventListener("htmx:xhr:progress", uploaded);
document.body.addEventListener("htmx:beforeSwap", remember);
document.body.addEventListener("htmx:afterSwap", unfold);

const placeOf = (event) => event.target.closest?.("[data-drop]");
const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** A file over the page must not replace it, wherever it is let go. */
function hover(event, isOver) {
  if (!holdsFile(event)) return;
  event.preventDefault();
  const form = document.querySelector("[data-drop]");
  form?.classList.toggle("is-over", isOver && Boolean(placeOf(event)));
}

function take(event) {
  if (!holdsFile(event)) return;
  event.preventDefault();
  const form = placeOf(event);
  if (!form) return;
  form.classList.remove("is-over");
  form.querySelector("input[type=file]").files = event.dataTransfer.files;
  send(form);
}

function changed({ target }) {
  if (target.matches("[data-drop] input[type=file]") && target.files.length) send(target.form);
  if (target.matches("[data-tick-all]")) tickAll(target);
  if (target.matches("[data-tick]")) target.form.querySelector("[data-tick-all]").checked = false;
}

/** With sites to choose from for a new feed, the person presses the button himself. */
function send(form) {
  form.querySelector("[data-drop-name]").textContent = form.querySelector("input[type=file]").files[0].name;
  const isNew = !form.querySelector("select[name=feed]")?.value;
  if (isNew && form.querySelector("[data-new-feed]")) form.querySelector("button[type=submit]").focus();
  else form.requestSubmit();
}

function tickAll(box) {
  for (const one of box.form.querySelectorAll("[data-tick]")) one.checked = box.checked;
}

function uploaded({ target, detail }) {
  const bar = target.closest("[data-drop]")?.querySelector("progress");
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * detail.loaded) / detail.total;
}

function remember() {
  unfolded.clear();
  for (const one of document.querySelectorAll("details[id][open]:not(.menu)")) unfolded.add(one.id);
}

function unfold() {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
}
