// Times as people say them.

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const REFRESH_MS = 10_000;

/** "just now", "3 minutes ago", "yesterday"; a clock that is ahead of ours is just now. */
export function ago(at, now = Date.now()) {
  const seconds = (now - at) / 1000;
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? [null, 0];
  return unit ? relative.format(-Math.floor(seconds / length), unit) : "just now";
}

/** "12 ms", "3.4 s", "5 min". */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
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
