/** The sign-in page: showing the password, and filling the form from the demo's list of people. */

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    field.focus();
  });
}

const form = document.querySelector("form[data-sign-in]");

for (const button of document.querySelectorAll("[data-demo-email]")) {
  button.addEventListener("click", () => {
    form.elements.login.value = button.dataset.demoEmail;
    form.elements.password.value = button.dataset.demoPassword;
    const submit = form.querySelector(".btn-primary");
    submit.focus({ preventScroll: true });
    submit.scrollIntoView({ block: "center" });
  });
}
