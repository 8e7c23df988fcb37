// The way of a notification as rows, out of what this page measured and what Hark tells. No page and no clock in here.

import { duration } from "./duration.js";
import { nameOf } from "./people.js";

const EARLY_MS = 300;
const WHAT_IS_DUE = "Due, unless it is noticed by then";
const CHANNELS = { apns: "APNs", fcm: "FCM", webpush: "Web Push", email: "Mail", sms: "SMS" };

/** `{state, text}`: where it is now. */
export function summary({ to, tries, failure, sent, arrived, found }) {
  const name = nameOf(to);
  if (failure?.isFinal) return { state: "failed", text: `Not sent: ${failure.text}` };
  if (!sent && failure) return { state: "waiting", text: `Nobody answers. Try ${tries}, with the same Idempotency-Key` };
  if (!found) return { state: "waiting", text: sent ? `Accepted after ${duration(sent.at)}` : "Sending …" };
  const { status } = found;
  if (status.archived_at) return { state: "done", text: `${name} has archived it` };
  if (status.read_at) return { state: "done", text: `${name} has read it` };
  if (status.failed_at) return { state: "failed", text: "Nobody could be reached. It waits in the inbox" };
  const calls = status.attempts.filter(({ outcome }) => outcome === "accepted").map(({ channel }) => channel);
  const by = [...new Set(calls)].map((channel) => CHANNELS[channel] ?? channel).join(", ");
  if (status.delivered_at) {
    const screen = `On ${name}'s screen${arrived ? ` after ${duration(arrived.at)}` : ""}`;
    if (by) return { state: "pushed", text: `${screen}, and by ${by}` };
    return { state: "done", text: `${screen}, and acknowledged` };
  }
  if (by) return { state: "pushed", text: `Escalated to ${by}` };
  return { state: "waiting", text: "Stored. No device has acknowledged it yet" };
}

/** `[{state, at, due, place, what, channel}]`: `at` in ms since the click, `due` in ms from now; `what` is a sentence. */
export function timeline(facts, now) {
  const { to, sent, arrived, found, failure, tries } = facts;
  const rows = [];
  if (sent) rows.push({ state: "done", at: sent.at, place: "shop", what: retold("202: from here on it is Hark's", tries) });
  else if (failure) rows.push({ state: "failed", place: "shop", what: failure.text });
  if (arrived) rows.push({ state: "done", at: arrived.at, place: "page", what: reached(nameOf(to), arrived.isNews) });
  if (!found) return rows.sort((one, other) => one.at - other.at);
  const sinceClick = clock(facts);
  const told = found.lines.map((line) => asRow(line, found.status.attempts, sinceClick, now));
  const inApp = told.filter(({ step }) => step === 0);
  const happened = [...rows, ...inApp.filter(({ at }) => at !== undefined)].sort((one, other) => one.at - other.at);
  const ladder = [...told.filter(({ step }) => step > 0)].sort((one, other) => one.step - other.step);
  return [...happened, ...inApp.filter(({ at }) => at === undefined), ...ladder];
}

const retold = (what, tries) => (tries > 1 ? `${what}, at try ${tries}` : what);

const reached = (name, isNews) =>
  isNews ? `Published, and on ${name}'s socket: her page shows it` : `${name}'s page fetched what it had missed`;

// Hark's clock on this page's: as it is, when it fits between the click and the answer.
function clock({ clicked, sent, found, tries }) {
  const accepted = Date.parse(found.status.accepted_at) - clicked;
  const fits = accepted >= -1 && accepted <= sent.at + 1;
  const shift = fits || tries > 1 ? 0 : sent.at / 2 - accepted;
  return (iso) => Date.parse(iso) - clicked + shift;
}

function asRow({ step, what, at, channel, target_id: target }, attempts, sinceClick, now) {
  const row = { step, what: sentence(what), channel, place: "hub", state: stateOf(what, step) };
  if (row.state === "due") return { ...row, what: WHAT_IS_DUE, due: Date.parse(at) - now };
  if (at && row.state !== "note") row.at = sinceClick(at);
  if (row.state === "plan") return { ...row, place: `step ${step}`, what: row.what + hurried(what, step, attempts, sinceClick) };
  if (!channel) return row;
  const number = Number(/^attempt (\d+)/.exec(what)?.[1]);
  const attempt = attempts.find(
    (one) => one.session_id === target && one.step === step && one.number === number && one.finished_at,
  );
  const took = attempt ? `, in ${duration(Date.parse(attempt.finished_at) - Date.parse(attempt.started_at))}` : "";
  return { ...row, place: CHANNELS[channel] ?? channel, what: sentence(what.replace(/^attempt 1: /, "")) + took };
}

// Nobody who could acknowledge it was connected: then the first step does not wait.
function hurried(plan, step, attempts, sinceClick) {
  const after_ms = 1000 * Number(/after ([\d.]+) s/.exec(plan)?.[1]);
  const first = attempts.find((attempt) => attempt.step === step);
  const isEarly = step === 1 && first && sinceClick(first.started_at) < after_ms - EARLY_MS;
  return isEarly ? ": at once, nobody is there" : "";
}

function stateOf(what, step) {
  if (/^due/.test(what)) return "due";
  if (/ to (every target|one target)/.test(what)) return "plan";
  if (/^no device|^waits|no answer yet/.test(what)) return "waiting";
  if (/^nobody was called/.test(what)) return "skipped";
  if (/^failed|dead|refuses|rejected|unavailable|throttled/.test(what)) return "failed";
  return step > 0 && /^a provider has it/.test(what) ? "note" : "done";
}

const sentence = (what) => (what[0].toUpperCase() + what.slice(1)).replace(/\bsms\b/i, "SMS");
