// Runs before the first paint, so that a dark page never flashes white. Classic script on purpose: modules wait.
(() => {
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "dark" || (wanted !== "light" && prefersDark.matches) ? "dark" : "light";
  };
  apply();
  prefersDark.addEventListener("change", apply);
})();
