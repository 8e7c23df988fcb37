// Web Locks as the standard has them, for tabs that are objects of one process; and a channel between them.

export class Locks {
  #held = new Map();
  #queues = new Map();

  request(name, { signal, steal = false }, act) {
    return new Promise((resolve, reject) => {
      const wish = { act, resolve, reject };
      if (steal) return this.#steal(name, wish);
      signal?.addEventListener("abort", () => this.#withdraw(name, wish));
      this.#queue(name).push(wish);
      this.#grant(name);
    });
  }

  /** The holder sleeps: it keeps the lock, and does not notice anything. */
  #steal(name, wish) {
    this.#held.get(name)?.reject(new DOMException("stolen", "AbortError"));
    this.#held.delete(name);
    this.#queue(name).unshift(wish);
    this.#grant(name);
  }

  #queue(name) {
    if (!this.#queues.has(name)) this.#queues.set(name, []);
    return this.#queues.get(name);
  }

  #withdraw(name, wish) {
    const queue = this.#queue(name);
    if (queue.includes(wish)) queue.splice(queue.indexOf(wish), 1);
    wish.reject(new DOMException("left", "AbortError"));
  }

  #grant(name) {
    if (this.#held.has(name)) return;
    const wish = this.#queue(name).shift();
    if (!wish) return;
    this.#held.set(name, wish);
    queueMicrotask(async () => {
      const result = await wish.act({ name });
      if (this.#held.get(name) === wish) this.#held.delete(name);
      wish.resolve(result);
      this.#grant(name);
    });
  }
}
