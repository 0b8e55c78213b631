// Ringing calls: polls every two seconds. An answered call opens its page, unless another one is being written.

const EVERY = 2_000;  // milliseconds

function writing() {
  return document.activeElement?.closest("input, textarea, select") !== null;
}

function pageOfCall() {
  return document.getElementById("call-form");
}

// Whether the page holds nothing of another call.
function free(form, call) {
  const mine = form.elements.call.value;
  return mine === String(call.id) || (!mine && !form.elements.phone.value && !form.elements.text.value);
}

function fill(form, call) {
  form.elements.call.value = call.id;
  if (form.elements.phone.value || !call.number) return;
  form.elements.phone.value = call.number;
  form.elements.phone.dispatchEvent(new Event("input", { bubbles: true }));
  if (!writing() || document.activeElement === form.elements.phone) form.elements.text.focus();
}

function say(box, call) {
  const words = document.createElement("strong");
  words.textContent = `${call.state === "ringing" ? box.dataset.ringing : box.dataset.answered} ${call.masked}`;
  const link = document.createElement("a");
  link.href = call.url;
  link.textContent = `${box.dataset.open} F7`;
  if (pageOfCall()) link.target = "_blank";
  box.replaceChildren(words, link);
}

export function watchRinging() {
  const box = document.getElementById("ringing");
  if (!box) return;
  let current = "";
  let timer = 0;

  function show(call) {
    const now = call ? `${call.id} ${call.state}` : "";
    if (now === current) return;
    const first = current === "";
    current = now;
    box.hidden = !call;
    if (!call) return box.replaceChildren();
    say(box, call);
    const form = pageOfCall();
    if (call.state !== "answered") return;
    if (form && free(form, call)) fill(form, call);
    // A page opened in the middle of a call stays: the call already has a page.
    else if (!form && !writing() && !first) location.assign(call.url);
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return clearInterval(timer);
      show((await answer.json()).call);
    } catch {
      // Without a network this poll is skipped; the next may succeed.
    }
  }

  document.addEventListener("keydown", (event) => {
    const link = box.querySelector("a");
    if (event.key === "F7" && link) {
      event.preventDefault();
      link.click();
    }
  });
  timer = setInterval(ask, EVERY);
  ask();
}
