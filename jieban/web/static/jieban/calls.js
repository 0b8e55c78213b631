// A call's page: it opens with the caller, and the time of an emergency call is noted at the press.

function clock() {
  const at = new Date();
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

function untouched(form) {
  return ["text", "phone", "name"].every((name) => !form.elements[name]?.value);
}

export function watchCalls() {
  const form = document.getElementById("call-form");
  if (!form) return;

  // An answered call opens its page by itself where nothing was begun; else its key stays in sight.
  document.getElementById("ringing")?.addEventListener("htmx:afterSwap", (event) => {
    const call = event.target.querySelector("[data-answered]");
    if (call && form.elements.call.value !== call.dataset.ringing && untouched(form)) call.click();
    if (call && form.elements.call.value === call.dataset.ringing) event.target.replaceChildren();
  });

  document.addEventListener("change", (event) => {
    const service = event.target.dataset?.alarm;
    if (!service) return;
    const at = form.elements[`at_${service}`];
    if (event.target.checked && !at.value) at.value = clock();
    if (event.target.checked) form.elements[`said_${service}`].focus();
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.key.toLowerCase() !== "e") return;
    const alarms = document.getElementById("alarms");
    alarms.open = true;
    alarms.querySelector("input").focus();
    event.preventDefault();
  });
}
