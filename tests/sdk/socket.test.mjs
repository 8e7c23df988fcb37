// The client on a socket, against a hub that says what a test wants it to say. Run by test_scripted.py, or `node --test`.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Hark } from "../../sdk/js/hark.js";
import { Hub, entries, entry, storage } from "./hub.mjs";

let hub, kept, hark, states, tokens;
const random = Math.random;

beforeEach(() => {
  Math.random = () => 0; // no back-off: the tests do not wait
  hub = new Hub();
  kept = storage();
  states = [];
  tokens = 0;
  hark = client();
});

afterEach(() => {
  hark.stop();
  Math.random = random;
});

function client(options = {}) {
  const made = new Hark({
    url: "http://hub/",
    user: "ada",
    token: async () => `token ${++tokens}`,
    WebSocket: hub.WebSocket,
    fetch: null,
    storage: kept,
    from: "all",
    ...options,
  });
  made.on("state", (state) => states.push(state.name));
  return made;
}

async function connected(welcome) {
  hark.start();
  const found = await hub.next();
  found.socket.welcome(welcome);
  return found;
}

const seqs = () => hark.entries.map(({ seq }) => seq);

test("a first visit begins at the newest entry", async () => {
  hark = client({ from: undefined });
  const { socket, hello } = await connected({ head: 7, unread: 2, cursor: "7-00000000" });

  assert.deepEqual(hello, { t: "hello", token: "token 1" });
  assert.equal(socket.url, "ws://hub/ws");
  assert.equal(socket.protocol, "hark.v1");
  assert.deepEqual(states, ["connecting", "catching up", "live"]);
  assert.equal(hark.unread, 2);
  socket.say("msg", entry(8));
  assert.deepEqual(seqs(), [8]);
  assert.equal(hark.unread, 3);
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 8 });
  assert.deepEqual([kept.look().cursor, kept.look().confirmed], ["8-00000000", 7]);
});

test("a first visit may ask for all there is", async () => {
  const { socket, hello } = await connected({ head: 2, unread: 2 });

  assert.equal(hello.cursor, "0");
  socket.say("msg", entries(1, 2));
  assert.deepEqual(seqs(), [2, 1]);
  assert.equal(hark.unread, 2);
});

test("it is live only when it has caught up", async () => {
  const { socket } = await connected({ head: 3 });

  socket.say("msg", entries(1, 2));
  assert.equal(states.at(-1), "catching up");
  socket.say("msg", entry(3));
  assert.equal(states.at(-1), "live");
});

test("what arrives says whether it is news", async () => {
  const heard = [];
  hark.on("arrived", (found, { live }) => heard.push([found.map(({ seq }) => seq), live]));
  const { socket } = await connected({ head: 2 });

  socket.say("msg", entries(1, 2));
  socket.say("msg", entry(3));
  assert.deepEqual(heard, [
    [[1, 2], false],
    [[3], true],
  ]);
});

test("the first entry is acknowledged at once, what follows together", async () => {
  const { socket } = await connected();

  for (const seq of [1, 2, 3]) socket.say("msg", entry(seq));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 3 });
});

test("nothing is acknowledged before it is stored", async () => {
  let store;
  const stored = new Promise((resolve) => (store = resolve));
  hark = client({ storage: { ...kept, setItem: () => stored } });
  const { socket } = await connected();

  socket.say("msg", entry(1));
  socket.say("ping");
  assert.deepEqual(await socket.heard(), { t: "pong" });
  store();
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
});

test("nothing is applied twice", async () => {
  const { socket } = await connected();

  for (const seq of [1, 1, 2]) socket.say("msg", entry(seq));
  socket.say("msg", entries(1, 2, 3));
  assert.deepEqual(seqs(), [3, 2, 1]);
});

test("it comes back with its cursor", async () => {
  const { socket } = await connected();
  socket.say("msg", entry(1));
  socket.drop();

  const { hello } = await hub.next();
  assert.equal(hello.cursor, "1-00000000");
  assert.equal(tokens, 1);
});

