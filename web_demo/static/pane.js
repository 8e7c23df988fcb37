// One user's half of the page: puts the parts together, and tells each what happens.

import { Hark } from "../../sdk/hark.js"; // beside the demo, wherever that is
import { fetchToken } from "./backend.js";
import { Compose } from "./compose.js";
import { fromTemplate } from "./elements.js";
import { Entries } from "./entries.js";
import { Phone } from "./phone.js";
import { Pill } from "./pill.js";
import { Toasts } from "./toasts.js";

const HUB = new URL("../..", import.meta.url).href;
const KEPT = 300; // entries; enough for a page, little enough for localStorage

export class Pane {
  #hark;
  #entries;
  #pill;
  #phone;
  #toasts;
  #isQuiet = true; // what arrives is no news: it is the history on a first visit
  #missed = 0; // entries that arrived before we were live again

  constructor(user, other) {
    this.root = fromTemplate("pane-template");
    this.#name(user);
    this.#hark = new Hark({ url: HUB, user: user.id, token: () => fetchToken(user.id), from: "all", kept: KEPT });
    this.#entries = new Entries(this.root, this.#hark);
    this.#pill = new Pill(this.root.querySelector(".pill"));
    this.#phone = new Phone(this.root, user);
    this.#toasts = new Toasts(this.root.querySelector(".toasts"), user);
    new Compose(this.root.querySelector(".compose"), user, other);
    this.#listen(user);
  }

  /** Shows what this browser has, and connects. */
  async begin() {
    this.#phone.register();
    await this.#hark.start();
    this.#isQuiet = this.#hark.entries.length === 0;
  }

  #name({ name, colour }) {
    this.root.dataset.colour = colour;
    this.root.setAttribute("aria-label", name);
    this.root.querySelector(".avatar").textContent = name[0];
    this.root.querySelector("h2").textContent = name;
  }

  #listen(user) {
    this.#hark.on("change", () => this.#show());
    this.#hark.on("arrived", (entries, { live }) => this.#arrived(entries, live));
    this.#hark.on("state", (state) => this.#became(state));
    // Another tab has stored something of the same inbox.
    addEventListener("storage", ({ key }) => key?.endsWith(`:${user.id}`) && this.#phone.isNotNeeded());
    const online = this.root.querySelector(".switch input");
    online.addEventListener("change", () => this.#switch(online.checked));
  }

  #switch(isOnline) {
    this.#toasts.clear();
    this.root.classList.toggle("is-away", !isOnline);
    if (isOnline) {
      this.#phone.putAway();
      this.#hark.start();
    } else {
      this.#hark.stop();
      this.#phone.take(this.#hark.entries[0]?.seq ?? 0);
    }
  }

  #became(state) {
    this.#pill.show(state);
    this.#entries.setLive(state.name === "live");
    if (state.name !== "live") return;
    if (this.#missed && !this.#isQuiet) this.#toasts.show("Welcome back", caughtUp(this.#missed));
    this.#missed = 0;
    this.#isQuiet = false;
  }

  #arrived(entries, isNews) {
    if (!isNews) this.#missed += entries.length;
    else if (entries.length > 3) this.#toasts.show("Many at once", `${entries.length} new notifications`);
    else for (const entry of entries) this.#toasts.show(entry.title, entry.message);
  }

  #show() {
    this.#entries.show(this.#hark.entries, { isNews: !this.#isQuiet });
    const { unread } = this.#hark;
    const bell = this.root.querySelector(".bell");
    bell.setAttribute("aria-label", `${unread} unread`);
    const badge = bell.querySelector(".badge");
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : unread;
  }
}

function caughtUp(count) {
  return count === 1 ? "1 notification was waiting" : `${count} notifications were waiting`;
}
