// A tab in a thread of its own, which never leads: the lock is in other hands. Reports what it has once that is two.

import { parentPort } from "node:worker_threads";

import { Hark } from "../../sdk/js/hark.js";
import { storage } from "./hub.mjs";

const tab = new Hark({
  url: "http://hub",
  user: "ada",
  token: async () => "token",
  storage: storage(),
  locks: { request: () => new Promise(() => {}) },
});
tab.on("change", () => tab.entries.length === 2 && parentPort.postMessage(tab.entries.map(({ seq }) => seq)));
await tab.start();
parentPort.on("message", () => {});
parentPort.postMessage("started");
