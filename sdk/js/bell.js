// <hark-bell>: a bell with a count, the inbox behind it, and toasts. One script tag and one element; docs/sdk.md has its
// attributes and variables.
//
//   <script type="module" src="https://hark.example.com/sdk/bell.js"></script>
//   <hark-bell user="ada" token-url="/hark-token"></hark-bell>

import { button, icon, item, make, pageOf, toast } from "./bell-parts.js";
import { CSS } from "./bell-style.js";
import { Hark } from "./hark.js";

const HUB = new URL("..", import.meta.url).href; // beside this script
const TOAST_MS = 6000;
const TOASTS = 3;
const END_IS_NEAR_PX = 200;
const SEEN_TOGETHER_MS = 300;
const TEXTS = {
  bell: "Notifications",
  count: (unread) => `${unread} unread`,
  markAllRead: "Mark all read",
  unread: "Unread",
  all: "All",
  archived: "Archived",
  unreadEntry: "Unread:",
  nothing: "Nothing here yet.",
  nothingUnread: "You have read everything.",
  nothingArchived: "Nothing is archived.",
  archive: "Archive",
  unarchive: "Move back",
  wasArchived: (title) => `Archived: ${title}`,
  wasUnarchived: (title) => `Moved back: ${title}`,
  many: (count) => `${count} new notifications`,
  dismiss: "Dismiss",
  offline: "Not connected. What is new will be here when the connection is back.",
  stopped: "Not connected. Please reload the page.",
};

const Base = globalThis.HTMLElement ?? class {}; // may be imported where there is no page

export class HarkBell extends Base {
  #hark = null;
  #own; // if the page gave none
  #offs = [];
  #view = "unread";
  #texts = TEXTS;
  #items = new Map(); // of entries by id
  #stays = new Set(); // entries that were unread when they were shown: they do not vanish under the pointer
  #onScreen = new Map(); // seqs by element
  #isLoading = false;
  #seenTimer = null;
  #seen;
  #onOutside = (event) => event.composedPath().includes(this) || this.close();
  #parts = {};

  connectedCallback() {
    if (!this.shadowRoot) {
      this.#build();
      // The focus went elsewhere on the page.
      this.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && this.close());
    }
    if (!this.#hark) this.hark = this.#own = this.#makeHark();
    this.#hark.start();
  }

  disconnectedCallback() {
    this.close();
    this.#own?.stop();
  }

  /** The Hark behind it; set one of your own to share it with the page. */
  get hark() {
    return this.#hark;
  }

