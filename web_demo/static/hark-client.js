// A client of Hark's socket protocol `hark.v1`: it loses nothing, shows nothing twice, and finds its own way back.
// It knows no page and no storage. What it needs of its owner:
//
// fetchToken()  gives a user token; asked again when Hark says that the last one has expired.
// store         keeps what was applied, together with how far that is: saved apart, a crash could part them. It has
//   position              {cursor, seq, confirmed}: cursor and seq of the last entry applied ("0" and 0: none), and
//                         the seq up to which Hark has confirmed that it knows
//   welcome(head, unread) the inbox goes up to `head`, with so many unread
//   apply(entries)        new entries, oldest first, each once
//   confirm(seq)          Hark knows that everything up to `seq` was applied
//   mark(kind, seqs, unread)  somebody has "seen" or "read" these; so many are unread now
//   forget()              drop everything: it all comes again
// onState(state) hears {name: "connecting" | "catching up" | "live" | "offline"}, {name: "waiting", until}, and
//               {name: "stopped", reason} when trying again would not help

const SUBPROTOCOL = "hark.v1";
const TOKEN_EXPIRED = 4001;
const STOP_FROM = 4500; // from this close code on
const LONGEST_WAIT_MS = 30_000;
const WELCOME_WITHIN_MS = 10_000;
const ACK_EVERY_MS = 100; // acks are cumulative: one says it for all

export class HarkClient {
  #url;
  #fetchToken;
  #store;
  #onState;
  #token = null;
  #socket = null;
  #turn = 0; // which try to connect this is; what an earlier one brings is ignored
  #failures = 0; // in a row
  #at = 0; // this connection brought everything up to here
  #acked = 0; // and we said so up to here
  #head = null; // where it is live; null before we know, and afterwards
  #silenceMs = WELCOME_WITHIN_MS; // after which it is taken for dead
  #moveAt = null; // when the hub told us to move
  #lastError = "";
  #retryTimer;
  #silenceTimer;
  #ackTimer;
  #moveTimer;

  constructor({ url, fetchToken, store, onState }) {
    this.#url = url;
    this.#fetchToken = fetchToken;
    this.#store = store;
    this.#onState = onState;
  }

  /** Connects, and from now on stays connected; also after it had stopped. */
  start() {
    this.#failures = 0;
    this.#connect();
  }

  /** Leaves. What was applied is acknowledged first, so that no push goes out for it. */
  stop() {
    this.#ack();
    this.#drop();
    this.#onState({ name: "offline" });
  }

  /** Does not wait any longer; for when the browser is back on line. */
  hurry() {
    if (this.#retryTimer) this.start();
  }

  /** Forgets everything and has it sent again. */
  replay() {
    this.#store.forget();
    this.start();
  }

  /** The user has seen these entries. Hark answers with `mark`, here and on the user's other devices. */
  seen(seqs) {
    this.#say({ t: "seen", seqs });
  }

  /** The user has read these entries. */
  read(seqs) {
    this.#say({ t: "read", seqs });
  }

  /** The user has read everything up to this one. */
  readThrough(seq) {
    this.#say({ t: "read", through: seq });
  }

  async #connect() {
    this.#drop();
    this.#moveAt = null;
    const turn = this.#turn;
    this.#onState({ name: "connecting" });
    try {
      this.#token ??= await this.#fetchToken();
    } catch {
      if (turn === this.#turn) this.#retry();
      return;
    }
    if (turn === this.#turn) this.#open(turn);
  }

  #open(turn) {
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    this.#listenFor(WELCOME_WITHIN_MS);
    socket.onopen = () => this.#say({ t: "hello", token: this.#token, cursor: this.#store.position.cursor });
    socket.onmessage = ({ data }) => turn === this.#turn && this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => turn === this.#turn && this.#lost(code);
  }

  #hear(frame) {
    this.#listenFor(this.#silenceMs);
    switch (frame.t) {
      case "welcome":
        return this.#welcome(frame);
      case "msg":
        return this.#apply(frame.entries ?? [frame]);
      case "gap":
        return this.#reach(frame.to);
      case "state":
        return this.#store.mark(frame.state, frame.seqs, frame.unread);
      case "ack_ok":
        return this.#store.confirm(frame.seq);
      case "ping":
        return this.#say({ t: "pong" });
      case "reset":
        return this.#reset(frame.head);
      case "reconnect":
        return this.#moveIn(frame.after_ms);
      case "error":
        this.#lastError = frame.message;
    }
    // What we do not know is of a later version, and not for us.
  }

