// The demo's own back end. It has the API key; this page never sees it.

const API = new URL("../api/", import.meta.url);
export const NOT_FOUND = 404;
const ANSWER_WITHIN_MS = 8000;

/** What the back end answered, or that it did not; `message` is for people. */
export class CallFailed extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status; // 0: no answer at all
  }

  /** Whether the same call may be answered otherwise in a moment. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const fetchToken = async (user) => (await call("POST", `users/${user}/token`)).token;

/** Tells Hark of the person's phone, browser, mailbox and number. */
export const registerDevices = (user) => call("POST", `users/${user}/devices`);

/** `{simulator_url, screens: [{user_id, kind, gone, shown: [{title, text, at}]}]}` */
export const screens = () => call("GET", "screens");

/** Gives `{notification_id, user_id, title}`; said again with the same key, it happens once. */
export const send = (event, key) => call("POST", "events", { event, key });

/** `{status, lines}` of one notification. */
export const trace = (notificationId) => call("GET", `notifications/${notificationId}`);

async function call(method, path, body) {
  const response = await answer(method, path, body);
  if (response.status === 204) return null;
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw new CallFailed(content.detail ?? `The demo answered ${response.status}`, response.status);
  return content;
}

async function answer(method, path, body) {
  try {
    return await fetch(new URL(path, API), {
      method,
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch {
    throw new CallFailed("Hark does not answer");
  }
}
