// One person's laptop: the shop's page with the inbox in it, the cable, and the lid.

import { Hark } from "../../sdk/hark.js"; // beside the demo, wherever that is
import { fetchToken, registerDevices, NOT_FOUND } from "./backend.js";
import { Cable } from "./cable.js";
import { fromTemplate } from "./elements.js";
import { Entries } from "./entries.js";
import { Pill } from "./pill.js";
import { noteOrders, Shop } from "./shop.js";
import { Toasts } from "./toasts.js";

const HUB = new URL("../..", import.meta.url).href;
const KEPT = 300; // entries; enough for a page, little enough for localStorage
const REGISTER_AGAIN_MS = 2000;

export class Laptop {
  #person;
  #traces;
  #cable = new Cable();
  #entries;
  #pill;
  #toasts;
  #shop;
  #isQuiet = true; // what arrives is no news: it is the history on a first visit
  #missed = 0; // entries that arrived before we were live again

  constructor(person, traces) {
    this.#person = person;
    this.#traces = traces;
    this.root = fromTemplate("laptop-template");
    this.#name(person);
    this.hark = new Hark({
      url: HUB,
      user: person.id,
      token: () => this.#token(),
      from: "all",
      kept: KEPT,
      // Each tab of the demo is a laptop of its own, with a cable of its own.
      ...{ locks: null, BroadcastChannel: null, roads: ["socket"] },
      ...{ WebSocket: this.#cable.WebSocket, fetch: this.#cable.fetch },
    });
    this.#entries = new Entries(this.root, this.hark, () => traces.look());
    this.#pill = new Pill(this.root.querySelector(".pill"));
    this.#toasts = new Toasts(this.root.querySelector(".toasts"), person);
    this.#shop = new Shop(this.root.querySelector(".shop"), person, traces);
    this.#listen();
  }

  /** Shows what this browser has, and connects. */
  async begin() {
    this.#register();
    await this.hark.start();
    this.#isQuiet = this.hark.entries.length === 0;
  }

  async #token() {
    if (this.#cable.isOut) throw new Error("The cable is out");
    return fetchToken(this.#person.id);
  }

  // Again until that has worked.
  async #register() {
    try {
      await registerDevices(this.#person.id);
    } catch (failed) {
      if (failed.status !== NOT_FOUND) setTimeout(() => this.#register(), REGISTER_AGAIN_MS); // else: no simulator
    }
  }

  #name({ name, role }) {
    this.root.dataset.role = role;
    this.root.setAttribute("aria-label", `${name}'s laptop`);
    this.root.querySelector(".avatar").textContent = name[0];
    this.root.querySelector("h2").textContent = `${name}'s laptop`;
    this.root.querySelector(".caption").textContent = CAPTIONS[role];
    this.root.querySelector(".address").textContent = `brass-bells.example/${role === "buyer" ? "bell" : "orders"}`;
  }

  #listen() {
    this.hark.on("change", () => this.#show());
    this.hark.on("arrived", (entries, { live }) => this.#arrived(entries, live));
    this.hark.on("state", (state) => this.#became(state));
    this.#toggle(".cable", (isOut) => this.#pull(isOut));
    this.#toggle(".lid", (isClosed) => this.#close(isClosed));
  }

  #toggle(selector, act) {
    const button = this.root.querySelector(selector);
    button.addEventListener("click", () => {
      act(button.toggleAttribute("data-on")); // what it is called says so, too
    });
  }

  #pull(isOut) {
    this.root.classList.toggle("is-cut", isOut);
    this.#entries.setLive(!isOut && this.hark.state.name === "live");
    if (isOut) {
      this.#toasts.clear();
      this.#cable.pull();
    } else {
      this.#cable.plug();
      this.hark.hurry();
    }
    this.#shop.setOnline(!isOut);
    this.#pill.setCut(isOut);
  }

  #close(isClosed) {
    this.#toasts.clear();
    this.root.classList.toggle("is-closed", isClosed);
    this.root.querySelector(".page").inert = isClosed;
    if (isClosed) this.hark.stop();
    else this.hark.start();
  }

  #became(state) {
    this.#pill.show(state);
    this.#entries.setLive(state.name === "live" && !this.#cable.isOut);
    if (state.name !== "live") return;
    if (this.#missed && !this.#isQuiet) this.#toasts.show("Welcome back", caughtUp(this.#missed));
    this.#missed = 0;
    this.#isQuiet = false;
  }

  #arrived(entries, isNews) {
    for (const { id } of entries) this.#traces.arrived(id, isNews);
    if (!isNews) this.#missed += entries.length;
    else if (entries.length > 3) this.#toasts.show("Many at once", `${entries.length} new notifications`);
    else for (const entry of entries) this.#toasts.show(entry.title, entry.message);
  }

  #show() {
    noteOrders([...this.hark.entries, ...this.hark.archived]);
    this.#entries.show({ isNews: !this.#isQuiet });
    const { unread } = this.hark;
    const bell = this.root.querySelector(".bell");
    bell.setAttribute("aria-label", `${unread} unread`);
    const badge = bell.querySelector(".badge");
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : unread;
  }
}

const CAPTIONS = {
  buyer: "She buys. Her open page hears of everything within milliseconds.",
  seller: "She sells. Close her laptop, and what comes is on her phone at once.",
};

function caughtUp(count) {
  return count === 1 ? "1 notification was waiting" : `${count} notifications were waiting`;
}