  #welcome({ head, unread, cursor, ping_s }) {
    this.#silenceMs = 2 * ping_s * 1000;
    this.#listenFor(this.#silenceMs);
    this.#onState({ name: "catching up" });
    this.#store.welcome(head, unread);
    const mine = this.#store.position;
    if (cursor !== mine.cursor) return; // not our history: `reset` is next
    this.#head = head;
    this.#at = this.#acked = mine.seq;
    // The last connection may have ended before Hark said that it knows. On this one it does not know what came
    // before the cursor; hence `after`.
    if (mine.seq > mine.confirmed) this.#say({ t: "ack", seq: mine.seq, after: mine.confirmed });
    this.#checkLive();
  }

  #reset(head) {
    this.#store.forget();
    this.#head = head;
    this.#at = this.#acked = 0;
    this.#checkLive();
  }

  #apply(entries) {
    const fresh = entries.filter((entry) => entry.seq > this.#at);
    if (!fresh.length) return;
    if (fresh[0].seq !== this.#at + 1) return this.#lost(0); // a hole nobody told us of: ask again from the cursor
    this.#store.apply(fresh);
    this.#reach(fresh.at(-1).seq);
  }

  #reach(seq) {
    this.#at = Math.max(this.#at, seq);
    this.#ackSoon();
    this.#checkLive();
  }

  #checkLive() {
    if (this.#head === null || this.#at < this.#head) return;
    this.#head = null;
    this.#failures = 0;
    this.#onState({ name: "live" });
  }

  // The first at once; what follows within a moment, together.
  #ackSoon() {
    if (this.#ackTimer) return;
    this.#ack();
    this.#ackTimer = setTimeout(() => {
      this.#ackTimer = null;
      this.#ack();
    }, ACK_EVERY_MS);
  }

  #ack() {
    if (this.#at <= this.#acked) return;
    this.#acked = this.#at;
    this.#say({ t: "ack", seq: this.#at });
  }

  #say(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #lost(code) {
    this.#drop();
    if (code >= STOP_FROM || code === TOKEN_EXPIRED) this.#token = null;
    if (code >= STOP_FROM) {
      this.#onState({ name: "stopped", reason: this.#lastError || `Hark closed with code ${code}` });
      return;
    }
    this.#retry();
  }

  // Full jitter: after a restart of the hub not everybody comes at once. The hub's own word is better still.
  #retry() {
    const jitterMs = Math.random() * Math.min(LONGEST_WAIT_MS, 1000 * 2 ** this.#failures++);
    const waitMs = this.#moveAt === null ? jitterMs : Math.max(0, this.#moveAt - Date.now());
    this.#onState({ name: "waiting", until: Date.now() + waitMs });
    this.#retryTimer = setTimeout(() => this.#connect(), waitMs);
  }

  // The hub is about to leave, and says when it is our turn to move to another one.
  #moveIn(afterMs) {
    this.#moveAt = Date.now() + afterMs;
    clearTimeout(this.#moveTimer);
    this.#moveTimer = setTimeout(() => this.start(), afterMs);
  }

  #listenFor(ms) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#lost(0), ms);
  }

  #drop() {
    this.#turn++;
    this.#at = this.#acked = 0;
    this.#head = null;
    this.#silenceMs = WELCOME_WITHIN_MS;
    for (const timer of [this.#retryTimer, this.#silenceTimer, this.#ackTimer, this.#moveTimer]) clearTimeout(timer);
    this.#retryTimer = this.#ackTimer = null;
    const socket = this.#socket;
    this.#socket = null;
    // To close one that still connects is an error in the browser's console; so it closes when it has.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }
}
