// Stays connected: finds a road, comes back with the cursor, acknowledges. What it learns it tells its owner, who has
// inbox           see inbox.js; what is told changes it
// tell(change, …) a change of the inbox, by its name; `live` is one more: a message of a topic
// keep()          stores the inbox; may give a promise
// token           see token.js
// view()          {topics, focus}: what is to be heard, and what the user is doing
// onStale()       what we have was read or archived elsewhere: ask for its marks
// onError(frame)  the hub complains
// onState(state)  {name: "connecting" | "catching up" | "offline"}, {name: "live", road}, {name: "waiting", until} and
//                 {name: "stopped", code, reason} when trying again would not help

import { events, poll, socket } from "./roads.js";

const ROADS = { socket, events, poll };
const TOKEN_EXPIRED = 4001;
const STOP_FROM = 4500; // from this close code on
const STOP_TOO = [1002, 1007, 1009]; // what we said was broken, or too long
const LONGEST_WAIT_MS = 30_000;
const WELCOME_WITHIN_MS = 10_000;
const ACK_EVERY_MS = 100; // acks are cumulative: one says it for all
const PATIENCE = 3; // tries for a road that was good before; another gets one
const TOKEN_AGAIN_MS = 10_000;
const PROBE_AT_MOST_MS = 3_600_000;

export class Connection {
  #owner;
  #names;
  #open; // by the names of roads, best first
  #pace;
  #place = 0; // of the road that is tried
  #good = null; // the place of the one that last led to the hub
  #misses = 0; // of this place, in a row
  #failures = 0; // in a row, wherever
  #link = null; // the connection, see #connect
  #probe = null; // another one, on a better road
  #probe_ms;
  #probes = 0;
  #moveAt = null; // when the hub told us to move
  #lastError = "";
  #timers = {};

  constructor({ roads: names, url, WebSocket, fetch, pace, ...owner }) {
    this.#owner = owner;
    this.#names = names;
    this.#open = names.map((name) => ROADS[name]({ url, WebSocket, fetch, pace }));
    this.#pace = pace;
  }

  /** Connects, and from now on stays connected; also after it had stopped. */
  start() {
    this.#failures = 0;
    this.#place = Math.max(0, this.#names.indexOf(this.#owner.inbox.road));
    this.#connect();
  }

