/** A client of Hark: one user's inbox, live. docs/sdk.md is its reference. */

export type Priority = "low" | "normal" | "high" | "critical";
export type Focus = "visible" | "idle" | "hidden";
export type Road = "socket" | "events" | "poll";

/** A notification in the user's inbox. `title` and `message` are what the sender wrote: text, never HTML. */
export interface Entry {
  seq: number;
  id: string;
  title: string;
  message: string;
  data: Record<string, unknown>;
  priority: Priority;
  /** RFC 3339. */
  created_at: string;
  cursor: string;
  seen?: boolean;
  read?: boolean;
  archived?: boolean;
}

export type State =
  | { name: "connecting" | "catching up" | "offline" }
  | { name: "live"; road: Road }
  /** The next try is at `until` (milliseconds, as Date.now() gives them). */
  | { name: "waiting"; until: number }
  /** Trying again would not help; `start()` does try. */
  | { name: "stopped"; code: number; reason: string };

/** The answer of `POST /api/v1/tokens`, or its token alone. */
export type GivenToken = string | { token: string; expires_at?: string };

/** As localStorage or React Native's AsyncStorage have it. */
export interface HarkStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, text: string): unknown;
  removeItem(key: string): unknown;
}

export interface HarkOptions {
  /** Where the hub is: "https://hark.example.com". */
  url: string;
  /** Asks your back end for a user token; called again before the last one expires. */
  token: () => GivenToken | Promise<GivenToken>;
  /** Your id of the user: keeps what is stored on this device apart. */
  user?: string;
  /** Where a first visit begins: at the newest entry, or with everything that is retained. */
  from?: "newest" | "all";
  /** How many entries to keep on this device (100). */
  kept?: number;
  /** localStorage where there is one, else the memory of the page. */
  storage?: HarkStorage;
  /** Which roads to try, best first: ["socket", "events", "poll"]. */
  roads?: Road[];
  /** What the user is doing, where there is no Page Visibility. */
  focus?: () => Focus | undefined;
  /** Milliseconds a poll waits for news (25,000), and after which a better road is tried (60,000). */
  pace?: { poll_ms?: number; probe_ms?: number };
  /** Instead of the platform's own; null where it shall do without. */
  WebSocket?: unknown;
  fetch?: typeof fetch | null;
  BroadcastChannel?: unknown;
  locks?: unknown;
}

export interface HarkEvents {
  /** `entries`, `archived`, `unread` or what there is more of may be different now. */
  change: () => void;
  /** New entries, oldest first; `live` is false for those that were waiting. */
  arrived: (entries: Entry[], how: { live: boolean }) => void;
  state: (state: State) => void;
  /** A message of an ephemeral topic that was joined. */
  live: (topic: string, data: unknown) => void;
  /** The hub complains: a topic the token does not allow (`forbidden`), or why it closes. */
  error: (error: { code: string; message: string }) => void;
}

export class Hark {
  constructor(options: HarkOptions);
  /** Newest first, without those that are archived. */
  readonly entries: readonly Readonly<Entry>[];
  /** Newest first: what `moreArchived()` has fetched, and what was archived meanwhile. */
  readonly archived: readonly Readonly<Entry>[];
  /** Whether `moreArchived()` may find more. */
  readonly hasMoreArchived: boolean;
  readonly unread: number;
  /** Whether `more()` may find older entries. */
  readonly hasMore: boolean;
  readonly state: State;
  /** What the user is doing with this tab; undefined where nobody knows. */
  readonly focus: Focus | undefined;
  /** Hears of something from now on; gives a function that ends it. */
  on<Name extends keyof HarkEvents>(name: Name, listener: HarkEvents[Name]): () => void;
  once<Name extends keyof HarkEvents>(name: Name, listener: HarkEvents[Name]): () => void;
  /** Connects, and stays connected; also after it had stopped. */
  start(): Promise<void>;
  /** Leaves; what this device has stays stored. */
  stop(): void;
  /** Leaves, and nothing of this user stays on this device: for a sign-out. Other tabs forget it, too. */
  forget(): Promise<void>;
  /** The user has these before their eyes. */
  seen(seqs: Iterable<number>): void;
  read(seqs: Iterable<number>): void;
  readAll(): void;
  /** The user puts these away, which reads them. */
  archive(seqs: Iterable<number>): void;
  /** The user takes these back; they stay read. */
  unarchive(seqs: Iterable<number>): void;
  /** Fetches a page of older entries (50) to the end of `entries`; gives how many came. Rejects when the hub is away. */
  more(limit?: number): Promise<number>;
  /** Fetches a page of the archive (50) to the end of `archived`; gives how many came. */
  moreArchived(limit?: number): Promise<number>;
  /** Hears the "live" messages of an ephemeral topic that the user token allows. */
  join(topic: string): void;
  leave(topic: string): void;
  /** Tries at once; for an app that comes to the front, or has a network again. Browsers need not call it. */
  hurry(): void;
}

/** A storage that lasts as long as the page. */
export function memory(): HarkStorage;
