// What the client says of entries: acknowledged, seen, read. Run by test_scripted.py, or `node --test`.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { entries, entry } from "./hub.mjs";
import { Visit } from "./visit.mjs";

let visit;

beforeEach(() => (visit = new Visit()));
afterEach(() => visit.end());

test("the first entry is acknowledged at once, what follows together", async () => {
  const { socket } = await visit.connected();

  for (const seq of [1, 2, 3]) socket.say("msg", entry(seq));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 3 });
});

test("nothing is acknowledged before it is stored", async () => {
  let store;
  const stored = new Promise((resolve) => (store = resolve));
  visit.client({ storage: { ...visit.kept, setItem: () => stored } });
  const { socket } = await visit.connected();

  socket.say("msg", entry(1));
  socket.say("ping");
  assert.deepEqual(await socket.heard(), { t: "pong" });
  store();
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
});

test("an ack that was not confirmed is said again", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2));
  socket.say("ack_ok", { seq: 2 });
  socket.say("msg", entries(3, 4));
  socket.drop();

  const again = await visit.hub.next();
  again.socket.welcome({ head: 4, cursor: "4-00000000" });
  assert.deepEqual(await again.socket.heard(), { t: "ack", seq: 4, after: 2 });
});

test("an ack that was confirmed is not", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entry(1));
  socket.say("ack_ok", { seq: 1 });
  socket.drop();

  const again = await visit.hub.next();
  again.socket.welcome({ head: 1, cursor: "1-00000000" });
  again.socket.say("ping");
  assert.deepEqual(await again.socket.heard(), { t: "pong" });
});

test("a gap is stepped over and acknowledged", async () => {
  const { socket } = await visit.connected({ head: 5 });

  socket.say("msg", entry(1));
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 1 });
  socket.say("gap", { from: 2, to: 4 });
  socket.say("msg", entry(5));
  assert.deepEqual(visit.seqs(), [5, 1]);
  assert.deepEqual(await socket.heard(), { t: "ack", seq: 5 });
});

test("after a gap it acknowledges no more than its cursor says", async () => {
  const { socket } = await visit.connected({ head: 3 });
  socket.say("msg", entry(1));
  socket.say("gap", { from: 2, to: 3 });
  socket.drop();

  const { socket: again, hello } = await visit.hub.next();
  assert.equal(hello.cursor, "1-00000000");
  again.welcome({ head: 3, cursor: "1-00000000" });
  assert.deepEqual(await again.heard(), { t: "ack", seq: 1, after: 0 });
});

test("who leaves acknowledges what it applied", async () => {
  const { socket } = await visit.connected();
  for (const seq of [1, 2]) socket.say("msg", entry(seq));
  visit.hark.stop();

  assert.deepEqual(socket.unheard(), [
    { t: "ack", seq: 1 },
    { t: "ack", seq: 2 },
  ]);
  assert.equal(visit.states.at(-1), "offline");
  socket.drop(1000);
  assert.equal(visit.hub.connections, 1);
});

test("seen and read are said, and heard of from elsewhere", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2, 3, 4));
  await socket.heard();

  visit.hark.seen([1]);
  visit.hark.read([1, 2]);
  visit.hark.readAll();
  assert.deepEqual(socket.unheard(), [
    { t: "seen", seqs: [1] },
    { t: "read", seqs: [1, 2] },
    { t: "read", through: 4 },
  ]);
  assert.equal(visit.hark.unread, 0);
  socket.say("msg", entries(5, 6));
  assert.equal(visit.hark.unread, 2);
  socket.say("state", { state: "read", seqs: [5], unread: 1, head: 6 });
  assert.equal(visit.hark.unread, 1);
  assert.deepEqual(
    visit.hark.entries.map(({ seq, read = false }) => [seq, read]),
    [6, 5, 4, 3, 2, 1].map((seq) => [seq, seq < 6]),
  );
});

test("what was seen before is not said again", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entry(1));
  await socket.heard();

  visit.hark.seen([1]);
  visit.hark.seen([1]);
  assert.deepEqual(socket.unheard(), [{ t: "seen", seqs: [1] }]);
});

test("what was read while the hub was away is said when it is back, until it has confirmed", async () => {
  const { socket } = await visit.connected();
  socket.say("msg", entries(1, 2, 3));
  socket.say("ack_ok", { seq: 3 });
  socket.drop();
  visit.hark.read([1]);
  visit.hark.read([2]);
  assert.equal(visit.hark.unread, 1);

  for (const isAnswered of [false, true]) {
    const { socket } = await visit.hub.next();
    socket.welcome({ head: 3, unread: 3, cursor: "3-00000000" });
    assert.deepEqual(await socket.heard(), { t: "read", seqs: [1, 2] });
    if (isAnswered) socket.say("state", { state: "read", seqs: [1, 2], unread: 1, head: 3 });
    socket.drop();
  }
  const { socket: last } = await visit.hub.next();
  last.welcome({ head: 3, unread: 1, cursor: "3-00000000" });
  assert.deepEqual(last.unheard(), []);
});

test("a mark may come before its entry", async () => {
  const { socket } = await visit.connected({ head: 2, unread: 1 });
  socket.say("state", { state: "read", seqs: [2], unread: 1, head: 2 });
  socket.say("msg", entries(1, 2));

  assert.deepEqual([visit.hark.entries[0].read, visit.hark.entries[1].read, visit.hark.unread], [true, undefined, 1]);
});

test("what is withdrawn goes, and does not come", async () => {
  const { socket } = await visit.connected({ head: 2, unread: 2 });
  socket.say("msg", entries(1, 2));
  socket.say("state", { state: "withdrawn", seqs: [1], unread: 1, head: 2 });
  assert.deepEqual([visit.seqs(), visit.hark.unread], [[2], 1]);

  socket.say("state", { state: "withdrawn", seqs: [3], unread: 2, head: 4 });
  socket.say("state", { state: "seen", seqs: [3], unread: 2, head: 4 });
  socket.say("msg", entries(3, 4));
  assert.deepEqual([visit.seqs(), visit.hark.unread], [[4, 2], 2]);
});

test("what was read here does not count as unread again while the hub hears of it one by one", async () => {
  const { socket } = await visit.connected({ head: 3, unread: 3 });
  socket.say("msg", entries(1, 2, 3));
  const counts = [];
  visit.hark.on("change", () => counts.push(visit.hark.unread));
  for (const seq of [1, 2, 3]) visit.hark.read([seq]);
  for (const seq of [1, 2, 3]) socket.say("state", { state: "read", seqs: [seq], unread: 3 - seq, head: 3 });
  assert.deepEqual(counts, [2, 1, 0, 0, 0, 0]);

  socket.say("msg", entry(4));
  socket.say("count", { unread: 1, head: 4 });
  assert.equal(visit.hark.unread, 1);
});

test("what was read while the hub was away does not count as unread again when it is back", async () => {
  const { socket } = await visit.connected({ head: 2, unread: 2 });
  socket.say("msg", entries(1, 2));
  socket.drop();
  visit.hark.read([2]);

  const again = await visit.hub.next();
  const counts = [];
  visit.hark.on("change", () => counts.push(visit.hark.unread));
  again.socket.welcome({ head: 3, unread: 3, cursor: "2-00000000" });
  again.socket.say("state", { state: "read", seqs: [2], unread: 2, head: 3 });
  assert.deepEqual([...new Set(counts)], [2]);

  visit.hark.readAll();
  again.socket.say("count", { unread: 2, head: 2 });
  assert.equal(visit.hark.unread, 0);
});
