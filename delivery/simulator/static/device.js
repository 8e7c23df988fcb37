// One device: what it shows, newest first. Texts are only ever set as text.

import { setTime } from "./times.js";

export const CHANNELS = {
  apns: { label: "APNs", one: "iPhone", leave: "Delete the app" },
  fcm: { label: "FCM", one: "phone", leave: "Delete the app" },
  webpush: { label: "Web Push", one: "browser", leave: "Unsubscribe" },
  email: { label: "Mail", one: "mailbox", leave: "Close it" },
  sms: { label: "SMS", one: "phone number", leave: "Switch it off" },
};

export class Device {
  #shown = "";

  constructor({ device, channel }, { onBreak }) {
    this.root = document.getElementById("device-template").content.firstElementChild.cloneNode(true);
    const { label, leave } = CHANNELS[channel] ?? { label: channel, leave: "Remove" };
    this.root.dataset.channel = channel;
    this.#set(".channel", label);
    this.#set(".leave", leave);
    this.#on(".break", () => onBreak(device));
    this.#on(".clear", () => remove("shown", device));
    this.#on(".leave", () => remove("devices", device));
  }

  show(screen) {
    const found = JSON.stringify(screen);
    if (found === this.#shown) return;
    this.#shown = found;
    const { device, name, received, badge, gone_since: gone, shown } = screen;
    this.#set("h3", nameOf(screen));
    this.#set(".count", received === 1 ? "1 received" : `${received} received`);
    this.#set(".badge", badge ?? "");
    this.root.querySelector(".badge").hidden = !badge;
    this.#set(".token", gone ? `Gone since ${new Date(gone).toLocaleTimeString()}: what comes is refused` : device);
    this.root.querySelector(".token").title = device;
    this.root.querySelector(".token").hidden = !gone && nameOf(screen) === device && !name;
    this.root.classList.toggle("is-gone", Boolean(gone));
    this.root.querySelector(".leave").disabled = Boolean(gone);
    this.root.querySelector(".clear").disabled = !shown.length;
    this.root.querySelector(".cards").replaceChildren(...shown.map(card));
  }

  #set(selector, text) {
    this.root.querySelector(selector).textContent = text;
  }

  #on(selector, act) {
    this.root.querySelector(selector).addEventListener("click", act);
  }
}

/** What a person calls it. */
export function nameOf({ device, name }) {
  if (name) return name;
  return device.length > 40 ? `${device.slice(0, 8)} … ${device.slice(-6)}` : device;
}

const remove = (path, device) => fetch(`${path}?token=${encodeURIComponent(device)}`, { method: "DELETE" });

function card({ title, text: whole, at }) {
  // A mail begins with its subject once more.
  const text = title && whole.startsWith(`${title}\n`) ? whole.slice(title.length).trim() : whole;
  const item = document.createElement("li");
  const time = document.createElement("time");
  setTime(time, at);
  const heading = document.createElement("strong");
  heading.textContent = title;
  const body = document.createElement("p");
  body.textContent = text;
  item.append(...(title ? [heading, time] : [time]), body);
  return item;
}
