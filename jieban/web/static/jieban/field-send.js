// Sends the queue, one item after the other, from the page or the service worker. Each item has an idempotency key:
// one whose answer was lost is sent again, but not performed again.
import { forgetLists, items, photosOf, settle } from "./field-store.js";

const TOKEN = "/field/token/";
const SEND = "/field/send/";
const PATIENCE = 60000; // milliseconds for one item with its photographs

async function fetched(address, options = {}) {
  return fetch(address, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...options });
}

// Whether the server answers at all, whoever is signed in.
export async function reachable() {
  return fetched(TOKEN).then(() => true, () => false);
}

// Throws the reason why nothing can be sent: offline, signed_out, busy.
async function answered(address, options) {
  let answer;
  try {
    answer = await fetched(address, options);
  } catch {
    throw new Error("offline");
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    await forgetLists();
    throw new Error("signed_out");
  }
  if (!answer.ok) throw new Error("busy");
  try {
    return await answer.json();
  } catch {
    throw new Error("offline"); // the connection broke while the answer was read
  }
}

async function sendOne(item, token) {
  const body = new FormData();
  for (const name of ["key", "owner", "number", "action", "taken_at", "version"]) body.append(name, item[name]);
  for (const [name, value] of item.fields) body.append(name, value);
  if (item.confirmed) body.append("confirmed", "yes");
  for (const [place, photo] of (await photosOf(item)).entries()) body.append("photos", photo, `${place + 1}.jpg`);
  const answer = await answered(SEND, { method: "POST", body, headers: { "X-CSRFToken": token } });
  await settle(item.key, answer.state, answer);
}

async function sendInOrder(mine, changed) {
  const waiting = (await items(mine)).filter((item) => item.state === "waiting");
  if (waiting.length === 0) return "done";
  const { token, owner } = await answered(TOKEN);
  if (owner !== mine) return "other";
  for (const item of waiting) {
    await sendOne(item, token);
    await changed();
  }
  return "done";
}

// done, offline, signed_out, busy, or other: somebody else has signed in on this phone.
export async function sendAll(mine, changed = async () => {}) {
  return navigator.locks.request("jieban-field-send", async () => {
    try {
      return await sendInOrder(mine, changed);
    } catch (error) {
      if (["offline", "signed_out", "busy"].includes(error.message)) return error.message;
      throw error;
    }
  });
}
