// Hark in a browser, in Node.js, in React Native: one user's inbox, live. docs/sdk.md is its reference.
// Nothing here needs a page, a storage, a lock or a socket to be imported; what a platform has is used.

import { Connection } from "./connection.js";
import { Inbox, NEWEST } from "./inbox.js";
import { Tabs } from "./tabs.js";
import { Token } from "./token.js";

const KEPT_AFTER_MS = 200;
const IDLE_AFTER_MS = 300_000;
const PAGE = 50;
const PACE = { poll_ms: 25_000, probe_ms: 60_000 };
const ROADS = ["socket", "events", "poll"];
const FOCUS = ["visible", "idle", "hidden"]; // the best of all tabs counts

export class Hark {
  #given;
  #key;
  #storage;
  #inbox = new Inbox();
  #token;
  #tabs = null;
  #connection = null;
  #state = { name: "offline" };
  #listeners = new Map();
  #topics = new Set();
  #others = new Map(); // what other tabs want to hear, and their focus, by tab
  #id = String(Math.random());
  #touchedAt = Date.now();
  #idleTimer;
  #keepTimer = null;
  #undo = [];
  #begun;
  #loaded;

  constructor({ url, token, user = "", storage = defaultStorage(), ...given }) {
    const { WebSocket, fetch, BroadcastChannel, navigator } = globalThis;
    const platform = { WebSocket, fetch: fetch?.bind(globalThis), BroadcastChannel, locks: navigator?.locks };
    this.#given = { kept: 100, from: "newest", ...platform, ...given, url: url.replace(/\/$/, "") };
    this.#given.pace = { ...PACE, ...given.pace };
    const canGo = (road) => (road === "socket" ? this.#given.WebSocket : this.#given.fetch);
    this.#given.roads = (given.roads ?? ROADS).filter(canGo);
    if (!this.#given.roads.length) throw new Error("Hark needs a WebSocket or fetch");
    this.#key = `hark:${this.#given.url}:${user}`;
    this.#storage = storage;
    this.#token = new Token(token);
    this.#expect();
  }

  /** Newest first. */
  get entries() {
    return this.#inbox.entries;
  }

  /** Newest first: those that `moreArchived()` has fetched, and that were archived meanwhile. */
  get archived() {
    return this.#inbox.archived;
  }

  get hasMoreArchived() {
    return this.#inbox.archivedNext !== null;
  }

  get unread() {
    return this.#inbox.unread;
  }

  /** Whether `more()` may find older entries. */
  get hasMore() {
    return this.#inbox.hasMore;
  }

  get state() {
    return this.#state;
  }

  /** What the user is doing with this tab; undefined where nobody knows. */
  get focus() {
    if (this.#given.focus) return this.#given.focus();
    const { document } = globalThis;
    if (!document) return undefined;
    if (document.hidden) return "hidden";
    return Date.now() - this.#touchedAt > IDLE_AFTER_MS ? "idle" : "visible";
  }

  /** Hears of something from now on; gives a function that ends it. */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  once(name, listener) {
    const off = this.on(name, (...heard) => (off(), listener(...heard)));
    return off;
  }

  /** Connects, and stays connected; also after it had stopped. */
  async start() {
    if (this.#tabs) return this.#startAgain();
    const { locks, BroadcastChannel } = this.#given;
    const tabs = (this.#tabs = new Tabs(this.#key, {
      locks,
      BroadcastChannel,
      lead: () => this.#lead(),
      follow: () => this.#follow(),
      heard: (message) => this.#heard(message),
    }));
    this.#watch();
    await (this.#loaded ??= this.#load());
    if (tabs === this.#tabs) tabs.join();
  }

  /** Leaves; what this device has stays stored. */
  stop() {
    this.#follow();
    this.#goodbye();
    this.#tabs?.leave();
    this.#tabs = null;
    for (const undo of this.#undo.splice(0)) undo();
    this.#became({ name: "offline" });
  }

  /** Leaves, and nothing of this user stays on this device: for a sign-out. Other tabs forget it, too. */
  async forget() {
    this.#post({ forget: true });
    this.stop();
    this.#token.drop();
    this.#inbox = new Inbox();
    this.#expect();
    this.#emit("change");
    clearTimeout(this.#keepTimer);
    await this.#storage.removeItem(this.#key);
  }

  /** The user has these before their eyes. */
  seen(seqs) {
    this.#want("seen", seqs);
  }

  /** The user has read these. */
  read(seqs) {
    this.#want("read", seqs);
  }

  /** The user puts these away, which reads them. */
  archive(seqs) {
    this.#want("archive", seqs);
  }

  /** The user takes these back. */
  unarchive(seqs) {
    this.#want("unarchive", seqs);
  }

  /** The user has read all there is. */
  readAll() {
    if (this.#inbox.seq) this.#want("read", undefined, this.#inbox.seq);
  }

  /** Fetches a page of older entries to the end of `entries`; gives how many came. */
  async more(limit = PAGE) {
    if (this.#inbox.cursor === null) await this.#begun;
    const before = this.entries.at(-1)?.seq ?? this.#inbox.seq + 1;
    const isFirst = !this.entries.length;
    const count = this.entries.length;
    const page = await this.#page(before, limit);
    this.#perform("older", [page]);
    const [newest, oldest] = [page.entries[0], page.entries.at(-1)];
    // This device had none of these before: it has them now.
    if (isFirst && newest) this.#connection?.say({ t: "ack", seq: newest.seq, after: oldest.seq - 1 });
    return this.entries.length - count;
  }

  /** Fetches a page of the archive to the end of `archived`; gives how many came. */
  async moreArchived(limit = PAGE) {
    if (this.#inbox.cursor === null) await this.#begun;
    const count = this.archived.length;
    if (this.hasMoreArchived) this.#perform("older", [await this.#page(this.#inbox.archivedNext, limit, true)]);
    return this.archived.length - count;
  }

  /** Hears "live" messages of an ephemeral topic that the user token allows. */
  join(topic) {
    this.#topics.add(topic);
    this.#listen({ t: "join", topic });
  }

  leave(topic) {
    this.#topics.delete(topic);
    this.#listen({ t: "leave", topic });
  }

  /** Tries at once; for an app that comes to the front, or has a network again. Browsers need not call it. */
  hurry() {
    this.#look();
    this.#connection?.hurry();
    this.#tabs?.ask();
  }

  // ---- What changes the inbox: done here, and said to the other tabs, who do the same.

  #tell(change, ...said) {
    this.#post({ change, said });
    this.#perform(change, said);
    if (change !== "live") this.#keepSoon();
  }

  #perform(change, said) {
    if (change === "live") return this.#topics.has(said[0]) && this.#emit("live", ...said);
    const found = this.#inbox[change](...said);
    if (change === "apply" && found.length) this.#emit("arrived", found, { live: said[1] });
    if (change === "welcome") this.#emit("begun");
    this.#emit("change");
    return found;
  }

  #want(t, seqs, through) {
    if (seqs) {
      const known = new Set(this.entries.filter((entry) => entry[t]).map(({ seq }) => seq));
      seqs = [...seqs].filter((seq) => !known.has(seq));
      if (!seqs.length) return;
    }
    this.#post({ want: [t, seqs, through] });
    this.#wanted([t, seqs, through]);
    if (!this.#connection) this.#tabs?.ask();
  }

  #wanted(said) {
    for (const frame of this.#perform("want", said)) this.#connection?.say(frame);
    if (this.#connection) this.#keepSoon();
  }

  async #page(before, limit, archived = false, isLast = false) {
    const { url, fetch } = this.#given;
    const headers = { Authorization: `Bearer ${await this.#token.get()}` };
    const query = `before=${before}&limit=${limit}&archived=${archived}`;
    const answer = await fetch(`${url}/api/v1/users/me/inbox?${query}`, { headers, cache: "no-store" });
    const isExpired = answer.status === 401;
    if (isExpired) this.#token.drop();
    if (!answer.ok && (isLast || !isExpired)) throw new Error(`Hark answered ${answer.status}`);
    const page = isExpired || (await answer.json());
    // Once more, too, when something was archived while it was on its way.
    const isOld = isExpired || (page.archive_rev ?? 0) < this.#inbox.archive_rev;
    return isOld && !isLast ? this.#page(before, limit, archived, true) : { ...page, before, archived };
  }

  // ---- Tabs

  #lead() {
    const { url, WebSocket, fetch, pace, roads, from } = this.#given;
    if (from === "all" && this.#inbox.cursor === null) this.#inbox.reset();
    this.#connection = new Connection({
      ...{ roads, url, WebSocket, fetch, pace },
      inbox: this.#inbox,
      token: this.#token,
      tell: (...said) => this.#tell(...said),
      keep: () => this.#keep(),
      view: () => ({ topics: this.#allTopics(), focus: this.#bestFocus() }),
      onStale: () => this.#refresh(),
      onError: (error) => this.#emit("error", error),
      onState: (state) => this.#became(state),
    });
    this.#post({ leads: true, kept: this.#inbox.kept() });
    this.#connection.start();
  }

  #follow() {
    if (this.#keepTimer) this.#keep();
    const connection = this.#connection;
    this.#connection = null;
    connection?.stop();
    this.#others.clear();
  }

  #startAgain() {
    if (!this.#connection) return this.#post({ start: true });
    if (["stopped", "waiting"].includes(this.#state.name)) this.#connection.start();
  }

  #heard(message) {
    const { ask, leads, kept, state, change, said, want, tab, view, start, forget } = message;
    if (ask) this.#post({ leads: true, kept: this.#inbox.kept(), state: this.#state });
    if (leads && !this.#connection) this.#adopt(kept);
    if (state && !this.#connection) this.#became(state);
    if (change) this.#perform(change, said);
    if (want) this.#wanted(want);
    if (tab) this.#met(tab, view);
    if (start && this.#connection) this.#startAgain();
    if (forget) this.forget();
  }

  #adopt(kept) {
    const fresh = this.#inbox.adopt(kept);
    if (fresh.length) this.#emit("arrived", fresh, { live: false });
    if (kept.cursor !== null) this.#emit("begun");
    this.#emit("change");
    this.#introduce();
  }

  #introduce() {
    if (!this.#connection) this.#post({ tab: this.#id, view: { topics: [...this.#topics], focus: this.focus } });
  }

  #goodbye() {
    this.#post({ tab: this.#id });
  }

  #met(tab, view) {
    if (!this.#connection) return;
    const before = this.#allTopics();
    if (view) this.#others.set(tab, view);
    else this.#others.delete(tab);
    const now = this.#allTopics();
    for (const topic of now) if (!before.includes(topic)) this.#connection.say({ t: "join", topic });
    for (const topic of before) if (!now.includes(topic)) this.#connection.say({ t: "leave", topic });
    this.#connection.look();
  }

  #allTopics() {
    return [...new Set([...this.#topics, ...[...this.#others.values()].flatMap(({ topics }) => topics)])];
  }

  #bestFocus() {
    const all = [this.focus, ...[...this.#others.values()].map(({ focus }) => focus)];
    return FOCUS.find((focus) => all.includes(focus));
  }

  #listen(frame) {
    if (!this.#connection) return this.#introduce();
    if (frame.t === "join" || !this.#allTopics().includes(frame.topic)) this.#connection.say(frame);
  }

  #post(message) {
    this.#tabs?.post(message);
  }

  #became(state) {
    this.#state = state;
    if (this.#connection) this.#post({ state });
    this.#emit("state", state);
  }

  async #refresh() {
    try {
      this.#tell("older", await this.#page(NEWEST, Math.min(200, this.entries.length + PAGE)));
    } catch {
      this.#inbox.archive_rev = -1; // the count is right; the marks come with the next visit
    }
  }

  // ---- This device

  async #load() {
    try {
      const kept = JSON.parse(await this.#storage.getItem(this.#key));
      if (kept) this.#inbox.adopt(kept);
    } catch {
      // Unreadable, or there is no storage: this is a first visit.
    }
    this.#emit("change");
  }

  #keepSoon() {
    this.#keepTimer ??= setTimeout(() => this.#keep(), KEPT_AFTER_MS);
  }

  #keep() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = null;
    if (!this.#tabs?.isLeading) return; // another tab knows more by now
    try {
      const kept = this.#storage.setItem(this.#key, JSON.stringify(this.#inbox.kept(this.#given.kept)));
      return kept?.catch?.(() => {});
    } catch {
      // It is full: then the next visit begins where this one did.
    }
  }

  #watch() {
    const hear = (target, name, act) => {
      target.addEventListener(name, act, { passive: true, capture: true });
      this.#undo.push(() => target.removeEventListener(name, act, { capture: true }));
    };
    const { document } = globalThis;
    if (!document?.addEventListener || !globalThis.addEventListener) return;
    for (const name of ["pointerdown", "pointermove", "keydown"]) hear(document, name, () => this.#touched());
    this.#watchIdle(IDLE_AFTER_MS);
    this.#undo.push(() => clearTimeout(this.#idleTimer));
    hear(document, "visibilitychange", () => (document.hidden ? this.#look() : this.hurry()));
    hear(globalThis, "online", () => this.hurry());
    hear(globalThis, "pagehide", () => (this.#connection ? this.#keep() : this.#goodbye()));
  }

  #touched() {
    const wasIdle = this.focus === "idle";
    this.#touchedAt = Date.now();
    if (wasIdle) this.#look();
  }

  #watchIdle(in_ms) {
    this.#idleTimer = setTimeout(() => {
      const left_ms = this.#touchedAt + IDLE_AFTER_MS + 1 - Date.now();
      if (left_ms <= 0) this.#look();
      this.#watchIdle(left_ms > 0 ? left_ms : IDLE_AFTER_MS);
    }, in_ms);
  }

  // What the user does with this tab has changed.
  #look() {
    this.#introduce();
    this.#connection?.look();
  }

  #expect() {
    this.#begun = new Promise((begun) => this.once("begun", begun));
  }

  #emit(name, ...heard) {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(...heard);
      } catch (error) {
        (globalThis.reportError ?? console.error)(error); // the page's mistake, and not in our way
      }
    }
  }
}

/** Keeps nothing beyond the page. */
export function memory() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
  };
}

function defaultStorage() {
  try {
    return globalThis.localStorage ?? memory(); // to look at it may already be forbidden
  } catch {
    return memory();
  }
}
