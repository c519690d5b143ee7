/** The photos of a vehicle: sent one after the other, dragged into order. Without script the form sends them all. */

const upload = document.querySelector("[data-photo-upload]");
const files = upload.querySelector("input[type=file]");
const progress = upload.querySelector("[data-photo-progress]");
const grid = () => document.querySelector("[data-photo-grid]");

upload.classList.add("is-alive");
files.addEventListener("change", () => send([...files.files]));
upload.addEventListener("dragover", (event) => { event.preventDefault(); upload.classList.add("is-over"); });
upload.addEventListener("dragleave", () => upload.classList.remove("is-over"));
upload.addEventListener("drop", (event) => {
  event.preventDefault();
  upload.classList.remove("is-over");
  send([...event.dataTransfer.files]);
});

async function send(chosen) {
  if (!chosen.length) return;
  progress.hidden = false;
  const notes = [];
  for (const [place, file] of chosen.entries()) {
    say(upload.dataset.sending.replace("{n}", place + 1).replace("{all}", chosen.length), (100 * place) / chosen.length);
    notes.push(...(await sendOne(file)));
  }
  progress.hidden = true;
  files.value = "";
  document.getElementById("photos").prepend(...notes);
}

function say(text, percent) {
  progress.querySelector("span").textContent = text;
  progress.querySelector("progress").value = percent;
}

/** @returns {Promise<Element[]>} what went wrong, to be shown once all are sent. */
async function sendOne(file) {
  const body = new FormData(upload);
  body.delete("photos");
  body.append("photos", file);
  try {
    const answer = await fetch(upload.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const photos = document.getElementById("photos");
    photos.innerHTML = await answer.text();
    htmx.process(photos);
    return [...photos.querySelectorAll(".alert")];
  } catch {
    const note = document.createElement("div");
    note.className = "alert alert-danger mb-2";
    note.setAttribute("role", "alert");
    note.textContent = upload.dataset.failed.replace("{name}", file.name);
    return [note];
  }
}

/* --- Dragging: pointer events, so that a thumb can do it too, after holding still for a moment --- */

const HOLD = 250; // milliseconds
let held = null;

document.addEventListener("pointerdown", (event) => {
  const tile = event.target.closest?.("[data-photo]");
  if (!tile || event.button || event.target.closest("button, a")) return;
  held = { tile, id: event.pointerId, at: [event.clientX, event.clientY], isLifted: false };
  if (event.pointerType === "touch") held.timer = setTimeout(lift, HOLD);
});
document.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== held.id) return;
  const distance = Math.hypot(event.clientX - held.at[0], event.clientY - held.at[1]);
  if (!held.isLifted && event.pointerType === "touch") return distance > 8 ? drop() : undefined;
  if (!held.isLifted && distance > 5) lift();
  if (held?.isLifted) over(event);
});
document.addEventListener("pointerup", (event) => held?.id === event.pointerId && drop());
document.addEventListener("pointercancel", (event) => held?.id === event.pointerId && drop());
document.addEventListener("touchmove", (event) => held?.isLifted && event.preventDefault(), { passive: false });

function lift() {
  held.isLifted = true;
  held.order = orderOf();
  held.tile.classList.add("is-lifted");
}

function over(event) {
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-photo]");
  if (!under || under === held.tile) return;
  const tiles = [...grid().children];
  under[tiles.indexOf(held.tile) < tiles.indexOf(under) ? "after" : "before"](held.tile);
}

function drop() {
  const { tile, timer, isLifted, order } = held;
  held = null;
  clearTimeout(timer);
  tile.classList.remove("is-lifted");
  if (!isLifted || order === orderOf()) return;
  const form = document.getElementById("photo-order");
  const inputs = [...form.querySelectorAll("[name=photo]")];
  for (const [place, one] of [...grid().children].entries()) inputs[place].value = one.dataset.photo;
  htmx.trigger(form, "reordered");
}

const orderOf = () => [...grid().children].map((tile) => tile.dataset.photo).join();
