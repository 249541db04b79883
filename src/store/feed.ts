import { createDataVersion } from './data-version.ts';
import type { Database } from './driver.ts';
import { createLeaseCommits } from './lease-commits.ts';
import { hasAnySession } from './queries/health.ts';

/** How the store is reached. Nothing here can write to it. */
export interface StoreSource {
  /** A read-only handle; undefined while there is no store. */
  open(): Database | undefined;
  /** Changes when another file takes the store's place. */
  identity(): string;
}

/** How reading the logs stands, as whoever reads them tells it. */
export interface CollectorState {
  readonly phase: 'starting' | 'filling' | 'reading' | 'watching' | 'standby' | 'failed';
  readonly progress?: CollectorProgress | undefined;
  /** The other process that reads, while this one stands by. */
  readonly holderPid?: number | undefined;
  readonly message?: string | undefined;
  /** Reads now and then in place of being told of changes. */
  readonly degraded?: boolean | undefined;
}

export interface CollectorProgress {
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** The store at one moment of its life: `version` grows with every change of its data. */
export interface StoreView {
  readonly db: Database;
  readonly version: number;
  /** Takes a question's failure: the store is opened anew at the next look. */
  readonly failed: (error: unknown) => void;
}

/** What the screens are drawn from. A new object whenever anything in it changed. */
export interface FeedState {
  readonly store: StoreView | undefined;
  readonly hasSessions: boolean;
  readonly collector: CollectorState;
  /** Why the store cannot be read, if it cannot. */
  readonly trouble: string | undefined;
}

export interface Feed {
  readonly state: FeedState;
  /** Looks whether anything changed; costs microseconds when nothing did. True: `state` is a new one. */
  look(now: number): boolean;
  close(): void;
}

/** How often to look: a change shows within this, and nothing is drawn more often without a key. */
export const lookMs = 250;
/** How often to ask the file system whether the store is still there; while it is not, at every look. */
const fileLookMs = 1_000;

/** Follows the store and the collector. Learns of news by `PRAGMA data_version`: no file is watched, nothing is queried. */
export function createFeed(source: StoreSource, collector: { readonly state: CollectorState }): Feed {
  const leaseCommits = createLeaseCommits();
  let db: Database | undefined;
  let askVersion: (() => number) | undefined;
  let identity = '';
  let dataVersion = 0;
  let version = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let state: FeedState = { store: undefined, hasSessions: false, collector: collector.state, trouble: undefined };

  function close(): void {
    db?.close();
    db = undefined;
  }

  /** What is on the screen stays there: its answers are remembered, and the next look opens the store anew. */
  function failed(error: unknown): void {
    close();
    lookedAt = Number.NEGATIVE_INFINITY;
    state = { ...state, trouble: error instanceof Error ? error.message : String(error) };
  }

  function open(): void {
    close();
    identity = source.identity();
    db = source.open();
    askVersion = db === undefined ? undefined : createDataVersion(db);
    dataVersion = -1;
    if (db === undefined && state.store !== undefined) state = { ...state, store: undefined, hasSessions: false };
  }

  /** A handle may go bad once, when the file under it is replaced. */
  function tryAgain(now: number): void {
    try {
      follow(now);
    } catch (error) {
      failed(error);
    }
  }

  function follow(now: number): void {
    if (db === undefined || now - lookedAt >= fileLookMs || now < lookedAt) {
      lookedAt = now;
      if (db === undefined || source.identity() !== identity) open();
    }
    if (db === undefined || askVersion === undefined) return;
    const seen = askVersion();
    if (seen === dataVersion) return;
    const isFirst = dataVersion < 0;
    dataVersion = seen;
    if (leaseCommits.areAll(db) && !isFirst) return;
    version++;
    const hasSessions = (state.store?.db === db && state.hasSessions) || hasAnySession(db);
    state = { ...state, store: { db, version, failed }, hasSessions, trouble: undefined };
  }

  return {
    get state() {
      return state;
    },
    look(now) {
      const before = state;
      try {
        follow(now);
      } catch (error) {
        failed(error);
        tryAgain(now);
      }
      if (collector.state !== state.collector) state = { ...state, collector: collector.state };
      return state !== before;
    },
    close,
  };
}
