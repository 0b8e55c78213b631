import { watchKeys } from "./keys.js";
import { watchForms } from "./forms.js";
import { watchPicks } from "./pick.js";
import { watchScript } from "./script.js";
import { watchTicks } from "./ticks.js";
import { watchRinging } from "./ringing.js";
import { watchLeaving } from "./field-leave.js";
import { watchHelp } from "./help.js";

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("jieban-theme", root.dataset.theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

// On a phone the navigation is wider than the window: the current page is scrolled to its middle.
function showPlace() {
  const here = document.querySelector("nav.places [aria-current=page]");
  const bar = here?.parentElement;
  if (bar) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-switch-theme]")) switchTheme();
  if (event.target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

showPlace();
watchScript();
watchKeys();
watchForms();
watchPicks();
watchTicks();
watchRinging();
watchLeaving();
watchHelp();
