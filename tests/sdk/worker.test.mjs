// The service worker's answer to a click, in a browser of which only that much is there: no real one can be asked to
// click on a notification of the system's.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import vm from "node:vm";

const SCOPE = "https://shop.example/";
const WORKER = await readFile(new URL("../../sdk/js/hark-sw.js", import.meta.url), "utf8");

/** What is opened for a click on a push with this `data`. */
async function opened(data) {
  const listeners = {};
  const windows = [];
  let done;
  const self = {
    addEventListener: (name, listener) => (listeners[name] = listener),
    registration: { scope: SCOPE },
    clients: { matchAll: async () => [], openWindow: async (url) => void windows.push(url) },
  };
  vm.runInNewContext(WORKER, { self, URL });
  const notification = { data: { hark: { id: "x", seq: 1, data } }, close: () => {} };
  listeners.notificationclick({ notification, waitUntil: (work) => (done = work) });
  await done;
  return windows;
}

test("a click leads to a page, or to the site", async () => {
  for (const [url, page] of [
    ["/orders/42", "https://shop.example/orders/42"],
    ["https://elsewhere.example/x", "https://elsewhere.example/x"],
    [undefined, SCOPE],
    [7, SCOPE],
    ["http://", SCOPE],
  ]) {
    assert.deepEqual(await opened({ url }), [page]);
  }
  assert.deepEqual(await opened(null), [SCOPE]);
});

test("a click runs no script and opens nothing else", async () => {
  for (const url of [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\u0000javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://shop.example/x",
    "file:///etc/passwd",
    "filesystem:https://shop.example/x",
    "view-source:https://shop.example/",
    "about:blank",
    "intent://scan/#Intent;scheme=zxing;end",
  ]) {
    assert.deepEqual(await opened({ url }), [SCOPE], url);
  }
});
