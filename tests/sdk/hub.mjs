// A hub from a client's point of view: sockets that connect to it, and what is said on them. Its WebSocket
// is the browser's to a client; the protocol is spoken by the tests.

export class Hub {
  connections = 0;
  #arrived = [];
  #waiting = [];

  /** What a page connects with. */
  get WebSocket() {
    const hub = this;
    return class extends Socket {
      constructor(url, protocol) {
        super(url, protocol);
        hub.connections++;
        hub.#arrive(this);
      }
    };
  }

  /** The next connection, after its hello. */
  async next() {
    const socket = this.#arrived.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    socket.readyState = 1;
    socket.onopen();
    return { socket, hello: await socket.heard() };
  }

  #arrive(socket) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(socket);
    else this.#arrived.push(socket);
  }
}

class Socket {
  readyState = 0;
  onopen = () => {};
  onmessage = () => {};
  onclose = () => {};
  #said = [];
  #listening = [];

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
    this.left = new Promise((resolve) => (this.close = () => ((this.readyState = 3), resolve())));
  }

  send(text) {
    const listening = this.#listening.shift();
    if (listening) listening(JSON.parse(text));
    else this.#said.push(JSON.parse(text));
  }

  /** What the client said next. */
  async heard() {
    return this.#said.shift() ?? (await new Promise((resolve) => this.#listening.push(resolve)));
  }

  /** What the client said and nobody has heard yet. */
  unheard() {
    return this.#said;
  }

  say(t, fields = {}) {
    this.onmessage?.({ data: JSON.stringify({ t, ...fields }) });
  }

  welcome({ head = 0, unread = 0, cursor = "0", ping_s = 60, ...more } = {}) {
    this.say("welcome", { user: "ada", head, unread, cursor, ping_s, ...more });
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** A storage that a test can look into and prepare. */
export function storage(kept = {}) {
  const items = new Map(Object.entries(kept).map(([key, value]) => [key, JSON.stringify(value)]));
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, text) => void items.set(key, text),
    removeItem: (key) => void items.delete(key),
    look: (key = "hark:http://hub:ada") => JSON.parse(items.get(key) ?? "null"),
  };
}

export const entry = (seq) => ({ seq, id: `id-${seq}`, title: `title ${seq}`, cursor: `${seq}-00000000` });
export const entries = (...seqs) => ({ entries: seqs.map(entry) });
