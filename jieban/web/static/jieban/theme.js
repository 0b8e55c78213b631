// Loaded in the head, before anything is drawn, so that a chosen theme does not flash.
(function () {
  try {
    const chosen = localStorage.getItem("jieban-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden; the system's theme then holds.
  }
})();
