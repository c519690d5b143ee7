/** Says why a passkey cannot be used here, instead of a button that does nothing. Allauth's scripts do the rest. */

const buttons = document.querySelectorAll("[data-passkey]");
const problems = document.querySelectorAll("[data-passkey-problem]");

const show = (name) => {
  for (const problem of problems) problem.hidden = problem.dataset.passkeyProblem !== name;
};

const isNumericAddress = /^[\d.]+$|^\[/.test(location.hostname);

const obstacle = () => {
  if (isNumericAddress) return "address";
  return window.PublicKeyCredential ? "" : "unsupported";
};

const found = obstacle();
if (found) {
  show(found);
  for (const button of buttons) button.disabled = true;
}

for (const link of document.querySelectorAll("[data-by-name]")) {
  const address = new URL(link.href);
  address.hostname = "localhost";
  link.href = address.href;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  show("refused");
});
