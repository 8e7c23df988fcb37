// hark-client.js against a hub that says what a test wants it to say. Run by test_client.py, or `node --test`.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { HarkClient } from "../../web_demo/static/hark-client.js";
import { Hub, Store, entries, entry } from "./hub.mjs";

let hub, store, client, states, tokens;
const random = Math.random;

beforeEach(() => {
  Math.random = () => 0; // no back-off: the tests do not wait
  hub = new Hub();
  hub.install();
  store = new Store();
  states = [];
  tokens = 0;
  client = new HarkClient({
    url: "ws://hub/ws",
    fetchToken: async () => `token ${++tokens}`,
    store,
    onState: (state) => states.push(state.name),
  });
});

afterEach(() => {
  client.stop();
  Math.random = random;
});

async function connected(welcome) {
  client.start();
  const found = await hub.next();
  found.socket.welcome(welcome);
  return found;
}

test("a first visit asks for all there is", async () => {
  const { socket, hello } = await connected({ head: 2, unread: 2 });

  assert.deepEqual(hello, { t: "hello", token: "token 1", cursor: "0" });
  assert.equal(socket.protocol, "hark.v1");
  socket.say("msg", entries(1, 2));
  assert.deepEqual(store.entries, [1, 2]);
  assert.deepEqual(states, ["connecting", "catching up", "live"]);
});

test("it is live only when it has caught up", async () => {
  const { socket } = await connected({ head: 3 });

  socket.say("msg", entries(1, 2));
  assert.equal(states.at(-1), "catching up");
  socket.say("msg", entry(3));
  assert.equal(states.at(-1), "live");
});

test("the first entry is acknowledged at once, what follows together", async () => {
  const { socket } = await connected();

  for (const seq of [1, 2, 3]) socket.say("msg", entry(seq));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 3 });
});

test("nothing is applied twice", async () => {
  const { socket } = await connected();

  for (const seq of [1, 1, 2]) socket.say("msg", entry(seq));
  socket.say("msg", entries(1, 2, 3));
  assert.deepEqual(store.entries, [1, 2, 3]);
});

test("it comes back with its cursor", async () => {
  const { socket } = await connected();
  socket.say("msg", entry(1));
  socket.drop();

  const { hello } = await hub.next();
  assert.equal(hello.cursor, "1-00000000");
  assert.equal(tokens, 1);
});

test("an ack that was not confirmed is said again", async () => {
  const { socket } = await connected();
  socket.say("msg", entries(1, 2));
  socket.say("ack_ok", { seq: 2 });
  socket.say("msg", entries(3, 4));
  socket.drop();

  const again = await hub.next();
  again.socket.welcome({ head: 4, cursor: "4-00000000" });
  assert.deepEqual(await again.socket.heard(), { t: "ack", seq: 4, after: 2 });
});

test("an ack that was confirmed is not", async () => {
  const { socket } = await connected();
  socket.say("msg", entry(1));
  socket.say("ack_ok", { seq: 1 });
  socket.drop();

  const again = await hub.next();
  again.socket.welcome({ head: 1, cursor: "1-00000000" });
  again.socket.say("ping");
  assert.deepEqual(await again.socket.heard(), { t: "pong" });
});

test("a history that is not ours is forgotten before anything is said of it", async () => {
  Object.assign(store, { entries: [1, 2, 3], position: { cursor: "3-00000000", seq: 3, confirmed: 1 } });
  const { socket } = await connected({ head: 2, cursor: "0" });
  assert.equal(states.at(-1), "catching up");

  socket.say("reset", { head: 2 });
  assert.deepEqual(store.entries, []);
  socket.say("msg", entries(1, 2));
  assert.deepEqual(store.entries, [1, 2]);
  assert.equal(states.at(-1), "live");
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 2 });
});

test("a gap is stepped over and acknowledged", async () => {
  const { socket } = await connected({ head: 5 });

  socket.say("msg", entry(1));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  socket.say("gap", { from: 2, to: 4 });
  socket.say("msg", entry(5));
  assert.deepEqual(store.entries, [1, 5]);
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 5 });
});

