// The inbox as a list, newest first, or its archive. A click reads an entry, a button beside it puts it away or takes it
// back; what is on the screen counts as seen.

import { fromTemplate } from "./elements.js";
import { Seen } from "./seen.js";
import { setTime } from "./times.js";

const WORDS = {
  inbox: { empty: "Nothing here yet.", file: "Archive", filed: "Archived" },
  archive: { empty: "Nothing is archived.", file: "Move back", filed: "Moved back" },
};

const UNKNOWN = "The archive is on the hub. It is shown when the connection is back.";

export class Entries {
  #root;
  #list;
  #readAll;
  #switch;
  #hark;
  #said;
  #seen;
  #isLive = false;
  #isArchive = false;
  #items = new Map(); // of entries by id

  /** `said` hears that something was said to the hub of entries that were seen, read or archived. */
  constructor(root, hark, said) {
    this.#root = root;
    this.#list = root.querySelector(".entries");
    this.#readAll = root.querySelector(".read-all");
    this.#switch = root.querySelector(".view");
    this.#hark = hark;
    this.#said = said;
    this.#seen = new Seen((seqs) => this.#say(() => hark.seen(seqs)));
    this.#readAll.addEventListener("click", () => this.#say(() => hark.readAll()));
    this.#switch.addEventListener("click", () => this.#turn());
  }

  /** Shows what there is. What was not there before comes in visibly if it is news. */
  show({ isNews }) {
    const { entries, archived } = this.#hark;
    const shown = this.#isArchive ? archived : entries;
    const present = new Set(shown.map((entry) => entry.id));
    for (const [id, item] of this.#items) if (!present.has(id)) this.#remove(id, item);
    let older = null;
    for (const entry of [...shown].reverse()) {
      const item = this.#items.get(entry.id) ?? this.#add(entry, older, isNews);
      older = item;
      item.classList.toggle("is-unread", !entry.read);
      if (entry.seen) this.#seen.leave(item);
    }
    this.#readAll.disabled = !entries.some((entry) => !entry.read);
    this.#root.querySelector(".inbox").classList.toggle("is-empty", shown.length === 0);
    this.#root.querySelector(".empty").textContent = this.#isKnown ? this.#words.empty : this.#isLive ? "" : UNKNOWN;
  }

  /** Whoever switched themselves offline sees nothing. */
  setLive(isLive) {
    this.#isLive = isLive;
    this.#seen.setLive(isLive);
    this.#root.classList.toggle("is-live", isLive);
    this.#fetch();
  }

  get #isKnown() {
    return !this.#isArchive || !this.#hark.hasMoreArchived;
  }

  get #words() {
    return WORDS[this.#isArchive ? "archive" : "inbox"];
  }

  #turn() {
    this.#isArchive = !this.#isArchive;
    this.#switch.setAttribute("aria-pressed", this.#isArchive);
    for (const [id, item] of this.#items) this.#remove(id, item);
    this.show({ isNews: false });
    this.#fetch();
  }

  // This browser does not keep the archive: it asks when somebody looks into it, and again when the hub was away.
  #fetch() {
    if (this.#isArchive && this.#isLive && this.#hark.hasMoreArchived) this.#hark.moreArchived().catch(() => {});
  }

  // Before the next older one: what is taken back from the archive is not the newest.
  #add(entry, older, isNews) {
    const item = fromTemplate("entry-template");
    item.dataset.priority = entry.priority;
    item.classList.toggle("is-news", isNews);
    item.classList.toggle("is-filed", this.#isArchive);
    item.querySelector(".entry-title").textContent = entry.title;
    item.querySelector(".entry-message").textContent = entry.message;
    item.querySelector(".entry-meta").textContent = meta(entry);
    setTime(item.querySelector("time"), entry.created_at);
    item.querySelector(".open").addEventListener("click", () => this.#open(item, entry.seq));
    const file = item.querySelector(".file");
    file.title = this.#words.file;
    file.setAttribute("aria-label", `${this.#words.file}: ${entry.title}`);
    file.addEventListener("click", () => this.#file(item, entry));
    this.#items.set(entry.id, item);
    this.#list.insertBefore(item, older);
    if (!entry.seen) this.#seen.watch(item, entry.seq);
    return item;
  }

  #remove(id, item) {
    this.#items.delete(id);
    this.#seen.leave(item);
    item.remove();
  }

  #open(item, seq) {
    item.classList.toggle("is-open");
    this.#say(() => this.#hark.read([seq]));
  }

  // The focus goes to the next one's button: whoever goes through the list by keys stays in it.
  #file(item, { seq, title }) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    (next?.querySelector(".file") ?? this.#switch).focus();
    this.#root.querySelector(".filed").textContent = `${this.#words.filed}: ${title}`;
    this.#say(() => (this.#isArchive ? this.#hark.unarchive([seq]) : this.#hark.archive([seq])));
  }

  #say(what) {
    what();
    this.#said();
  }
}

function meta({ seq, priority }) {
  return priority === "normal" ? `#${seq}` : `#${seq} · ${priority}`;
}
