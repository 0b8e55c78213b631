// Keyboard shortcuts, the same on every desk: J K down and up, Enter opens, / searches, ? lists all.

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

function rows() {
  return [...document.querySelectorAll("[data-row-link]")];
}

function step(by) {
  const links = rows();
  if (links.length === 0) return;
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
  const link = links[Math.max(0, Math.min(links.length - 1, next))];
  link.focus();
  link.closest("tr, li")?.scrollIntoView({ block: "nearest" });
}

// On a desk the next row is opened at once; in a list Enter opens it.
function go(by) {
  const links = rows();
  const here = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  if (here < 0 || !document.getElementById("desk")) return step(by);
  const link = links[here + by];
  if (link) link.click();
}

function main() {
  const button = document.querySelector("[data-main]");
  button?.form.requestSubmit(button);
  return button !== null;
}

// Presses the element with this key; an action that unfolds gets the cursor in its first field.
function press(key) {
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return false;
  const folded = found.closest("details");
  found.click();
  if (folded?.open) {
    const settle = () => folded.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
    settle();
    folded.addEventListener("htmx:afterSettle", settle, { once: true });
  }
  return true;
}

function choose(button) {
  const form = button.form;
  form.elements.lead.value = button.dataset.choose;
  const helpers = button.dataset.helpers.trim().split(/\s+/);
  for (const option of form.elements.co_handlers?.options ?? []) option.selected = helpers.includes(option.value);
  for (const list of [form.elements.lead, form.elements.co_handlers]) list?.dispatchEvent(new Event("change", { bubbles: true }));
  for (const other of form.querySelectorAll("[data-choose]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.querySelector("dialog.keys")?.showModal(),
};

export function watchKeys() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (button) choose(button);
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter" && event.target.form) event.target.form.requestSubmit();
      return;
    }
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) {
      act();
    } else if (event.key === "Enter") {
      const rowHere = event.target.matches("[data-row-link][aria-current]") || event.target === document.body;
      if (!rowHere || !main()) return;
    } else if (!press(event.key.length === 1 ? event.key.toUpperCase() : event.key)) {
      return;
    }
    event.preventDefault();
  });

  // The desk is replaced after each step; the open row gets the cursor again.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "desk") holdRow(event.target);
  });
  const desk = document.getElementById("desk");
  if (desk) holdRow(desk);
}

function holdRow(desk) {
  const link = desk.querySelector("[data-row-link][aria-current]");
  link?.focus({ preventScroll: true });
  link?.scrollIntoView({ block: "nearest" });
}
