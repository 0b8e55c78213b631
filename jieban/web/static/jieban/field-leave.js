// Deletes the offline list at sign-out and when the post changes: on a shared phone nobody finds the list of others.

const clear = async () => (await import("./field-store.js")).leave();

async function used() {
  const known = await indexedDB.databases?.();
  return !known || known.some(({ name }) => name === "jieban-field");
}

export async function watchLeaving() {
  document.addEventListener("submit", (event) => {
    if (event.target.action?.endsWith("/logout/")) clear();
  });
  const mine = document.body.dataset.owner;
  const signIn = location.pathname === "/login/";
  if ((!mine && !signIn) || !(await used().catch(() => false))) return;
  const store = await import("./field-store.js");
  if (signIn || (await store.owner()) !== mine) await store.leave();
}
