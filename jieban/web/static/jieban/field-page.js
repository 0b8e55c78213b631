// Actions on the field pages: recording, calling, sorting by walking distance. Recording also works offline; what is
// recorded then waits in the queue.
import { add } from "./field-store.js";
import { element, phrase, timeText, words } from "./field-draw.js";

const LONGEST_SIDE = 1600; // pixels
const QUALITY = 0.8;
const MOST_PHOTOS = 6;

export function tell(form, text) {
  const notice = element("div", "notice tone-red");
  notice.setAttribute("role", "alert");
  notice.append(element("div", "", text));
  form.querySelector(".refusal").replaceChildren(notice);
  notice.scrollIntoView({ block: "center" });
}

function unlock(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[type=submit]")) button.removeAttribute("aria-disabled");
}

// Re-encodes a photograph: it gets smaller and loses its metadata about place and phone.
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY);
  });
}

async function photosIn(form) {
  const files = [...(form.querySelector("input[name=photos]")?.files ?? [])];
  if (files.length > MOST_PHOTOS) throw new Error(words.many_photos);
  const made = [];
  for (const file of files) {
    try {
      made.push(await smaller(file));
    } catch {
      throw new Error(phrase("bad_photo", file.name));
    }
  }
  return made;
}

function fieldsOf(form) {
  const left = new Set(["csrfmiddlewaretoken", "key", "photos"]);
  return [...new FormData(form)].filter(([name, value]) => !left.has(name) && typeof value === "string");
}

function lacking(fields) {
  const filled = (name) => fields.some(([known, value]) => known === name && value.trim());
  if (fields.some(([name]) => name === "way") && !filled("kinds")) return words.kind_needed;
  return filled("said") || filled("text") ? "" : words.text_needed;
}

function labelOf(action, fields) {
  const kinds = fields.filter(([name]) => name === "kinds").map(([, kind]) => words.visits[kind]);
  return action === "record_visit" ? kinds.join("、") : words.acts[action];
}

// Puts the form's values into the queue; returns the item's key, or undefined when something is missing.
export async function take(form, mine) {
  const { number, subject, version, fieldAct: action } = form.dataset;
  const fields = fieldsOf(form);
  const missing = lacking(fields);
  if (missing) {
    tell(form, missing);
    return undefined;
  }
  let photos;
  try {
    photos = await photosIn(form);
  } catch (error) {
    tell(form, error.message);
    return undefined;
  }
  const item = { number, subject, version, action, fields, label: labelOf(action, fields), taken_at: new Date().toISOString() };
  try {
    return await add(mine, item, photos);
  } catch {
    tell(form, words.not_kept);
    return undefined;
  }
}

export function noteOf(item) {
  const text = item.fields.find(([name]) => name === "said")?.[1] ?? "";
  const way = words.ways[item.fields.find(([name]) => name === "way")?.[1]] ?? "";
  return `${item.label}（${way}，${timeText(item.taken_at)}）：${text}`;
}

export function watchForms(mine, sent) {
  for (const form of document.querySelectorAll("form[data-field-act]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.taking === "yes") return;
      form.dataset.taking = "yes";
      let key;
      try {
        key = await take(form, mine);
      } finally {
        delete form.dataset.taking;
        unlock(form);
      }
      if (key) await sent(form, key);
    });
  }
}

// The number is requested when the button is pressed, goes to the telephone and is not displayed.
export function watchCall() {
  const form = document.querySelector("form[data-call]");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const refusal = form.querySelector(".field-error");
    refusal.textContent = "";
    try {
      const options = { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, redirect: "error" };
      const answer = await fetch(form.action, options);
      if (!answer.ok) throw new Error(String(answer.status));
      location.href = (await answer.json()).dial;
    } catch {
      refusal.textContent = words.no_call;
    } finally {
      unlock(form);
    }
  });
}

// The position is requested when the button is pressed, and sent with this one request.
export function watchNear() {
  const form = document.querySelector("form[data-near]");
  if (!form || !("geolocation" in navigator)) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = ({ coords }) => {
      form.elements.lat.value = coords.latitude;
      form.elements.long.value = coords.longitude;
      form.submit();
    };
    const failed = () => {
      document.getElementById("near-said").textContent = words.no_position;
      unlock(form);
    };
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });
}
