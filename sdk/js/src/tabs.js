// One connection for many tabs: whoever holds the lock leads, and says to the others what it learns. Where a platform has
// no Web Locks or no BroadcastChannel, everybody leads a connection of their own.

const ANSWER_WITHIN_MS = 3000;

export class Tabs {
  isLeading = false;
  #name;
  #locks;
  #channel;
  #on;
  #release = null;
  #leaving = new AbortController();
  #patience;

  /** `on` has lead(), follow(), and heard(message) for what another tab posted. */
  constructor(name, { locks, BroadcastChannel, ...on }) {
    this.#name = name;
    this.#locks = locks;
    this.#on = on;
    if (!locks || !BroadcastChannel) return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#heard(data);
  }

  join() {
    if (!this.#channel) return this.#lead();
    this.#queue({ signal: this.#leaving.signal });
    this.ask();
  }

  leave() {
    clearTimeout(this.#patience);
    this.#channel?.close();
    this.#channel = null;
    this.#leaving.abort();
    this.#release?.();
    this.isLeading = false;
  }

  post(message) {
    this.#channel?.postMessage(message);
  }

  /** Asks who leads. Some browsers put a hidden tab to sleep, its lock in its hands: then it is taken from it. */
  ask() {
    if (this.isLeading || !this.#channel) return;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#queue({ steal: true }), ANSWER_WITHIN_MS);
    this.post({ ask: true });
  }

  #heard(message) {
    if (message.leads) clearTimeout(this.#patience);
    if (!message.ask || this.isLeading) this.#on.heard(message);
  }

  async #queue(options) {
    try {
      await this.#locks.request(this.#name, options, () => new Promise((release) => this.#lead(release)));
    } catch {
      // We left while we waited, or somebody took it from us.
      if (!this.#channel || !this.#release) return;
      this.#release = null;
      this.isLeading = false;
      this.#on.follow();
      this.#queue({ signal: this.#leaving.signal });
    }
  }

  #lead(release = null) {
    if (this.#leaving.signal.aborted) return release?.();
    clearTimeout(this.#patience);
    this.#release = release;
    this.isLeading = true;
    this.#on.lead();
  }
}
