// What each of the two can do in the shop. Every event goes to the shop's back end, which tells the other one.

import { fromTemplate } from "./elements.js";

const FIRST_ORDER = 1041;
const ANSWERS = {
  buyer: ["Is it loud enough for Amsterdam?", "Does it come in silver?", "Can you gift-wrap it?"],
  seller: ["Loud enough for two Amsterdams.", "Brass only, sorry!", "Gladly, with a ribbon."],
};

let order = FIRST_ORDER; // the last one, whoever looks at it
const listeners = new Set();

/** The seller's inbox knows of orders that were made before this visit. */
export function noteOrders(entries) {
  setOrder(Math.max(order, ...entries.map(({ data }) => (data.kind === "purchase" && data.order) || 0)));
}

function setOrder(number) {
  if (number === order) return;
  order = number;
  for (const listener of listeners) listener();
}

export class Shop {
  #root;
  #person;
  #traces;
  #said = 0; // examples
  #steps = new Map(); // of parcels, by order

  constructor(place, person, traces) {
    this.#person = person;
    this.#traces = traces;
    this.#root = fromTemplate(`${person.role}-template`);
    place.append(this.#root);
    this.#on(".buy", () => this.#buy());
    this.#on(".ship", () => this.#ship());
    this.#on(".remind", () => this.#say({ kind: "reminder", order }));
    const form = this.#root.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#write(form.elements.text);
    });
    this.#suggest();
    listeners.add(() => this.#show());
    this.#show();
  }

  /** Without a network a page can be looked at, and that is all. */
  setOnline(isOnline) {
    for (const control of this.#root.querySelectorAll("button, input")) control.disabled = !isOnline;
  }

  #on(selector, act) {
    this.#root.querySelector(selector)?.addEventListener("click", act);
  }

  #buy() {
    setOrder(order + 1);
    this.#say({ kind: "purchase", order });
  }

  #ship() {
    const step = this.#steps.get(order) ?? 0;
    this.#steps.set(order, step + 1);
    this.#say({ kind: "shipped", order, step });
    this.#show();
  }

  #write(input) {
    this.#say({ kind: "message", text: input.value.trim() || input.placeholder });
    input.value = "";
    this.#said += 1;
    this.#suggest();
  }

  #suggest() {
    const examples = ANSWERS[this.#person.role];
    this.#root.querySelector("input").placeholder = examples[this.#said % examples.length];
  }

  #say(event) {
    this.#traces.send({ ...event, by: this.#person.id });
  }

  #show() {
    const number = this.#root.querySelector(".order-number");
    if (!number) return;
    number.textContent = `Order ${order}`;
    this.#root.querySelector(".ship").textContent = this.#steps.has(order) ? "Move it on" : "Ship it";
  }
}
