// Web Push for a page: asks the browser for a subscription, and gives it to the page's back end, which registers it with
// `POST /api/v1/sessions` (docs/sdk.md). The service worker is hark-sw.js. Browsers only; iOS: only installed web apps.

const READY_WITHIN_MS = 10_000;

/** Whether this browser can; on iOS a page has to be on the home screen first. */
export const isSupported = () =>
  Boolean(globalThis.navigator?.serviceWorker && globalThis.PushManager && globalThis.Notification);

/** "unsupported", "denied" (only the user can change it), "off", or "on". */
export async function state({ scope } = {}) {
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return (await current(scope)) && Notification.permission === "granted" ? "on" : "off";
}

/**
 * Subscribes this browser; call it from a click, for the browser asks the user. `register(subscription)` tells the back
 * end, at every visit: registering again is harmless, and a browser may have changed its subscription. All of it: its
 * `keys` prove that a subscription which another user had is in this one's hands.
 * Rejects with `name` "NotAllowedError" when the user does not want it.
 */
export async function subscribe({ url, worker = "/hark-sw.js", scope, register, key }) {
  if (!isSupported()) throw new DOMException("this browser has no Web Push", "NotSupportedError");
  if ((await Notification.requestPermission()) !== "granted") {
    throw new DOMException("the user does not want notifications", "NotAllowedError");
  }
  const registration = await navigator.serviceWorker.register(worker, scope && { scope });
  await isActive(registration);
  const applicationServerKey = bytes(key ?? (await hubKey(url)));
  let subscription = await registration.pushManager.getSubscription();
  // One for another hub's key, or an earlier one, is of no use.
  if (subscription && !isSame(subscription.options.applicationServerKey, applicationServerKey)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await register(subscription.toJSON());
  return subscription;
}

/** Ends it; `unregister(subscription)` tells the back end first. For a sign-out: else the next user is shown the last one's. */
export async function unsubscribe({ scope, unregister = () => {} } = {}) {
  const subscription = await current(scope);
  if (!subscription) return false;
  await unregister(subscription.toJSON());
  return subscription.unsubscribe();
}

/**
 * Tells the worker what was seen, read and taken back, so that it shows nothing twice and clears what is over; and reads
 * what the user chose there. Gives a function that ends it.
 */
export function follow(hark) {
  const container = globalThis.navigator?.serviceWorker;
  if (!container) return () => {};
  let told = "";
  let known = new Map(); // seqs by id
  const gone = new Set();
  const tell = () => {
    const oldest = hark.entries.at(-1)?.seq ?? 0; // what is older is only not loaded any more
    const now = new Map(hark.entries.map(({ id, seq }) => [id, seq]));
    for (const [id, seq] of known) if (!now.has(id) && seq >= oldest) gone.add(id);
    for (const id of now.keys()) gone.delete(id);
    known = now;
    const seen = [...hark.entries, ...hark.archived].filter(({ read, seen }) => read || seen).map(({ id }) => id);
    seen.push(...gone);
    const text = JSON.stringify({ hark: { seen, unread: hark.unread } });
    if (text !== told && container.controller) container.controller.postMessage(JSON.parse((told = text)));
  };
  const hear = ({ data, ports }) => {
    if (data?.harkHas) ports[0].postMessage(hark.entries.some(({ id }) => id === data.harkHas));
    if (data?.harkChose) hark.read([data.harkChose]);
  };
  const offs = [hark.on("change", tell), hark.on("state", tell)];
  container.addEventListener("message", hear);
  container.addEventListener("controllerchange", tell);
  container.startMessages();
  tell();
  return () => {
    for (const off of offs) off();
    container.removeEventListener("message", hear);
    container.removeEventListener("controllerchange", tell);
  };
}

async function current(scope) {
  const registration = isSupported() && (await navigator.serviceWorker.getRegistration(scope));
  return registration ? registration.pushManager.getSubscription() : null;
}

async function hubKey(url) {
  const answer = await fetch(`${url.replace(/\/$/, "")}/api/v1/webpush`);
  if (!answer.ok) throw new Error(`Hark has no Web Push (${answer.status})`);
  return (await answer.json()).application_server_key;
}

function isActive(registration) {
  if (registration.active) return undefined;
  const worker = registration.installing ?? registration.waiting;
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the service worker does not start")), READY_WITHIN_MS);
    worker.addEventListener("statechange", () => worker.state === "activated" && resolve());
  });
}

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isSame(buffer, wanted) {
  const given = new Uint8Array(buffer ?? []);
  return given.length === wanted.length && given.every((byte, at) => byte === wanted[at]);
}
