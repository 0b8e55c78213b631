// Highlights the words that led to a proposal: an invisible copy of the text with the marks lies behind the field.

function parts(text, words) {
  const lowered = text.toLowerCase();
  const spans = [];
  for (const word of words) {
    const target = word.toLowerCase();
    for (let at = lowered.indexOf(target); target && at >= 0; at = lowered.indexOf(target, at + target.length)) {
      spans.push([at, at + target.length]);
    }
  }
  spans.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
  const found = [];
  let end = 0;
  for (const [from, to] of spans) {
    if (from < end) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to);
    found.push(text.slice(end, from), mark);
    end = to;
  }
  return [...found, text.slice(end)];
}

export function markWords(field, readWords) {
  const behind = document.createElement("div");
  behind.className = "behind";
  behind.setAttribute("aria-hidden", "true");
  const around = document.createElement("div");
  around.className = "marked-field";
  // Whoever is typing while the page loads can go on: moving a field in the document loses the cursor.
  const typing = document.activeElement === field;
  const { selectionStart, selectionEnd } = field;
  field.replaceWith(around);
  around.append(behind, field);
  if (typing) {
    field.focus({ preventScroll: true });
    field.setSelectionRange(selectionStart, selectionEnd);
  }

  const scroll = () => { behind.scrollTop = field.scrollTop; };
  const draw = () => {
    const words = JSON.parse(readWords() || "[]");
    // A final line break is only displayed when something follows it.
    behind.replaceChildren(...parts(field.value, words), "\u200b");
    scroll();
  };
  field.addEventListener("input", draw);
  field.addEventListener("scroll", scroll);
  document.addEventListener("htmx:oobAfterSwap", draw);
  draw();
}
