// Subscribing to Web Push, in a browser of which only that much is there: real ones ask their vendor's push service.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { isSupported, state, subscribe, unsubscribe } from "../../sdk/js/push.js";

const KEY = "BAEC_-8"; // base64url of these bytes:
const BYTES = [4, 1, 2, 255, 239];
let browser, told;

class Browser {
  permission = "default";
  wish = "granted";
  subscription = null;
  asked = [];

  install() {
    const browser = this;
    const registration = { active: {}, pushManager: this };
    const serviceWorker = {
      register: async (worker) => (this.asked.push(worker), registration),
      getRegistration: async () => registration,
    };
    const Notification = {
      get permission() {
        return browser.permission;
      },
      requestPermission: async () => (this.permission = this.wish),
    };
    const fetch = async (url) => (this.asked.push(url), Response.json({ application_server_key: KEY }));
    const parts = { navigator: { serviceWorker }, PushManager: class {}, Notification, fetch };
    for (const [name, value] of Object.entries(parts)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }

  async getSubscription() {
    return this.subscription;
  }

  async subscribe({ userVisibleOnly, applicationServerKey }) {
    assert.ok(userVisibleOnly);
    return (this.subscription = new Subscription(this, [...applicationServerKey]));
  }
}

class Subscription {
  constructor(browser, key) {
    this.browser = browser;
    this.options = { applicationServerKey: Uint8Array.from(key).buffer };
  }

  toJSON() {
    return { endpoint: "https://push.example/1", keys: {} };
  }

  async unsubscribe() {
    this.browser.subscription = null;
    return true;
  }
}

beforeEach(() => {
  browser = new Browser();
  browser.install();
  told = [];
});

const register = (subscription) => told.push(subscription.endpoint);

test("who subscribes asks the user, then the hub, and tells the back end", async () => {
  assert.equal(await state(), "off");
  await subscribe({ url: "https://hub/", register });

  assert.deepEqual(browser.asked, ["/hark-sw.js", "https://hub/api/v1/webpush"]);
  assert.deepEqual([...new Uint8Array(browser.subscription.options.applicationServerKey)], BYTES);
  assert.deepEqual(told, ["https://push.example/1"]);
  assert.equal(await state(), "on");
});

test("the next visit keeps the subscription, and tells of it again", async () => {
  await subscribe({ key: KEY, register });
  const first = browser.subscription;
  await subscribe({ key: KEY, register });

  assert.equal(browser.subscription, first);
  assert.equal(told.length, 2);
});

test("a subscription for another key is replaced", async () => {
  await browser.subscribe({ userVisibleOnly: true, applicationServerKey: [1, 2, 3] });
  await subscribe({ key: KEY, register });

  assert.deepEqual([...new Uint8Array(browser.subscription.options.applicationServerKey)], BYTES);
});

test("a user who does not want it is not subscribed", async () => {
  browser.wish = "denied";
  await assert.rejects(subscribe({ key: KEY, register }), { name: "NotAllowedError" });

  assert.deepEqual([browser.subscription, told, await state()], [null, [], "denied"]);
});

test("who leaves tells the back end first", async () => {
  await subscribe({ key: KEY, register });
  const unregister = ({ endpoint }) => told.push(`gone: ${endpoint}`, browser.subscription !== null);

  assert.equal(await unsubscribe({ unregister }), true);
  assert.deepEqual(told.slice(1), ["gone: https://push.example/1", true]);
  assert.equal(await state(), "off");
  assert.equal(await unsubscribe({ unregister }), false);
});

test("a browser without Web Push says so", async () => {
  delete globalThis.PushManager;

  assert.deepEqual([isSupported(), await state(), await unsubscribe()], [false, "unsupported", false]);
  await assert.rejects(subscribe({ key: KEY, register }), { name: "NotSupportedError" });
});