test("after a gap it acknowledges no more than its cursor says", async () => {
  const { socket } = await connected({ head: 3 });
  socket.say("msg", entry(1));
  socket.say("gap", { from: 2, to: 3 });
  socket.drop();

  const { socket: again, hello } = await hub.next();
  assert.equal(hello.cursor, "1-00000000");
  again.welcome({ head: 3, cursor: "1-00000000" });
  assert.deepEqual(await again.heard(), { t: "ack", seq: 1, after: 0 });
});

test("a hole that nobody told of is asked for again", async () => {
  const { socket } = await connected();
  socket.say("msg", entry(1));
  socket.say("msg", entry(3));

  assert.equal((await hub.next()).hello.cursor, "1-00000000");
  assert.deepEqual(store.entries, [1]);
});

test("an expired token is replaced", async () => {
  const { socket } = await connected();
  socket.drop(4001);

  assert.equal((await hub.next()).hello.token, "token 2");
});

test("a close code of 4500 or more is the end", async () => {
  const { socket } = await connected();
  socket.say("error", { code: "bad_token", message: "not a valid user token" });
  socket.drop(4500);

  assert.equal(states.at(-1), "stopped");
  assert.equal(hub.connections, 1);
});

test("who starts it again after the end gets a new token", async () => {
  const { socket } = await connected();
  socket.drop(4500);
  client.start();

  assert.equal((await hub.next()).hello.token, "token 2");
});

test("a back end that gives no token is asked again", async () => {
  let asked = 0;
  client = new HarkClient({
    url: "ws://hub/ws",
    fetchToken: async () => {
      if (++asked < 3) throw new Error("away");
      return "late";
    },
    store,
    onState: () => {},
  });
  client.start();

  assert.equal((await hub.next()).hello.token, "late");
});

test("the back-off doubles up to half a minute, and a good connection ends it", async () => {
  Math.random = () => 1e-6;
  const waits = [];
  client = new HarkClient({
    url: "ws://hub/ws",
    fetchToken: async () => "token",
    store,
    onState: ({ name, until }) => name === "waiting" && waits.push(Math.round((until - Date.now()) * 1e6)),
  });
  const now = Date.now;
  Date.now = () => 0; // so that a wait is exact
  try {
    client.start();
    for (let tries = 0; tries < 7; tries++) (await hub.next()).socket.drop();
    const { socket } = await hub.next();
    socket.welcome();
    socket.drop();
  } finally {
    Date.now = now;
  }

  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 1000]);
});

test("it moves when the hub says so", async () => {
  const { socket } = await connected();
  socket.say("reconnect", { after_ms: 1 });

  const { hello } = await hub.next();
  assert.equal(hello.cursor, "0");
  await socket.left;
});

test("a hub that falls silent is left", async () => {
  const { socket } = await connected({ ping_s: 0.01 });

  await hub.next();
  await socket.left;
});

test("who leaves acknowledges what it applied", async () => {
  const { socket } = await connected();
  for (const seq of [1, 2]) socket.say("msg", entry(seq));
  client.stop();

  assert.deepEqual(socket.unheard(), [
    { t: "ack", seq: 1 },
    { t: "ack", seq: 2 },
  ]);
  assert.equal(states.at(-1), "offline");
  socket.drop(1000);
  assert.equal(hub.connections, 1);
});

test("seen and read are said, and heard of from elsewhere", async () => {
  const { socket } = await connected();

  client.seen([1]);
  client.read([1, 2]);
  client.readThrough(3);
  assert.deepEqual(socket.unheard(), [
    { t: "seen", seqs: [1] },
    { t: "read", seqs: [1, 2] },
    { t: "read", through: 3 },
  ]);
  socket.say("state", { state: "read", seqs: [1, 2], unread: 4 });
  assert.deepEqual(store.marks, [["read", [1, 2]]]);
  assert.equal(store.unread, 4);
});

test("what a later version may say is no trouble", async () => {
  const { socket } = await connected();

  socket.say("live", { topic: "news", data: {} });
  assert.equal(states.at(-1), "live");
});
