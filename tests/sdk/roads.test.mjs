// The client on the roads without WebSockets, against a hub that answers what a test wants. Run by test_scripted.py.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { entries, entry } from "./hub.mjs";
import { HttpHub } from "./http_hub.mjs";
import { Visit } from "./visit.mjs";

const INBOX = "/api/v1/users/me/inbox";
const RECEIPTS = "/api/v1/users/me/receipts";
let visit, http;

beforeEach(() => {
  visit = new Visit();
  http = new HttpHub();
});
afterEach(() => visit.end());

function take(...roads) {
  visit.client({ roads, fetch: http.fetch });
  visit.hark.start();
}

const becomes = (name) =>
  new Promise((resolve) => visit.hark.on("state", (state) => state.name === name && resolve(state)));

async function until(what) {
  while (!what()) await new Promise((resolve) => visit.hark.once("change", resolve));
}

const welcome = { user: "ada", head: 0, unread: 0, cursor: "0", ping_s: 60 };

test("a stream is asked for with the token and the cursor, and asked again where it broke", async () => {
  take("events");
  const stream = (await http.asked("/sse")).open();
  assert.equal(stream.headers.Authorization, "Bearer token 1");
  assert.equal(stream.headers["Last-Event-ID"], "0");
  stream.say("welcome", { ...welcome, head: 2 });
  stream.say("msg", entries(1, 2));
  const receipt = await http.asked(RECEIPTS);
  assert.deepEqual(receipt.body, { ack: { seq: 2, after: 0 } });
  receipt.answer({ unread: 2, head: 2 });
  stream.stream.close();

  assert.equal((await http.asked("/sse")).headers["Last-Event-ID"], "2-00000000");
});

test("a stream's close code has a socket's meaning", async () => {
  take("events");
  const stopped = becomes("stopped");
  const stream = (await http.asked("/sse")).open();
  stream.say("welcome", welcome);
  stream.say("close", { code: 4504, reason: "replaced" });

  assert.equal((await stopped).code, 4504);
});

test("a receipt that fails is said again on the next stream", async () => {
  take("events");
  const stream = (await http.asked("/sse")).open();
  stream.say("welcome", welcome);
  stream.say("msg", entry(1));
  (await http.asked(RECEIPTS)).refuse(503);
  const again = (await http.asked("/sse")).open();
  again.say("welcome", { ...welcome, head: 1, cursor: "1-00000000" });

  assert.deepEqual((await http.asked(RECEIPTS)).body, { ack: { seq: 1, after: 0 } });
});

test("what was acknowledged while nobody looked is acknowledged again when somebody does", async () => {
  let focus = "hidden";
  visit.client({ roads: ["events"], fetch: http.fetch, focus: () => focus });
  visit.hark.start();
  const stream = (await http.asked("/sse")).open();
  stream.say("welcome", welcome);
  const acks = [];
  const answered = async () => {
    const receipt = await http.asked(RECEIPTS);
    receipt.answer({ unread: 0, head: 3 });
    acks.push(receipt.body.ack);
  };
  stream.say("msg", entry(1));
  await answered();
  stream.say("msg", entry(2));
  await answered();
  focus = "visible";
  visit.hark.hurry();
  await answered();
  visit.hark.hurry();
  stream.say("msg", entry(3));
  await answered();

  assert.deepEqual(acks, [
    { seq: 1, after: 0, focus: "hidden" },
    { seq: 2, after: 0, focus: "hidden" },
    { seq: 2, after: 0, focus: "visible" },
    { seq: 3, after: 2, focus: "visible" },
  ]);
});

test("somebody who looks while an ack is on its way is not forgotten", async () => {
  let focus = "idle";
  visit.client({ roads: ["events"], fetch: http.fetch, focus: () => focus });
  visit.hark.start();
  const stream = (await http.asked("/sse")).open();
  stream.say("welcome", welcome);
  stream.say("msg", entry(1));
  const receipt = await http.asked(RECEIPTS);
  focus = "visible";
  visit.hark.hurry();
  receipt.answer({ unread: 1, head: 1 });

  assert.deepEqual((await http.asked(RECEIPTS)).body, { ack: { seq: 1, after: 0, focus: "visible" } });
});

test("marks are requests, one after the other", async () => {
  take("events");
  const live = becomes("live");
  (await http.asked("/sse")).open().say("welcome", welcome);
  await live;
  visit.hark.seen([1]);
  visit.hark.read([2, 3]);
  visit.hark.read([4]);
  visit.hark.archive([1]);
  visit.hark.unarchive([2]);
  for (const body of [{ seen: [1] }, { read: [2, 3] }, { read: [4] }, { archive: [1] }, { unarchive: [2] }]) {
    const receipt = await http.asked(RECEIPTS);
    assert.deepEqual(receipt.body, body);
    receipt.answer({ unread: 0, head: 4 });
  }
});

