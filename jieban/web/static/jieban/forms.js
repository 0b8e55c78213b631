// Form sending: a form is sent once; an error of sending is shown beside it, with what to do.

function say(form, words) {
  const place = form?.querySelector(".refusal") ?? document.getElementById("notices");
  if (!place) return;
  const notice = document.createElement("div");
  notice.className = "notice tone-red";
  notice.setAttribute("role", "alert");
  const text = document.createElement("div");
  text.textContent = words;
  notice.append(text);
  place.replaceChildren(notice);
}

function lock(form, locked) {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    if (locked) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

// After errors, moves to the first invalid field, which may lie below the window.
function showFault() {
  const field = document.querySelector('main form [aria-invalid="true"]');
  field?.focus({ preventScroll: true });
  field?.closest("fieldset, .field")?.scrollIntoView({ block: "center" });
}

export function watchForms() {
  const words = document.body.dataset;
  showFault();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    lock(form, true);
  }, true);

  // The call form is sent by its button or Ctrl+Enter; Enter alone does not send it.
  document.addEventListener("keydown", (event) => {
    const inCall = event.target.matches("form[data-keep] input");
    if (inCall && event.key === "Enter" && !event.ctrlKey && !event.isComposing) event.preventDefault();
  });

  // The draft is saved to its own URL, whichever button was pressed last; no longer once the form is sent.
  document.body.addEventListener("htmx:configRequest", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (!form) return;
    event.detail.path = form.dataset.keep;
    if (form.dataset.sent === "yes") event.preventDefault();
  });

  // A page that is closed between two savings saves its draft once more.
  window.addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-keep]")) {
      if (form.dataset.sent !== "yes") navigator.sendBeacon(form.dataset.keep, new FormData(form));
    }
  });

  // The browser's back button must not leave a locked form behind.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      lock(form, false);
    }
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form");
    // A request that saves the draft does not mean that the form was sent.
    if (!form || event.detail.requestConfig.triggeringEvent?.type !== "submit") return;
    delete form.dataset.sent;
    lock(form, false);
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failure, (event) => {
      // Lookups while typing were not meant to be sent, so their failure is not shown.
      if (!event.target.closest("[data-aside]")) say(event.target.closest("form"), words.offline);
    });
  }

  // The desk is inert while it is replaced, because anything typed in it would be lost.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id === "desk") event.detail.target.inert = true;
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target.id === "desk") event.detail.target.inert = false;
  });

  // Filters apply as soon as they are changed; without JavaScript the button does it.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (form && event.target.matches("select[name], input[type=checkbox][name]:not([name=cols]), input[type=date]")) form.requestSubmit();
  });
}
