// Service worker: opens the field pages offline. It caches the offline page and its files only, nothing of any case.
import { owner } from "{{ store }}";
import { sendAll } from "{{ send }}";

const CACHE = "jieban-field-{{ version }}";
const SHELL = "{{ shell }}";
const FILES = [{% for file in files %}"{{ file }}", {% endfor %}SHELL];
const PATIENCE = 8000; // milliseconds; in a stairwell the network may be there and not answer

self.addEventListener("install", (event) => {
  const fetched = FILES.map((file) => new Request(file, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fetched)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("jieban-field-") && name !== CACHE;
  const cleared = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(cleared.then(() => self.clients.claim()));
});

function inTime(request) {
  // Other pages have no time limit: only the field pages have an offline page to show instead.
  if (request.mode === "navigate" && !new URL(request.url).pathname.startsWith("/field/")) return fetch(request);
  const tooLong = new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), PATIENCE));
  return Promise.race([fetch(request), tooLong]);
}

async function fromNetworkFirst(request, name) {
  try {
    return await inTime(request);
  } catch (error) {
    const found = await caches.match(name, { cacheName: CACHE });
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(fromNetworkFirst(request, SHELL));
  else if (FILES.includes(address.pathname)) event.respondWith(fromNetworkFirst(request, address.pathname));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "field-send") event.waitUntil(owner().then((mine) => mine && sendAll(mine)));
});
