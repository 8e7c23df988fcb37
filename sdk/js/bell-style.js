// How <hark-bell> looks. Every colour and measure is a variable that a page may set; directions are logical, so that a
// right-to-left page needs nothing. A constructed sheet: a strict Content-Security-Policy has nothing against it.

const DARK = `
  --accent: var(--hark-accent, #7cb4ff);
  --on-accent: var(--hark-on-accent, #0b1a2e);
  --background: var(--hark-background, #1a2028);
  --text: var(--hark-text, #e8ecf1);
  --muted: var(--hark-muted, #a0abb8);
  --border: var(--hark-border, #353e4a);
  --hover: var(--hark-hover, #262e39);
  --unread: var(--hark-unread, #1f2c40);
  --badge: var(--hark-badge, #ff6f66);
  --on-badge: var(--hark-on-badge, #2b0705);
`;

export const CSS = `
:host {
  --accent: var(--hark-accent, #0b66d6);
  --on-accent: var(--hark-on-accent, #fff);
  --background: var(--hark-background, #fff);
  --text: var(--hark-text, #17202b);
  --muted: var(--hark-muted, #5a6675);
  --border: var(--hark-border, #dce1e7);
  --hover: var(--hark-hover, #f1f4f8);
  --unread: var(--hark-unread, #edf4fd);
  --badge: var(--hark-badge, #c4221d);
  --on-badge: var(--hark-on-badge, #fff);
  --radius: var(--hark-radius, 12px);
  --width: var(--hark-width, 23rem);
  --height: var(--hark-height, 30rem);
  --layer: var(--hark-layer, 1000);
  position: relative;
  display: inline-block;
  font: var(--hark-font, 400 0.9375rem/1.4 system-ui, sans-serif);
}
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) {
  :host(:not([theme="light"])) {${DARK}}
}
:host([theme="dark"]) {${DARK}}
*, ::before { box-sizing: border-box; }
[hidden] { display: none !important; }
button {
  margin: 0;
  border: 0;
  background: none;
  color: inherit;
  font: inherit;
  text-align: start;
  cursor: pointer;
}
button:disabled { color: var(--muted); cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.bell {
  position: relative;
  display: grid;
  place-items: center;
  width: 2.75rem;
  height: 2.75rem;
  border-radius: 50%;
  color: var(--hark-bell, inherit); /* the page's: it stands on the page's own ground, dark or not */
}
.bell:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
.bell:focus-visible { outline-offset: 2px; }
svg { width: 1.5rem; height: 1.5rem; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.badge {
  position: absolute;
  inset-block-start: 0.125rem;
  inset-inline-start: 55%;
  min-width: 1.25rem;
  padding: 0 0.3125rem;
  border-radius: 1rem;
  background: var(--badge);
  color: var(--on-badge);
  font-size: 0.75rem;
  font-weight: 700;
  line-height: 1.25rem;
  text-align: center;
}
.panel {
  position: absolute;
  z-index: var(--layer);
  inset-block-start: calc(100% + 0.375rem);
  inset-inline-end: 0;
  display: flex;
  flex-direction: column;
  width: min(var(--width), calc(100vw - 1.5rem));
  max-height: min(var(--height), 80vh);
  overflow: hidden;
  border: 1px solid var(--border);
  border-radius: var(--radius);
  background: var(--background);
  color: var(--text);
  box-shadow: 0 0.75rem 2rem rgb(0 0 0 / 0.18);
}
.panel.is-flipped { inset-inline: 0 auto; }
@media (max-width: 30rem) {
  .panel, .panel.is-flipped { position: fixed; inset: auto 0.75rem; width: auto; margin-block-start: 0.375rem; }
}
.head { display: flex; align-items: center; justify-content: space-between; padding: 0.875rem 1rem 0.25rem; }
h2 { margin: 0; font-size: 1.0625rem; font-weight: 650; }
.quiet { padding: 0.25rem 0.5rem; border-radius: 0.375rem; color: var(--accent); font-size: 0.875rem; }
.quiet:hover:enabled { background: var(--hover); }
.tabs { display: flex; gap: 0.75rem; padding: 0 0.75rem; border-block-end: 1px solid var(--border); }
.tabs button { padding: 0.5rem 0.25rem; border-block-end: 2px solid transparent; color: var(--muted); font-weight: 550; }
.tabs button[aria-selected="true"] { border-color: var(--accent); color: var(--text); }
.list { overflow-y: auto; overscroll-behavior: contain; flex: 1; }
ul { margin: 0; padding: 0; list-style: none; }
li { display: flex; }
li + li { border-block-start: 1px solid var(--border); }
.item {
  display: grid;
  grid-template-columns: 0.625rem minmax(0, 1fr) auto;
  align-content: start;
  column-gap: 0.625rem;
  flex: 1;
  min-width: 0;
  padding-block: 0.75rem;
  padding-inline: 1rem 0.25rem;
}
.file { display: grid; place-items: center; flex: none; width: 2.75rem; color: var(--muted); }
.file svg { width: 1.125rem; height: 1.125rem; }
.item:hover, .file:hover { background: var(--hover); }
.file:hover { color: var(--text); }
.is-unread { background: var(--unread); }
.is-unread button:hover { background: color-mix(in srgb, var(--unread) 80%, var(--accent)); }
.dot { grid-row: 1; margin-block-start: 0.4rem; width: 0.5rem; height: 0.5rem; border-radius: 50%; }
.is-unread .dot { background: var(--accent); }
.title { grid-column: 2; overflow-wrap: anywhere; }
.is-unread .title { font-weight: 650; }
.message { grid-column: 2 / 4; color: var(--muted); overflow-wrap: anywhere; white-space: pre-line; }
time { grid-column: 3; grid-row: 1; color: var(--muted); font-size: 0.8125rem; white-space: nowrap; }
.note { margin: 0; padding: 2rem 1rem; color: var(--muted); text-align: center; }
.trouble { padding: 0.5rem 1rem; border-block-start: 1px solid var(--border); color: var(--muted); font-size: 0.8125rem; }
.toasts {
  position: fixed;
  z-index: var(--layer);
  inset-block-end: 1rem;
  inset-inline-end: 1rem;
  display: grid;
  gap: 0.5rem;
  width: min(21rem, calc(100vw - 2rem));
}
.toast {
  display: flex;
  overflow: hidden;
  border: 1px solid var(--border);
  border-inline-start: 4px solid var(--accent);
  border-radius: var(--radius);
  background: var(--background);
  color: var(--text);
  box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 0.18);
  animation: in 0.2s ease-out;
}
.toast[data-priority="critical"] { border-inline-start-color: var(--badge); }
.toast-text { flex: 1; display: grid; padding: 0.75rem; }
.toast-text > * { overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.toast-title { font-weight: 650; }
.toast-message { color: var(--muted); }
.toast-close { padding: 0 0.75rem; color: var(--muted); font-size: 1.25rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@keyframes in { from { opacity: 0; transform: translateY(0.5rem); } }
@media (prefers-reduced-motion: reduce) { .toast { animation: none; } }
@media (forced-colors: active) { .is-unread .dot, .badge { forced-color-adjust: none; } }
`;
