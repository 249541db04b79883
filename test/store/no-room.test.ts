import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, run } from '../helpers/bin.ts';
import { createDisk, withoutPrivilege, withReadOnly, withSmallDisk } from '../helpers/faults.ts';
import { makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';

const logs = makeLogs({
  starts: Array.from({ length: 60 }, (_, i) => Date.parse('2026-05-01T08:00:00Z') + i * 86_400_000),
  turnsPerSession: 80,
});
const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-room-')));
let home = '';
let own = '';
let places = 0;
beforeEach(() => {
  home = join(work, String(places++), 'home');
  own = join(home, '../scopeon');
  mkdirSync(home, { recursive: true });
  mkdirSync(own);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const report = (through: readonly string[]): Promise<Outcome> => run(['daily', '--json'], { home, through });
const noRoom = /^scopeon: No space left: .*scopeon\.db\. Nothing was lost; run again when there is room\.\n$/;

it.skipIf(withSmallDisk(work, 1536) === undefined)(
  'a disk of 1.5 MiB: ends with 11, and is exact when there is room',
  { timeout: 60_000 },
  async () => {
    writeLogs(home, logs);
    const disk = await createDisk(own, 1536);
    try {
      for (let round = 0; round < 2; round++) {
        const { code, stdout, stderr } = await report(disk.through);
        expect({ code, stdout, stderr }).toEqual({ code: 11, stdout: '', stderr: expect.stringMatching(noRoom) });
      }
      disk.grow(64 * 1024);
      const { code, stdout, stderr } = await report(disk.through);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
      expect(await run(['db', 'check'], { home, through: disk.through })).toMatchObject({ code: 0, stderr: '' });
    } finally {
      disk.remove();
    }
  },
);

describe('a home that nobody may write to', () => {
  it.skipIf(withReadOnly(work) === undefined).each(['with', 'without'])(
    '%s a store in it ends with 10 and names SCOPEON_DB',
    async (has) => {
      writeLogs(home, logs);
      if (has === 'with') await report([]);
      writeFileSync(join(home, '.claude/projects/new.jsonl'), '{"type":"summary"}\n');
      const { code, stdout, stderr } = await report(withReadOnly(own) ?? []);
      expect({ code, stdout }).toEqual({ code: 10, stdout: '' });
      expect(stderr).toContain(own);
      expect(stderr).toContain('SCOPEON_DB');
      expect(stderr).not.toContain('internal error');
      expect((await report([])).code).toBe(0);
    },
  );

  it.skipIf(withoutPrivilege === undefined)('by its mode: the same', async () => {
    writeLogs(home, logs);
    chmodSync(own, 0o500);
    const { code, stderr } = await report(withoutPrivilege ?? []);
    expect({ code, stderr }).toMatchObject({ code: 10, stderr: expect.stringContaining('SCOPEON_DB') });
    chmodSync(own, 0o700);
  });
});
