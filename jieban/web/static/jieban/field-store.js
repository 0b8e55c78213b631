// Offline store of a phone, encrypted with a key that no script can export. For each owner (a person in a post) it
// holds the list, for a day, and the items that wait to be sent.

const DAY = 24 * 60 * 60 * 1000;
const STORES = ["keys", "due", "items", "meta"];

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("jieban-field", 1);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function run(name, mode, act) {
  const transaction = (await database()).transaction(name, mode);
  const request = act(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

const read = (name, key) => run(name, "readonly", (store) => store.get(key));
const write = (name, key, value) => run(name, "readwrite", (store) => store.put(value, key));
const remove = (name, key) => run(name, "readwrite", (store) => store.delete(key));

async function keyOf(owner) {
  const existing = await read("keys", owner);
  if (existing) return existing;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two pages may do this at the same time: the first key is used by both.
  await run("keys", "readwrite", (store) => store.add(made, owner)).catch(() => {});
  return read("keys", owner);
}

async function seal(owner, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(owner), bytes) };
}

async function unseal(owner, sealed) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await keyOf(owner), sealed.data);
}

const sealText = (owner, value) => seal(owner, new TextEncoder().encode(JSON.stringify(value)));
const unsealText = async (owner, sealed) => JSON.parse(new TextDecoder().decode(await unseal(owner, sealed)));

// The owner who used this phone last and has not signed out.
export const owner = () => read("meta", "owner");

// A page of this owner is open: data that another owner could have read is deleted.
export async function become(mine) {
  if ((await owner()) === mine) return;
  await leave();
  await write("meta", "owner", mine);
}

// After sign-out or a change of post: lists and sent items are deleted; unsent items stay, encrypted for their owner.
export async function leave() {
  await forgetLists();
  const waiting = new Set();
  for (const item of await run("items", "readonly", (store) => store.getAll())) {
    if (item.state === "sent") await remove("items", item.key);
    else waiting.add(item.owner);
  }
  for (const other of await run("keys", "readonly", (store) => store.getAllKeys())) {
    if (!waiting.has(other)) await remove("keys", other);
  }
  await remove("meta", "owner");
}

export const forgetLists = () => run("due", "readwrite", (store) => store.clear());

export async function keepList(mine, rows) {
  await write("due", mine, { at: Date.now(), sealed: await sealText(mine, rows) });
}

// The list and when it was stored; null after a day, or when there is none.
export async function list(mine) {
  const stored = await read("due", mine);
  if (!stored) return null;
  const age = Date.now() - stored.at;
  if (age < 0 || age > DAY) {
    await remove("due", mine);
    return null;
  }
  return { at: stored.at, rows: await unsealText(mine, stored.sealed) };
}

// The unencrypted part of an item reveals nothing of the case.
export async function add(mine, words, photos) {
  const item = { key: crypto.randomUUID(), owner: mine, order: Date.now(), state: "waiting" };
  item.sealed = await sealText(mine, words);
  item.photos = [];
  for (const photo of photos) item.photos.push(await seal(mine, await photo.arrayBuffer()));
  await write("items", item.key, item);
  return item.key;
}

// The owner's items in the order in which they were recorded; sent ones stay for a day.
export async function items(mine) {
  const found = [];
  for (const item of await run("items", "readonly", (store) => store.getAll())) {
    if (item.owner !== mine) continue;
    if (item.state === "sent" && Date.now() - item.done > DAY) await remove("items", item.key);
    else found.push({ ...item, ...(await unsealText(mine, item.sealed)) });
  }
  return found.sort((one, other) => one.order - other.order);
}

export async function photosOf(item) {
  const opened = [];
  for (const sealed of item.photos) opened.push(new Blob([await unseal(item.owner, sealed)], { type: "image/jpeg" }));
  return opened;
}

export async function others(mine) {
  const all = await run("items", "readonly", (store) => store.getAll());
  return all.filter((item) => item.owner !== mine && item.state !== "sent").length;
}

// Updates the state of an item; the texts of the answer are encrypted with it.
export async function settle(key, state, answer = {}) {
  const item = await read("items", key);
  if (!item) return;
  const words = await unsealText(item.owner, item.sealed);
  const sent = state === "sent";
  const left = sent ? { number: words.number, action: words.action, label: words.label, subject: words.subject, taken_at: words.taken_at } : words;
  item.sealed = await sealText(item.owner, { ...left, answer });
  item.state = state;
  if (sent) Object.assign(item, { photos: [], done: Date.now() });
  await write("items", key, item);
}

export async function confirmTime(key) {
  const item = await read("items", key);
  const words = await unsealText(item.owner, item.sealed);
  item.sealed = await sealText(item.owner, { ...words, confirmed: true, answer: undefined });
  item.state = "waiting";
  await write("items", key, item);
}

// Turns a meeting that could not be recorded into a note, with its text, time and photographs.
export async function becomeNote(key, text, label) {
  const item = await read("items", key);
  const words = await unsealText(item.owner, item.sealed);
  const note = { ...words, action: "add_note", label, fields: [["text", text]], answer: undefined };
  const next = { ...item, key: crypto.randomUUID(), state: "waiting", sealed: await sealText(item.owner, note) };
  const transaction = (await database()).transaction("items", "readwrite");
  transaction.objectStore("items").put(next, next.key);
  transaction.objectStore("items").delete(key);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

export const drop = (key) => remove("items", key);