test("the next visit has what this one had, and goes on from there", async () => {
  const { socket } = await connected();
  socket.say("msg", entries(1, 2));
  hark.stop();

  hark = client();
  hark.start();
  assert.equal((await hub.next()).hello.cursor, "2-00000000");
  assert.deepEqual(seqs(), [2, 1]);
});

test("the next visit of another user has nothing of it", async () => {
  const { socket } = await connected();
  socket.say("msg", entries(1, 2));
  hark.stop();

  hark = client({ user: "grace" });
  hark.start();
  assert.equal((await hub.next()).hello.cursor, "0");
  assert.deepEqual(seqs(), []);
});

test("a token of another user than the stored one begins anew", async () => {
  const { socket } = await connected();
  socket.say("msg", entries(1, 2));
  socket.drop();

  const grace = await hub.next();
  grace.socket.say("welcome", { user: "grace", head: 9, unread: 0, cursor: "2-00000000", ping_s: 60 });
  const { hello } = await hub.next();
  assert.equal(hello.cursor, undefined);
  assert.deepEqual(seqs(), []);
});

test("who signs out leaves nothing behind", async () => {
  const { socket } = await connected();
  socket.say("msg", entries(1, 2));
  await hark.forget();

  assert.deepEqual(seqs(), []);
  assert.equal(kept.look(), null);
  await socket.left;
});

test("a storage that does not work is no reason not to", async () => {
  const broken = () => {
    throw new Error("full");
  };
  hark = client({ storage: { getItem: broken, setItem: broken, removeItem: broken } });
  const { socket } = await connected();

  socket.say("msg", entry(1));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
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
  const { socket: first } = await connected();
  first.say("msg", entries(1, 2, 3));
  first.drop();
  const { socket } = await hub.next();
  socket.welcome({ head: 2, cursor: "0" });
  assert.equal(states.at(-1), "catching up");

  socket.say("reset", { head: 2 });
  assert.deepEqual(seqs(), []);
  socket.say("msg", entries(1, 2));
  assert.deepEqual(seqs(), [2, 1]);
  assert.equal(states.at(-1), "live");
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 2 });
});

test("a gap is stepped over and acknowledged", async () => {
  const { socket } = await connected({ head: 5 });

  socket.say("msg", entry(1));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  socket.say("gap", { from: 2, to: 4 });
  socket.say("msg", entry(5));
  assert.deepEqual(seqs(), [5, 1]);
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
  assert.deepEqual(seqs(), [1]);
});

test("an expired token is replaced", async () => {
  const { socket } = await connected();
  socket.drop(4001);

  assert.equal((await hub.next()).hello.token, "token 2");
});

test("a token is renewed before it expires", async () => {
  const soon = () => new Date(Date.now() + 1250).toISOString();
  hark = client({ token: async () => ({ token: `token ${++tokens}`, expires_at: soon() }) });
  const { socket } = await connected();

  assert.deepEqual(await socket.heard(), { t: "refresh", token: "token 2" });
  assert.equal(hub.connections, 1);
});

test("a close code of 4500 or more is the end", async () => {
  const { socket } = await connected();
  let said;
  hark.on("state", (state) => (said = state));
  socket.say("error", { code: "bad_token", message: "not a valid user token" });
  socket.drop(4500);

  assert.deepEqual(said, { name: "stopped", code: 4500, reason: "not a valid user token" });
  assert.equal(hub.connections, 1);
});

test("who starts it again after the end gets a new token", async () => {
  const { socket } = await connected();
  socket.drop(4500);
  hark.start();

  assert.equal((await hub.next()).hello.token, "token 2");
});

test("a back end that gives no token is asked again", async () => {
  let asked = 0;
  hark = client({
    token: async () => {
      if (++asked < 3) throw new Error("away");
      return "late";
    },
  });
  hark.start();

  assert.equal((await hub.next()).hello.token, "late");
});

