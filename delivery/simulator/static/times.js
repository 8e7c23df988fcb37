// Times as people say them; kept true while they are on the page.

const REFRESH_MS = 5000;

export function setTime(time, iso) {
  time.dateTime = iso;
  time.title = new Date(iso).toLocaleString();
  time.textContent = ago(new Date(iso));
}

function ago(at) {
  const seconds = Math.max(0, (Date.now() - at) / 1000);
  if (seconds < 10) return "now";
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

setInterval(() => {
  for (const time of document.querySelectorAll("time[datetime]")) time.textContent = ago(new Date(time.dateTime));
}, REFRESH_MS);
