// What the two have besides their laptops: asked of the demo's back end, which asks the simulator.

import { NOT_FOUND, screens } from "./backend.js";
import { arrange, element } from "./elements.js";
import { ADA, GRACE, nameOf } from "./people.js";
import { setTime } from "./times.js";

const LOOK_MS = 500;
const LOOK_AGAIN_MS = 2000; // after a failure
const ON_A_PHONE = 6;
const IN_THE_POST = 12;
const IDLE = "Nothing: the laptop gets it all.";
const LABELS = { browser: "Browser", email: "Mail", sms: "Text" };

export class Devices {
  #root;
  #shown = "";
  #items = null; // of the cards that are there, by key; null: nothing was shown yet

  constructor(root) {
    this.#root = root;
    for (const { id, name, phone, channel } of [ADA, GRACE]) {
      const place = this.#phone(id);
      place.setAttribute("aria-label", `${name}'s ${phone}`);
      place.querySelector(".whose").textContent = `${name} · ${channel}`;
    }
    this.#tellTime();
  }

  async begin() {
    let again = LOOK_MS;
    try {
      if (!document.hidden) this.#show(await screens());
    } catch (failed) {
      again = LOOK_AGAIN_MS;
      this.#say(failed.status === NOT_FOUND ? failed.message : "No signal. Looking for it …");
    }
    setTimeout(() => this.begin(), again);
  }

  #show({ simulator_url, screens }) {
    this.#say("");
    const link = this.#root.querySelector(".simulator");
    if (link.hidden && /^https?:/.test(simulator_url)) link.href = simulator_url;
    link.hidden = false;
    const shown = JSON.stringify(screens);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const before = this.#items;
    this.#items = new Map();
    const post = [];
    for (const { user_id, kind, gone, shown } of screens) {
      if (kind === "phone") this.#showPhone(user_id, shown.slice(0, ON_A_PHONE), gone, before);
      else post.push(...shown.map((card) => ({ ...card, user_id, kind })));
    }
    post.sort((one, other) => other.at.localeCompare(one.at));
    const items = post.slice(0, IN_THE_POST).map((card) => this.#item(card, before));
    arrange(this.#root.querySelector(".post"), items);
  }

  #showPhone(user, cards, isGone, before) {
    const items = cards.map((card) => this.#item({ ...card, user_id: user, kind: "phone" }, before));
    arrange(this.#phone(user).querySelector(".pushes"), items);
    this.#phone(user).querySelector(".phone-hint").textContent = isGone ? "The app was deleted." : cards.length ? "" : IDLE;
  }

  #item(card, before) {
    const key = `${card.user_id} ${card.kind} ${card.at}`;
    const item = before?.get(key) ?? this.#made(card);
    this.#items.set(key, item);
    item.classList.toggle("is-news", before !== null && (!before.has(key) || item.classList.contains("is-news")));
    return item;
  }

  #made({ title, text, at, user_id, kind }) {
    const item = element("li", kind === "phone" ? "push" : "letter");
    const head = element("p", "push-head");
    const time = element("time", "");
    setTime(time, at);
    if (kind === "phone") head.append(element("span", "", "Brass Bells"), time);
    else head.append(element("span", `tag ${kind}`, LABELS[kind]), element("span", "", nameOf(user_id)), time);
    item.append(head);
    if (title) item.append(element("strong", "", title));
    item.append(element("p", "push-message", withoutTitle(title, text)));
    return item;
  }

  #phone(user) {
    return this.#root.querySelector(`[data-user="${user}"]`);
  }

  #say(hint) {
    const place = this.#root.querySelector(".trouble");
    if (place.textContent !== hint) place.textContent = hint;
  }

  #tellTime() {
    const now = new Date();
    for (const clock of this.#root.querySelectorAll(".clock")) {
      clock.textContent = now.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    }
    setTimeout(() => this.#tellTime(), 60_000 - (now % 60_000));
  }
}

// A mail begins with its subject once more.
const withoutTitle = (title, text) => (title && text.startsWith(`${title}\n`) ? text.slice(title.length).trim() : text);
