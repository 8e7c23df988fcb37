// What <hark-bell> is made of: its elements, an entry of its list, a toast. Text is only ever set as text.

const SVG = "http://www.w3.org/2000/svg";
export const ICONS = {
  bell: "M6 9.5a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4s2-1.5 2-6.5M10 19.5a2.2 2.2 0 0 0 4 0",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  unarchive: "M4 5h16v4H4zM5.5 9v10h13V9M12 17v-5m-2.5 2.5l2.5-2.5 2.5 2.5",
};
const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** An element with its attributes and children; `class` is one of them. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const button = (attributes, ...children) => make("button", { type: "button", ...attributes }, ...children);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** One entry as a list item with a button for it, and one that archives it or takes it back; `dir="auto"`: a text's own
 * direction, whatever the page's. */
export function item(entry, texts, act, file) {
  const title = make("span", { class: "title", dir: "auto" }, entry.title);
  const message = make("span", { class: "message", dir: "auto" }, entry.message);
  const state = make("span", { class: "unseen" });
  const time = make("time", { datetime: entry.created_at, title: new Date(entry.created_at).toLocaleString() });
  const dot = make("span", { class: "dot" });
  const inner = button({ class: "item", part: "item" }, dot, state, title, time, message);
  message.hidden = !entry.message;
  inner.addEventListener("click", act);
  const filing = entry.archived ? "unarchive" : "archive";
  const names = { title: texts[filing], "aria-label": `${texts[filing]}: ${entry.title}` };
  const filer = button({ class: "file", part: "archive", ...names }, icon(filing));
  filer.addEventListener("click", () => file(made));
  const made = make("li", {}, inner, filer);
  return { made, update };

  // The same entry as it is now.
  function update(entry, language) {
    made.classList.toggle("is-unread", !entry.read);
    state.textContent = entry.read ? "" : `${texts.unreadEntry} `;
    time.textContent = ago(new Date(entry.created_at), language);
  }
}

/** A short piece of news; `act` for its text, gone by itself unless somebody points at it or is in it. */
export function toast({ title, message = "", priority = "normal" }, texts, shown_ms, act) {
  const text = button({ class: "toast-text" }, make("span", { class: "toast-title", dir: "auto" }, title));
  if (message) text.append(make("span", { class: "toast-message", dir: "auto" }, message));
  const close = button({ class: "toast-close", "aria-label": texts.dismiss }, "×");
  const made = make("div", { class: "toast", part: "toast", "data-priority": priority }, text, close);
  let timer;
  const wait = () => (timer = setTimeout(() => made.remove(), shown_ms));
  for (const name of ["pointerenter", "focusin"]) made.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) made.addEventListener(name, wait);
  close.addEventListener("click", () => made.remove());
  text.addEventListener("click", () => (made.remove(), act()));
  wait();
  return made;
}

function ago(at, language) {
  const seconds = Math.max(0, (Date.now() - at) / 1000);
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 60]; // "now"
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  return format.format(-Math.floor(seconds / length), unit);
}

/** Where a notification leads, when its data says so and it is a page: nothing else, least of all a script. */
export function pageOf({ data }) {
  try {
    const url = new URL(data.url, location.href);
    return typeof data.url === "string" && /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
