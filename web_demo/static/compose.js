// The box that sends to the other user, and below it what became of it. In a real product this is some server's work.

import { send } from "./backend.js";
import { element } from "./elements.js";
import { Sent } from "./sent.js";

const EXAMPLES = [
  { title: "Order shipped", message: "Your parcel is on its way and arrives on Thursday.", priority: "normal" },
  { title: "Payment reminder", message: "Invoice 2041 over 48.00 is due tomorrow.", priority: "high" },
  { title: "New chat message", message: "Lunch at one, the usual place?", priority: "normal" },
];

export class Compose {
  #user;
  #other;
  #sent;

  constructor(root, user, other) {
    this.#user = user;
    this.#other = other;
    this.#sent = new Sent(root.querySelector(".sent"));
    root.querySelector("h3").textContent = `Send to ${other.name}`;
    root.querySelector(".examples").append(...EXAMPLES.map((example) => this.#example(example)));
    const form = root.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(form);
    });
  }

  #example(example) {
    const button = element("button", "example", example.title);
    button.type = "button";
    button.addEventListener("click", () => this.#send(example));
    return button;
  }

  #submit(form) {
    const { title, message, priority } = Object.fromEntries(new FormData(form));
    this.#send({ title: title.trim(), message: message.trim(), priority });
    form.reset();
    form.elements.title.focus();
  }

  #send(draft) {
    this.#sent.follow(draft.title, () => send(this.#other.id, { ...draft, sender: this.#user.id }));
  }
}
