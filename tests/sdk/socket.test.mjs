// The client on a socket: comes, stays, and comes back. Run by test_scripted.py, or `node --test`.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { entries, entry } from "./hub.mjs";
import { Visit } from "./visit.mjs";

let visit;

beforeEach(() => (visit = new Visit()));
afterEach(() => visit.end());

test("a first visit begins at the newest entry", async () => {
  visit.client({ from: undefined });
  const { socket, hello } = await visit.connected({ head: 7, unread: 2, cursor: "7-00000000" });

  assert.deepEqual(hello, { t: "hello", token: "token 1" });
  assert.equal(socket.url, "ws://hub/ws");
  assert.equal(socket.protocol, "hark.v1");
  assert.deepEqual(visit.states, ["connecting", "catching up", "live"]);
  assert.equal(visit.hark.unread, 2);
  socket.say("msg", entry(8));
  assert.deepEqual(visit.seqs(), [8]);
  assert.equal(visit.hark.unread, 3);
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 8 });
  assert.deepEqual([visit.kept.look().cursor, visit.kept.look().confirmed], ["8-00000000", 7]);
});

test("a first visit may ask for all there is", async () => {
  const { socket, hello } = await visit.connected({ head: 2, unread: 2 });

  assert.equal(hello.cursor, "0");
  socket.say("msg", entries(1, 2));
  assert.deepEqual(visit.seqs(), [2, 1]);
  assert.equal(visit.hark.unread, 2);
});

test("it is live only when it has caught up", async () => {
  const { socket } = await visit.connected({ head: 3 });

  socket.say("msg", entries(1, 2));
  assert.equal(visit.states.at(-1), "catching up");
  socket.say("msg", entry(3));
  assert.equal(visit.states.at(-1), "live");
});

test("what arrives says whether it is news", async () => {
  const heard = [];
  visit.hark.on("arrived", (found, { live }) => heard.push([found.map(({ seq }) => seq), live]));
  const { socket } = await visit.connected({ head: 2 });

  socket.say("msg", entries(1, 2));
  socket.say("msg", entry(3));
  assert.deepEqual(heard, [
    [[1, 2], false],
    [[3], true],
  ]);
});

test("nothing is applied twice", async () => {
  const { socket } = await visit.connected();

  for (const seq of [1, 1, 2]) socket.say("msg", entry(seq));
  socket.say("msg", entries(1, 2, 3));
  assert.deepEqual(visit.seqs(), [3, 2, 1]);
});

test("it comes back with its cursor", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entry(1));
  socket.drop();

  const { hello } = await visit.hub.next();
  assert.equal(hello.cursor, "1-00000000");
  assert.equal(visit.tokens, 1);
});

test("the next visit has what this one had, and goes on from there", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2));
  visit.hark.stop();

  visit.client();
  visit.hark.start();
  assert.equal((await visit.hub.next()).hello.cursor, "2-00000000");
  assert.deepEqual(visit.seqs(), [2, 1]);
});

test("the next visit of another user has nothing of it", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2));
  visit.hark.stop();

  visit.client({ user: "grace" });
  visit.hark.start();
  assert.equal((await visit.hub.next()).hello.cursor, "0");
  assert.deepEqual(visit.seqs(), []);
});

test("a token of another user than the stored one begins anew", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2));
  socket.drop();

  const grace = await visit.hub.next();
  grace.socket.say("welcome", { user: "grace", head: 9, unread: 0, cursor: "2-00000000", ping_s: 60 });
  const { hello } = await visit.hub.next();
  assert.equal(hello.cursor, undefined);
  assert.deepEqual(visit.seqs(), []);
});

test("who signs out leaves nothing behind", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2));
  await visit.hark.forget();

  assert.deepEqual(visit.seqs(), []);
  assert.equal(visit.kept.look(), null);
  await socket.left;
});

test("a storage that does not work is no reason not to", async () => {
  const broken = () => {
    throw new Error("full");
  };
  visit.client({ storage: { getItem: broken, setItem: broken, removeItem: broken } });
  const { socket } = await visit.connected();

  socket.say("msg", entry(1));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
});

test("a history that is not ours is forgotten before anything is said of it", async () => {
  const { socket: first } = await visit.connected();
  first.say("msg", entries(1, 2, 3));
  first.drop();
  const { socket } = await visit.hub.next();
  socket.welcome({ head: 2, cursor: "0" });
  assert.equal(visit.states.at(-1), "catching up");

  socket.say("reset", { head: 2 });
  assert.deepEqual(visit.seqs(), []);
  socket.say("msg", entries(1, 2));
  assert.deepEqual(visit.seqs(), [2, 1]);
  assert.equal(visit.states.at(-1), "live");
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 2 });
});

test("a hole that nobody told of is asked for again", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entry(1));
  socket.say("msg", entry(3));

  assert.equal((await visit.hub.next()).hello.cursor, "1-00000000");
  assert.deepEqual(visit.seqs(), [1]);
});

test("an expired token is replaced", async () => {
  const { socket } = await visit.connected();
  socket.drop(4001);

  assert.equal((await visit.hub.next()).hello.token, "token 2");
});

