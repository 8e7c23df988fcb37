// What a user's inbox looks like from here: values and the rules that change them. It knows no network, clock or page.
// Every tab has one; the tab that leads says each change to the others, who make the same.

export const NEWEST = Number.MAX_SAFE_INTEGER;
const HELD = 1000; // entries; a page that is open for months forgets the oldest
const MARKS_A_FRAME = 1000;
const WITHDRAWN = "withdrawn";

export class Inbox {
  user; // whose it is, as the hub says
  cursor = null; // of the last entry applied; null before the first visit
  seq = 0; // of the cursor
  confirmed = 0; // the hub knows that everything up to here was applied
  entries = []; // newest first, without those that are archived
  hasMore = true; // the hub may have older ones
  archived = []; // newest first: those that are known here
  archivedNext = NEWEST; // where to ask for more of those; null when there are none
  archive_rev = 0; // as the hub counts what is archived and taken back
  unread = 0;
  #counted = 0; // `unread` includes entries up to here
  road; // that led to the hub last
  wanted = []; // what was seen, read and archived, and the hub has not confirmed
  #early = []; // what was told of entries that have not come yet

  constructor(kept) {
    this.adopt(kept);
  }

  /** What to keep, for a later `adopt`: at most so many entries. */
  kept(most = HELD) {
    const { entries, archived, archivedNext, ...kept } = this; // the archive is asked for anew
    const hasMore = this.hasMore || entries.length > most;
    return { ...kept, counted: this.#counted, hasMore, entries: entries.slice(0, most) };
  }

  /** Takes what another tab has, or an earlier visit had. Gives the entries that were not here, oldest first. */
  adopt({ counted = 0, ...kept } = {}) {
    const oldest = kept.entries?.at(-1)?.seq ?? NEWEST;
    const isSame = this.cursor !== null && kept.user === this.user;
    const known = isSame ? this.seq : NEWEST;
    const older = isSame && kept.entries ? this.entries.filter(({ seq }) => seq < oldest) : [];
    if (older.length) Object.assign(kept, { entries: [...kept.entries, ...older], hasMore: this.hasMore });
    Object.assign(this, { archived: [], archivedNext: NEWEST }, kept);
    this.#counted = counted;
    return this.entries.filter(({ seq }) => seq > known).reverse();
  }

  /** The hub has answered; without a cursor of ours, this is where we begin. */
  welcome({ user = this.user, head, unread, cursor, archive_rev }, road) {
    this.#revise(archive_rev);
    if (this.cursor === null) Object.assign(this, { cursor, seq: head, confirmed: head });
    Object.assign(this, { user, road, wanted: together(this.wanted) });
    this.unread = this.#less({ unread, head });
    this.#counted = head;
  }

  /** Whether something was read or archived elsewhere that we were not told of: then the numbers are not what they
   * would be. Or whether an entry is taken back that is not here. */
  isStale({ head, unread, archive_rev = this.archive_rev, state, seqs }) {
    if (archive_rev !== this.archive_rev + isFiled(state, seqs)) return this.cursor !== null;
    const held = this.#all;
    if (state) return state.startsWith("un") && !seqs.every((seq) => held.some((entry) => entry.seq === seq));
    return this.entries.length > 0 && !this.wanted.length && unread !== this.unread + head - this.#counted;
  }

  /** Entries that came, oldest first. Gives those that are new. */
  apply(entries) {
    const fresh = entries.filter(({ seq }) => seq > this.seq);
    if (!fresh.length) return fresh;
    for (const { state, seqs } of this.#early) this.#mark(fresh, state, seqs);
    const shown = fresh.filter(({ archived, withdrawn }) => !archived && !withdrawn);
    this.#arrange([...fresh, ...this.#all], 0);
    if (this.entries.length > HELD) Object.assign(this, { entries: this.entries.slice(0, HELD / 2), hasMore: true });
    this.unread += shown.filter((entry) => !entry.read && entry.seq > this.#counted).length;
    ({ seq: this.seq, cursor: this.cursor } = fresh.at(-1));
    this.#counted = Math.max(this.#counted, this.seq);
    this.#early = this.#early.filter(({ seqs }) => seqs.some((seq) => seq > this.seq));
    return shown;
  }

  /** A page of the list, or of the archive, below `before`. What we have in its range, and it has not, is gone. */
  older({ entries, next, head, before, archived }) {
    if (archived) this.archivedNext = next;
    else if (next <= (this.entries.at(-1)?.seq ?? NEWEST)) this.hasMore = next !== null;
    const held = new Map(this.#all.map((entry) => [entry.seq, entry]));
    const all = new Map(held);
    for (const { seq } of this[archived ? "archived" : "entries"]) {
      if (next <= seq && seq < before && !(seq > head)) all.delete(seq);
    }
    for (const entry of entries) {
      // What was read is not unread again, whatever is on its way.
      if (entry.seq <= this.seq) all.set(entry.seq, { ...held.get(entry.seq), ...entry, archived });
    }
    const found = [...all.values()];
    for (const { t, seqs = [] } of this.wanted) this.#mark(found, t, seqs);
    this.#arrange(found, 0);
  }

  /** The user has seen, read, archived or taken back these, or read everything up to `through`. */
  want(t, seqs, through) {
    const isMeant = ({ seq, archived }) => (seqs?.includes(seq) ?? seq <= through) && (t !== "unarchive" || archived);
    const meant = this.#all.filter(isMeant);
    const isReading = ({ read }) => t !== "seen" && !read;
    this.unread = through >= this.#counted ? 0 : Math.max(0, this.unread - meant.filter(isReading).length);
    this.#mark(meant, t);
    this.#arrange();
    const frames = seqs ? inFrames(t, seqs) : [{ t, through }];
    this.wanted.push(...frames);
    return frames;
  }

  /** The hub knows: somebody saw, read, archived or took back these, here or elsewhere, or they were withdrawn, and so
   * many of those up to `head` are unread. */
  state(frame) {
    const { state, seqs } = frame;
    this.#mark(this.#all, state, seqs);
    this.#arrange();
    if (seqs.some((seq) => seq > this.seq)) this.#early.push(frame);
    // The hub answers in the order it was told; `seqs` is empty when all of it was known.
    const answered = this.wanted.findIndex(
      ({ t, seqs: said, through }) =>
        state.startsWith(t) && (!seqs.length || seqs.some((seq) => said?.includes(seq) ?? seq <= through)),
    );
    if (answered >= 0) this.wanted.splice(answered, 1);
    this.count(frame);
  }

  count({ unread, head, archive_rev, state, seqs }) {
    this.#revise(archive_rev, isFiled(state, seqs));
    this.unread = this.#less({ unread, head }) + this.entries.filter(({ seq, read }) => seq > head && !read).length;
    this.#counted = Math.max(head, this.seq);
  }

  // What the hub counts, without what was read here and it has not heard of yet: else a badge that went down goes up
  // again. But what is unread here may not be hidden by that.
  #less({ unread, head }) {
    const read = this.wanted.filter(({ t }) => t === "read" || t === "archive");
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
    this.#early = [];
    this.#counted = 0;
    const nothing = { user: undefined, cursor: null, seq: 0, confirmed: 0, unread: 0, hasMore: true };
    Object.assign(this, nothing, { entries: [], archived: [], archivedNext: NEWEST, wanted: [] });
  }

  get #all() {
    return [...this.entries, ...this.archived];
  }

  // Each entry in its list. What is older than the list comes with the next page, and not out of order.
  #arrange(all = this.#all, oldest = this.hasMore ? (this.entries.at(-1)?.seq ?? NEWEST) : 0) {
    const there = all.filter(({ withdrawn }) => !withdrawn).sort((a, b) => b.seq - a.seq);
    this.entries = there.filter(({ seq, archived }) => !archived && seq >= oldest);
    this.archived = there.filter(({ archived }) => archived);
  }

  // When there were changes that we did not hear of, the archive has to be asked for anew.
  #revise(archive_rev = this.archive_rev, heard = 0) {
    if (archive_rev !== this.archive_rev + heard) this.archivedNext = NEWEST;
    this.archive_rev = archive_rev;
  }

