// What is to fail: of which channel or device, how, and what waits to happen.

import { CHANNELS, nameOf } from "./device.js";
import { kindsOf } from "./kinds.js";

export class Faults {
  #root;
  #target;
  #devices = new Map(); // their channels, by id
  #listed = "";
  #waiting = "";

  constructor(root) {
    this.#root = root;
    this.#target = root.querySelector("#target");
    const everybody = Object.entries(CHANNELS).map(([channel, { label, one }]) => {
      const plural = channel === "email" ? "mailbox" : one;
      return new Option(`Every ${plural} · ${label}`, `channel:${channel}`);
    });
    root.querySelector("#channels").append(...everybody);
    this.#target.addEventListener("change", () => this.#offer());
    root.querySelector("#heal").addEventListener("click", () => fetch("faults", { method: "DELETE" }));
    this.#offer();
  }

  /** The next faults are this device's. */
  aim(device) {
    this.#target.value = `device:${device}`;
    this.#offer();
    this.#root.scrollIntoView({ block: "nearest" });
    this.#target.focus();
  }

  show(waiting, screens) {
    const listed = JSON.stringify(screens.map(({ device }) => device).sort());
    if (listed !== this.#listed) this.#list(screens);
    this.#listed = listed;
    const found = JSON.stringify(waiting);
    if (found === this.#waiting) return;
    this.#waiting = found;
    this.#root.querySelector("#waiting").replaceChildren(...waiting.map((each) => this.#item(each)));
    this.#root.querySelector("#heal").disabled = !waiting.length;
  }

  #list(screens) {
    const chosen = this.#target.value;
    this.#devices = new Map(screens.map((screen) => [screen.device, screen]));
    const options = screens.map((screen) => new Option(this.#named(screen.device), `device:${screen.device}`));
    this.#root.querySelector("#devices").replaceChildren(...options);
    this.#target.value = chosen;
    if (!this.#target.value) this.#target.selectedIndex = 0;
    this.#offer();
  }

  #named(device) {
    const screen = this.#devices.get(device);
    return screen ? `${nameOf(screen)} · ${CHANNELS[screen.channel]?.label ?? ""}` : nameOf({ device });
  }

  #offer() {
    const target = this.#aimed();
    const channel = target.channel ?? this.#devices.get(target.device)?.channel;
    const buttons = kindsOf(channel).map(({ name, says, fault }) => {
      const button = document.createElement("button");
      button.type = "button";
      const strong = document.createElement("strong");
      strong.textContent = name;
      button.append(strong, says);
      button.addEventListener("click", () => this.#ask({ ...target, ...fault() }));
      button.addEventListener("focus", () => this.#explain({ ...target, ...fault() }));
      button.addEventListener("pointerenter", () => this.#explain({ ...target, ...fault() }));
      return button;
    });
    this.#root.querySelector("#kinds").replaceChildren(...buttons);
    this.#explain({ ...target, ...kindsOf(channel)[0]?.fault() });
  }

  #aimed() {
    const [kind, ...rest] = this.#target.value.split(":");
    return { [kind]: rest.join(":") };
  }

  #explain(fault) {
    const curl = `curl ${new URL("faults", location.href)} \\\n  -d '${JSON.stringify(fault)}'`;
    this.#root.querySelector("#example").textContent = curl;
  }

  async #ask(fault) {
    const answer = await fetch("faults", { method: "POST", body: JSON.stringify(fault) });
    const complaint = this.#root.querySelector(".complaint");
    complaint.hidden = answer.ok;
    complaint.textContent = answer.ok ? "" : await answer.text();
  }

  #item({ id, device_id: device, fault, left }) {
    const item = document.createElement("li");
    const says = document.createElement("span");
    const where = document.createElement("small");
    const channel = CHANNELS[fault.channel];
    says.textContent = `${describe(fault)}${left === null ? ", always" : left > 1 ? `, ${left} times` : ""}`;
    where.textContent = device ? this.#named(device) : `every ${channel?.one} · ${channel?.label}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Take back";
    button.setAttribute("aria-label", `Take back: ${says.textContent}`);
    button.addEventListener("click", () => fetch(`faults?id=${id}`, { method: "DELETE" }));
    item.append(says, where, button);
    return item;
  }
}

function describe({ status, reason, retry_after_s: wait, hang_s: hang, accident, since, every }) {
  const said = [status, reason].filter(Boolean).join(" ");
  return [
    said,
    since && "with a timestamp",
    wait != null && `Retry-After ${wait} s`,
    accident?.replace("_", " "),
    hang > 0 && `hangs ${hang} s`,
    every > 1 && `one push in ${every}`,
  ]
    .filter(Boolean)
    .join(", ");
}
