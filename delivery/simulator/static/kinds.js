// What may go wrong on each channel, as its provider says it.

const HOUR_MS = 3_600_000;
const RETRY_AFTER_S = 5;
const HANG_S = 30; // longer than senders wait
const BURST = 5;

const hang = { name: "Hang", says: `no answer for ${HANG_S} s`, fault: () => ({ hang_s: HANG_S }) };
const burst = (says, fault) => ({ name: `Down, ${BURST} times`, says, fault: () => ({ ...fault, times: BURST }) });
const slow = (says, fault) => ({ name: "Too many", says, fault: () => ({ ...fault, retry_after_s: RETRY_AFTER_S }) });
const kind = (name, says, fault) => ({ name, says, fault: () => fault });
const reset = kind("Lose the answer", "taken, then the connection breaks", { accident: "reset" });
const half = kind("Half a body", "the answer ends in the middle", { accident: "half_body" });

const KINDS = {
  apns: [
    {
      name: "Gone",
      says: "410 Unregistered, for an hour",
      fault: () => ({ status: 410, reason: "Unregistered", since: new Date(Date.now() - HOUR_MS).toISOString() }),
    },
    slow(`429 and Retry-After ${RETRY_AFTER_S}`, { status: 429, reason: "TooManyRequests" }),
    burst("503 ServiceUnavailable", { status: 503, reason: "ServiceUnavailable" }),
    hang,
    reset,
    half,
    kind("GOAWAY", "the server leaves before it took it", { accident: "goaway" }),
    kind("Wrong credentials", "403 InvalidProviderToken", { status: 403, reason: "InvalidProviderToken" }),
  ],
  fcm: [
    kind("Gone", "404 UNREGISTERED", { status: 404, reason: "UNREGISTERED" }),
    slow(`429 and Retry-After ${RETRY_AFTER_S}`, { status: 429, reason: "QUOTA_EXCEEDED" }),
    burst("503 UNAVAILABLE", { status: 503, reason: "UNAVAILABLE" }),
    hang,
    reset,
    half,
    kind("Wrong credentials", "403 SENDER_ID_MISMATCH", { status: 403, reason: "SENDER_ID_MISMATCH" }),
  ],
  webpush: [
    kind("Gone", "410: unsubscribed", { status: 410 }),
    slow(`429 and Retry-After ${RETRY_AFTER_S}`, { status: 429 }),
    burst("503", { status: 503 }),
    hang,
    reset,
    half,
    kind("Wrong credentials", "403: another VAPID key", { status: 403 }),
  ],
  email: [
    kind("Gone", "550 5.1.1 no such mailbox", { status: 550, reason: "5.1.1 there is no such mailbox" }),
    kind("Too many", "451 4.7.1 slow down", { status: 451, reason: "4.7.1 slow down" }),
    burst("421 4.3.2 shutting down", { status: 421 }),
    hang,
    reset,
    kind("Goodbye", "421 right after the mail", { accident: "goaway" }),
    kind("Wrong credentials", "530 5.7.0 log in first", { status: 530, reason: "5.7.0 log in first" }),
  ],
  sms: [
    kind("Gone", "21614: not a mobile number", { reason: "21614" }),
    slow(`429 and Retry-After ${RETRY_AFTER_S}`, { reason: "20429" }),
    burst("503", { reason: "20503" }),
    hang,
    kind("Opted out", "21610: the person said STOP", { reason: "21610" }),
    kind("Wrong credentials", "20003 Authenticate", { reason: "20003" }),
  ],
};

export const kindsOf = (channel) => KINDS[channel] ?? [];
