// One notification on its way: sends it until it is accepted, then asks what becomes of it.

import { NOT_FOUND, send, trace } from "./backend.js";

const FIRST_LOOK_MS = 60;
const LOOK_LESS = 1.5; // each time, so that the first moments are seen closely and the minutes cost little
const LONGEST_WAIT_MS = 4000;
const SEND_AGAIN_MS = 700;
const AFTER_DUE_MS = 120; // a step has begun by then
const SAID_WITHIN_MS = 2000; // what was done on a page is at the hub by then

const TITLES = {
  message: ({ by }) => (by === "demo-ada" ? "Ada's message" : "Grace's message"),
  purchase: ({ order }) => `Purchase ${order}`,
  shipped: ({ order }) => `Parcel ${order}`,
  reminder: ({ order }) => `Reminder ${order}`,
};

export class Trace {
  #event;
  #owner;
  #wait_ms = FIRST_LOOK_MS;
  #wake = () => {};
  #isLeft = false;
  #isFollowing = false;
  #lookUntil = 0;

  /** What is known; `sent`, `arrived` and `found` are null until then. */
  facts;

  constructor(event, owner) {
    this.#event = event;
    this.#owner = owner;
    this.facts = {
      key: key(),
      title: TITLES[event.kind](event),
      to: event.by === "demo-ada" ? "demo-grace" : "demo-ada",
      clickedAt: performance.now(),
      clicked: Date.now(),
      tries: 0,
      failure: null,
      sent: null,
      arrived: null,
      found: null,
    };
  }

  /** Whether something in it is about to happen. */
  get isCounting() {
    return this.facts.found?.lines.some(isDue) ?? false;
  }

  async begin() {
    const answer = await this.#send();
    if (!answer) return;
    this.facts.sent = { at: performance.now() - this.facts.clickedAt, id: answer.notification_id };
    this.#owner.changed();
    await this.#follow();
  }

  /** Something was done that may concern it: also what is over may go on, into the archive and out of it. */
  look() {
    this.#noteArrival();
    this.#wait_ms = FIRST_LOOK_MS;
    this.#lookUntil = performance.now() + SAID_WITHIN_MS;
    this.#wake();
    if (this.facts.found) this.#follow();
  }

  /** It has made room for newer ones. */
  leave() {
    this.#isLeft = true;
    this.#wake();
  }

  // The same key each time: an answer that was lost on the way does no harm.
  async #send() {
    while (!this.#isLeft) {
      this.facts.tries += 1;
      try {
        const answer = await send(this.#event, this.facts.key);
        this.facts.failure = null;
        return answer;
      } catch (failed) {
        this.facts.failure = { text: failed.message, isFinal: !failed.isPassing };
        this.#owner.changed();
        if (!failed.isPassing) return null;
        await new Promise((resolve) => setTimeout(resolve, SEND_AGAIN_MS));
      }
    }
    return null;
  }

  async #follow() {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    await this.#lookOn();
    this.#isFollowing = false;
  }

  async #lookOn() {
    const { id } = this.facts.sent;
    while (!this.#isLeft) {
      this.#noteArrival();
      try {
        this.facts.found = await trace(id);
        this.#owner.changed();
        if (isOver(this.facts.found) && performance.now() > this.#lookUntil) return;
      } catch (failed) {
        if (failed.status === NOT_FOUND) return; // Hark began anew, without it
      }
      await this.#pause();
    }
  }

  async #pause() {
    const dues = (this.facts.found?.lines ?? []).filter(isDue).map(({ at }) => Date.parse(at) - Date.now() + AFTER_DUE_MS);
    const ms = Math.max(FIRST_LOOK_MS, Math.min(this.#wait_ms, ...dues.filter((due) => due > 0)));
    this.#wait_ms = Math.min(this.#wait_ms * LOOK_LESS, LONGEST_WAIT_MS);
    await new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, ms);
    });
  }

  #noteArrival() {
    const { sent, arrived, clickedAt } = this.facts;
    const found = sent && !arrived && this.#owner.arrival(sent.id);
    if (!found) return;
    this.facts.arrived = { at: found.at - clickedAt, isNews: found.isNews };
    this.#owner.changed();
  }
}

const isDue = ({ what, at }) => Boolean(at) && /^due/.test(what);
const isOver = ({ status, lines }) => Boolean(status.read_at) && !lines.some(isDue);

function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
