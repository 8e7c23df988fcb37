// Three roads to the hub, which carry the same frames. Each is opened with
//   {token(), cursor, topics, focus, looked(), confirmed(), heard(frame), lost(code, after_ms)}
// where `lost` comes once, with the close code, or 0 when the road itself failed. An open road has `close()`, after
// which nothing is heard of it, and `say(frame)`: false when this road has no way to say it.

const FORBIDDEN = 4500;
const HTTP_CODES = { 401: 4001, 403: FORBIDDEN, 422: 4501, 429: 4003, 503: 4003 };
const RECEIPT_WITHIN_MS = 10_000;
const POLL_GRACE_S = 10; // for the answer, after the time it may wait

export function socket({ url, WebSocket }) {
  return ({ token, cursor, focus, heard, lost }) => {
    const opened = new WebSocket(url.replace(/^http/, "ws") + "/ws", "hark.v1");
    const say = (frame) => opened.readyState === 1 && opened.send(JSON.stringify(frame));
    opened.onopen = () => say({ t: "hello", token: token(), cursor: cursor ?? undefined, focus });
    opened.onmessage = ({ data }) => heard(JSON.parse(data));
    opened.onerror = () => lost(0); // not everywhere does `onclose` follow
    opened.onclose = ({ code }) => lost(code);
    const close = () => {
      opened.onmessage = opened.onclose = opened.onerror = () => {};
      // To close one that still connects is an error in the browser's console; so it closes when it has.
      if (opened.readyState === 0) opened.onopen = () => opened.close();
      else opened.close();
    };
    return { close, say: (frame) => (say(frame), true) };
  };
}

/** Server-sent events, read with `fetch`: an EventSource cannot carry a token. */
export function events(hub) {
  return requests(hub, async (call, { cursor, topics, heard }) => {
    const headers = { Accept: "text/event-stream" };
    if (cursor !== null) headers["Last-Event-ID"] = cursor;
    const open = (query) =>
      call(`/sse${query}`, { headers }, async ({ body }) => {
        for await (const frame of frames(body)) {
          if (frame.t === "close") return frame.code;
          heard(frame);
        }
      });
    if (!topics.length) return open("");
    return open(`?topics=${encodeURIComponent(topics)}`).catch((refused) => {
      if (refused.code !== FORBIDDEN) throw refused;
      heard({ t: "error", code: "forbidden", message: `the user token does not allow all of ${topics}` });
      return open("");
    });
  });
}

async function* frames(body) {
  const reader = body.getReader(); // React Native has none: then this road fails, and the next is taken
  const decoder = new TextDecoder();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part);
      if (data) yield JSON.parse(data[1]);
    }
  }
}

/** Long polling. What it finds is told as the frames that a socket would have brought. */
export function poll(hub) {
  const wait_s = hub.pace.poll_ms / 1000;
  const ping_s = (wait_s + POLL_GRACE_S) / 2; // twice this in silence is a dead link
  const open = requests(hub, async (call, { cursor, heard }) => {
    const ask = (query) => call(`/api/v1/users/me/inbox${query}`, {}, (answer) => answer.json());
    for (let isFirst = true; ; isFirst = false) {
      const query = `?after=${cursor}&wait=${isFirst ? 0 : wait_s}`;
      const { entries, gaps = [], reset, head, unread, archive_rev, cursor: next } = await ask(cursor === null ? "" : query);
      if (isFirst) heard({ t: "welcome", head, unread, archive_rev, ping_s, cursor: reset ? "0" : (cursor ?? next) });
      if (reset) heard({ t: "reset", head });
      if (entries.length) heard({ t: "msg", entries, hasGaps: gaps.length > 0 });
      for (const gap of gaps) heard({ t: "gap", ...gap });
      heard({ t: "count", unread, head, archive_rev });
      cursor = next;
    }
  });
  return (given) => {
    const road = open(given);
    return { ...road, say: (frame) => road.say(frame) || true }; // topics are not heard here, however often it is opened
  };
}

// A road of HTTP requests: `listen` is one that goes on; receipts are others beside it.
function requests({ url, fetch }, listen) {
  return (given) => {
    let isOpen = true;
    const running = new Set();
    const close = () => {
      isOpen = false;
      for (const request of running) request.abort();
    };
    const lose = ({ code = 0, after_ms } = {}) => {
      if (isOpen) given.lost(typeof code === "number" ? code : 0, after_ms);
      close();
    };
    const call = async (path, init, read, within_ms) => {
      const request = new AbortController();
      const timer = within_ms && setTimeout(() => request.abort(), within_ms);
      if (!timer) running.add(request); // a receipt that is on its way may arrive
      try {
        const headers = { Authorization: `Bearer ${given.token()}`, ...init.headers };
        const answer = await fetch(url + path, { cache: "no-store", ...init, headers, signal: request.signal });
        if (answer.ok) return await read(answer);
        // Only the hub's own verdict counts: a proxy that refuses is a road that does not lead there.
        const isHark = answer.headers.get("content-type") === "application/problem+json";
        const code = isHark ? HTTP_CODES[answer.status] : 0;
        throw { code, after_ms: 1000 * answer.headers.get("retry-after") };
      } finally {
        clearTimeout(timer);
        running.delete(request);
      }
    };
    const heard = (frame) => isOpen && given.heard(frame);
    listen(call, { ...given, heard }).then((code) => lose({ code }), lose);
    return { close, say: receipts(call, { ...given, heard }, lose) };
  };
}

// Acks and marks, one request after the other. One that fails takes the road down: they are said again on the next.
function receipts(call, { confirmed, looked, heard }, lose) {
  const waiting = [];
  let isBusy = false;
  let unlooked = null; // what was acknowledged since nobody looks: to be said again when somebody does
  const post = (body) => {
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return call("/api/v1/users/me/receipts", init, (answer) => answer.json(), RECEIPT_WITHIN_MS);
  };
  const ack = (seq, after) => {
    const focus = looked();
    const range = { seq: Math.max(seq, unlooked?.seq ?? 0), after: Math.min(after, unlooked?.after ?? after) };
    unlooked = (focus ?? "visible") === "visible" ? null : range;
    return post({ ack: { ...range, focus } });
  };
  const isOutdated = ({ t, after }) => t === "ack" && after === undefined && waiting.some((next) => next.t === "ack");
  const flush = async () => {
    isBusy = true;
    for (let frame; (frame = waiting.shift()); ) {
      const { t, seq, after = confirmed(), seqs, through } = frame;
      if (isOutdated(frame)) continue;
      const count = await (t === "ack" ? ack(seq, after) : post(through ? { read_through: through } : { [t]: seqs }));
      heard(t === "ack" ? { t: "ack_ok", seq } : { t: "state", state: t, seqs: seqs ?? [through], ...count });
    }
    isBusy = false;
  };
  return ({ t, ...frame }) => {
    if (t === "join" || t === "leave") return false;
    if (/^(ack|seen|read|(un)?archive)$/.test(t)) waiting.push({ t, ...frame });
    if (unlooked && frame.state === "visible") waiting.push({ t: "ack", ...unlooked });
    if (!isBusy && waiting.length) flush().catch(lose);
    return true;
  };
}
