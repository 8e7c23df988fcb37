// One user's inbox as this browser has it, kept in localStorage together with the cursor: the `store` of a HarkClient.
// Fires "arrived" (detail: new entries, oldest first), "change" after anything, and "elsewhere" when another tab has
// changed what it has of the same inbox.

const KEPT = 300; // entries; enough for a page, little enough for localStorage
const EMPTY = { cursor: "0", seq: 0, confirmed: 0, entries: [], complete: true };

export class Inbox extends EventTarget {
  #key;
  #kept;
  #unread = 0; // as Hark counted
  #counted = 0; // Hark's count includes entries up to here

  constructor(userId) {
    super();
    this.#key = `hark-demo:${userId}`;
    this.#kept = load(this.#key);
    this.#unread = this.#unreadHere();
    addEventListener("storage", ({ key }) => key === this.#key && this.dispatchEvent(new Event("elsewhere")));
  }

  /** Newest first. */
  get entries() {
    return this.#kept.entries;
  }

  /** What was not read. While we have the whole inbox we count, so that the number is that of the list. */
  get unread() {
    return this.#kept.complete ? this.#unreadHere() : this.#unread;
  }

  /** The list and Hark's count differ. For a moment they may: a count does not travel together with its entries. */
  get disagrees() {
    return this.#kept.complete && this.#unreadHere() !== this.#unread;
  }

  /** From now on the count is Hark's. */
  trustCount() {
    this.#kept.complete = false;
    this.#save();
  }

  // From here on: what HarkClient calls; hark-client.js says what each means.

  get position() {
    const { cursor, seq, confirmed } = this.#kept;
    return { cursor, seq, confirmed };
  }

  welcome(head, unread) {
    this.#counted = head;
    this.#unread = unread;
    this.#changed();
  }

  apply(entries) {
    const last = entries.at(-1);
    const all = [...entries].reverse().concat(this.#kept.entries);
    const complete = this.#kept.complete && all.length <= KEPT;
    Object.assign(this.#kept, { cursor: last.cursor, seq: last.seq, entries: all.slice(0, KEPT), complete });
    this.#unread += entries.filter((entry) => !entry.read && entry.seq > this.#counted).length;
    this.#counted = Math.max(this.#counted, last.seq);
    this.#save();
    this.dispatchEvent(new CustomEvent("arrived", { detail: entries }));
  }

  confirm(seq) {
    this.#kept.confirmed = Math.max(this.#kept.confirmed, seq);
    this.#save();
  }

  mark(kind, seqs, unread) {
    const marked = new Set(seqs);
    for (const entry of this.#kept.entries) {
      if (!marked.has(entry.seq)) continue;
      entry.seen = true; // who read it has seen it
      entry.read ||= kind === "read";
    }
    this.#unread = unread;
    this.#save();
  }

  forget() {
    this.#kept = structuredClone(EMPTY);
    this.#save();
  }

  #unreadHere() {
    return this.#kept.entries.filter((entry) => !entry.read).length;
  }

  #save() {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // No storage, or it is full: then the next visit begins with all of the history.
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function load(key) {
  try {
    return { ...structuredClone(EMPTY), ...JSON.parse(localStorage.getItem(key)) };
  } catch {
    return structuredClone(EMPTY);
  }
}
