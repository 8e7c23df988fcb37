// The service worker for Hark's pushes. It lies on the page's own origin: copy it there, or let a worker of your own say
//   self.HARK = { icon: "/icon.png" };  // optional, and any other option of showNotification
//   importScripts("https://hark.example.com/sdk/hark-sw.js");
// A classic script without imports, for both. Pushes that are not Hark's are left to others.

(() => {
  const ANSWER_WITHIN_MS = 300; // a page that is there has answered by then
  const LAST_PUSH_WORKED_OFF_MS = 1000; // the browser has looked by then
  const PUSH_FOLLOWS_WITHIN_MS = 5000; // what a page hears of, Hark pushes a second later
  const seen = new Set(); // ids that pages told of; forgotten when the worker sleeps, and told again by the next page

  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

  self.addEventListener("push", (event) => {
    const push = read(event.data);
    if (push) event.waitUntil(push.clear ? cleared(push) : arrived(push));
  });

  self.addEventListener("message", (event) => {
    const told = event.data?.hark;
    if (told) event.waitUntil(heard(told));
  });

  self.addEventListener("notificationclick", (event) => {
    const push = event.notification.data?.hark;
    if (!push) return;
    event.notification.close();
    event.waitUntil(chosen(push));
  });

  // The page registers it at the next visit.
  self.addEventListener("pushsubscriptionchange", (event) => {
    const options = event.oldSubscription?.options;
    if (options && !event.newSubscription) event.waitUntil(self.registration.pushManager.subscribe(options));
  });

  function read(data) {
    try {
      const push = data.json();
      const isHarks = (typeof push.id === "string" && Number.isInteger(push.seq)) || Array.isArray(push.clear?.seqs);
      return isHarks ? push : null;
    } catch {
      return null;
    }
  }

  async function arrived(push) {
    await badge(push.unread);
    if (seen.has(push.id) || (await isBeforeTheUser(push.id))) return;
    // Where this is all that is unread, the others were read elsewhere.
    if (push.unread <= 1) for (const shown of await notifications()) if (shown.data.hark.seq < push.seq) shown.close();
    await self.registration.showNotification(push.title, {
      dir: "auto",
      ...self.HARK,
      body: push.message,
      tag: push.tag ?? push.id, // a push that is repeated, or replaced by its sender, takes the place of the first
      data: { hark: push },
    });
  }

  // Read elsewhere, or taken back, says a push.
  async function cleared({ clear, unread, head }) {
    await badge(unread);
    const isOver = (seq) => (unread === 0 && seq <= head) || clear.seqs.some(([from, to]) => from <= seq && seq <= to);
    await close(({ seq }) => isOver(seq), LAST_PUSH_WORKED_OFF_MS);
  }

  // The same, says a page.
  async function heard({ seen: ids, unread }) {
    for (const id of ids) seen.add(id);
    await badge(unread);
    await close(({ id }) => seen.has(id), PUSH_FOLLOWS_WITHIN_MS);
  }

  // While nobody looks at the site, a browser looks after each push whether a notification is there, and shows a notice of
  // its own if not. So the last one goes only when the push that clears it is worked off.
  async function close(isOver, lastAfter_ms) {
    const shown = await self.registration.getNotifications();
    const over = (await notifications()).filter(({ data }) => isOver(data.hark));
    if (over.length && over.length === shown.length && !(await visiblePages()).length) {
      over.pop();
      setTimeout(() => closeAll(isOver), lastAfter_ms); // not that one: another may have taken its place
    }
    for (const one of over) one.close();
  }

  async function closeAll(isOver) {
    for (const one of await notifications()) if (isOver(one.data.hark)) one.close();
  }

  async function chosen({ seq, data }) {
    const target = pageOf(data);
    const pages = await self.clients.matchAll({ type: "window" });
    const open = target ? pages.find(({ url }) => url === target) : pages[0];
    const page = open ? await open.focus() : await self.clients.openWindow(target ?? self.registration.scope);
    page?.postMessage({ harkChose: seq });
  }

  // Where a notification leads, when its data says so and it is a page.
  function pageOf(data) {
    try {
      const url = new URL(data.url, self.registration.scope);
      return typeof data.url === "string" && /^https?:$/.test(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  }

  // Whether a page that is looked at has it already. A browser demands a notification for a push that no such page got.
  async function isBeforeTheUser(id) {
    return (await Promise.all((await visiblePages()).map((page) => has(page, id)))).includes(true);
  }

  async function visiblePages() {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    return pages.filter(({ visibilityState }) => visibilityState === "visible");
  }

  function has(page, id) {
    return new Promise((answer) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answer(data);
      setTimeout(answer, ANSWER_WITHIN_MS, false);
      page.postMessage({ harkHas: id }, [port2]);
    });
  }

  async function notifications() {
    return (await self.registration.getNotifications()).filter(({ data }) => data?.hark);
  }

  // On the app's icon, where there is one.
  async function badge(unread) {
    try {
      await self.navigator.setAppBadge?.(unread);
    } catch {
      // It is not installed.
    }
  }
})();