test("the back-off doubles up to half a minute, and a good connection ends it", async () => {
  Math.random = () => 1e-6;
  const waits = [];
  hark.on("state", ({ name, until }) => name === "waiting" && waits.push(Math.round((until - Date.now()) * 1e6)));
  const now = Date.now;
  Date.now = () => 0; // so that a wait is exact
  try {
    hark.start();
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
  hark.stop();

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
  socket.say("msg", entries(1, 2, 3, 4));
  await socket.heard();

  hark.seen([1]);
  hark.read([1, 2]);
  hark.readAll();
  assert.deepEqual(socket.unheard(), [
    { t: "seen", seqs: [1] },
    { t: "read", seqs: [1, 2] },
    { t: "read", through: 4 },
  ]);
  assert.equal(hark.unread, 0);
  socket.say("msg", entries(5, 6));
  assert.equal(hark.unread, 2);
  socket.say("state", { state: "read", seqs: [5], unread: 1, head: 6 });
  assert.equal(hark.unread, 1);
  assert.deepEqual(
    hark.entries.map(({ seq, read = false }) => [seq, read]),
    [6, 5, 4, 3, 2, 1].map((seq) => [seq, seq < 6]),
  );
});

test("what was seen before is not said again", async () => {
  const { socket } = await connected();
  socket.say("msg", entry(1));
  await socket.heard();

  hark.seen([1]);
  hark.seen([1]);
  assert.deepEqual(socket.unheard(), [{ t: "seen", seqs: [1] }]);
});

test("what was read while the hub was away is said when it is back, until it has confirmed", async () => {
  const { socket } = await connected();
  socket.say("msg", entries(1, 2, 3));
  socket.say("ack_ok", { seq: 3 });
  socket.drop();
  hark.read([1]);
  hark.read([2]);
  assert.equal(hark.unread, 1);

  for (let visit = 0; visit < 2; visit++) {
    const { socket } = await hub.next();
    socket.welcome({ head: 3, unread: 3, cursor: "3-00000000" });
    assert.deepEqual(await socket.heard(), { t: "read", seqs: [1, 2] });
    if (visit) socket.say("state", { state: "read", seqs: [1, 2], unread: 1, head: 3 });
    socket.drop();
  }
  const { socket: last } = await hub.next();
  last.welcome({ head: 3, unread: 1, cursor: "3-00000000" });
  assert.deepEqual(last.unheard(), []);
});

test("a mark may come before its entry", async () => {
  const { socket } = await connected({ head: 2, unread: 1 });
  socket.say("state", { state: "read", seqs: [2], unread: 1, head: 2 });
  socket.say("msg", entries(1, 2));

  assert.deepEqual([hark.entries[0].read, hark.entries[1].read, hark.unread], [true, undefined, 1]);
});

test("a topic is joined, joined again on the next connection, and left", async () => {
  const { socket } = await connected();
  const heard = [];
  hark.on("live", (topic, data) => heard.push([topic, data]));
  hark.join("news");
  assert.deepEqual(await socket.heard(), { t: "join", topic: "news" });
  socket.say("live", { topic: "news", data: { goal: 1 } });
  socket.drop();

  const again = await hub.next();
  again.socket.welcome();
  assert.deepEqual(await again.socket.heard(), { t: "join", topic: "news" });
  hark.leave("news");
  assert.deepEqual(await again.socket.heard(), { t: "leave", topic: "news" });
  again.socket.say("live", { topic: "news", data: { goal: 2 } });
  assert.deepEqual(heard, [["news", { goal: 1 }]]);
});

test("a complaint of the hub is told, and is not the end", async () => {
  const { socket } = await connected();
  const heard = [];
  hark.on("error", ({ code }) => heard.push(code));

  socket.say("error", { code: "forbidden", message: "the user token does not allow the topic 'x'" });
  assert.deepEqual(heard, ["forbidden"]);
  assert.equal(states.at(-1), "live");
});

test("the hub hears whether somebody is looking", async () => {
  hark = client({ focus: () => "hidden" });
  assert.equal((await connected()).hello.focus, "hidden");
});

test("what a later version may say is no trouble", async () => {
  const { socket } = await connected();

  socket.say("fireworks", { colour: "red" });
  assert.equal(states.at(-1), "live");
});

test("a listener that throws does not stop the next", async () => {
  const told = [];
  globalThis.reportError = ({ message }) => told.push(message);
  hark.on("arrived", () => {
    throw new Error("the page's own");
  });
  const { socket } = await connected();
  socket.say("msg", entry(1));

  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  assert.deepEqual(told, ["the page's own"]);
});
