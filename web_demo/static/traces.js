// The notifications that were sent from this page, and the way of the one that is looked at.

import { duration } from "./duration.js";
import { element, fromTemplate } from "./elements.js";
import { summary, timeline } from "./timeline.js";
import { Trace } from "./trace.js";

const KEPT = 5;
const ARRIVALS_KEPT = 100;
const TICK_MS = 100;
const QUIET = new Set(["plan", "skipped", "note", "waiting"]);

export class Traces {
  #root;
  #traces = []; // newest first
  #chosen = null;
  #scrolledFor = "";
  #arrivals = new Map(); // by notification: a page may have it before the sender has its answer

  constructor(root) {
    this.#root = root;
    setInterval(() => this.#chosen?.isCounting && this.#show(), TICK_MS);
  }

  /** An event of the shop happens: it is sent, and followed. */
  send(event) {
    const trace = new Trace(event, {
      changed: () => trace === this.#chosen && this.#show(),
      arrival: (id) => this.#arrivals.get(id),
    });
    this.#traces.unshift(trace);
    for (const old of this.#traces.splice(KEPT)) old.leave();
    this.#choose(trace);
    trace.begin();
  }

  /** A page has applied it; `isNews`: it came over an open socket. */
  arrived(id, isNews) {
    this.#arrivals.set(id, { at: performance.now(), isNews });
    if (this.#arrivals.size > ARRIVALS_KEPT) this.#arrivals.delete(this.#arrivals.keys().next().value);
    for (const trace of this.#traces) if (trace.facts.sent?.id === id) trace.look();
  }

  /** Something has happened: ask now, and not only in a while. */
  look() {
    for (const trace of this.#traces) trace.look();
  }

  #choose(trace) {
    this.#chosen = trace;
    this.#root.classList.remove("is-empty");
    this.#show();
  }

  #show() {
    const { facts } = this.#chosen;
    const chips = this.#traces.map((trace) => this.#chip(trace));
    replace(this.#root.querySelector(".chips"), chips);
    const { state, text } = summary(facts);
    const place = this.#root.querySelector(".summary");
    place.dataset.state = state;
    if (place.textContent !== text) place.textContent = text;
    const rows = this.#root.querySelector(".rows");
    replace(rows, timeline(facts, Date.now()).map(row));
    this.#scroll(rows);
  }

  // What happens next, or happened last, is in view; whoever scrolled stays where they are until more has happened.
  #scroll(rows) {
    const current = [...rows.children].filter(({ dataset }) => !QUIET.has(dataset.state));
    const next = rows.querySelector('[data-state="due"]') ?? current.at(-1);
    const seen = `${this.#chosen.facts.key} ${current.length}`;
    if (!next || seen === this.#scrolledFor) return;
    this.#scrolledFor = seen;
    rows.scrollTop = next.offsetTop + next.offsetHeight - rows.clientHeight;
  }

  #chip(trace) {
    const chip = element("button", "chip", trace.facts.title);
    chip.type = "button";
    chip.setAttribute("aria-pressed", trace === this.#chosen);
    chip.dataset.key = trace.facts.key;
    chip.addEventListener("click", () => this.#choose(trace));
    return chip;
  }
}

// Only what is not the same: whoever is on a button with the keyboard stays there, and nothing flickers.
function replace(place, items) {
  items.forEach((item, index) => {
    const there = place.children[index];
    if (!there) place.append(item);
    else if (!there.isEqualNode(item)) keepFocus(there, item);
  });
  while (place.children.length > items.length) place.lastElementChild.remove();
}

function keepFocus(there, item) {
  const isOn = there === document.activeElement;
  there.replaceWith(item);
  if (isOn) item.focus();
}

function row({ state, at, what, channel, place, due }) {
  const item = fromTemplate("row-template");
  item.dataset.state = state;
  if (channel) item.dataset.channel = channel;
  const time = due === undefined ? (at === undefined ? "" : `+${duration(Math.max(0, at))}`) : countdown(due);
  item.querySelector(".at").textContent = time;
  item.querySelector(".place").textContent = place ?? "";
  item.querySelector(".what").textContent = what;
  return item;
}

const countdown = (due) => (due > 0 ? `in ${(due / 1000).toFixed(1)} s` : "now");
