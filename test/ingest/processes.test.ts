import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import { type Outcome, outcomeOf, run, start } from '../helpers/bin.ts';
import { type MadeLogs, makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';
import { randomFrom } from '../helpers/random.ts';
import { assertRollups } from '../helpers/rollups.ts';

/** How often a process is killed; a longer run: SCOPEON_TEST_KILLS=50. */
const kills = Number(process.env.SCOPEON_TEST_KILLS ?? 10);

let work: string;
let home: string;
let db: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-processes-')));
  home = join(work, 'home');
  db = join(work, 'scopeon', 'scopeon.db');
  mkdirSync(home);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** About `megabytes` of logs. */
function someLogs(megabytes: number): MadeLogs {
  return makeLogs({
    starts: Array.from({ length: megabytes * 3 }, (_, i) => Date.parse('2026-01-05T08:00:00Z') + i * 3_600_000),
    turnsPerSession: 100,
    stepMs: 60_000,
    padding: 900,
  });
}

async function expectExact(logs: MadeLogs, outcome?: Outcome): Promise<void> {
  const { code, stdout, stderr } = outcome ?? (await run(['daily', '--json'], { home }));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).totals).toMatchObject({ ...sumsOf(logs.turns), prompts: logs.prompts.length });
  expectSound();
}

function expectSound(): void {
  const store = openFile(db, { readonly: true });
  try {
    expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
    assertRollups(store);
  } finally {
    store.close();
  }
}

/** A log of more than 200 MiB that takes no room and holds nothing, so that the way of a first fill is taken. */
function makeLarge(): void {
  const path = join(home, '.claude/projects/-large/large.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  truncateSync(path, 201 * 1024 * 1024);
}

/** Starts the program, kills it after that long, and tells whether it was still at work. */
async function killAfter(delayMs: number): Promise<boolean> {
  const child = start(['daily', '--json'], { home });
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  const { code } = await outcomeOf(child);
  clearTimeout(timer);
  return code === undefined;
}

describe('killed at any moment', () => {
  it('while logs grow, and the next run is exact', { timeout: 120_000 }, async () => {
    const logs = someLogs(8);
    const random = randomFrom(kills);
    const files = [...logs.files].map(([path, text]) => ({ path: join(home, path), bytes: Buffer.from(text), at: 0 }));
    for (const file of files) mkdirSync(dirname(file.path), { recursive: true });
    let killed = 0;
    let usualMs = 200;
    for (let round = 0; round < kills; round++) {
      for (const file of files) {
        const to =
          round === kills - 1
            ? file.bytes.length
            : Math.min(file.bytes.length, file.at + Math.floor((random() * 2.2 * file.bytes.length) / kills));
        appendFileSync(file.path, file.bytes.subarray(file.at, to));
        file.at = to;
      }
      const started = performance.now();
      if (await killAfter(usualMs * (0.3 + random() * 0.8))) killed++;
      else usualMs = performance.now() - started; // of a run that came to its end, on this machine, just now
    }
    expect(killed).toBeGreaterThan(kills / 3);
    await expectExact(logs);
  });

  it('during a first fill, and the next run is exact', { timeout: 120_000 }, async () => {
    const logs = someLogs(4);
    writeLogs(home, logs);
    makeLarge();
    const random = randomFrom(7);
    let killed = 0;
    for (let round = 0; round < kills && !existsSync(db); round++) if (await killAfter(60 + random() * 160)) killed++;
    expect(killed).toBeGreaterThan(0);
    await expectExact(logs);
    expect(readdirSync(dirname(db)).filter((name) => name.includes('filling'))).toEqual([]);
  });
});

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s ends it within 5 seconds with its exit code, and the next run is exact',
  { timeout: 60_000 },
  async (signal) => {
    const logs = someLogs(6);
    writeLogs(home, logs);
    const child = start(['daily', '--json'], { home });
    setTimeout(() => child.kill(signal), 130);
    const began = performance.now();
    const { code, stderr } = await outcomeOf(child);
    expect(performance.now() - began).toBeLessThan(6000);
    // Before the program is loaded the signal ends it as it ends any.
    expect([0, undefined, { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[signal]]).toContain(code);
    expect(stderr).not.toContain('internal error');
    await expectExact(logs);
  },
);

describe('at once', () => {
  it('six first starts all end with 0 and exact figures, five times', { timeout: 90_000 }, async () => {
    const logs = someLogs(2);
    for (let round = 0; round < 5; round++) {
      rmSync(dirname(db), { recursive: true, force: true });
      writeLogs(home, logs);
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => run(['daily', '--json'], { home })));
      expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
        Array.from({ length: 6 }, () => ({ code: 0, stderr: '' })),
      );
      for (const { stdout } of outcomes) expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
      await expectExact(logs);
    }
  });

  it('six first starts on large logs wait for the one that fills, and all are exact', { timeout: 90_000 }, async () => {
    const logs = someLogs(2);
    writeLogs(home, logs);
    makeLarge();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => run(['daily', '--json'], { home })));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    for (const { stdout } of outcomes) expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
    await expectExact(logs);
  });

  it('reports of all kinds while logs grow end with 0 and leave exact sums', { timeout: 90_000 }, async () => {
    const logs = someLogs(4);
    const files = [...logs.files].map(([path, text]) => ({ path: join(home, path), text }));
    for (const file of files) {
      mkdirSync(dirname(file.path), { recursive: true });
      writeFileSync(file.path, file.text.slice(0, 500));
    }
    await run(['daily'], { home });
    for (let round = 0; round < 4; round++) {
      for (const file of files)
        writeFileSync(
          file.path,
          file.text.slice(0, round === 3 ? undefined : Math.floor((file.text.length * (round + 1)) / 4)),
        );
      const commands = [
        ['daily', '--json'],
        ['status', '--json'],
        ['sessions', '--csv'],
        ['export'],
        ['report', 'tool', '--json'],
      ];
      const outcomes = await Promise.all(commands.map((args) => run(args, { home })));
      expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
        commands.map(() => ({ code: 0, stderr: '' })),
      );
    }
    await expectExact(logs);
  });
});
