// The inbox as a list, newest first. A click reads an entry; what is on the screen counts as seen.

import { fromTemplate } from "./elements.js";
import { Seen } from "./seen.js";
import { setTime } from "./times.js";

const NAMES = new Map([
  ["demo-ada", "Ada"],
  ["demo-grace", "Grace"],
]);

export class Entries {
  #root;
  #list;
  #readAll;
  #client;
  #seen;
  #items = new Map(); // of entries by id
  #isLive = false;
  #readLater = new Set(); // seqs that were clicked while we were not live
  #newest;
  #hasUnread = false;

  constructor(root, client) {
    this.#root = root;
    this.#list = root.querySelector(".entries");
    this.#readAll = root.querySelector(".read-all");
    this.#client = client;
    this.#seen = new Seen((seqs) => client.seen(seqs));
    this.#readAll.addEventListener("click", () => client.readThrough(this.#newest));
  }

  /** Shows these. What was not there before comes in visibly if it is news. */
  show(entries, { isNews }) {
    const present = new Set(entries.map((entry) => entry.id));
    for (const [id, item] of this.#items) if (!present.has(id)) this.#remove(id, item);
    for (const entry of [...entries].reverse()) {
      const item = this.#items.get(entry.id) ?? this.#add(entry, isNews);
      item.classList.toggle("is-unread", !entry.read);
      if (entry.seen) this.#seen.leave(item);
    }
    this.#newest = entries[0]?.seq;
    this.#hasUnread = entries.some((entry) => !entry.read);
    this.#root.querySelector(".inbox").classList.toggle("is-empty", entries.length === 0);
    this.#enable();
  }

  /** Only a live connection can be told what was seen and read; clicks wait for it. */
  setLive(isLive) {
    this.#isLive = isLive;
    this.#seen.setLive(isLive);
    this.#root.classList.toggle("is-live", isLive);
    this.#enable();
    if (isLive && this.#readLater.size) this.#client.read([...this.#readLater]);
    if (isLive) this.#readLater.clear();
  }

  #enable() {
    this.#readAll.disabled = !(this.#isLive && this.#hasUnread);
  }

  #add(entry, isNews) {
    const item = fromTemplate("entry-template");
    item.dataset.priority = entry.priority;
    item.classList.toggle("is-news", isNews);
    item.querySelector(".entry-title").textContent = entry.title;
    item.querySelector(".entry-message").textContent = entry.message;
    item.querySelector(".entry-meta").textContent = meta(entry);
    setTime(item.querySelector("time"), entry.created_at);
    item.querySelector("button").addEventListener("click", () => this.#open(item, entry.seq));
    this.#items.set(entry.id, item);
    this.#list.prepend(item);
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
    if (!item.classList.contains("is-unread")) return;
    if (this.#isLive) this.#client.read([seq]);
    else this.#readLater.add(seq);
  }
}

function meta(entry) {
  const sender = NAMES.get(entry.data.from);
  const priority = entry.priority === "normal" ? "" : entry.priority;
  return [`#${entry.seq}`, sender && `from ${sender}`, priority].filter(Boolean).join(" · ");
}
