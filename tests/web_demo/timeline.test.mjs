// What the trace says of a notification, given what the page measured and what Hark told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { summary, timeline } from "../../web_demo/static/timeline.js";

const CLICKED = Date.parse("2026-11-20T12:00:00.000Z");
const at = (ms) => new Date(CLICKED + ms).toISOString();
const STATUS = { accepted_at: at(8), delivered_at: null, read_at: null, failed_at: null, attempts: [] };
const STORED = { step: 0, what: "accepted and stored as entry 4 of the user's inbox", at: at(8) };
const PLAN = { step: 1, what: "push to every target after 2 s, if unacked" };
const FACTS = {
  ...{ to: "demo-grace", clicked: CLICKED, tries: 1, failure: null },
  ...{ sent: { at: 20, id: "n" }, arrived: null, found: { status: STATUS, lines: [STORED, PLAN] } },
};
const told = (changes) => timeline({ ...FACTS, ...changes }, CLICKED + 1000);
const found = (lines, status = {}) => ({ status: { ...STATUS, ...status }, lines });
const attempt = (started, finished) => ({
  ...{ session_id: "phone", step: 1, number: 1, channel: "apns", outcome: "accepted" },
  ...{ started_at: at(started), finished_at: at(finished) },
});
const CALLED = { step: 1, what: "attempt 1: accepted by the provider", at: at(2100), channel: "apns", target_id: "phone" };

test("what was measured here and what the hub tells are on one axis, in order", () => {
  const rows = told({ arrived: { at: 14, isNews: true } });

  assert.deepEqual(rows.slice(0, 3).map(({ at, place }) => [at, place]), [[8, "hub"], [14, "page"], [20, "shop"]]);
});

test("before the hub is asked, too, they are in order", () => {
  const rows = told({ arrived: { at: 14, isNews: true }, found: null });

  assert.deepEqual(rows.map(({ at, place }) => [at, place]), [[14, "page"], [20, "shop"]]);
});

test("a hub whose clock is wrong does not act before the click", () => {
  const wrong = found([{ ...STORED, at: at(-5000) }], { accepted_at: at(-5000) });

  assert.equal(told({ found: wrong })[0].at, 10); // in the middle between click and answer
});

test("a step that is due counts down", () => {
  const [due] = told({ found: found([PLAN, { step: 1, what: "due", at: at(3500) }]) }).slice(-1);

  assert.deepEqual([due.state, due.due], ["due", 2500]);
});

test("a call says how long the provider took", () => {
  const [called] = told({ found: found([PLAN, CALLED], { attempts: [attempt(2100, 2130)] }) }).slice(-1);

  assert.deepEqual([called.at, called.place, called.what], [2100, "APNs", "Accepted by the provider, in 30 ms"]);
});

test("a first step that did not wait says why", () => {
  const [, plan] = told({ found: found([PLAN], { attempts: [attempt(100, 130)] }) });
  const [, onTime] = told({ found: found([PLAN], { attempts: [attempt(2100, 2130)] }) });

  assert.match(plan.what, /at once, nobody is there$/);
  assert.match(onTime.what, /if unacked$/);
});

for (const [what, state] of [
  ["nobody was called: the user had noticed by then", "skipped"],
  ["attempt 1: the provider calls it dead (http_410): taken out of use", "failed"],
  ["attempt 1: unavailable (http_503); again at 12:00:01 UTC", "failed"],
  ["attempt 1: called; no answer yet, or its worker died", "waiting"],
  ["waits for its time", "waiting"],
]) {
  test(`"${what}" is shown as ${state}`, () => {
    assert.equal(told({ found: found([{ step: 1, what }]) }).at(-1).state, state);
  });
}

test("the summary tells where it is now", () => {
  const says = (changes) => summary({ ...FACTS, ...changes }).text;
  const failure = { text: "Hark does not answer", isFinal: false };

  assert.equal(says({ sent: null, failure, tries: 3 }), "Nobody answers. Try 3, with the same Idempotency-Key");
  assert.equal(says({ sent: null, failure: { ...failure, isFinal: true } }), "Not sent: Hark does not answer");
  assert.equal(says({}), "Stored. No device has acknowledged it yet");
  assert.equal(says({ found: found([], { attempts: [attempt(1, 2)] }) }), "Escalated to APNs");
  const delivered = found([], { delivered_at: at(15) });
  assert.equal(says({ found: delivered, arrived: { at: 14 } }), "On Grace's screen after 14 ms, and acknowledged");
  assert.equal(says({ found: found([], { read_at: at(15) }) }), "Grace has read it");
  assert.equal(says({ found: found([], { read_at: at(15), archived_at: at(16) }) }), "Grace has archived it");
});
