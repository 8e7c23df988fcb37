// Asks what the devices show, twice a second; the answer is a 304 while nothing changes.

import { Device } from "./device.js";
import { Faults } from "./faults.js";

const LOOK_MS = 500;
const LOOK_AGAIN_MS = 2000; // after a failure
const BOXES = new Set(["email", "sms"]);

const pill = document.querySelector(".pill");
const places = { phones: document.getElementById("phones"), mailboxes: document.getElementById("mailboxes") };
const devices = new Map(); // by id
const faults = new Faults(document.querySelector(".faults"));
let known = ""; // the ETag of what is shown

function show({ devices: screens, faults: waiting }) {
  const ids = new Set(screens.map((screen) => screen.device));
  for (const id of [...devices.keys()].filter((id) => !ids.has(id))) {
    devices.get(id).root.remove();
    devices.delete(id);
  }
  const wanted = { phones: [], mailboxes: [] };
  for (const screen of screens) {
    if (!devices.has(screen.device)) devices.set(screen.device, new Device(screen, { onBreak: (id) => faults.aim(id) }));
    const device = devices.get(screen.device);
    device.show(screen);
    wanted[BOXES.has(screen.channel) ? "mailboxes" : "phones"].push(device.root);
  }
  for (const [name, roots] of Object.entries(wanted)) arrange(places[name], roots);
  faults.show(waiting, screens);
}

// Moves only what is not in its place: what is moved loses the focus.
function arrange(place, roots) {
  roots.forEach((root, index) => {
    if (place.children[index] !== root) place.insertBefore(root, place.children[index] ?? null);
  });
}

function say(state, text) {
  pill.dataset.state = state;
  if (pill.textContent !== text) pill.textContent = text;
}

async function look() {
  let again = LOOK_MS;
  try {
    const answer = await fetch("screens", { headers: known ? { "If-None-Match": known } : {}, cache: "no-store" });
    if (answer.status === 200) {
      known = answer.headers.get("etag");
      show(await answer.json());
    }
    say("live", "Live");
  } catch {
    again = LOOK_AGAIN_MS;
    known = "";
    say("away", "Not running");
  }
  setTimeout(look, again);
}

look();
