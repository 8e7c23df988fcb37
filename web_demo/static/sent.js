// What was sent, one line each: how far it came and how long each step took, as Hark's status call tells it.

import { NOT_FOUND, status } from "./backend.js";
import { element } from "./elements.js";
import { duration } from "./times.js";

const LINES = 4;
const FIRST_LOOK_MS = 100;
const LOOK_LESS = 1.4; // each time, so that the first seconds are seen closely and the minutes cost little
const LONGEST_WAIT_MS = 5000;
const MEANINGS = {
  accepted: "Hark has stored it. From the click to its answer.",
  pushed: "A push service took it for the phone. Since it was stored.",
  delivered: "A device acknowledged it. Since it was stored.",
  seen: "It was on the screen. Since it was stored.",
  read: "It was opened. Since it was stored.",
};
const STEPS = ["pushed", "delivered", "seen", "read", "failed"];

export class Sent {
  #list;

  constructor(list) {
    this.#list = list;
  }

  /** A new line; `send` does it and gives `{notification_id}`. */
  follow(title, send) {
    const line = element("li", "sent-line");
    line.append(element("span", "sent-title", title), element("span", "steps"));
    line.title = title;
    this.#list.prepend(line);
    while (this.#list.children.length > LINES) this.#list.lastElementChild.remove();
    return this.#send(line, send);
  }

  async #send(line, send) {
    const steps = line.querySelector(".steps");
    steps.replaceChildren(step("sending", ""));
    const started = performance.now();
    try {
      const { notification_id } = await send();
      const accepted = step("accepted", duration(performance.now() - started));
      steps.replaceChildren(accepted);
      await follow(line, notification_id, (found) => steps.replaceChildren(accepted, ...happened(found)));
    } catch (failed) {
      steps.replaceChildren(step("not sent", `– ${failed.message}`), this.#again(line, send));
    }
  }

  #again(line, send) {
    const button = element("button", "quiet", "Try again");
    button.type = "button";
    button.addEventListener("click", () => this.#send(line, send));
    return button;
  }
}

// Until it was read, or the line has made room for newer ones. While Hark is away we look again later: it is stored.
async function follow(line, id, show) {
  for (let wait = FIRST_LOOK_MS; line.isConnected; wait = Math.min(wait * LOOK_LESS, LONGEST_WAIT_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const found = await status(id);
      show(found);
      if (found.read_at) return;
    } catch (failed) {
      if (failed.status === NOT_FOUND) return; // Hark began anew, without it
    }
  }
}

function happened(line) {
  const accepted = Date.parse(line.accepted_at);
  return STEPS.map((name) => ({ name, at: Date.parse(line[`${name}_at`]) }))
    .filter(({ at }) => at)
    .sort((one, other) => one.at - other.at)
    .map(({ name, at }) => step(name, name === "failed" ? line.failure : duration(at - accepted)));
}

function step(name, detail) {
  const made = element("span", "step", name);
  made.title = MEANINGS[name] ?? "";
  made.dataset.step = name;
  if (detail) made.append(" ", element("b", "", detail));
  return made;
}
