// The state of a connection, in two words.

const WORDS = {
  connecting: "Connecting",
  "catching up": "Catching up",
  live: "Live",
  waiting: "Reconnecting",
  offline: "Offline",
  stopped: "Stopped",
};
const TICK_MS = 250;

export class Pill {
  #pill;
  #timer;
  #state = { name: "offline" };
  #isCut = false;

  constructor(pill) {
    this.#pill = pill;
  }

  /** The cable is out, or in again. */
  setCut(isCut) {
    this.#isCut = isCut;
    this.show(this.#state);
  }

  /** A state as Hark tells it. */
  show(state) {
    const { name, until, reason } = (this.#state = state);
    clearInterval(this.#timer);
    this.#pill.dataset.state = name;
    this.#pill.title = reason ?? "";
    // Said to a screen reader once; the seconds beside it are for the eye only.
    this.#pill.querySelector(".pill-text").textContent = WORDS[name];
    this.#more(name === "stopped" ? "reload the page" : "");
    if (name === "live" && this.#isCut) this.#more("as far as the page knows");
    if (name === "waiting") {
      this.#countDown(until);
      this.#timer = setInterval(() => this.#countDown(until), TICK_MS);
    }
  }

  #countDown(until) {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    this.#more(seconds > 0 ? `in ${seconds} s` : "");
  }

  #more(text) {
    this.#pill.querySelector(".pill-more").textContent = text;
  }
}
