// What the tests of the client on a socket have in common: a hub, a storage, and a client that waits for nothing.

import { Hark } from "../../sdk/js/hark.js";
import { Hub, storage } from "./hub.mjs";

const random = Math.random;

export class Visit {
  hub = new Hub();
  kept = storage();
  states = [];
  tokens = 0;

  constructor() {
    Math.random = () => 0; // no back-off: the tests do not wait
    this.hark = this.client();
  }

  end() {
    this.hark.stop();
    Math.random = random;
  }

  client(options = {}) {
    const made = new Hark({
      url: "http://hub/",
      user: "ada",
      token: async () => `token ${++this.tokens}`,
      WebSocket: this.hub.WebSocket,
      fetch: null,
      storage: this.kept,
      from: "all",
      ...options,
    });
    made.on("state", (state) => this.states.push(state.name));
    return (this.hark = made);
  }

  /** The client has come, and the hub has answered. */
  async connected(welcome) {
    this.hark.start();
    const found = await this.hub.next();
    found.socket.welcome(welcome);
    return found;
  }

  seqs = () => this.hark.entries.map(({ seq }) => seq);
}
