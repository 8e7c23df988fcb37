// Several tabs of one user, in one browser: real BroadcastChannels, and one connection for all of them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";

import { Hark } from "../../sdk/js/hark.js";
import { Hub, entries, entry, storage } from "./hub.mjs";
import { Locks } from "./locks.mjs";

let hub, browser, tabs;
const random = Math.random;

beforeEach(() => {
  hub = new Hub();
  browser = { storage: storage(), locks: new Locks() };
  tabs = [];
});

afterEach(() => {
  Math.random = random;
  for (const tab of tabs) tab.stop();
});

function tab(options = {}) {
  const token = async () => "token";
  const made = new Hark({ url: "http://hub", user: "ada", token, fetch: null, from: "all", ...browser, ...options });
  tabs.push(made);
  return made;
}

const open = (options) => tab({ WebSocket: hub.WebSocket, ...options });

/** Waits until `what` is true of a tab. */
async function until(hark, what) {
  while (!what()) await new Promise((resolve) => hark.once("change", resolve));
}

const becomes = (hark, name) =>
  new Promise((resolve) => (hark.state.name === name ? resolve() : hark.on("state", (state) => state.name === name && resolve())));

const seqs = (hark) => hark.entries.map(({ seq }) => seq);

async function two(welcome) {
  const [first, second] = [open(), open()];
  first.start();
  const { socket } = await hub.next();
  socket.welcome(welcome);
  second.start();
  await becomes(second, "live");
  return { first, second, socket };
}

test("two tabs have one connection, and both hear everything", async () => {
  const { first, second, socket } = await two({ head: 0 });
  const news = [];
  second.on("arrived", (found, { live }) => news.push([found.length, live]));
  socket.say("msg", entries(1, 2));
  await until(second, () => second.entries.length === 2);

  assert.equal(hub.connections, 1);
  assert.deepEqual(seqs(first), seqs(second));
  assert.deepEqual([first.unread, second.unread], [2, 2]);
  assert.deepEqual(news, [[2, true]]);
});

test("a tab that comes later has what is there, and it is no news", async () => {
  browser.storage = { getItem: () => null, setItem() {}, removeItem() {} };
  const first = open();
  first.start();
  const { socket } = await hub.next();
  socket.welcome();
  socket.say("msg", entries(1, 2, 3));
  const later = open();
  later.on("arrived", () => assert.fail("no news"));
  later.start();
  await becomes(later, "live");

  assert.deepEqual(seqs(later), [3, 2, 1]);
  assert.equal(hub.connections, 1);
});

test("what is read in one tab is said by the one that leads, and read in both", async () => {
  const { first, second, socket } = await two();
  socket.say("msg", entries(1, 2));
  await socket.heard();
  await until(second, () => second.unread === 2);
  second.read([1]);

  assert.deepEqual(await socket.heard(), { t: "read", seqs: [1] });
  assert.deepEqual([first.unread, second.unread], [1, 1]);
  socket.say("state", { state: "read", seqs: [1, 2], unread: 0, head: 2 });
  await until(second, () => second.unread === 0);
});

test("what is archived in one tab is said by the one that leads, and gone from both", async () => {
  const { first, second, socket } = await two();
  socket.say("msg", entries(1, 2));
  await socket.heard();
  await until(second, () => second.unread === 2);
  second.archive([1]);

  assert.deepEqual(await socket.heard(), { t: "archive", seqs: [1] });
  assert.deepEqual([seqs(first), first.unread, seqs(second), second.unread], [[2], 1, [2], 1]);
  socket.say("state", { state: "archived", seqs: [2], unread: 0, head: 2, archive_rev: 2 });
  await until(second, () => second.archived.length === 2);
});

