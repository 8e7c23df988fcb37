// Times as people say them.

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const REFRESH_MS = 10_000;

/** "just now", "3 min ago", "yesterday"; a clock that is ahead of ours is just now. */
export function ago(at, now = Date.now()) {
  const seconds = (now - at) / 1000;
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? [null, 0];
  return unit ? relative.format(-Math.floor(seconds / length), unit) : "just now";
}

/** Makes a <time> say how long ago it was, and keeps it true while it is on the page. */
export function setTime(time, iso) {
  const at = new Date(iso);
  time.dateTime = iso;
  time.title = at.toLocaleString();
  time.textContent = ago(at);
}

setInterval(() => {
  for (const time of document.querySelectorAll("time[datetime]")) time.textContent = ago(new Date(time.dateTime));
}, REFRESH_MS);
