// Call page by keyboard: place search while typing, proposals, and times of emergency calls.

import { markWords } from "./mark-words.js";
import { pinOn } from "./pin.js";

const form = document.getElementById("call-form");
const where = form.elements.where;
const list = document.getElementById("place-list");
const words = form.dataset;
const PAUSE = 120;  // milliseconds after a letter

function changed(field) {
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

async function post(address, values) {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", body, headers });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

/* The place */
let found = [];
let here = -1;
let latest = 0;
let pause = 0;

function close() {
  list.hidden = true;
  where.setAttribute("aria-expanded", "false");
  where.removeAttribute("aria-activedescendant");
}

function point(index) {
  here = index;
  for (const [place, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(place === here));
  const row = list.children[here];
  if (row) where.setAttribute("aria-activedescendant", row.id);
  row?.scrollIntoView({ block: "nearest" });
}

function takePlace(id, path) {
  form.elements.place.value = id;
  where.value = path;
  close();
  changed(where);
}

function row(place, index) {
  const entry = document.createElement("li");
  entry.id = `place-${index}`;
  entry.setAttribute("role", "option");
  const path = document.createElement("span");
  path.textContent = place.path;
  const level = document.createElement("small");
  level.textContent = place.level;
  entry.append(path, level);
  entry.addEventListener("mousedown", (event) => {
    event.preventDefault();
    takePlace(place.id, place.path);
  });
  return entry;
}

function showSentence(sentence) {
  const entry = document.createElement("li");
  entry.textContent = sentence;
  list.replaceChildren(entry);
}

async function seek() {
  const mine = ++latest;
  const typed = where.value.trim();
  if (!typed) return close();
  try {
    const answer = await post(words.places, { q: typed });
    if (mine !== latest) return;
    found = answer.places;
    if (found.length) list.replaceChildren(...found.map(row));
    else showSentence(words.none);
  } catch {
    found = [];
    showSentence(words.lost);
  }
  list.hidden = false;
  where.setAttribute("aria-expanded", "true");
  point(found.length ? 0 : -1);
}

for (const [name, value] of Object.entries({
  role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": "place-list",
})) where.setAttribute(name, value);
where.addEventListener("input", (event) => {
  event.stopPropagation();  // the search text is not a chosen place yet
  form.elements.place.value = "";
  clearTimeout(pause);
  pause = setTimeout(seek, PAUSE);
});
where.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) seek();
    else point(Math.max(0, Math.min(found.length - 1, here + (event.key === "ArrowDown" ? 1 : -1))));
  } else if (event.key === "Enter" && !event.ctrlKey && !list.hidden && found[here]) {
    event.preventDefault();
    takePlace(found[here].id, found[here].path);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
});
where.addEventListener("blur", close);

/* Proposals */
function put(name, value, label) {
  if (name === "place") return takePlace(value, label);
  const field = form.elements[name];
  if (field instanceof RadioNodeList) {
    field.value = value;
    changed([...field].find((one) => one.checked) ?? form);
  } else if (field.type === "checkbox") {
    field.checked = Boolean(value);
    changed(field);
  } else {
    field.value = value;
    changed(field);
  }
}

function currentValue(name) {
  const field = form.elements[name];
  return field.type === "checkbox" ? (field.checked ? "on" : "") : field.value;
}

// The first press accepts the proposal, each further one its next option; a ticked box is unticked.
const taken = new Map();  // field: the proposal whose options the key goes through

function takeNext(group) {
  const name = group.dataset.group;
  const options = JSON.parse(group.dataset.options);
  const here = options.findIndex(([value]) => value === currentValue(name));
  if (here >= 0 && form.elements[name].type === "checkbox") return put(name, "", "");
  const begun = here === 0 || taken.get(name) === group.dataset.options;
  taken.set(name, group.dataset.options);
  put(name, ...options[begun ? (here + 1) % options.length : 0]);
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (button) put(button.dataset.take, button.dataset.value, button.dataset.label);
  const called = event.target.closest("[data-called]");
  if (called) call(called.dataset.called);
});

/* Emergency calls */
function wall(at) {
  const part = (value) => String(value).padStart(2, "0");
  const shanghai = new Date(at.getTime() + (8 * 60 + at.getTimezoneOffset()) * 60_000);
  return `${shanghai.getFullYear()}-${part(shanghai.getMonth() + 1)}-${part(shanghai.getDate())}T${part(shanghai.getHours())}:${part(shanghai.getMinutes())}`;
}

function call(service) {
  const at = form.elements[`at_${service}`];
  if (!at.value) at.value = wall(new Date());
  form.elements.urgency.value = "life";
  changed(at);
  form.elements[`who_${service}`].focus();
}

function unfold(details, within) {
  details.open = true;
  details.querySelector(within)?.focus();
}

/* Keys */
const answer = form.elements.answer.closest("details");
const KEYS = {
  F2: () => form.elements.text.focus(),
  F3: () => where.focus(),
  F4: () => (document.getElementById("id_category") ?? form.elements.category).focus(),
  F6: () => unfold(answer, "textarea"),
  F8: () => unfold(document.getElementById("emergency"), "[data-called]"),
};
const openPin = pinOn({ take: takePlace, form, ask: (at) => post(words.point, at) });
const WITH_ALT = { KeyE: KEYS.F8, KeyM: openPin };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const number = event.altKey && /^Digit([1-7])$/.exec(event.code);
  const act = event.altKey ? WITH_ALT[event.code] : KEYS[event.key];
  const group = number && document.querySelector(`[data-alt="${number[1]}"]`);
  if (!act && !number) return;
  event.preventDefault();
  if (act) act();
  else if (group) takeNext(group);
});

markWords(form.elements.text, () => document.querySelector("#proposals [data-words]")?.dataset.words);

// Nobody who has begun to type is sent to another page.
if (document.activeElement === document.body && !form.elements.text.value) (form.elements.phone.value ? form.elements.text : form.elements.phone).focus();
form.dataset.ready = "yes";

// Text typed while the page was loading is looked up, too, once the listeners are there.
document.addEventListener("DOMContentLoaded", () => {
  const early = ["phone", "text"].map((name) => form.elements[name]).find((field) => field.value !== field.defaultValue);
  if (early) early.dispatchEvent(new Event("input", { bubbles: true }));
});
