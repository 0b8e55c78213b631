// Ticked rows: X ticks the row with the cursor, one box ticks all rows; a table can be copied whole.

function tickAll(box) {
  for (const one of document.querySelectorAll("[data-tick]")) one.checked = box.checked;
}

function copy(button) {
  const range = document.createRange();
  range.selectNode(document.getElementById(button.dataset.copy));
  const chosen = getSelection();
  chosen.removeAllRanges();
  chosen.addRange(range);
  if (document.execCommand("copy")) button.textContent = button.dataset.copied;
  chosen.removeAllRanges();
}

export function watchTicks() {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) tickAll(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!event.target.matches("[data-row-link], [data-tick]")) return;
    const box = event.target.closest("tr")?.querySelector("[data-tick]");
    if (box) box.checked = !box.checked;
  });
}
