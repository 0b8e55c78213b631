// Passkeys: a button gets a challenge from the server and a credential from the browser, and sends it back.

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function send(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
    },
    body: JSON.stringify(body),
  });
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  const result = isJson ? await answer.json() : {};
  if (!answer.ok || !isJson) throw new Error("refused", { cause: result.words });
  return result;
}

function decoded(options) {
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const result = { ...options, challenge: bytes(options.challenge) };
  if (options.user) result.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) result.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) result.allowCredentials = known(options.allowCredentials);
  return result;
}

function encoded(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function say(button, words) {
  const place = (button.closest("form, section, main") ?? document).querySelector(".refusal")
    ?? document.querySelector(".refusal");
  const notice = document.createElement("div");
  notice.className = "notice tone-red";
  notice.setAttribute("role", "alert");
  const line = document.createElement("div");
  line.textContent = words;
  notice.append(line);
  place?.replaceChildren(notice);
}

async function use(button) {
  const { passkey, begin, finish, name } = button.dataset;
  const options = { publicKey: decoded((await send(begin, {})).publicKey) };
  const credential = await navigator.credentials[passkey](options);
  const next = new FormData(button.form ?? undefined).get("next") ?? "";
  const result = await send(next ? `${finish}?next=${encodeURIComponent(next)}` : finish, {
    credential: encoded(credential),
    name: name ? document.getElementById(name).value : "",
  });
  window.location.assign(result.to);
}

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await use(button);
      } catch (error) {
        say(button, error.cause ?? button.dataset.failed);
      } finally {
        button.disabled = false;
      }
    });
  }
}
