// The user token: fetched by the page's own callback when it is needed, and anew before its time is over.

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const PART_LIVED = 0.8; // of its life, when it is replaced

export class Token {
  now = null;
  #ask;
  #asking = null;
  #renewAt = Infinity;

  /** `ask` gives a token, or the answer of `POST /api/v1/tokens`. */
  constructor(ask) {
    this.#ask = ask;
  }

  get renewIn_ms() {
    return Math.min(LONGEST_TIMER_MS, Math.max(1000, this.#renewAt - Date.now()));
  }

  async get() {
    return this.now ?? this.renew();
  }

  /** A new one; until it is there the old one is good. */
  renew() {
    return (this.#asking ??= this.#fetch().finally(() => (this.#asking = null)));
  }

  drop() {
    this.now = null;
  }

  async #fetch() {
    const given = await this.#ask();
    const { token, expires_at } = typeof given === "string" ? { token: given } : given;
    const { iat, exp = Date.parse(expires_at) / 1000 } = claims(token);
    const now = Date.now() / 1000;
    // What is left by our clock, if our clock can be right; else all of its life.
    const left_s = exp > now && !(exp - now > exp - iat) ? exp - now : exp - iat;
    this.#renewAt = left_s ? 1000 * (now + left_s * PART_LIVED) : Infinity;
    return (this.now = token);
  }
}

// What a JWT says of itself; nothing when it cannot be read here. The hub verifies it.
function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return {};
  }
}
