import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost } from '../../src/host.ts';
import { type CatchUpResult, catchUp } from '../../src/ingest/catch-up.ts';
import { firstFill } from '../../src/ingest/first-fill.ts';
import { prepareIngest } from '../../src/ingest/prepare-ingest.ts';
import { loadMembers } from '../../src/members.ts';
import type { Host, Provider } from '../../src/provider.ts';
import type { Database } from '../../src/store/driver.ts';
import { openReader } from '../../src/store/open.ts';
import { assertRollups } from './rollups.ts';
import { dumpStore, type StoreDump } from './store-dump.ts';

/** The clock of tests that read made logs: later than every time in them. */
const testNow = Date.parse('2026-10-01T12:00:00Z');
/** What every file's time is set to, so that a record without one gets the same however often its file was written. */
export const testFileTime = new Date('2026-09-30T08:00:00Z');

/** A home directory of its own with a store of its own, both below one temporary directory. */
export interface House {
  /** The temporary directory. */
  readonly path: string;
  readonly home: string;
  readonly store: { readonly db: string; readonly backups: string; readonly hmacKey: string };
  readonly notices: string[];
  /** Reads what is new, with every file's time set to {@link testFileTime}. */
  catchUp(): Promise<CatchUpResult>;
  /** The same, and what is then in the store; its rollups are checked. */
  read(): Promise<StoreDump>;
  /** As `read`, in the way of a first reading of much: a new store is filled, with another thread that reads the logs. */
  fillFirst(): Promise<StoreDump>;
  remove(): void;
}

export async function createHouse(
  options: {
    readonly from?: string;
    /** The agents' own variables in this home. */
    readonly env?: (home: string) => Host['env'];
    readonly now?: () => number;
    readonly keepTimes?: boolean;
    /** Default: all there are. */
    readonly providers?: ReadonlyMap<string, Provider>;
    /** What the settings say of generic logs in this home. */
    readonly generic?: (home: string) => Host['generic'];
  } = {},
): Promise<House> {
  const path = realpathSync.native(mkdtempSync(join(tmpdir(), 'scopeon-house-')));
  const home = join(path, 'home');
  mkdirSync(home);
  if (options.from !== undefined) cpSync(options.from, home, { recursive: true });
  const own = join(path, 'scopeon');
  const store = { db: join(own, 'scopeon.db'), backups: join(own, 'backups'), hmacKey: join(own, 'hmac.key') };
  const notices: string[] = [];
  const settings = {
    paths: store,
    providers: options.providers ?? (await loadMembers<Provider>('providers')),
    host: createHost({ home, env: options.env?.(home) ?? {}, platform: 'linux', generic: options.generic?.(home) }),
    overrides: {},
    command: 'test',
    now: options.now ?? (() => testNow),
    notice: (sentence: string) => void notices.push(sentence),
  };
  const run = (): Promise<CatchUpResult> => {
    if (options.keepTimes !== true) setTimes(home, testFileTime);
    return catchUp(settings);
  };
  const dump = (db: Database | undefined): StoreDump => {
    if (db === undefined) return dumpStore(undefined, home);
    try {
      assertRollups(db);
      return dumpStore(db, home);
    } finally {
      db.close();
    }
  };
  return {
    path,
    home,
    store,
    notices,
    catchUp: run,
    read: async () => dump((await run()).db),
    async fillFirst() {
      setTimes(home, testFileTime);
      await firstFill(store, {
        signal: undefined,
        onWait: () => undefined,
        fill: async (db) => {
          await prepareIngest(db, settings, { fillsNew: true })({ takeTail: () => true, parallelFrom: 1 });
        },
      });
      return dump(openReader(store));
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Sets the time of every file and folder in a directory and below. */
export function setTimes(directory: string, time: Date): void {
  for (const name of listOrNothing(directory)) {
    const path = join(directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) setTimes(path, time);
    if (stat?.isDirectory() || stat?.isFile()) utimesSync(path, time, time);
  }
}

function listOrNothing(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