  /** Leaves. What was applied is acknowledged first, so that no push goes out for it. */
  stop() {
    if (this.#link) this.#ack(this.#link);
    this.#drop();
    this.#owner.onState({ name: "offline" });
  }

  /** Does not wait any longer; for when the network is back. */
  hurry() {
    if (this.#timers.retry) this.start();
    else if (this.#link && Date.now() > this.#link.silentAt) this.#lost(this.#link, 0);
  }

  /** Says what can be said right now; the inbox keeps the rest until the next welcome. */
  say(frame) {
    if (this.#link?.isWelcome && !this.#link.road.say(frame)) this.#connect();
  }

  /** The user looks at it, or no longer: the hub has to know how much an acknowledgement is worth. */
  look() {
    const { focus } = this.#owner.view();
    if (!this.#link?.isWelcome || focus === this.#link.focus || !focus) return;
    this.#link.focus = focus;
    this.#link.road.say({ t: "focus", state: focus });
  }

  async #connect() {
    this.#drop();
    this.#moveAt = null;
    const link = (this.#link = newLink(this.#place));
    this.#owner.onState({ name: "connecting" });
    this.#listen(link);
    try {
      await this.#owner.token.get();
    } catch {
      if (link !== this.#link) return;
      this.#drop();
      return this.#retry();
    }
    if (link === this.#link) this.#begin(link);
  }

  #begin(link) {
    const { inbox, token, view } = this.#owner;
    link.at = link.acked = inbox.seq;
    link.cursor = inbox.cursor;
    link.focus = view().focus;
    this.#listen(link);
    const isOurs = () => link === this.#link || link === this.#probe;
    link.road = this.#open[link.place]({
      ...view(),
      looked: () => view().focus,
      token: () => token.now,
      cursor: link.cursor,
      confirmed: () => inbox.confirmed,
      heard: (frame) => isOurs() && this.#heard(link, frame),
      lost: (code, after_ms) => isOurs() && this.#lost(link, code, after_ms),
    });
  }

  #heard(link, frame) {
    const { inbox, tell } = this.#owner;
    if (link === this.#probe) {
      if (frame.t !== "welcome") return;
      clearTimeout(this.#timers.probe);
      this.#link.road.close();
      [this.#link, this.#probe] = [link, null];
    }
    this.#listen(link);
    switch (frame.t) {
      case "welcome":
        return this.#welcome(link, frame);
      case "msg":
        return this.#apply(link, frame.entries ?? [frame], frame.hasGaps);
      case "gap":
        return this.#reach(link, frame.to);
      case "state":
      case "count":
        if (inbox.isStale(frame)) this.#owner.onStale();
        return tell(frame.t, frame);
      case "live":
        return tell("live", frame.topic, frame.data);
      case "ack_ok":
        return tell("confirm", frame.seq);
      case "ping":
        return link.road.say({ t: "pong" });
      case "reset":
        return this.#reset(link, frame.head);
      case "reconnect":
        return this.#moveIn(frame.after_ms);
      case "refresh_needed":
        return this.#refreshToken(0); // our clock, or a timer of a page in the background, is late
      case "error":
        this.#lastError = frame.message;
        return this.#owner.onError(frame);
    }
    // What we do not know is of a later version, and not for us.
  }

  #welcome(link, frame) {
    const { inbox, tell, onState, token, view } = this.#owner;
    if (inbox.user !== undefined && ![inbox.user, undefined].includes(frame.user)) {
      tell("forget"); // what is here is another user's
      return this.#connect();
    }
    link.silence_ms = 2000 * frame.ping_s;
    this.#listen(link);
    link.isWelcome = true;
    link.isStale = inbox.isStale(frame);
    this.#good = this.#place = link.place;
    this.#misses = 0;
    onState({ name: "catching up" });
    tell("welcome", frame, this.#names[link.place]);
    this.#refreshToken(token.renewIn_ms);
    if (link.cursor === null) [link.cursor, link.at, link.acked] = [inbox.cursor, inbox.seq, inbox.seq];
    for (const topic of view().topics) link.road.say({ t: "join", topic });
    for (const frame of inbox.wanted) link.road.say(frame);
    this.look();
    if (frame.cursor !== link.cursor) return; // not our history: `reset` is next
    // The last connection may have ended before the hub said that it knows. On this one it does not know what came
    // before the cursor; hence `after`.
    if (inbox.seq > inbox.confirmed) link.road.say({ t: "ack", seq: link.at, after: inbox.confirmed });
    link.head = frame.head;
    this.#checkLive(link);
  }

  // Before it expires. Where the road cannot say it, the next connection has it.
  #refreshToken(ms) {
    this.#after("token", ms, async () => {
      const { token } = this.#owner;
      try {
        this.say({ t: "refresh", token: await token.renew() });
        this.#refreshToken(token.renewIn_ms);
      } catch {
        this.#refreshToken(TOKEN_AGAIN_MS * (1 + Math.random()));
      }
    });
  }

  #reset(link, head) {
    this.#owner.tell("reset");
    Object.assign(link, { head, at: 0, acked: 0, isStale: false });
    this.#checkLive(link);
  }

  #apply(link, entries, hasGaps) {
    const fresh = entries.filter(({ seq }) => seq > link.at);
    if (!fresh.length) return;
    if (fresh[0].seq !== link.at + 1 && !hasGaps) return this.#lost(link, 0); // a hole nobody told us of: ask again
    this.#owner.tell("apply", fresh, link.head === null && link.isWelcome);
    this.#reach(link, fresh.at(-1).seq);
  }

