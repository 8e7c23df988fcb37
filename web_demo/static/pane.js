// One user's half of the page: puts the parts together, and tells each what happens.

import { fetchToken } from "./backend.js";
import { Compose } from "./compose.js";
import { fromTemplate } from "./elements.js";
import { Entries } from "./entries.js";
import { HarkClient } from "./hark-client.js";
import { Inbox } from "./inbox.js";
import { Phone } from "./phone.js";
import { Pill } from "./pill.js";
import { Toasts } from "./toasts.js";

const SOCKET = new URL("../../ws", import.meta.url.replace(/^http/, "ws")); // beside the demo, wherever that is
const SETTLED_AFTER_MS = 1000; // a count and its entries travel apart; what differs for longer is really different

export class Pane {
  #inbox;
  #client;
  #entries;
  #pill;
  #phone;
  #toasts;
  #state = "offline";
  #isQuiet = true; // what arrives is no news: the history on a first visit, or told once more
  #missed = 0; // entries that arrived before we were live again
  #wasReplayed = false;
  #settleTimer;

  constructor(user, other) {
    this.root = fromTemplate("pane-template");
    this.#name(user);
    this.#inbox = new Inbox(user.id);
    this.#client = new HarkClient({
      url: SOCKET,
      fetchToken: () => fetchToken(user.id),
      store: this.#inbox,
      onState: (state) => this.#became(state),
    });
    this.#entries = new Entries(this.root, this.#client);
    this.#pill = new Pill(this.root.querySelector(".pill"));
    this.#phone = new Phone(this.root, user);
    this.#toasts = new Toasts(this.root.querySelector(".toasts"), user);
    new Compose(this.root.querySelector(".compose"), user, other);
    this.#listen();
  }

  /** Shows what this browser has, and connects. */
  begin() {
    this.#show();
    this.#isQuiet = this.#inbox.position.seq === 0;
    this.#client.start();
    this.#phone.register();
  }

  /** The network is back. */
  hurry() {
    this.#client.hurry();
  }

  #name({ name, colour }) {
    this.root.dataset.colour = colour;
    this.root.setAttribute("aria-label", name);
    this.root.querySelector(".avatar").textContent = name[0];
    this.root.querySelector("h2").textContent = name;
  }

  #listen() {
    this.#inbox.addEventListener("change", () => this.#show());
    this.#inbox.addEventListener("arrived", ({ detail }) => this.#arrived(detail));
    this.#inbox.addEventListener("elsewhere", () => this.#phone.isNotNeeded());
    const online = this.root.querySelector(".switch input");
    online.addEventListener("change", () => this.#switch(online.checked));
  }

  #switch(isOnline) {
    this.#toasts.clear();
    this.root.classList.toggle("is-away", !isOnline);
    if (isOnline) {
      this.#phone.putAway();
      this.#client.start();
    } else {
      this.#client.stop();
      this.#phone.take(this.#inbox.position.seq);
    }
  }

  #became(state) {
    this.#state = state.name;
    this.#pill.show(state);
    this.#entries.setLive(state.name === "live");
    if (state.name !== "live") return;
    if (this.#missed && !this.#isQuiet) this.#toasts.show("Welcome back", caughtUp(this.#missed));
    this.#missed = 0;
    this.#isQuiet = false;
    this.#settleSoon();
  }

  #arrived(entries) {
    if (this.#state !== "live") this.#missed += entries.length;
    else if (entries.length > 3) this.#toasts.show("Many at once", `${entries.length} new notifications`);
    else for (const entry of entries) this.#toasts.show(entry.title, entry.message);
  }

  #show() {
    this.#entries.show(this.#inbox.entries, { isNews: !this.#isQuiet });
    const unread = this.#inbox.unread;
    const bell = this.root.querySelector(".bell");
    bell.setAttribute("aria-label", `${unread} unread`);
    const badge = bell.querySelector(".badge");
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : unread;
    this.#settleSoon();
  }

  #settleSoon() {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => this.#settle(), SETTLED_AFTER_MS);
  }

  // What was read on another device while this one was away is not told again; but the count gives it away.
  #settle() {
    if (this.#state !== "live") return;
    if (!this.#inbox.disagrees) {
      this.#wasReplayed = false;
    } else if (this.#wasReplayed) {
      this.#inbox.trustCount();
    } else {
      this.#wasReplayed = this.#isQuiet = true;
      this.#client.replay();
    }
  }
}

function caughtUp(count) {
  return count === 1 ? "1 notification was waiting" : `${count} notifications were waiting`;
}
