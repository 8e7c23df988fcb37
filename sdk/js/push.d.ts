import type { Hark } from "./hark.js";

export interface SubscribeOptions {
  /** The hub, which is asked for its key; or give the `key` yourself. */
  url?: string;
  key?: string;
  /** Where hark-sw.js, or the worker that imports it, lies on the page's own origin ("/hark-sw.js"). */
  worker?: string;
  scope?: string;
  /** Tells your back end, which calls `POST /api/v1/sessions` with it. */
  register: (subscription: PushSubscriptionJSON) => unknown;
}

export function isSupported(): boolean;
export function state(options?: { scope?: string }): Promise<"unsupported" | "denied" | "off" | "on">;
/** Call it from a click, and at every visit while `state()` is "on". Rejects with "NotAllowedError" when the user declines. */
export function subscribe(options: SubscribeOptions): Promise<PushSubscription>;
/** Tells your back end, then ends it; false when there was none. */
export function unsubscribe(options?: {
  scope?: string;
  unregister?: (subscription: PushSubscriptionJSON) => unknown;
}): Promise<boolean>;
/** Connects a Hark with the service worker; gives a function that ends it. */
export function follow(hark: Hark): () => void;
