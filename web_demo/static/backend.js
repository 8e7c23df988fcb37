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
}

export const fetchToken = async (user) => (await call("POST", `users/${user}/token`)).token;

export const registerPhone = (user) => call("POST", `users/${user}/phone`);

/** What stands on the user's phone of the entries after the `after`th, oldest first. */
export const phone = (user, after) => call("GET", `users/${user}/phone?after=${after}`);

/** Gives `{notification_id}`. */
export const send = (user, draft) => call("POST", `users/${user}/notifications`, draft);

export const status = (notificationId) => call("GET", `notifications/${notificationId}`);

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
    throw new CallFailed("Hark is not answering");
  }
}
