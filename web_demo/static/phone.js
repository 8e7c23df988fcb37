// The user's phone, shown while the page is "closed": what Hark pushes to it is asked of the demo's back end.

import { NOT_FOUND, phone, registerPhone } from "./backend.js";
import { element } from "./elements.js";
import { setTime } from "./times.js";

const LOOK_MS = 500;
const LOOK_AGAIN_MS = 2000; // after a failure

export class Phone {
  #user;
  #place;
  #hint;
  #list;
  #pushes = new Map(); // elements by notification id
  #timer;
  #clockTimer;
  #look = 0; // which look this is; what an earlier one brings is ignored
  #idle; // what it says while there is nothing to show

  constructor(root, user) {
    this.#user = user;
    this.#place = root.querySelector(".away");
    this.#hint = root.querySelector(".phone-hint");
    this.#list = root.querySelector(".pushes");
    root.querySelector(".phone").setAttribute("aria-label", `${user.name}'s phone`);
  }

  /** Tells Hark of the phone, so that it can push to it; again until that has worked. */
  async register() {
    try {
      await registerPhone(this.#user.id);
    } catch (failed) {
      // Not found: there is no push simulator, so there are no phones.
      if (failed.status !== NOT_FOUND) setTimeout(() => this.register(), LOOK_AGAIN_MS);
    }
  }

  /** The user has nothing but the phone now. It shows what the page did not have when it closed, at `seq`. */
  take(seq) {
    this.#place.hidden = false;
    this.#list.replaceChildren();
    this.#pushes.clear();
    this.#idle = `${this.#user.name}'s page is closed. What you send now is pushed to this phone.`;
    this.#say(this.#idle);
    this.#tellTime();
    this.#watch(seq);
  }

  /** Something arrived in another tab: so Hark does not push it. */
  isNotNeeded() {
    this.#idle = `${this.#user.name} has another tab open and got it there, so nothing is pushed.`;
  }

  putAway() {
    this.#look++;
    clearTimeout(this.#timer);
    clearTimeout(this.#clockTimer);
    this.#place.hidden = true;
  }

  async #watch(seq) {
    const look = ++this.#look;
    let again = LOOK_MS;
    try {
      const shown = await phone(this.#user.id, seq);
      if (look === this.#look) this.#show(shown);
    } catch (failed) {
      again = LOOK_AGAIN_MS;
      if (look === this.#look) this.#say(failed.status === NOT_FOUND ? failed.message : "No signal. Looking for it …");
    }
    if (look === this.#look) this.#timer = setTimeout(() => this.#watch(seq), again);
  }

  #show(shown) {
    const ids = new Set(shown.map(({ push }) => push.id));
    for (const [id, item] of this.#pushes) {
      if (ids.has(id)) continue; // else it was read elsewhere, or taken back
      this.#pushes.delete(id);
      item.remove();
    }
    for (const { push, at } of shown) {
      if (this.#pushes.has(push.id)) continue;
      const item = card(push, at);
      this.#pushes.set(push.id, item);
      this.#list.prepend(item);
    }
    this.#say(this.#pushes.size ? "" : this.#idle);
  }

  #say(hint) {
    if (this.#hint.textContent !== hint) this.#hint.textContent = hint;
  }

  #tellTime() {
    const now = new Date();
    const clock = this.#place.querySelector(".clock");
    clock.textContent = now.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    this.#clockTimer = setTimeout(() => this.#tellTime(), 60_000 - (now % 60_000));
  }
}

function card(push, at) {
  const item = element("li", "push");
  const head = element("p", "push-head");
  const time = element("time", "");
  setTime(time, at);
  head.append(element("span", "push-app", "Hark"), time);
  item.append(head, element("strong", "", push.title));
  if (push.message) item.append(element("p", "push-message", push.message));
  return item;
}