test("a back end that gives out the revoked token again is asked with back-off", async () => {
  const { socket } = await visit.connected();
  const said = [];
  visit.hark.on("state", ({ name }) => said.push(name));
  socket.drop(4001);
  const again = await visit.hub.next();
  again.socket.say("error", { code: "revoked", message: "the user token was revoked" });
  again.socket.drop(4001);

  assert.equal(said.at(-1), "waiting");
  assert.equal((await visit.hub.next()).hello.token, "token 3");
});

test("a token is renewed before it expires", async () => {
  const soon = () => new Date(Date.now() + 1250).toISOString();
  visit.client({ token: async () => ({ token: `token ${++visit.tokens}`, expires_at: soon() }) });
  const { socket } = await visit.connected();

  assert.deepEqual(await socket.heard(), { t: "refresh", token: "token 2" });
  assert.equal(visit.hub.connections, 1);
});

test("a token is renewed when the hub asks for it", async () => {
  const { socket } = await visit.connected();
  socket.say("refresh_needed", { expires_in_s: 30 });

  assert.deepEqual(await socket.heard(), { t: "refresh", token: "token 2" });
  assert.equal(visit.hub.connections, 1);
});

test("a close code of 4500 or more is the end", async () => {
  const { socket } = await visit.connected();
  let said;
  visit.hark.on("state", (state) => (said = state));
  socket.say("error", { code: "bad_token", message: "not a valid user token" });
  socket.drop(4500);

  assert.deepEqual(said, { name: "stopped", code: 4500, reason: "not a valid user token" });
  assert.equal(visit.hub.connections, 1);
});

test("who starts it again after the end gets a new token", async () => {
  const { socket } = await visit.connected();
  socket.drop(4500);
  visit.hark.start();

  assert.equal((await visit.hub.next()).hello.token, "token 2");
});

test("a back end that gives no token is asked again", async () => {
  let asked = 0;
  visit.client({
    token: async () => {
      if (++asked < 3) throw new Error("away");
      return "late";
    },
  });
  visit.hark.start();

  assert.equal((await visit.hub.next()).hello.token, "late");
});

test("the back-off doubles up to half a minute, and a good connection ends it", async () => {
  Math.random = () => 1e-6;
  const waits = [];
  visit.hark.on("state", ({ name, until }) => name === "waiting" && waits.push(Math.round((until - Date.now()) * 1e6)));
  const now = Date.now;
  Date.now = () => 0; // so that a wait is exact
  try {
    visit.hark.start();
    for (let tries = 0; tries < 7; tries++) (await visit.hub.next()).socket.drop();
    const { socket } = await visit.hub.next();
    socket.welcome();
    socket.drop();
  } finally {
    Date.now = now;
  }

  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 1000]);
});

test("who starts it twice is not connected twice", async () => {
  await visit.connected();
  visit.hark.start();

  assert.equal(visit.hub.connections, 1);
});

test("where there is neither a socket nor fetch, it says so at once", () => {
  assert.throws(() => visit.client({ WebSocket: null }), /needs a WebSocket or fetch/);
});

test("it moves when the hub says so", async () => {
  const { socket } = await visit.connected();
  socket.say("reconnect", { after_ms: 1 });

  const { hello } = await visit.hub.next();
  assert.equal(hello.cursor, "0");
  await socket.left;
});

test("a hub that falls silent is left", async () => {
  const { socket } = await visit.connected({ ping_s: 0.01 });

  await visit.hub.next();
  await socket.left;
});

test("a topic is joined, joined again on the next connection, and left", async () => {
  const { socket } = await visit.connected();
  const heard = [];
  visit.hark.on("live", (topic, data) => heard.push([topic, data]));
  visit.hark.join("news");
  assert.deepEqual(await socket.heard(), { t: "join", topic: "news" });
  socket.say("live", { topic: "news", data: { goal: 1 } });
  socket.drop();

  const again = await visit.hub.next();
  again.socket.welcome();
  assert.deepEqual(await again.socket.heard(), { t: "join", topic: "news" });
  visit.hark.leave("news");
  assert.deepEqual(await again.socket.heard(), { t: "leave", topic: "news" });
  again.socket.say("live", { topic: "news", data: { goal: 2 } });
  assert.deepEqual(heard, [["news", { goal: 1 }]]);
});

test("a complaint of the hub is told, and is not the end", async () => {
  const { socket } = await visit.connected();
  const heard = [];
  visit.hark.on("error", ({ code }) => heard.push(code));

  socket.say("error", { code: "forbidden", message: "the user token does not allow the topic 'x'" });
  assert.deepEqual(heard, ["forbidden"]);
  assert.equal(visit.states.at(-1), "live");
});

test("the hub hears whether somebody is looking", async () => {
  visit.client({ focus: () => "hidden" });
  assert.equal((await visit.connected()).hello.focus, "hidden");
});

test("what a later version may say is no trouble", async () => {
  const { socket } = await visit.connected();

  socket.say("fireworks", { colour: "red" });
  assert.equal(visit.states.at(-1), "live");
});

test("a listener that throws does not stop the next", async () => {
  const told = [];
  globalThis.reportError = ({ message }) => told.push(message);
  visit.hark.on("arrived", () => {
    throw new Error("the page's own");
  });
  const { socket } = await visit.connected();
  socket.say("msg", entry(1));

  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  assert.deepEqual(told, ["the page's own"]);
});
