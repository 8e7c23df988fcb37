// What a user's inbox looks like from here: values and the rules that change them. It knows no network, clock or page.
// Every tab has one; the tab that leads says each change to the others, who make the same.

export const NEWEST = Number.MAX_SAFE_INTEGER;
const HELD = 1000; // entries; a page that is open for months forgets the oldest
const MARKS_A_FRAME = 1000;
const WITHDRAWN = "withdrawn";
const FINAL = ["read", WITHDRAWN]; // marks that no later one takes back

export class Inbox {
  user; // whose it is, as the hub says
  cursor = null; // of the last entry applied; null before the first visit
  seq = 0; // of the cursor
  confirmed = 0; // the hub knows that everything up to here was applied
  entries = []; // newest first
  hasMore = true; // the hub may have older ones
  unread = 0;
  #counted = 0; // `unread` includes entries up to here
  road; // that led to the hub last
  wanted = []; // what was seen and read, and the hub has not confirmed
  #early = new Map(); // marks of entries that have not come yet

  constructor(kept) {
    this.adopt(kept);
  }

  /** What to keep, for a later `adopt`: at most so many entries. */
  kept(most = HELD) {
    const { user, cursor, seq, confirmed, entries, unread, road, wanted } = this;
    const hasMore = this.hasMore || entries.length > most;
    const counts = { unread, counted: this.#counted, hasMore };
    return { user, cursor, seq, confirmed, ...counts, road, wanted, entries: entries.slice(0, most) };
  }

  /** Takes what another tab has, or an earlier visit had. Gives the entries that were not here, oldest first. */
  adopt({ counted = 0, ...kept } = {}) {
    const oldest = kept.entries?.at(-1)?.seq ?? NEWEST;
    const isSame = this.cursor !== null && kept.user === this.user;
    const known = isSame ? this.seq : NEWEST;
    const older = isSame && kept.entries ? this.entries.filter(({ seq }) => seq < oldest) : [];
    if (older.length) Object.assign(kept, { entries: [...kept.entries, ...older], hasMore: this.hasMore });
    Object.assign(this, kept);
    this.#counted = counted;
    return this.entries.filter(({ seq }) => seq > known).reverse();
  }

  /** The hub has answered; without a cursor of ours, this is where we begin. */
  welcome({ user = this.user, head, unread, cursor }, road) {
    if (this.cursor === null) Object.assign(this, { cursor, seq: head, confirmed: head });
    Object.assign(this, { user, road, wanted: together(this.wanted) });
    this.unread = this.#less({ unread, head });
    this.#counted = head;
  }

  /** Whether something was read elsewhere since we last heard: then the count is not what it would be. */
  isStale({ head, unread }) {
    return this.entries.length > 0 && !this.wanted.length && unread !== this.unread + head - this.#counted;
  }

  /** Entries that came, oldest first. Gives those that are new. */
  apply(entries) {
    const fresh = entries.filter(({ seq }) => seq > this.seq);
    if (!fresh.length) return fresh;
    const shown = fresh.filter(({ seq }) => this.#early.get(seq) !== WITHDRAWN);
    for (const entry of shown) this.#marked(entry, this.#early.get(entry.seq));
    this.#early.clear();
    this.entries = [...shown].reverse().concat(this.entries);
    if (this.entries.length > HELD) Object.assign(this, { entries: this.entries.slice(0, HELD / 2), hasMore: true });
    this.unread += shown.filter((entry) => !entry.read && entry.seq > this.#counted).length;
    ({ seq: this.seq, cursor: this.cursor } = fresh.at(-1));
    this.#counted = Math.max(this.#counted, this.seq);
    return shown;
  }

  /** A page of history. Marks of what we have may have grown meanwhile. */
  older({ entries, next }) {
    const held = new Map(this.entries.map((entry) => [entry.seq, entry]));
    for (const { seq, read, seen } of entries) {
      if (held.has(seq)) this.#marked(held.get(seq), read ? "read" : seen && "seen");
    }
    const oldest = this.entries.at(-1)?.seq ?? this.seq + 1;
    const fresh = entries.filter(({ seq }) => seq < oldest);
    if (fresh.length || !entries.length || entries.at(-1).seq <= oldest) this.hasMore = next !== null;
    this.entries = [...this.entries, ...fresh];
  }

  /** The user has seen or read these, or read everything up to `through`. */
  want(t, seqs, through) {
    let changed = 0;
    for (const entry of this.entries) {
      if (!(seqs ? seqs.includes(entry.seq) : entry.seq <= through)) continue;
      changed += t === "read" && !entry.read;
      this.#marked(entry, t);
    }
    this.unread = through >= this.#counted ? 0 : Math.max(0, this.unread - changed);
    const frames = seqs ? inFrames(t, seqs) : [{ t, through }];
    this.wanted.push(...frames);
    return frames;
  }

  /** The hub knows: somebody saw or read these, here or elsewhere, or they were withdrawn, and so many of those up to
   * `head` are unread. */
  state({ state, seqs, unread, head }) {
    const marked = new Set(seqs);
    if (state === WITHDRAWN) this.entries = this.entries.filter(({ seq }) => !marked.has(seq));
    else for (const entry of this.entries) if (marked.has(entry.seq)) this.#marked(entry, state);
    for (const seq of seqs) if (seq > this.seq && !FINAL.includes(this.#early.get(seq))) this.#early.set(seq, state);
    // The hub answers in the order it was told; `seqs` is empty when all of it was known.
    const answered = this.wanted.findIndex(
      ({ t, seqs: said, through }) =>
        t === state && (!seqs.length || seqs.some((seq) => said?.includes(seq) ?? seq <= through)),
    );
    if (answered >= 0) this.wanted.splice(answered, 1);
    this.count({ unread, head });
  }

  count({ unread, head }) {
    this.unread = this.#less({ unread, head }) + this.entries.filter(({ seq, read }) => seq > head && !read).length;
    this.#counted = Math.max(head, this.seq);
  }

  // What the hub counts, without what was read here and it has not heard of yet: else a badge that went down goes up
  // again. But what is unread here may not be hidden by that.
  #less({ unread, head }) {
    const read = this.wanted.filter(({ t }) => t === "read");
    const isAll = read.some(({ through }) => through >= head);
    const seqs = new Set(read.flatMap(({ seqs }) => seqs ?? []).filter((seq) => seq <= head));
    const here = this.entries.filter(({ seq, read }) => seq <= head && !read).length;
    return Math.min(unread, Math.max(here, isAll ? 0 : unread - seqs.size));
  }

  confirm(seq) {
    this.confirmed = Math.max(this.confirmed, seq);
  }

  /** It all comes again. */
  reset() {
    this.forget();
    Object.assign(this, { cursor: "0", hasMore: false });
  }

  forget() {
    this.#early.clear();
    this.#counted = 0;
    const nothing = { user: undefined, cursor: null, seq: 0, confirmed: 0, unread: 0, hasMore: true };
    Object.assign(this, nothing, { entries: [], wanted: [] });
  }

  // Marks only grow, and who read it has seen it.
  #marked(entry, mark) {
    if (mark) entry.seen = true;
    if (mark === "read") entry.read = true;
  }
}

function inFrames(t, seqs) {
  const count = Math.ceil(seqs.length / MARKS_A_FRAME);
  return Array.from({ length: count }, (_, n) => ({ t, seqs: seqs.slice(n * MARKS_A_FRAME, (n + 1) * MARKS_A_FRAME) }));
}

// The same in few frames; before anything of it was said on a connection.
function together(wanted) {
  const through = Math.max(0, ...wanted.map((frame) => frame.through ?? 0));
  const seqs = (t) => [...new Set(wanted.flatMap((frame) => (frame.t === t && frame.seqs) || []))];
  return [
    ...inFrames("seen", seqs("seen")),
    ...inFrames("read", seqs("read")),
    ...(through ? [{ t: "read", through }] : []),
  ];
}
