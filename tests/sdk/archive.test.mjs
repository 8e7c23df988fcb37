// What the client makes of what was archived: here, elsewhere, while it was away. Run by test_scripted.py, or
// `node --test`.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { entries, entry } from "./hub.mjs";
import { HttpHub } from "./http_hub.mjs";
import { Visit } from "./visit.mjs";

const INBOX = "/api/v1/users/me/inbox";
const seqs = (found) => found.map(({ seq }) => seq);
const put = (...found) => found.map((seq) => ({ ...entry(seq), seen: true, read: true, archived: true }));

let visit;
let http;

beforeEach(() => {
  visit = new Visit();
  http = new HttpHub();
  visit.client({ fetch: http.fetch, roads: ["socket"] });
});
afterEach(() => visit.end());

const lists = () => [visit.seqs(), seqs(visit.hark.archived), visit.hark.unread];

/** The client has these, all unread. */
async function having(...found) {
  const { socket } = await visit.connected();
  socket.say("msg", entries(...found));
  socket.say("ack_ok", { seq: found.at(-1) });
  await socket.heard();
  return socket;
}

test("what is archived is read, and in the other list, until it is taken back", async () => {
  const socket = await having(1, 2, 3);

  visit.hark.archive([2]);
  assert.deepEqual(lists(), [[3, 1], [2], 2]);
  assert.equal(visit.hark.archived[0].read, true);
  visit.hark.unarchive([2]);
  assert.deepEqual(lists(), [[3, 2, 1], [], 2]);
  assert.deepEqual(socket.unheard(), [
    { t: "archive", seqs: [2] },
    { t: "unarchive", seqs: [2] },
  ]);
});

test("what is archived elsewhere goes, and comes back", async () => {
  const socket = await having(1, 2, 3);

  socket.say("state", { state: "archived", seqs: [1, 3], unread: 1, head: 3, archive_rev: 1 });
  assert.deepEqual(lists(), [[2], [3, 1], 1]);
  socket.say("state", { state: "read", seqs: [3], unread: 1, head: 3 }); // it was said before, and comes later
  socket.say("state", { state: "unarchived", seqs: [1], unread: 1, head: 3, archive_rev: 2 });
  assert.deepEqual(lists(), [[2, 1], [3], 1]);
});

test("a catch-up brings what is archived, and it is no news", async () => {
  const { socket } = await visit.connected({ head: 3, unread: 1, archive_rev: 4 });
  const arrived = [];
  visit.hark.on("arrived", (found) => arrived.push(...seqs(found)));
  socket.say("state", { state: "archived", seqs: [3], unread: 1, head: 3, archive_rev: 5 });
  socket.say("msg", { entries: [entry(1), ...put(2), entry(3)] });

  assert.deepEqual(lists(), [[1], [3, 2], 1]);
  assert.deepEqual(arrived, [1]);
});

test("a mark is kept for an entry that is not in the first frame", async () => {
  const { socket } = await visit.connected({ head: 2, unread: 1 });
  socket.say("state", { state: "archived", seqs: [2], unread: 1, head: 2, archive_rev: 1 });
  socket.say("msg", entry(1));
  socket.say("msg", entry(2));

  assert.deepEqual(lists(), [[1], [2], 1]);
});

test("what was said while the hub was away is said when it is back: the last word on each", async () => {
  const socket = await having(1, 2, 3);
  socket.drop();
  visit.hark.archive([1, 2]);
  visit.hark.archive([3]);
  visit.hark.unarchive([2]);

  for (const isAnswered of [false, true]) {
    const { socket } = await visit.hub.next();
    socket.welcome({ head: 3, unread: 3, cursor: "3-00000000" });
    assert.deepEqual(await socket.heard(), { t: "archive", seqs: [1, 3] });
    assert.deepEqual(await socket.heard(), { t: "unarchive", seqs: [2] });
    if (isAnswered) {
      socket.say("state", { state: "archived", seqs: [1, 3], unread: 1, head: 3, archive_rev: 1 });
      socket.say("state", { state: "unarchived", seqs: [], unread: 1, head: 3, archive_rev: 1 });
    }
    socket.drop();
  }
  const { socket: last } = await visit.hub.next();
  last.welcome({ head: 3, unread: 1, cursor: "3-00000000", archive_rev: 1 });
  assert.deepEqual(last.unheard(), []);
  assert.deepEqual(lists(), [[2], [3, 1], 1]);
});

