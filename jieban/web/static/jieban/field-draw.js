// Renders the task list, a case and the queue from the phone's offline store.
import { list, items } from "./field-store.js";

export const words = JSON.parse(document.getElementById("field-words")?.textContent ?? "{}");
export const phrase = (name, value) => words[name].replace("%s", value);
const SHANGHAI = "Asia/Shanghai";

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function timeText(at) {
  const parts = { timeZone: SHANGHAI, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const found = Object.fromEntries(new Intl.DateTimeFormat("zh-CN", parts).formatToParts(new Date(at)).map((part) => [part.type, part.value]));
  return `${found.month}月${found.day}日 ${found.hour}:${found.minute}`;
}

const dayOf = (at) => new Intl.DateTimeFormat("en-CA", { timeZone: SHANGHAI }).format(at);

function groupOf(row) {
  if (!row.due) return "later";
  const due = Date.parse(row.due);
  if (due < Date.now()) return "late";
  return dayOf(due - 1) <= dayOf(Date.now()) ? "today" : "later";
}

export function limitOf(row) {
  return row.until ? `${row.clock} ${phrase("before", row.until)}` : row.clock;
}

const TONES = { late: "red", today: "amber", later: "grey" };

function line(row) {
  const link = element("a", "rounds-row");
  link.href = `/field/${row.number}/`;
  const facts = element("span", "rounds-facts");
  facts.append(element("span", "state tone-grey", limitOf(row)), element("span", "rounds-next", phrase("next", row.next)));
  link.append(element("span", "rounds-place", row.place), element("strong", "rounds-matter", row.subject), facts);
  const item = element("li");
  item.append(link);
  return item;
}

export function drawGroups(place, rows) {
  place.replaceChildren();
  for (const name of ["late", "today", "later"]) {
    const mine = rows.filter((row) => groupOf(row) === name);
    if (mine.length === 0) continue;
    const group = element("section", "rounds-group");
    const heading = element("h2");
    heading.append(element("span", `state tone-${TONES[name]}`, words[name]), ` ${mine.length}`);
    const rowsOf = element("ul", "rounds-rows");
    rowsOf.append(...mine.map(line));
    group.append(heading, rowsOf);
    place.append(group);
  }
}

// The meetings that are neither recorded nor waiting on this phone to be sent.
export async function openVisits(mine, row) {
  const waiting = (await items(mine)).filter((item) => item.number === row.number && item.state === "waiting");
  const taken = waiting.flatMap((item) => item.fields.filter(([name]) => name === "kinds").map(([, kind]) => kind));
  return row.visits.filter((kind) => !taken.includes(kind));
}

export async function rowOf(mine, number) {
  return (await list(mine))?.rows.find((row) => row.number === number);
}

function choice(kind, several, checked) {
  const label = element("label");
  const input = element("input");
  Object.assign(input, { type: several ? "checkbox" : "radio", name: "kinds", value: kind, checked });
  label.append(input, ` ${words.visits[kind]}`);
  return label;
}

export async function drawCase(place, mine, row) {
  const sentence = row.until ? `${phrase("next", row.next)}，${limitOf(row)}` : phrase("next", row.next);
  for (const [name, value] of Object.entries({ ...row, sentence })) {
    const target = place.querySelector(`[data-of="${name}"]`);
    if (target) target.textContent = value;
  }
  const left = await openVisits(mine, row);
  const form = place.querySelector("#form-record_visit");
  form.hidden = left.length === 0;
  place.querySelector("#shell-kinds").replaceChildren(...left.map((kind, index) => choice(kind, row.several, index === 0)));
  for (const each of place.querySelectorAll("form")) {
    Object.assign(each.dataset, { number: row.number, subject: row.subject, version: row.version });
  }
}

const SHAPES = { waiting: "grey", sent: "green", refused: "red" };

function button(text, name, key, className = "button") {
  const made = element("button", className, text);
  made.type = "button";
  made.dataset[name] = key;
  return made;
}

function whyNot(item) {
  const box = element("div", "rounds-why");
  box.append(element("p", "", item.answer.words));
  if (item.answer.since?.length) {
    const since = element("ul", "small");
    since.append(...item.answer.since.map((step) => element("li", "", step)));
    box.append(element("p", "small", words.since), since);
  }
  box.append(element("p", "soft small", item.answer.code === "late" ? words.advice_late : words.advice));
  return box;
}

function ways(item) {
  const row = element("div", "button-row");
  if (item.answer.code === "late") row.append(button(words.confirm, "confirm", item.key));
  else if (item.action !== "add_note") row.append(button(words.as_note, "asNote", item.key));
  const again = element("a", "button", words.again);
  again.href = `/field/${item.number}/`;
  row.append(again, button(words.drop, "drop", item.key));
  return row;
}

function itemBox(item) {
  const box = element("li", "rounds-item");
  const head = element("p", "rounds-facts");
  head.append(element("span", `state tone-${SHAPES[item.state]}`, words[`state_${item.state}`]), element("strong", "", item.label));
  const link = element("a", "", item.subject);
  link.href = `/field/${item.number}/`;
  const facts = [phrase("taken", timeText(item.taken_at))];
  if (item.photos.length) facts.push(phrase("photos", item.photos.length));
  if (item.state === "sent") facts.push(phrase("sent", timeText(item.answer.sent_at)));
  box.append(head, link, element("p", "soft small", facts.join(" · ")));
  if (item.state === "refused") box.append(whyNot(item), ways(item));
  return box;
}

export async function drawQueue(place, mine) {
  const found = mine ? await items(mine) : [];
  if (found.length === 0) {
    const empty = element("div", "empty");
    empty.append(element("h2", "", words.nothing), element("p", "soft", words.nothing_text));
    place.replaceChildren(empty);
    return;
  }
  const all = element("ul", "rounds-items");
  all.append(...found.map(itemBox));
  place.replaceChildren(all);
}

export { list };
