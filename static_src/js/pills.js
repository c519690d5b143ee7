/** A row of pills that is wider than the screen shows the one that counts: `aria-current`. */

export function startPills() {
  show();
  document.body.addEventListener("htmx:afterSettle", show);
}

function show() {
  for (const row of document.querySelectorAll(".pills")) {
    const current = row.querySelector("[aria-current]");
    if (current && row.scrollWidth > row.clientWidth) row.scrollLeft += middle(current) - middle(row);
  }
}

function middle(element) {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}