test("what was archived elsewhere while it was away is asked for: the count does not tell", async () => {
  const socket = await having(1, 2, 3);
  visit.hark.readAll();
  socket.say("state", { state: "read", seqs: [1, 2, 3], unread: 0, head: 3 });
  socket.drop();
  const { socket: again } = await visit.hub.next();
  again.welcome({ head: 3, unread: 0, cursor: "3-00000000", archive_rev: 1 });

  const page = await http.asked(INBOX);
  assert.deepEqual(page.query, { before: `${Number.MAX_SAFE_INTEGER}`, limit: "53", archived: "false" });
  const changed = new Promise((resolve) => visit.hark.once("change", resolve));
  page.answer({ ...entries(3, 1), next: null, head: 3, unread: 0, archive_rev: 1 });
  await changed;
  assert.deepEqual(lists(), [[3, 1], [], 0]);
  assert.deepEqual(
    visit.hark.entries.map(({ read }) => read),
    [true, true],
  );
});

test("what is taken back elsewhere, and is not here, is asked for", async () => {
  const { socket } = await visit.connected({ head: 3, unread: 2, archive_rev: 1 });
  socket.say("msg", entry(1));
  socket.say("gap", { from: 2, to: 2 });
  socket.say("msg", entry(3));
  socket.say("state", { state: "unarchived", seqs: [2], unread: 2, head: 3, archive_rev: 2 });

  const changed = new Promise((resolve) => visit.hark.once("change", resolve));
  const page = { ...entries(3, 2, 1), next: null, head: 3, unread: 2, archive_rev: 2 };
  (await http.asked(INBOX)).answer(page);
  await changed;
  assert.deepEqual(visit.seqs(), [3, 2, 1]);
});

test("a page that was on its way when something was archived is asked for again", async () => {
  const socket = await having(1, 2);
  const fetching = visit.hark.moreArchived();
  const first = await http.asked(INBOX);
  assert.deepEqual([first.query.archived, visit.hark.hasMoreArchived], ["true", true]);
  socket.say("state", { state: "archived", seqs: [2], unread: 1, head: 2, archive_rev: 1 });
  first.answer({ entries: [], next: null, head: 2, unread: 2 });
  (await http.asked(INBOX)).answer({ entries: put(2), next: null, head: 2, unread: 1, archive_rev: 1 });

  await fetching;
  assert.deepEqual(lists(), [[1], [2], 1]);
  assert.equal(visit.hark.hasMoreArchived, false);
});

test("the archive is fetched page by page, and what is taken back from far behind comes with the history", async () => {
  visit.client({ fetch: http.fetch, roads: ["socket"], from: "newest" });
  await visit.connected({ head: 9, cursor: "9-00000000", archive_rev: 3 });
  const answer = async (fetching, page) => {
    const asked = await http.asked(INBOX);
    asked.answer({ head: 9, unread: 0, archive_rev: 3, ...page });
    await fetching;
    return asked.query.before;
  };

  await answer(visit.hark.more(2), { ...entries(9, 7), next: 7 });
  await answer(visit.hark.moreArchived(2), { entries: put(8, 4), next: 4 });
  assert.equal(await answer(visit.hark.moreArchived(2), { entries: put(2), next: null }), "4");
  assert.deepEqual(lists(), [[9, 7], [8, 4, 2], 0]);
  visit.hark.unarchive([8, 2]);
  assert.deepEqual(lists(), [[9, 8, 7], [4], 0]);
  assert.equal(await answer(visit.hark.more(9), { ...entries(6, 2), next: null }), "7");
  assert.deepEqual(lists(), [[9, 8, 7, 6, 2], [4], 0]);
});

test("what is withdrawn is in neither list", async () => {
  const socket = await having(1, 2);
  visit.hark.archive([1]);
  socket.say("state", { state: "withdrawn", seqs: [1, 2], unread: 0, head: 2 });

  assert.deepEqual(lists(), [[], [], 0]);
});

test("it stays archived after a reload, before the hub knows", async () => {
  const socket = await having(1, 2);
  visit.hark.archive([1]);
  socket.drop();
  visit.hark.stop();
  visit.client({ fetch: http.fetch, roads: ["socket"] });
  const { socket: next } = await visit.connected({ head: 2, unread: 2, cursor: "2-00000000" });

  assert.deepEqual(await next.heard(), { t: "archive", seqs: [1] });
  assert.deepEqual(visit.seqs(), [2]);
});
