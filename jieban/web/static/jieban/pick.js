// Combo box: a long select becomes a text field; words, pinyin initials or a code find the option.
// The select stays in the form and is what is sent; without JavaScript it is used as it is.

const LONG = 12;
const MOST_SHOWN = 60;

function element(name, attributes, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function rank(option, query) {
  const words = option.text.toLowerCase();
  const find = option.dataset.find ?? "";
  if (words.startsWith(query) || find.startsWith(query)) return 0;
  if (words.includes(query)) return 1;
  if (find.split(" ").some((part) => part.startsWith(query))) return 2;
  return find.replaceAll(" ", "").includes(query.replaceAll(" ", "")) ? 3 : -1;
}

function found(select, typed) {
  const query = typed.trim().toLowerCase();
  const options = [...select.options].filter((option) => option.value !== "");
  if (!query) return options.slice(0, MOST_SHOWN);
  return options
    .map((option) => [rank(option, query), option])
    .filter(([points]) => points >= 0)
    .sort(([one], [other]) => one - other)
    .slice(0, MOST_SHOWN)
    .map(([, option]) => option);
}

function build(select) {
  const several = select.multiple;
  const id = select.id;
  const box = element("div", { class: "combo" });
  const chips = element("div", { class: "combo-chips" });
  const input = element("input", {
    type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list",
    "aria-controls": `${id}-list`, class: select.className,
  });
  const list = element("ul", { role: "listbox", id: `${id}-list`, class: "combo-list" });
  list.hidden = true;
  select.id = `${id}-sent`;
  input.id = id;
  if (select.hasAttribute("aria-describedby")) input.setAttribute("aria-describedby", select.getAttribute("aria-describedby"));
  if (select.required) input.setAttribute("aria-required", "true");
  select.before(box);
  box.append(chips, input, list, select);
  select.hidden = true;

  let matches = [];
  let here = -1;

  function selectedText() {
    return select.selectedIndex > 0 || select.value ? (select.selectedOptions[0]?.text ?? "") : "";
  }

  function sync() {
    chips.replaceChildren();
    if (!several) {
      input.value = selectedText();
      return;
    }
    input.value = "";
    for (const option of select.selectedOptions) {
      const chip = element("button", { type: "button", class: "combo-chip", "aria-label": `${option.text} ×` }, `${option.text} ×`);
      chip.addEventListener("click", () => set(option, false));
      chips.append(chip);
    }
  }

  function set(option, on) {
    if (several) option.selected = on;
    else select.value = on ? option.value : "";
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function point(index) {
    here = index;
    for (const [place, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(place === here));
    const row = list.children[here];
    input.setAttribute("aria-activedescendant", row?.id ?? "");
    row?.scrollIntoView({ block: "nearest" });
  }

  function open(typed) {
    matches = found(select, typed);
    list.replaceChildren(
      ...matches.map((option, index) => {
        const row = element("li", { role: "option", id: `${id}-option-${index}` });
        row.append(element("span", {}, option.text));
        const group = option.parentElement.label;
        if (group) row.append(element("small", {}, group));
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          set(option, true);
        });
        return row;
      }),
    );
    list.hidden = matches.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    point(typed.trim() ? 0 : -1);
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    here = -1;
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation();  // the search text is not a chosen option yet
    open(input.value);
  });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("click", () => {
    input.select();
    open("");
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    if (!several && input.value.trim() === "" && select.value) {
      select.value = "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    close();
    sync();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      const by = event.key === "ArrowDown" ? 1 : -1;
      point(Math.max(0, Math.min(matches.length - 1, here + by)));
    } else if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();  // Enter chooses an option and never sends the form
      if (!list.hidden && here >= 0) set(matches[here], true);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
      sync();
    } else if (event.key === "Backspace" && several && input.value === "" && select.selectedOptions.length) {
      set([...select.selectedOptions].at(-1), false);
    }
  });
  select.addEventListener("change", sync);
  sync();
}

function enhance(root) {
  for (const select of root.querySelectorAll("select[data-pick]")) {
    if (select.options.length > LONG && !select.closest(".combo")) build(select);
  }
}

export function watchPicks() {
  enhance(document);
  document.body.addEventListener("htmx:load", (event) => enhance(event.target));
}