test("when the tab that leads is closed, another goes on where it was", async () => {
  const { first, second, socket } = await two();
  socket.say("msg", entries(1, 2));
  await until(second, () => second.entries.length === 2);
  first.stop();

  const { socket: next, hello } = await hub.next();
  assert.equal(hello.cursor, "2-00000000");
  next.welcome({ head: 3, unread: 3, cursor: "2-00000000" });
  next.say("msg", entry(3));
  assert.deepEqual(seqs(second), [3, 2, 1]);
  assert.deepEqual(await next.heard(), { t: "ack", seq: 2, after: 0 });
});

test("a topic is joined for the tab that wants it, until that leaves it", async () => {
  const { first, second, socket } = await two();
  first.on("live", () => assert.fail("only the other one joined"));
  const heard = new Promise((resolve) => second.on("live", (topic, data) => resolve([topic, data])));
  second.join("news");
  assert.deepEqual(await socket.heard(), { t: "join", topic: "news" });
  socket.say("live", { topic: "news", data: 1 });
  assert.deepEqual(await heard, ["news", 1]);
  second.stop();
  assert.deepEqual(await socket.heard(), { t: "leave", topic: "news" });
});

test("the hub hears of the tab that is looked at", async () => {
  const hidden = open({ focus: () => "hidden" });
  const visible = open({ focus: () => "visible" });
  hidden.start();
  const { socket, hello } = await hub.next();
  assert.equal(hello.focus, "hidden");
  Math.random = () => 0;
  socket.welcome();
  visible.start();
  assert.deepEqual(await socket.heard(), { t: "focus", state: "visible" });
  await becomes(visible, "live");
  socket.drop();
  const again = await hub.next();
  assert.equal(again.hello.focus, "visible");

  again.socket.welcome();
  visible.stop();
  assert.deepEqual(await again.socket.heard(), { t: "focus", state: "hidden" });
});

test("who signs out in one tab is signed out in all", async () => {
  const { first, second, socket } = await two();
  socket.say("msg", entries(1, 2));
  await until(second, () => second.entries.length === 2);
  const gone = becomes(first, "offline");
  await second.forget();
  await gone;

  assert.deepEqual([seqs(first), seqs(second)], [[], []]);
  assert.equal(browser.storage.look(), null);
});

test("a tab that the browser has put to sleep loses the lead", async () => {
  class Deaf extends BroadcastChannel {
    set onmessage(_) {}
    postMessage() {}
  }
  const asleep = open({ BroadcastChannel: Deaf });
  asleep.start();
  const { socket } = await hub.next();
  socket.welcome();
  const awake = open();
  awake.start();

  const { hello, socket: taken } = await hub.next();
  assert.equal(hello.t, "hello");
  taken.welcome();
  await socket.left;
  assert.deepEqual([asleep.state.name, awake.state.name], ["offline", "live"]);
});

test("what was read just before the tab is closed is not lost", async () => {
  const { first, second, socket } = await two();
  socket.say("msg", entries(1, 2));
  await until(second, () => second.entries.length === 2);
  second.stop();
  first.read([1]);
  first.stop();

  assert.deepEqual(browser.storage.look().wanted, [{ t: "read", seqs: [1] }]);
});

test("a tab starts again what had stopped in the one that leads", async () => {
  const { second, socket } = await two();
  socket.drop(4500);
  await becomes(second, "stopped");
  second.start();

  assert.equal((await hub.next()).hello.t, "hello");
});

test("without locks each tab has a connection of its own", async () => {
  browser.locks = undefined;
  open().start();
  open().start();

  await hub.next();
  await hub.next();
  assert.equal(hub.connections, 2);
});

test("the same of two workers of one process", async () => {
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(new URL("tab.worker.mjs", import.meta.url));
  await once(worker, "message");
  const { second, socket } = await two();
  worker.postMessage("report");
  socket.say("msg", entries(1, 2));
  await until(second, () => second.entries.length === 2);
  const [heard] = await once(worker, "message");
  await worker.terminate();
  assert.deepEqual(heard, [2, 1]);
});