test("a topic is asked for with the stream, and one that is not allowed does not end it", async () => {
  take("events");
  const live = becomes("live");
  const first = (await http.asked("/sse")).open();
  first.say("welcome", welcome);
  await live;
  const complaint = new Promise((resolve) => visit.hark.once("error", resolve));
  visit.hark.join("news");
  const second = await http.asked("/sse");
  assert.deepEqual([second.query, first.isLeft], [{ topics: "news" }, true]);
  second.refuse(403);
  assert.deepEqual((await http.asked("/sse")).query, {});
  assert.equal((await complaint).code, "forbidden");
});

test("a page that may not speak for a user is told so by the hub; a proxy's refusal is only a bad road", async () => {
  take("events", "poll");
  const stopped = becomes("stopped");
  (await http.asked("/sse")).refuse(403, { by: "proxy" });
  (await http.asked(INBOX)).refuse(403);

  assert.equal((await stopped).code, 4500);
});

test("an expired token is replaced", async () => {
  take("poll");
  (await http.asked(INBOX)).refuse(401);

  assert.equal((await http.asked(INBOX)).headers.Authorization, "Bearer token 2");
});

test("a hub that is full says when to come again", async () => {
  take("poll");
  const waiting = becomes("waiting");
  (await http.asked(INBOX)).refuse(503, { "Retry-After": "7" });

  const { until } = await waiting;
  assert.ok(Math.abs(until - Date.now() - 7000) < 1000);
});

test("polls follow one another with the cursor, and step over gaps", async () => {
  take("poll");
  const first = await http.asked(INBOX);
  assert.deepEqual(first.query, { after: "0", wait: "0" });
  first.answer({ entries: [entry(1), entry(4)], gaps: [{ from: 2, to: 3 }], cursor: "4-00000000", head: 5, unread: 2 });
  await until(() => visit.hark.entries.length === 2);
  (await http.asked(RECEIPTS)).answer({ unread: 2, head: 5 });
  const second = await http.asked(INBOX);
  assert.deepEqual(second.query, { after: "4-00000000", wait: "25" });
  const live = becomes("live");
  second.answer({ entries: [], gaps: [{ from: 5, to: 5 }], cursor: "4-00000000", head: 5, unread: 2 });

  assert.equal((await live).road, "poll");
  assert.deepEqual(visit.seqs(), [4, 1]);
});

test("a poll that tells of another history begins anew", async () => {
  visit.kept.setItem("hark:http://hub:ada", JSON.stringify({ cursor: "9-00000000", seq: 9, entries: [entry(9)] }));
  take("poll");
  const first = await http.asked(INBOX);
  assert.equal(first.query.after, "9-00000000");
  first.answer({ entries: [entry(1)], reset: true, cursor: "1-00000000", head: 1, unread: 1 });
  await until(() => visit.hark.entries[0]?.seq === 1);

  assert.deepEqual([visit.seqs(), visit.hark.unread], [[1], 1]);
});

test("from a lesser road it changes to the socket when that has welcomed it, and applies nothing twice", async () => {
  visit.client({ fetch: http.fetch, pace: { probe_ms: 1 } });
  visit.hark.start();
  const { socket } = await visit.hub.next();
  socket.drop();
  const live = becomes("live");
  const stream = (await http.asked("/sse")).open();
  stream.say("welcome", welcome);
  await live;
  const probe = await visit.hub.next();
  stream.say("msg", entry(1));
  await until(() => visit.hark.entries.length === 1);
  assert.ok(!stream.isLeft);
  probe.socket.welcome({ head: 1, unread: 1 });
  assert.ok(stream.isLeft);
  probe.socket.say("msg", entries(1, 2));

  assert.deepEqual(visit.seqs(), [2, 1]);
  assert.deepEqual(visit.hark.state, { name: "live", road: "socket" });
});

test("a page of history whose token has ended is asked for with a new one", async () => {
  visit.client({ roads: ["socket"], fetch: http.fetch });
  await visit.connected({ head: 1, unread: 1 });
  const more = visit.hark.more();
  (await http.asked(INBOX)).refuse(401);
  const second = await http.asked(INBOX);
  second.answer({ entries: [], next: null, head: 1, unread: 1 });

  assert.equal(second.headers.Authorization, "Bearer token 2");
  assert.deepEqual([await more, visit.hark.hasMore], [0, false]);
});

test("a page that comes to the front notices a dead link", async () => {
  const now = Date.now;
  try {
    await visit.connected();
    Date.now = () => now() + 3_600_000; // the laptop was closed
    visit.hark.hurry();
    assert.equal((await visit.hub.next()).hello.cursor, "0");
  } finally {
    Date.now = now;
  }
});
