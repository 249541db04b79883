import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { limitsSchema } from '../../src/report/provider-schema.ts';
import { statusSchema } from '../../src/report/schema.ts';
import { run } from '../helpers/bin.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-limits-')));
const home = join(work, 'home');
const seconds = (at: number): number => Math.floor(at / 1000);
const soon = seconds(Date.now()) + 3_600;

beforeAll(() => {
  const log = join(home, '.claude/projects/-srv-shop/acac1111-0000-4000-8000-000000002201.jsonl');
  mkdirSync(join(log, '..'), { recursive: true });
  const at = new Date(Date.now() - 60_000).toISOString();
  const rows = [
    {
      type: 'assistant',
      uuid: 'u1',
      timestamp: at,
      message: { id: 'msg_1', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } },
    },
    {
      type: 'assistant',
      uuid: 'u2',
      timestamp: at,
      isApiErrorMessage: true,
      error: 'rate_limit',
      message: {
        id: 'm2',
        model: '<synthetic>',
        content: [{ type: 'text', text: `Claude AI usage limit reached|${soon}` }],
        usage: { input_tokens: 0, output_tokens: 0 },
      },
    },
  ];
  writeFileSync(log, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

it('a limit that was reached is told with its reset, by limits and by status', async () => {
  const { code, stdout, stderr } = await run(['limits', '--json'], { home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { limits } = limitsSchema.parse(JSON.parse(stdout));
  expect(limits).toMatchObject([
    {
      provider: 'claude-code',
      window: 'five_hour',
      reached: true,
      used_pct: null,
      state: 'current',
      resets_at: new Date(soon * 1000).toISOString(),
    },
  ]);
  const status = statusSchema.parse(JSON.parse((await run(['status', '--json'], { home })).stdout));
  expect(status.limits).toMatchObject([{ window: 'five_hour', reached: true }]);
  const page = await run(['limits'], { home });
  expect({ code: page.code, stderr: page.stderr }).toEqual({ code: 0, stderr: '' });
  expect(page.stdout).toMatch(/claude-code +5 hours +reached +in (59m|1h)/);
});

it('without any data the exit code says so', async () => {
  const { code, stdout, stderr } = await run(['limits'], { home: join(work, 'empty/home') });
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain('There is no data yet.');
});
