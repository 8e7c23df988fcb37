// The inbox as a list, newest first. A click reads an entry; what is on the screen counts as seen.

import { fromTemplate } from "./elements.js";
import { Seen } from "./seen.js";
import { setTime } from "./times.js";

export class Entries {
  #root;
  #list;
  #readAll;
  #hark;
  #said;
  #seen;
  #items = new Map(); // of entries by id

  /** `said` hears that something was said to the hub of entries that were seen or read. */
  constructor(root, hark, said) {
    this.#root = root;
    this.#list = root.querySelector(".entries");
    this.#readAll = root.querySelector(".read-all");
    this.#hark = hark;
    this.#said = said;
    this.#seen = new Seen((seqs) => this.#say(() => hark.seen(seqs)));
    this.#readAll.addEventListener("click", () => this.#say(() => hark.readAll()));
  }

  /** Shows these. What was not there before comes in visibly if it is news. */
  show(entries, { isNews }) {
    const present = new Set(entries.map((entry) => entry.id));
    for (const [id, item] of this.#items) if (!present.has(id)) this.#remove(id, item);
    let older = null;
    for (const entry of [...entries].reverse()) {
      const item = this.#items.get(entry.id) ?? this.#add(entry, older, isNews);
      older = item;
      item.classList.toggle("is-unread", !entry.read);
      if (entry.seen) this.#seen.leave(item);
    }
    this.#readAll.disabled = !entries.some((entry) => !entry.read);
    this.#root.querySelector(".inbox").classList.toggle("is-empty", entries.length === 0);
  }

  /** Whoever switched themselves offline sees nothing. */
  setLive(isLive) {
    this.#seen.setLive(isLive);
    this.#root.classList.toggle("is-live", isLive);
  }

  // Before the next older one: what is taken back from the archive is not the newest.
  #add(entry, older, isNews) {
    const item = fromTemplate("entry-template");
    item.dataset.priority = entry.priority;
    item.classList.toggle("is-news", isNews);
    item.querySelector(".entry-title").textContent = entry.title;
    item.querySelector(".entry-message").textContent = entry.message;
    item.querySelector(".entry-meta").textContent = meta(entry);
    setTime(item.querySelector("time"), entry.created_at);
    item.querySelector("button").addEventListener("click", () => this.#open(item, entry.seq));
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

  #say(what) {
    what();
    this.#said();
  }
}

function meta({ seq, priority }) {
  return priority === "normal" ? `#${seq}` : `#${seq} · ${priority}`;
}