  #reach(link, seq) {
    link.at = Math.max(link.at, seq);
    this.#ackSoon(link);
    this.#checkLive(link);
  }

  #checkLive(link) {
    if (link.head === null || link.at < link.head) return;
    link.head = null;
    this.#failures = 0;
    this.#owner.onState({ name: "live", road: this.#names[link.place] });
    if (link.isStale) this.#owner.onStale();
    if (link.place > 0) this.#probeSoon(this.#pace.probe_ms);
  }

  // The first at once; what follows within a moment, together.
  #ackSoon(link) {
    if (this.#timers.ack) return;
    this.#ack(link);
    this.#after("ack", ACK_EVERY_MS, () => this.#link && this.#ack(this.#link));
  }

  #ack(link) {
    if (!(link.at > link.acked)) return;
    link.acked = link.at;
    const frame = { t: "ack", seq: link.at };
    const kept = this.#owner.keep();
    if (kept?.then) kept.then(() => link.road.say(frame));
    else link.road.say(frame);
  }

  #lost(link, code, after_ms = 0) {
    link.road?.close();
    if (link === this.#probe) {
      this.#probe = null;
      return this.#probeSoon(2 * this.#probe_ms);
    }
    const { token, onState } = this.#owner;
    this.#drop();
    if (code >= STOP_FROM || code === TOKEN_EXPIRED) token.drop();
    if (code >= STOP_FROM || STOP_TOO.includes(code)) {
      return onState({ name: "stopped", code, reason: this.#lastError || `Hark closed with code ${code}` });
    }
    if (link.road && !link.isWelcome && code < 4000) this.#miss();
    if (code === TOKEN_EXPIRED && link.isWelcome) this.#connect();
    else this.#retry(after_ms);
  }

  // A road that does not lead to the hub; unless there is no network at all, which says nothing of the road.
  #miss() {
    if (globalThis.navigator?.onLine === false) return;
    if (++this.#misses < (this.#place === this.#good ? PATIENCE : 1)) return;
    this.#misses = 0;
    this.#place = (this.#place + 1) % this.#open.length;
  }

  // Full jitter: after a restart of the hub not everybody comes at once. The hub's own word is better still.
  #retry(least_ms = 0) {
    const jitter_ms = Math.random() * Math.min(LONGEST_WAIT_MS, 1000 * 2 ** this.#failures++);
    const wait_ms = this.#moveAt === null ? least_ms + jitter_ms : Math.max(0, this.#moveAt - Date.now());
    this.#owner.onState({ name: "waiting", until: Date.now() + wait_ms });
    this.#after("retry", wait_ms, () => this.#connect());
  }

  // The hub is about to leave, and says when it is our turn to move to another one.
  #moveIn(after_ms) {
    this.#moveAt = Date.now() + after_ms;
    this.#after("move", after_ms, () => this.start());
  }

  // A lesser road is left when a better one leads to the hub; until that has welcomed us, we stay.
  #probeSoon(ms) {
    this.#probe_ms = Math.min(ms, PROBE_AT_MOST_MS);
    this.#after("probe", this.#probe_ms * (0.5 + Math.random()), () => {
      this.#probe = newLink(this.#probes++ % this.#place);
      this.#begin(this.#probe);
    });
  }

  #listen(link) {
    link.silentAt = Date.now() + link.silence_ms;
    this.#after(link === this.#probe ? "probe" : "silence", link.silence_ms, () => this.#lost(link, 0));
  }

  #after(name, ms, act) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      this.#timers[name] = null;
      act();
    }, ms);
  }

  #drop() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#timers = {};
    for (const link of [this.#link, this.#probe]) link?.road?.close();
    this.#link = this.#probe = null;
  }
}

// One connection: how far it brought everything, how far we said so, and the head it has to reach to be live.
function newLink(place) {
  return { place, isWelcome: false, isStale: false, silence_ms: WELCOME_WITHIN_MS, at: 0, acked: 0, head: null };
}
