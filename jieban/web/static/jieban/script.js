// Visit-back form by keyboard: a digit answers the current question, a letter does the rest.

const TEXT = "textarea, select, input:not([type=radio]), dialog[open], dialog[open] *";
const FIELDS = { W: "remark", R: "recording" };

function questions(form) {
  return [...form.querySelectorAll(".question")];
}

function answered(question) {
  return question.querySelector("input:checked") !== null;
}

function current(form) {
  const all = questions(form);
  return all.find((one) => one.contains(document.activeElement)) ?? all.find((one) => !answered(one));
}

function ask(form, question) {
  for (const one of questions(form)) one.toggleAttribute("data-current", one === question);
  const place = question?.querySelector("input:checked, input") ?? form.querySelector("[data-main]");
  place.focus();
}

function answer(form, figure) {
  const question = current(form);
  const input = question?.querySelector(`[data-answer="${figure}"] input`);
  if (!input) return false;
  input.checked = true;
  const all = questions(form);
  const after = all.slice(all.indexOf(question) + 1);
  ask(form, after.find((one) => !answered(one)) ?? all.find((one) => !answered(one)));
  return true;
}

function back(form) {
  const all = questions(form);
  const here = all.indexOf(current(form));
  ask(form, all[here < 0 ? all.length - 1 : Math.max(0, here - 1)]);
  return true;
}

function press(form, key) {
  if (/^[0-9]$/.test(key)) return answer(form, key);
  if (key === "B") return back(form);
  if (FIELDS[key]) {
    form.elements[FIELDS[key]].focus();
    return true;
  }
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  button?.click();
  return Boolean(button);
}

function send(form) {
  const waiting = questions(form).find((one) => !answered(one));
  if (waiting) ask(form, waiting);
  else form.requestSubmit(form.querySelector("[data-main]"));
}

export function watchScript() {
  const form = document.querySelector("form[data-script]");
  if (!form) return;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && event.ctrlKey) {
      send(form);
    } else if (event.ctrlKey || event.target.closest(TEXT)) {
      return;
    } else if (event.key === "Enter") {
      if (event.target.closest("button, a, summary") && !event.target.matches("[data-main]")) return;
      send(form);
    } else if (event.key.length !== 1 || !press(form, event.key.toUpperCase())) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  // The number is displayed large, and read out; the cursor moves to the first question.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "dial") ask(form, current(form));
  });
}