  set hark(hark) {
    for (const off of this.#offs.splice(0)) off();
    this.#hark = hark;
    this.#offs = [
      ...["change", "state"].map((name) => hark.on(name, () => (this.#show(), this.#fill()))),
      hark.on("arrived", (entries, { live }) => live && this.#tell(entries)),
    ];
    this.#show();
  }

  /** Its words, where they are not English: any of those in TEXTS. */
  set texts(texts) {
    this.#texts = { ...TEXTS, ...texts };
    if (!this.shadowRoot) return;
    this.#items.clear();
    this.shadowRoot.replaceChildren();
    this.#build();
    this.#show();
  }

  get isOpen() {
    return this.shadowRoot ? !this.#parts.panel.hidden : false;
  }

  open() {
    if (this.isOpen) return;
    this.#choose(this.#hark.unread ? "unread" : "all");
    this.#parts.panel.hidden = false;
    this.#parts.bell.setAttribute("aria-expanded", "true");
    this.#parts.toasts.replaceChildren();
    document.addEventListener("pointerdown", this.#onOutside);
    this.#flip();
    this.#show();
    (this.#buttons()[0] ?? this.#parts.tabs[this.#view]).focus();
    this.#fill();
  }

  // Where the bell stands near the other edge of the page, the panel opens to the other side.
  #flip() {
    const { panel } = this.#parts;
    panel.classList.remove("is-flipped");
    const { left, right } = panel.getBoundingClientRect();
    panel.classList.toggle("is-flipped", left < 0 || right > document.documentElement.clientWidth);
  }

  close() {
    if (!this.isOpen) return;
    const hadFocus = this.#parts.panel.contains(this.shadowRoot.activeElement);
    this.#parts.panel.hidden = true;
    this.#parts.bell.setAttribute("aria-expanded", "false");
    this.#parts.told.textContent = "";
    document.removeEventListener("pointerdown", this.#onOutside);
    if (hadFocus) this.#parts.bell.focus();
  }

  #makeHark() {
    const tokenUrl = this.getAttribute("token-url") ?? "/hark-token";
    return new Hark({
      url: this.getAttribute("url") ?? HUB,
      user: this.getAttribute("user") ?? "",
      token: async () => {
        const answer = await fetch(tokenUrl, { method: "POST", credentials: "same-origin" });
        if (!answer.ok) throw new Error(`${tokenUrl} answered ${answer.status}`);
        const text = await answer.text();
        return text.startsWith("{") ? JSON.parse(text) : text.trim();
      },
    });
  }

  // ---- Building

  #build() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    const texts = this.#texts;
    const badge = make("span", { class: "badge", part: "badge", "aria-hidden": "true" });
    const bell = button(
      { class: "bell", part: "bell", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel" },
      icon("bell"),
      badge,
    );
    const readAll = button({ class: "quiet" }, texts.markAllRead);
    const tabs = Object.fromEntries(["unread", "all", "archived"].map((view) => [view, this.#tab(view)]));
    const strip = make("div", { class: "tabs", role: "tablist", "aria-label": texts.bell }, ...Object.values(tabs));
    const [list, note] = [make("ul"), make("p", { class: "note" })];
    const scroll = make("div", { class: "list", id: "list", role: "tabpanel" }, list, note);
    const trouble = make("div", { class: "trouble", role: "status" });
    const head = make("div", { class: "head" }, make("h2", { id: "heading" }, texts.bell), readAll);
    // It may have the focus itself, after a click between its controls: its keys go on working.
    const naming = { id: "panel", role: "dialog", "aria-labelledby": "heading", tabindex: "-1" };
    const panel = make("div", { class: "panel", part: "panel", ...naming }, head, strip, scroll, trouble);
    const toasts = make("div", { class: "toasts", role: "status", "aria-atomic": "false" }); // each said once
    const told = make("div", { class: "unseen told", role: "status" }); // for who does not see what comes and goes
    panel.hidden = true;
    root.append(bell, panel, toasts, told);
    this.#parts = { bell, badge, panel, readAll, tabs, list, note, scroll, trouble, told, toasts };
    this.#listen();
  }

  #tab(view) {
    const tab = button({ role: "tab", id: `tab-${view}`, "aria-controls": "list" }, this.#texts[view]);
    tab.addEventListener("click", () => this.#choose(view));
    return tab;
  }

  #listen() {
    const { bell, panel, readAll, scroll } = this.#parts;
    bell.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    bell.addEventListener("keydown", (event) => this.isOpen && this.#pressed(event));
    panel.addEventListener("keydown", (event) => this.#pressed(event));
    readAll.addEventListener("click", () => this.#hark.readAll());
    scroll.addEventListener("scroll", () => this.#fill(), { passive: true });
    this.#seen = new IntersectionObserver((changes) => this.#moved(changes), { root: scroll, threshold: 0.6 });
  }

  // ---- Keys: Escape closes, arrows go through the list and between the tabs, Tab to what archives an entry.

  #pressed(event) {
    const { key } = event;
    if (key === "Escape") this.close();
    else if (event.target.role === "tab" && ["ArrowLeft", "ArrowRight"].includes(key)) {
      const isBack = (key === "ArrowLeft") !== (getComputedStyle(this).direction === "rtl");
      const views = Object.keys(this.#parts.tabs);
      this.#choose(views.at((views.indexOf(this.#view) + (isBack ? -1 : 1)) % views.length));
      this.#parts.tabs[this.#view].focus();
    } else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(key)) this.#step(key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step(key) {
    const buttons = this.#buttons();
    const at = buttons.indexOf(this.shadowRoot.activeElement?.closest("li")?.firstElementChild);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : Math.max(0, at - 1), Home: 0, End: -1 }[key];
    (buttons.at(Math.min(to, buttons.length - 1)) ?? this.#parts.tabs[this.#view]).focus();
  }

  #buttons() {
    return [...this.#parts.list.querySelectorAll(".item")];
  }

  #choose(view) {
    this.#view = view;
    this.#stays.clear();
    this.#parts.scroll.scrollTop = 0;
    this.#show();
    this.#fill();
  }

  // ---- Showing

  #show() {
    if (!this.shadowRoot) return;
    const { bell, badge, readAll, tabs, scroll, note, trouble } = this.#parts;
    const { unread, state } = this.#hark;
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : unread;
    bell.setAttribute("aria-label", unread ? `${this.#texts.bell}, ${this.#texts.count(unread)}` : this.#texts.bell);
    if (unread === 0 && this.shadowRoot.activeElement === readAll) tabs[this.#view].focus(); // else the keys were lost
    readAll.disabled = unread === 0;
    for (const [view, tab] of Object.entries(tabs)) {
      tab.setAttribute("aria-selected", view === this.#view);
      tab.tabIndex = view === this.#view ? 0 : -1;
    }
    scroll.setAttribute("aria-labelledby", `tab-${this.#view}`);
    if (!this.isOpen) return;
    const entries = this.#shown();
    this.#list(entries);
    note.hidden = entries.length > 0 || !this.#isAll();
    note.textContent = this.#texts[{ all: "nothing", unread: "nothingUnread", archived: "nothingArchived" }[this.#view]];
    const isAway = ["waiting", "stopped"].includes(state.name);
    trouble.hidden = !isAway;
    trouble.textContent = isAway ? this.#texts[state.name === "stopped" ? "stopped" : "offline"] : "";
  }

  // Whether the hub has no more of these: else nobody knows that there is nothing.
  #isAll() {
    const { hasMore, hasMoreArchived, unread } = this.#hark;
    return { unread: unread === 0, all: !hasMore, archived: !hasMoreArchived }[this.#view];
  }

  #shown() {
    const { entries, archived } = this.#hark;
    if (this.#view !== "unread") return this.#view === "all" ? entries : archived;
    const shown = entries.filter(({ id, read }) => !read || this.#stays.has(id));
    for (const { id } of shown) this.#stays.add(id);
    return shown;
  }

  #list(entries) {
    const language = this.closest("[lang]")?.lang || undefined;
    const wanted = new Set(entries.map(({ id }) => id));
    for (const [id, { made }] of this.#items) if (!wanted.has(id)) this.#remove(id, made);
    let place = this.#parts.list.firstElementChild;
    for (const entry of entries) {
      const { made, update } = this.#items.get(entry.id) ?? this.#add(entry);
      update(entry, language);
      if (entry.seen) this.#seen.unobserve(made);
      // What stands at its place is not moved: the focus would be lost.
      if (made === place) place = place.nextElementSibling;
      else this.#parts.list.insertBefore(made, place);
    }
  }

  #add(entry) {
    const file = (made) => this.#file(entry, made);
    const found = item(entry, this.#texts, () => this.#follow(entry), file);
    this.#items.set(entry.id, found);
    this.#onScreen.set(found.made, { seq: entry.seq, isShown: false });
    this.#seen.observe(found.made);
    return found;
  }

  #remove(id, made) {
    this.#items.delete(id);
    this.#onScreen.delete(made);
    this.#seen.unobserve(made);
    if (made.contains(this.shadowRoot.activeElement)) this.#leave(made, ".item"); // it was archived elsewhere, say
    made.remove();
  }

  // It is about to go. The focus stays in the list: on the same part of the next one, for who goes through it.
  #leave(made, part) {
    const next = made.nextElementSibling ?? made.previousElementSibling;
    (next?.querySelector(part) ?? this.#parts.tabs[this.#view]).focus();
  }

  // Archives it, or takes it back.
  #file(entry, made) {
    const isBack = this.#view === "archived";
    this.#leave(made, ".file");
    this.#hark[isBack ? "unarchive" : "archive"]([entry.seq]);
    this.#parts.told.textContent = this.#texts[isBack ? "wasUnarchived" : "wasArchived"](entry.title);
  }

  // An entry was chosen: the page may take it from here, else we go where it leads.
  #follow(entry) {
    this.#hark.read([entry.seq]);
    const chosen = new CustomEvent("hark-choose", { detail: entry, bubbles: true, composed: true, cancelable: true });
    const page = this.dispatchEvent(chosen) && pageOf(entry);
    if (page) location.assign(page);
  }

  // ---- More of the history, when the end of the list comes near

  async #fill() {
    if (!this.isOpen || this.#isLoading) return;
    const view = this.#view;
    const hark = this.#hark;
    const isUseful = view !== "unread" || this.#shown().length < hark.unread;
    const hasMore = view === "archived" ? hark.hasMoreArchived : hark.hasMore;
    if (!hasMore || !isUseful || !this.#isEndNear()) return;
    this.#isLoading = true;
    this.#parts.scroll.setAttribute("aria-busy", "true");
    const more = view === "archived" ? hark.moreArchived().then(() => true) : hark.more();
    const isMore = await more.catch(() => false);
    this.#parts.scroll.setAttribute("aria-busy", "false");
    this.#isLoading = false;
    if (isMore || view !== this.#view) this.#fill();
  }

  #isEndNear() {
    const { scrollHeight, scrollTop, clientHeight } = this.#parts.scroll;
    return scrollHeight - scrollTop - clientHeight < END_IS_NEAR_PX;
  }

  // ---- What is on the screen was seen; it is said together.

  #moved(changes) {
    for (const { target, isIntersecting } of changes) {
      const shown = this.#onScreen.get(target);
      if (shown) shown.isShown = isIntersecting;
    }
    this.#seenTimer ??= setTimeout(() => {
      this.#seenTimer = null;
      if (!this.isOpen || document.hidden) return;
      this.#hark.seen([...this.#onScreen.values()].filter(({ isShown }) => isShown).map(({ seq }) => seq));
    }, SEEN_TOGETHER_MS);
  }

  // ---- What is new: a toast; where there is none, a screen reader hears of it nevertheless

  #tell(entries) {
    if (document.hidden || !this.shadowRoot) return;
    const { toasts, told } = this.#parts;
    if (this.isOpen || this.getAttribute("toasts") === "off") {
      told.textContent = entries.length > 1 ? this.#texts.many(entries.length) : entries[0].title;
      return;
    }
    const show = (news, act) => toasts.append(toast(news, this.#texts, TOAST_MS, act));
    if (entries.length > TOASTS) show({ title: this.#texts.many(entries.length) }, () => this.open());
    else for (const entry of entries) show(entry, () => this.#follow(entry));
    while (toasts.children.length > TOASTS) toasts.firstElementChild.remove();
  }
}

globalThis.customElements?.define("hark-bell", HarkBell);
