/** Keeps the age chips of waiting leads true while the page stays open. */

const MINUTE = 60_000;

export function startAges() {
  setInterval(refreshAges, MINUTE / 4);
}

/** Write every chip's age anew: « 4 min », « 2 h 05 », « 3 d », and its level. */
export function refreshAges(now = Date.now()) {
  for (const chip of document.querySelectorAll("[data-age-since]")) {
    const minutes = Math.max(0, Math.floor((now - Date.parse(chip.dataset.ageSince)) / MINUTE));
    chip.querySelector("[data-age-text]").textContent = ageText(minutes, document.body.dataset);
    setLevel(chip, minutes);
  }
}

function ageText(minutes, words) {
  if (minutes < 60) return words.ageMinutes.replace("{n}", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return words.ageHours.replace("{h}", hours).replace("{m}", String(minutes % 60).padStart(2, "0"));
  return words.ageDays.replace("{n}", Math.floor(hours / 24));
}

function setLevel(chip, minutes) {
  const level = minutes < Number(chip.dataset.ageWarm) ? "fresh" : minutes < Number(chip.dataset.ageLate) ? "warm" : "late";
  for (const name of ["fresh", "warm", "late"]) chip.classList.toggle(`chip-${name}`, name === level);
  const icon = chip.querySelector("use");
  icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, `#${chip.dataset[`icon${level[0].toUpperCase()}${level.slice(1)}`]}`));
}