  // Marks only grow, but for `archived`; and who read it has seen it.
  #mark(entries, mark, seqs) {
    for (const entry of entries) {
      if (seqs && !seqs.includes(entry.seq)) continue;
      entry.seen = true;
      if (mark !== "seen") entry.read = true;
      if (isFiling(mark)) entry.archived = mark[0] === "a";
      if (mark === WITHDRAWN) entry.withdrawn = true;
    }
  }
}

// "archive" and "unarchive", as they are wanted, and as they are told of.
const isFiling = (mark) => /archive/.test(mark);
const isFiled = (state, seqs) => +(isFiling(state) && seqs.length > 0);

function inFrames(t, seqs) {
  const count = Math.ceil(seqs.length / MARKS_A_FRAME);
  return Array.from({ length: count }, (_, n) => ({ t, seqs: seqs.slice(n * MARKS_A_FRAME, (n + 1) * MARKS_A_FRAME) }));
}

// The same in few frames; before anything of it was said on a connection.
function together(wanted) {
  const through = Math.max(0, ...wanted.map((frame) => frame.through ?? 0));
  const marks = { seen: new Set(), read: new Set(), archive: new Set(), unarchive: new Set() };
  for (const { t, seqs = [] } of wanted) {
    for (const seq of seqs) {
      if (isFiling(t)) for (const other of [marks.archive, marks.unarchive]) other.delete(seq); // the last word counts
      marks[t].add(seq);
    }
  }
  const frames = Object.entries(marks).flatMap(([t, seqs]) => inFrames(t, [...seqs]));
  return through ? [...frames, { t: "read", through }] : frames;
}
