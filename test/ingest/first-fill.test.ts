import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { firstFill } from '../../src/ingest/first-fill.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'scopeon-fill-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const fill = () =>
  firstFill(
    { db: join(home, 'scopeon.db'), backups: join(home, 'backups') },
    { signal: undefined, onWait: () => undefined, fill: async () => undefined },
  );

test.each([
  ['nothing, after a power cut', ''],
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, bootId: '', processStart: '' })],
])('a marker that names %s does not stop the first fill', async (_, content) => {
  writeFileSync(join(home, 'scopeon.db.filling'), content);
  expect(await fill()).toBe(true);
  expect(readdirSync(home)).toEqual(['scopeon.db']);
});

test('a store that is there already is left alone', async () => {
  writeFileSync(join(home, 'scopeon.db'), 'theirs');
  expect(await fill()).toBe(false);
  expect(readdirSync(home)).toEqual(['scopeon.db']);
});
