import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../src/store/driver.ts';
import { findStore } from '../../src/store/examine.ts';
import { openReader, openStore } from '../../src/store/open.ts';

let work: string;
let paths: { readonly db: string; readonly backups: string };
let store: Database;
beforeEach(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-handles-')));
  paths = { db: join(work, 'scopeon/scopeon.db'), backups: join(work, 'scopeon/backups') };
  store = await openStore(paths, Date.now(), () => undefined);
  store.exec("INSERT INTO meta VALUES ('one', '1')");
});
afterEach(() => {
  store.close();
  rmSync(work, { recursive: true, force: true });
});

/** Locks that this process holds on the store's file, as the system tells them; undefined where it does not. */
function locks(): readonly string[] | undefined {
  try {
    const { ino } = statSync(paths.db);
    const told = readFileSync('/proc/locks', 'utf8').split('\n');
    return told.filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} `));
  } catch {
    return undefined;
  }
}

const looks: readonly (readonly [string, () => Promise<void>])[] = [
  ['for reading', async () => void openReader(paths)?.close()],
  ['to see what is there', async () => void findStore(paths).handle?.close()],
  ['for writing', async () => void (await openStore(paths, Date.now(), () => undefined)).close()],
];

// A file that is opened and closed beside SQLite gives back every lock the process holds on it. To a program with an older
// SQLite it is then nobody's, and when that one closes it, it removes the log that is still written to.
it.for(looks)('a store that is open stays locked when it is opened once more %s', async ([, look], { skip }) => {
  const before = locks()?.length ?? 0;
  if (before === 0) skip('the system does not tell which locks there are');
  await look();
  expect(locks()?.length).toBe(before);
});
