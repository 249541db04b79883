import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FirstFill, firstFill, sweepFirstFill } from '../../src/ingest/first-fill.ts';
import { openFile } from '../../src/store/driver.ts';
import { claimMarker } from '../../src/store/marker.ts';

let home: string;
let paths: { readonly db: string; readonly backups: string };

beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'scopeon-fill-'));
  paths = { db: join(home, 'scopeon.db'), backups: join(home, 'backups') };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const fill = (options: Partial<FirstFill> = {}) =>
  firstFill(paths, { signal: undefined, onWait: () => undefined, fill: async () => undefined, ...options });
const dead = JSON.stringify({ pid: 2 ** 22 + 1, bootId: '', processStart: '' });
const done = { files: 1, totalFiles: 4, bytes: 2, totalBytes: 8 };

test.each([
  ['nothing, after a power cut', ''],
  ['a process that is gone', dead],
])('a marker that names %s does not stop the first fill', async (_, content) => {
  writeFileSync(`${paths.db}.filling`, content);
  utimesSync(`${paths.db}.filling`, 0, 0);
  expect(await fill()).toBe(true);
  expect(readdirSync(home)).toEqual(['scopeon.db']);
});

test('what a killed fill left goes, and does not come into the store', async () => {
  writeFileSync(`${paths.db}.filling`, dead);
  writeFileSync(`${paths.db}.filling.0011.db`, 'half a store');
  writeFileSync(`${paths.db}-wal`, 'of a store that was deleted');
  expect(await fill()).toBe(true);
  expect(readdirSync(home)).toEqual(['scopeon.db']);
  writeFileSync(`${paths.db}.filling`, dead); // killed after publishing
  writeFileSync(`${paths.db}.filling.0011.db`, 'its other name');
  sweepFirstFill(paths);
  expect(readdirSync(home)).toEqual(['scopeon.db']);
});

test('a store that is there already is left alone', async () => {
  writeFileSync(paths.db, 'theirs');
  expect(await fill()).toBe(false);
  expect(readdirSync(home)).toEqual(['scopeon.db']);
});

test('a store that comes while we fill is left alone', async () => {
  expect(await fill({ fill: async () => writeFileSync(paths.db, 'theirs') })).toBe(false);
  expect(readFileSync(paths.db, 'utf8')).toBe('theirs');
  expect(readdirSync(home)).toEqual(['scopeon.db']);
});

test('others wait for it, see how far it is, and fill themselves when it gave up', async () => {
  const claim = claimMarker(`${paths.db}.filling`);
  if (!('marker' in claim)) throw new Error('not taken');
  claim.marker.say(done);
  const seen: unknown[] = [];
  const filled = fill({
    onWait: (pid, progress) => {
      seen.push([pid, progress]);
      claim.marker.remove();
    },
  });
  expect(await filled).toBe(true);
  expect(seen).toEqual([[process.pid, done]]);
});

test('waiting for another ends when it is to end', async () => {
  const claim = claimMarker(`${paths.db}.filling`);
  await expect(fill({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'locked' });
  if ('marker' in claim) claim.marker.remove();
});

test('a fill that fails leaves nothing', async () => {
  const failing = fill({ fill: async () => Promise.reject(new Error('no room')) });
  await expect(failing).rejects.toThrow('no room');
  expect(readdirSync(home)).toEqual([]);
});

/** What a device says that cannot be flushed; undefined where there is none such. */
function deviceRefusal(): unknown {
  try {
    const fd = openSync('/dev/null', 'r+');
    try {
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).syscall === 'fdatasync' ? error : undefined;
  }
  return undefined;
}

test('what the disk refuses while the store is still worked on is not forgotten', async ({ skip }) => {
  const refusal = deviceRefusal() as NodeJS.ErrnoException | undefined;
  if (refusal === undefined) skip('needs a device that cannot be flushed');
  const failing = fill({
    fill: async (db) => {
      // Only the flush that goes ahead finds the device; whoever comes later finds the file again.
      renameSync(db.name, `${db.name}.away`);
      symlinkSync('/dev/null', db.name);
      setImmediate(() => renameSync(`${db.name}.away`, db.name));
    },
  });
  await expect(failing).rejects.toMatchObject({ code: refusal?.code, syscall: 'fdatasync' });
  expect(readdirSync(home)).toEqual([]);
});

test('a first fill keeps no journal, and its store has one again', async () => {
  let journal: unknown;
  await fill({
    fill: async (db) => {
      db.exec('BEGIN IMMEDIATE');
      db.exec("UPDATE meta SET value = value || ''");
      journal = [
        db.pragma('journal_mode', { simple: true }),
        readdirSync(home).filter((name) => name.endsWith('-journal')),
      ];
      db.exec('COMMIT');
    },
  });
  expect(journal).toEqual(['off', []]);
  const db = openFile(paths.db);
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(() => db.exec('PRAGMA writable_schema = ON; DELETE FROM sqlite_schema')).toThrow(); // no more liberties
  db.close();
});
