// Theme: loaded in the head, before the page is rendered, so that a chosen theme does not flash.
(function () {
  try {
    const chosen = localStorage.getItem("jieban-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden; the system's theme is used then.
  }
})();
