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

  constructor(pill) {
    this.#pill = pill;
  }

  /** A state as Hark tells it. */
  show({ name, until, reason }) {
    clearInterval(this.#timer);
    this.#pill.dataset.state = name;
    this.#pill.title = reason ?? "";
    // Said to a screen reader once; the seconds beside it are for the eye only.
    this.#pill.querySelector(".pill-text").textContent = WORDS[name];
    this.#more(name === "stopped" ? "reload the page" : "");
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
