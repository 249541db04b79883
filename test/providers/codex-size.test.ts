import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';
import { intoFile, type RolloutSums, writeRollout } from '../helpers/rollouts.ts';

/** Megabytes of the rollout; takes its time, so it is asked for: `SCOPEON_BIG=300`. */
const megabytes = Number(process.env.SCOPEON_BIG ?? 0);
/** What reading may hold in memory, whatever the log's size. */
const budget = 250 * 1024; // KiB

const tellMemory = "process.on('exit', () => process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS))";

describe.skipIf(megabytes === 0).each([false, true])('a rollout of $megabytes MB, compressed: %s', (isCompressed) => {
  let directory: string;
  let sums: RolloutSums;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'scopeon-big-'));
    const name = `rollout-2026-04-11T14-53-07-019d7d08-46c9-7f73-affe-4e6ca9852d56.jsonl${isCompressed ? '.zst' : ''}`;
    const path = join(directory, 'home/.codex/sessions/2026/04/11', name);
    sums = intoFile(path, isCompressed, (put) => writeRollout(put, megabytes * 1e6));
  }, 600_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is read exactly and in little memory', { timeout: 600_000 }, async () => {
    const began = performance.now();
    const { stdout, stderr } = await run(['models', '--json', '--timezone', 'UTC'], {
      home: join(directory, 'home'),
      env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(tellMemory)}` },
    });
    const seconds = (performance.now() - began) / 1000;
    expect(JSON.parse(stdout).totals).toMatchObject({
      turns: sums.turns,
      input_tokens: sums.input,
      cache_read_tokens: sums.cacheRead,
      output_tokens: sums.output,
    });
    const peak = Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
    console.log(`${megabytes} MB in ${seconds.toFixed(1)} s, peak ${Math.round(peak / 1024)} MiB`);
    expect(peak).toBeLessThan(budget);
  });
});
