// Short news over a pane, gone by themselves.

import { element } from "./elements.js";

const SHOWN_MS = 4000;
const AT_MOST = 3;

export class Toasts {
  #place;
  #user;

  constructor(place, user) {
    this.#place = place;
    this.#user = user;
  }

  show(title, text) {
    const toast = element("div", "toast");
    const avatar = element("span", "avatar", this.#user.name[0]);
    avatar.ariaHidden = true;
    toast.append(avatar, element("strong", "", title), element("span", "toast-text", text));
    this.#place.append(toast);
    if (this.#place.children.length > AT_MOST) this.#place.firstElementChild.remove();
    setTimeout(() => toast.remove(), SHOWN_MS);
  }

  clear() {
    this.#place.replaceChildren();
  }
}
