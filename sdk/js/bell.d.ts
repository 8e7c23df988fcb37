import type { Entry, Hark } from "./hark.js";

export interface BellTexts {
  bell: string;
  count: (unread: number) => string;
  markAllRead: string;
  unread: string;
  all: string;
  archived: string;
  unreadEntry: string;
  nothing: string;
  nothingUnread: string;
  nothingArchived: string;
  archive: string;
  unarchive: string;
  wasArchived: (title: string) => string;
  wasUnarchived: (title: string) => string;
  many: (count: number) => string;
  dismiss: string;
  offline: string;
  stopped: string;
}

/** `<hark-bell user token-url url theme toasts>`; docs/sdk.md has its attributes and variables. */
export class HarkBell extends HTMLElement {
  /** The Hark behind it; set one of your own, before the element is connected, to share it with the page. */
  hark: Hark;
  /** Its words, where they are not English. */
  set texts(texts: Partial<BellTexts>);
  readonly isOpen: boolean;
  open(): void;
  close(): void;
}

/** Somebody chose an entry. `preventDefault()` keeps the bell from going where `data.url` leads. */
export type ChooseEvent = CustomEvent<Entry>;

declare global {
  interface HTMLElementTagNameMap {
    "hark-bell": HarkBell;
  }
  interface HTMLElementEventMap {
    "hark-choose": ChooseEvent;
  }
}
