import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { makeDirectory } from '../store/directory.ts';
import { type Database, openFile } from '../store/driver.ts';
import { identifyProcess, isProcessAlive, type ProcessIdentity } from '../store/lease.ts';
import { migrate, type StorePaths } from '../store/open.ts';
import { deriveAllSessions } from '../store/sessions.ts';

/**
 * Builds a new store in a side file, without journal and with its indices last, and publishes it under its name when
 * it is whole. A fill that is killed leaves nothing that counts. Of several processes one fills and the others wait.
 * Returns false when somebody else published first.
 * @throws ScopeonError `locked` when waiting is broken off by `signal`
 */
export async function firstFill(
  paths: StorePaths,
  options: {
    readonly signal: AbortSignal | undefined;
    readonly onWait: (pid: number) => void;
    readonly fill: (db: Database) => Promise<void>;
  },
): Promise<boolean> {
  const marker = `${paths.db}.filling`;
  makeDirectory(dirname(paths.db));
  let nameless = 0;
  while (!claim(marker)) {
    const owner = readOwner(marker);
    if (existsSync(paths.db)) return false;
    nameless = owner === undefined ? nameless + 1 : 0;
    // A marker that stays without a name is what a power cut left of one.
    if (nameless >= 25 || (owner !== undefined && !isProcessAlive(owner))) {
      rmSync(marker, { force: true });
      continue;
    }
    if (options.signal?.aborted === true)
      throw new ScopeonError('locked', 'Stopped while another scopeon was reading the logs for the first time.');
    if (owner !== undefined) options.onWait(owner.pid);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (existsSync(paths.db)) return false;
    await build(paths, options);
    return publish(sideFile(paths), paths.db);
  } finally {
    removeSide(paths);
    rmSync(marker, { force: true });
  }
}

async function build(paths: StorePaths, options: { readonly fill: (db: Database) => Promise<void> }): Promise<void> {
  removeSide(paths);
  const db = openFile(sideFile(paths));
  try {
    chmodSync(sideFile(paths), 0o600);
    // Nobody else knows the file and a broken fill is thrown away: no journal, no flushing.
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('cache_size = -32768'); // 32 MiB
    await migrate(db, paths, { last: 1 });
    await options.fill(db);
    await migrate(db, paths);
    deriveAllSessions(db);
    db.pragma('locking_mode = NORMAL');
    db.pragma('journal_mode = WAL');
  } finally {
    db.close();
  }
  const fd = openSync(sideFile(paths), 'r+');
  fsyncSync(fd);
  closeSync(fd);
}

/** link(2) fails when the name exists, so nobody's store is ever replaced. */
function publish(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    if (existsSync(to)) return false;
    renameSync(from, to); // a file system without hard links
    return true;
  }
}

function sideFile(paths: StorePaths): string {
  return `${paths.db}.filling.db`;
}

function removeSide(paths: StorePaths): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(sideFile(paths) + suffix, { force: true });
}

/** The marker appears with its content or not at all: one without could never be told from one just being written. */
function claim(marker: string): boolean {
  const temporary = `${marker}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(identifyProcess()), { mode: 0o600 });
  try {
    linkSync(temporary, marker);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    return claimWithoutLinks(marker, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** For file systems that know no hard links. */
function claimWithoutLinks(marker: string, cause: unknown): boolean {
  if (existsSync(marker)) return false;
  try {
    writeFileSync(marker, JSON.stringify(identifyProcess()), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

function readOwner(marker: string): ProcessIdentity | undefined {
  try {
    const owner: ProcessIdentity = JSON.parse(readFileSync(marker, 'utf8')); // written by us a moment ago
    return owner;
  } catch {
    return undefined; // just removed, or damaged
  }
}
