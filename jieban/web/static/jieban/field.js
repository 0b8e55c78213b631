// Field pages: the task list is stored for a day, and records wait until they are sent.
import * as store from "./field-store.js";
import { reachable, sendAll } from "./field-send.js";
import { drawCase, drawGroups, drawQueue, phrase, rowOf, timeText, words } from "./field-draw.js";
import { noteOf, tell, watchCall, watchForms, watchNear } from "./field-page.js";

const shell = "shell" in document.body.dataset;
const RETRY = 3000; // milliseconds between two checks of the network
const byId = (id) => document.getElementById(id);
let reached = !shell && navigator.onLine;
let trouble = "";

async function showState(mine) {
  const found = mine ? await store.items(mine) : [];
  const count = (state) => found.filter((item) => item.state === state).length;
  const [waiting, refused] = [count("waiting"), count("refused")];
  const elsewhere = mine ? await store.others(mine) : 0;
  const place = byId("rounds-net");
  const kind = `${reached ? "online" : "offline"}${waiting ? "_waiting" : ""}`;
  let text = phrase(kind, waiting);
  if (trouble === "signed_out" && waiting) text = words.signed_out;
  if (refused) text += ` · ${phrase("refused", refused)}`;
  if (elsewhere) text += ` · ${phrase("other", elsewhere)}`;
  const tone = refused ? "red" : waiting || elsewhere ? "amber" : reached ? "green" : "grey";
  place.className = `rounds-net state tone-${tone}`;
  place.firstElementChild.textContent = text;
  place.hidden = false;
}

async function redraw(mine) {
  await showState(mine);
  if (byId("rounds-items")) await drawQueue(byId("rounds-items"), mine);
}

async function flush(mine) {
  if (!mine) return "none";
  const result = await sendAll(mine, () => redraw(mine));
  trouble = result;
  if (result !== "offline") reached = true;
  else reached = false;
  await redraw(mine);
  return result;
}

// Browsers with background sync wake the service worker when the network is back, also when no page is open.
async function askForSync() {
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.sync?.register("field-send").catch(() => {});
}

async function afterTaking(mine, form, key) {
  const number = form.dataset.number;
  // Before the state is shown: whoever sees it goes on with the next record, which must not be cleared.
  form.reset();
  if (shell) await drawShell(mine);
  const result = await flush(mine);
  const item = (await store.items(mine)).find((each) => each.key === key);
  if (item?.state === "refused") {
    // Nothing is lost: the item stays in the queue, where the user can decide about it.
    location.assign("/field/queue/");
    return;
  }
  if (item?.state === "waiting") {
    await askForSync();
    const text = result === "signed_out" ? words.signed_out : words.kept;
    if (shell) {
      sayInShell(text);
      byId("shell-said").scrollIntoView({ block: "center" });
    } else tell(form, text);
    return;
  }
  location.assign(`/field/${number}/`);
}

function watchQueue(mine) {
  document.addEventListener("click", async (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    const { confirm, asNote, drop } = pressed.dataset;
    if (drop && pressed.dataset.sure !== "yes") {
      pressed.dataset.sure = "yes";
      pressed.textContent = words.drop_sure;
      return;
    }
    if (drop) await store.drop(drop);
    else if (confirm) await store.confirmTime(confirm);
    else if (asNote) {
      const item = (await store.items(mine)).find((each) => each.key === asNote);
      await store.becomeNote(asNote, noteOf(item), words.acts.add_note);
    } else if (!("sendNow" in pressed.dataset)) return;
    await redraw(mine);
    if (!drop) await flush(mine);
  });
}

function sayInShell(text) {
  byId("shell-said").lastElementChild.textContent = text;
}

async function drawShell(mine) {
  const number = location.pathname.match(/^\/field\/(SJ[\d-]+)\//)?.[1];
  const stored = mine ? await store.list(mine) : null;
  if (location.pathname === "/field/queue/") {
    byId("shell-queue").hidden = false;
    byId("shell-said").hidden = true;
    return;
  }
  sayInShell(stored ? phrase("list_kept", timeText(stored.at)) : words.list_none);
  const row = number && stored ? await rowOf(mine, number) : undefined;
  if (row) {
    byId("shell-case").hidden = false;
    await drawCase(byId("shell-case"), mine, row);
    return;
  }
  byId("shell-list").hidden = false;
  if (number && stored) sayInShell(words.case_none);
  if (stored && stored.rows.length === 0) sayInShell(words.list_empty);
  if (stored) drawGroups(byId("shell-groups"), stored.rows);
}

// Field pages have content offline. Any other page was requested and is loaded as soon as the server answers.
async function returnToPage() {
  if (location.pathname.startsWith("/field/")) return;
  if (await reachable()) location.reload();
  else setTimeout(returnToPage, RETRY);
}

async function begin() {
  const mine = shell ? await store.owner() : document.body.dataset.owner;
  if (!shell) await store.become(mine);
  const list = byId("field-kept");
  if (list) await store.keepList(mine, JSON.parse(list.textContent));
  if (shell) await drawShell(mine);
  watchForms(mine, (form, key) => afterTaking(mine, form, key));
  watchQueue(mine);
  watchCall();
  watchNear();
  window.addEventListener("online", () => flush(mine));
  window.addEventListener("offline", () => {
    reached = false;
    showState(mine);
  });
  await redraw(mine);
  document.body.dataset.ready = "yes";
  if (navigator.onLine) await flush(mine);
  if (shell) await returnToPage();
}

if (!shell && "serviceWorker" in navigator) {
  // A browser without module workers does without one: its queue is sent from the open page.
  navigator.serviceWorker.register("/field-sw.js", { scope: "/", type: "module", updateViaCache: "none" }).catch(() => {});
}
begin();
