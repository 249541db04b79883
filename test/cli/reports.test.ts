import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema, statusSchema } from '../../src/report/schema.ts';
import type { ReportJson } from '../../src/report/shape.ts';
import { type Outcome, run } from '../helpers/bin.ts';
import { type MadeTurn, makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';

const hour = 3_600_000;
const day = 24 * hour;
const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-reports-')));
const home = join(work, 'home');
/** Around both changes of the clock in Los Angeles, the turn of a month, and within the last days. */
const logs = makeLogs({
  starts: [
    ...[
      '2025-11-02T05:30:00Z',
      '2025-11-02T08:10:00Z',
      '2026-03-08T06:00:00Z',
      '2026-03-08T09:20:00Z',
      '2026-03-31T22:40:00Z',
      '2026-04-12T18:00:00Z',
    ].map(Date.parse),
    Date.now() - 3 * day,
    Date.now() - 2 * hour * 4,
  ],
  turnsPerSession: 14,
  stepMs: 13 * 60_000,
});
const zones = ['UTC', 'America/Los_Angeles', 'Asia/Kathmandu'];
const groupings = [
  'hour',
  'day',
  'week',
  'month',
  'session',
  'project',
  'model',
  'block',
  'provider',
  'branch',
  'agent',
];
const additive = [
  'turns',
  'prompts',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'total_tokens',
  'unpriced_turns',
  'tool_calls',
  'mcp_calls',
] as const;

beforeAll(async () => {
  writeLogs(home, logs);
  expect(await scopeon('daily', '--json')).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.each(zones)('reports in %s', (zone) => {
  it.each(groupings)('by %s add up to the totals of what was made up', async (by) => {
    const report = await json('report', by, '--timezone', zone, '--breakdown');
    expect(report.totals).toMatchObject({
      ...sumsOf(logs.turns),
      prompts: logs.prompts.length,
      sessions: new Set(logs.turns.map((turn) => turn.session)).size,
    });
    const rows = report.rows as unknown as readonly Readonly<Record<string, number>>[];
    for (const field of additive) {
      expect(
        rows.reduce((sum, row) => sum + (row[field] ?? 0), 0),
        `rows' ${field}`,
      ).toBe(report.totals[field]);
      for (const row of rows) {
        const parts = row.breakdown as unknown as readonly Record<string, number>[];
        expect(
          parts.reduce((sum, part) => sum + (part[field] ?? 0), 0),
          `parts' ${field} of ${row.key}`,
        ).toBe(row[field]);
      }
    }
    expect(nanos(rows.map((row) => row.cost_usd ?? 0))).toBe(nanos([report.totals.cost_usd ?? 0]));
  });

  it('put every response into its day, hour, week and month', async () => {
    for (const [by, keyOf] of Object.entries(keysIn(zone))) {
      const report = await json('report', by, '--timezone', zone, '--start-of-week', 'monday');
      const wanted = new Map<string, number>();
      for (const turn of logs.turns) wanted.set(keyOf(turn.at), (wanted.get(keyOf(turn.at)) ?? 0) + turn.output);
      const found = (report.rows as unknown as readonly { readonly key: string; readonly output_tokens: number }[])
        .filter((row) => row.output_tokens > 0)
        .map((row) => [row.key, row.output_tokens]);
      expect(Object.fromEntries(found), by).toEqual(Object.fromEntries(wanted));
    }
  });
});

it('the repeated hour of a clock change is two rows, in order', async () => {
  const report = await json(
    'report',
    'hour',
    '--timezone',
    'America/Los_Angeles',
    '--since',
    '2025-11-02',
    '--until',
    '2025-11-02',
  );
  const keys = report.rows.map((row) => row.key ?? '');
  expect(keys).toEqual(expect.arrayContaining(['2025-11-02T01:00-07:00', '2025-11-02T01:00-08:00']));
  expect(keys.map((key) => Date.parse(key))).toEqual(keys.map((key) => Date.parse(key)).sort((a, b) => a - b));
});

describe('filters', () => {
  it.each([
    ['--model', 'OPUS', (turn: MadeTurn) => turn.model.includes('opus')],
    ['--project', 'Shop', (turn: MadeTurn) => turn.project === 'shop'],
    ['--project', 'tools', (turn: MadeTurn) => turn.project === 'infra/tools'],
    ['--branch', 'feature/pay', (turn: MadeTurn) => turn.branch === 'feature/pay'],
    ['--provider', 'claude-code', () => true],
    ['--provider', 'codex', () => false],
    ['--branch', 'feature', () => false],
  ] as const)('%s %s takes what fits, in every grouping', async (flag, value, fits) => {
    const wanted = sumsOf(logs.turns.filter(fits));
    for (const by of ['day', 'session', 'block', 'model', 'agent'])
      expect((await json('report', by, flag, value)).totals, by).toMatchObject(wanted);
  });

  it('are alternatives when repeated and conditions when mixed', async () => {
    const fits = (turn: MadeTurn): boolean =>
      (turn.model.includes('opus') || turn.model.includes('haiku')) && turn.project !== 'api';
    const report = await json(
      'models',
      '--model',
      'opus',
      '--model',
      'haiku',
      '--project',
      'shop',
      '--project',
      'tools',
    );
    expect(report.totals).toMatchObject(sumsOf(logs.turns.filter(fits)));
  });

  it('--limit and --order cut rows and leave totals', async () => {
    const all = await json('daily');
    const two = await json('daily', '--order', 'desc', '--limit', '2');
    expect(two.rows.map((row) => row.key)).toEqual(
      all.rows
        .map((row) => row.key)
        .reverse()
        .slice(0, 2),
    );
    expect(two.totals).toEqual(all.totals);
  });

  it('an empty range is no rows, zero figures and exit 0', async () => {
    const report = await json('daily', '--since', '2019-01-01', '--until', '2019-12-31');
    expect(report).toMatchObject({
      rows: [],
      since: '2019-01-01',
      until: '2019-12-31',
      totals: { turns: 0, sessions: 0, cost_usd: 0, total_tokens: 0 },
    });
  });
});

describe('ranges', () => {
  const middle = logs.turns[20]?.at ?? 0;

  it.each(groupings)('by %s cut at any instant, both ends inclusive, give the turns within', async (by) => {
    for (const at of [middle, middle + 1, Math.floor(middle / (15 * 60_000)) * 15 * 60_000]) {
      const since = await json('report', by, '--since', new Date(at).toISOString());
      const until = await json('report', by, '--until', new Date(at - 1).toISOString());
      expect(since.totals, `since ${at}`).toMatchObject(sumsOf(logs.turns.filter((turn) => turn.at >= at)));
      expect(until.totals, `until ${at}`).toMatchObject(sumsOf(logs.turns.filter((turn) => turn.at < at)));
      for (const report of [since, until]) {
        const rows = report.rows as unknown as readonly Readonly<Record<string, number>>[];
        for (const field of additive)
          expect(
            rows.reduce((sum, row) => sum + (row[field] ?? 0), 0),
            field,
          ).toBe(report.totals[field]);
      }
    }
  });

  it.each(zones)('of days are those of %s', async (zone) => {
    const inDays = (from: string, to: string) =>
      sumsOf(logs.turns.filter((turn) => dayIn(zone)(turn.at) >= from && dayIn(zone)(turn.at) <= to));
    expect(
      (await json('daily', '--timezone', zone, '--since', '2026-03-08', '--until', '20260331')).totals,
    ).toMatchObject(inDays('2026-03-08', '2026-03-31'));
    expect((await json('daily', '--timezone', zone, '--from', '20251102', '--to', '2025-11-02')).totals).toMatchObject(
      inDays('2025-11-02', '2025-11-02'),
    );
    const today = dayIn(zone)(Date.now());
    const daysAgo = (days: number): string => new Date(Date.parse(today) - days * day).toISOString().slice(0, 10);
    expect((await json('daily', '--timezone', zone, '--since', 'today')).totals).toMatchObject(inDays(today, '9999'));
    expect(
      (await json('daily', '--timezone', zone, '--since', 'yesterday', '--until', 'yesterday')).totals,
    ).toMatchObject(inDays(daysAgo(1), daysAgo(1)));
    expect((await json('daily', '--timezone', zone, '--since', '7d')).totals).toMatchObject(inDays(daysAgo(6), '9999'));
    expect((await json('daily', '--timezone', zone, '--since', '4w')).totals).toMatchObject(
      inDays(daysAgo(27), '9999'),
    );
  });
});

describe('what was typed wrong', () => {
  it.each([
    [['daily', '--since', '2026-02-30'], '2026-02-30'],
    [['daily', '--since', 'soon'], 'soon'],
    [['daily', '--until', '2026-13-01T00:00:00Z'], '2026-13-01'],
    [['daily', '--since', '2026-04-02', '--until', '2026-04-01'], '2026-04-02'],
    [['daily', '--timezone', 'Mars/Olympus'], 'Mars/Olympus'],
    [['daily', '--limit', '0'], '0'],
    [['daily', '--limit', 'many'], 'many'],
    [['daily', '--order', 'sideways'], 'sideways'],
    [['daily', '--mode', 'guess'], 'guess'],
    [['blocks', '--session-length', '-1'], '-1'],
    [['report', 'galaxy'], 'galaxy'],
    [['daily', '--json', '--csv'], '--csv'],
    [['daily', '--colour'], '--colour'],
    [['dayly'], 'dayly'],
    [['daily', 'extra'], 'argument'],
    [['schema', 'nothing'], 'nothing'],
  ])('%j ends with 2 and names the value', async (args, named) => {
    const outcome = await scopeon(...args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(named);
    expect(outcome.stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('without data', () => {
  it.each([['daily'], ['status'], ['sessions', '--json'], ['daily', '--no-ingest'], ['report', 'tool']])(
    'scopeon %s %s ends with 4 and says where it looked',
    async (...args) => {
      const empty = join(work, 'nobody', 'home');
      const outcome = await run(args, { home: empty });
      expect(outcome).toMatchObject({ code: 4, stdout: '' });
      if (!args.includes('--no-ingest')) expect(outcome.stderr).toContain(join(empty, '.claude'));
    },
  );

  it('a home with files of titles only has none either', async () => {
    const titles = fileURLToPath(new URL('../fixtures/providers/claude-code/titles-only/home', import.meta.url));
    const outcome = await run(['daily'], {
      home: join(work, 'titles', 'home'),
      env: { CLAUDE_CONFIG_DIR: join(titles, '.claude') },
    });
    expect(outcome).toMatchObject({ code: 4, stdout: '' });
    expect(outcome.stderr).toContain(titles);
  });
});

describe('output', () => {
  it('of status is as published', async () => {
    const { stdout } = await scopeon('status', '--json', '--timezone', 'UTC');
    const status = statusSchema.parse(JSON.parse(stdout));
    expect(status.all).toMatchObject(sumsOf(logs.turns));
  });

  it('into a closed pipe ends quietly with 0', async () => {
    const program = fileURLToPath(new URL('../../bin/scopeon.js', import.meta.url));
    for (const flags of ['', '--json', '--csv']) {
      const line = `set -o pipefail; "${process.execPath}" "${program}" report hour ${flags} --breakdown | head -1`;
      const shell = spawn('bash', ['-c', line], {
        env: { PATH: process.env.PATH, HOME: home, SCOPEON_HOME: join(work, 'scopeon') },
      });
      let stderr = '';
      shell.stderr.on('data', (text: Buffer) => (stderr += text));
      const code = await new Promise((resolve) => shell.on('close', resolve));
      expect({ code, stderr }, flags).toEqual({ code: 0, stderr: '' });
    }
  });

  it('has no escape codes when it is no terminal, and colours only when asked for', async () => {
    expect((await scopeon('daily')).stdout).not.toContain('\u001b');
    expect((await run(['daily'], { home, env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[');
    expect((await run(['daily'], { home, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });

  it.each([20, 30, 40, 60, 80, 120, 200])('fits %d columns', async (columns) => {
    for (const by of [...groupings, 'tool']) {
      const { stdout } = await run(['report', by, '--breakdown'], { home, env: { COLUMNS: String(columns) } });
      const longest = Math.max(...stdout.split('\n').map((line) => [...line].length));
      expect(longest, `${by}\n${stdout}`).toBeLessThanOrEqual(columns);
    }
  });

  it.each([...groupings, 'tool'])('as CSV by %s has the rows of the JSON', async (by) => {
    const report = await json('report', by);
    const { stdout } = await scopeon('report', by, '--csv');
    expect(stdout.endsWith('\r\n')).toBe(true);
    const [header = [], ...rows] = parseCsv(stdout);
    expect(rows.every((row) => row.length === header.length)).toBe(true);
    const keyed = rows.filter((row) => row[0] !== 'total' && row[0] !== 'TOTAL');
    expect(keyed.length).toBe(report.rows.length);
    expect(stdout).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it.each([...groupings, 'tool'])('as Markdown by %s is a table with as many cells in every row', async (by) => {
    const { stdout } = await scopeon('report', by, '--markdown');
    const lines = stdout.split('\n').filter((line) => line.startsWith('|'));
    const cells = lines.map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(lines.length).toBeGreaterThan(2);
    expect(new Set(cells).size).toBe(1);
    expect(lines[1]).toMatch(/^\|[ :|-]+\|$/);
  });

  it('--no-cost leaves no cost anywhere', async () => {
    const report = await json('daily', '--no-cost', '--breakdown');
    expect(JSON.stringify(report)).not.toMatch(/"cost_usd":[^n]/);
    expect((await scopeon('daily', '--no-cost')).stdout).not.toMatch(/\$|cost/i);
  });

  it('--mode display has no cost where no log states one; unpriced models are named', async () => {
    expect((await json('daily', '--mode', 'display')).totals).toMatchObject({
      cost_usd: null,
      cost_source: 'none',
      unpriced_turns: logs.turns.length,
    });
    const calculated = await json('daily');
    expect(calculated.unpriced_models).toEqual(['nobody-lists-this-1']);
    expect(calculated.totals.unpriced_turns).toBe(
      logs.turns.filter((turn) => turn.model === 'nobody-lists-this-1').length,
    );
    expect(calculated.totals.cost_usd).toBeGreaterThan(0);
  });
});

describe('usage blocks', () => {
  const lonely = join(work, 'blocks', 'home');
  const at = (time: string, type: 'user' | 'assistant', id: string) =>
    JSON.stringify({
      type,
      uuid: `u-${id}`,
      timestamp: time,
      cwd: '/home/dev/x',
      message:
        type === 'user'
          ? { content: 'CANARY' }
          : { id: `msg_${id}`, model: 'claude-opus-4-6', usage: { input_tokens: 1, output_tokens: 10 } },
    });
  beforeAll(() => {
    const lines = [
      at('2026-06-01T09:59:00Z', 'user', '1'), // typed before the block of its answer
      at('2026-06-01T10:01:00Z', 'assistant', '2'),
      at('2026-06-01T14:59:59Z', 'assistant', '3'),
      at('2026-06-01T15:00:00Z', 'assistant', '4'),
      at('2026-06-01T22:40:00Z', 'assistant', '5'),
      at('2026-06-02T12:00:00Z', 'user', '6'), // nobody answered
    ];
    writeLogs(lonely, {
      turns: [],
      prompts: [],
      files: new Map([['.claude/projects/x/aaaaaaaa-0000-4000-8000-00000000abcd.jsonl', `${lines.join('\n')}\n`]]),
    });
  });

  const rowsOf = async (hours: string) => {
    const outcome = await run(['blocks', '--json', '--session-length', hours], { home: lonely });
    const report = reportSchema.parse(JSON.parse(outcome.stdout));
    expect(report.totals).toMatchObject({ turns: 4, prompts: 2, output_tokens: 40 });
    return { totals: report.totals, rows: report.rows as unknown as readonly Readonly<Record<string, number>>[] };
  };

  it.each(['5', '1', '24', '168'])('of %s hours hold every turn', async (hours) => {
    const { rows, totals } = await rowsOf(hours);
    for (const field of additive.filter((name) => name !== 'prompts'))
      expect(
        rows.reduce((sum, row) => sum + (row[field] ?? 0), 0),
        field,
      ).toBe(totals[field]);
  });

  it.each(['0.5', '0', '169', 'five'])('of %s hours are refused: blocks begin on the full hour', async (hours) => {
    const outcome = await run(['blocks', '--json', '--session-length', hours], { home: lonely });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(hours);
  });

  it.each(['5', '1', '24', '168'])(
    'of %s hours hold every prompt, also one before its turn or without any',
    async (hours) => {
      const { rows, totals } = await rowsOf(hours);
      expect(rows.reduce((sum, row) => sum + (row.prompts ?? 0), 0)).toBe(totals.prompts);
    },
  );

  it('begin on the full hour and end with their length', async () => {
    const outcome = await run(['blocks', '--json'], { home: lonely });
    const rows: readonly { start: string; end: string; turns: number; active: boolean }[] = JSON.parse(
      outcome.stdout,
    ).rows;
    expect(rows.filter((row) => row.turns > 0).map((row) => [row.start, row.end, row.turns, row.active])).toEqual([
      ['2026-06-01T10:00:00.000Z', '2026-06-01T15:00:00.000Z', 2, false],
      ['2026-06-01T15:00:00.000Z', '2026-06-01T20:00:00.000Z', 1, false],
      ['2026-06-01T22:00:00.000Z', '2026-06-02T03:00:00.000Z', 1, false],
    ]);
  });
});

describe('--no-ingest', () => {
  it('answers from the store as it is', async () => {
    const other = join(work, 'later', 'home');
    writeLogs(other, makeLogs({ starts: [Date.parse('2026-05-01T10:00:00Z')], turnsPerSession: 3 }));
    const before = JSON.parse((await run(['daily', '--json'], { home: other })).stdout);
    mkdirSync(join(other, '.claude/projects/x'), { recursive: true });
    writeLogs(other, makeLogs({ starts: [0, Date.parse('2026-05-02T10:00:00Z')], turnsPerSession: 5, seed: 7 }));
    const still = JSON.parse((await run(['daily', '--json', '--no-ingest'], { home: other })).stdout);
    expect(still.totals).toEqual(before.totals);
    const after = JSON.parse((await run(['daily', '--json'], { home: other })).stdout);
    expect(after.totals.turns).toBeGreaterThan(before.totals.turns);
  });
});

function scopeon(...args: readonly string[]): Promise<Outcome> {
  return run(args, { home });
}

/** A report as JSON, checked against its schema. Read from the store, which is up to date. */
async function json(...args: readonly string[]): Promise<Exclude<ReportJson, { by: 'tool' }>> {
  const outcome = await scopeon(...args, '--json', '--no-ingest');
  expect(outcome, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
  return reportSchema.parse(JSON.parse(outcome.stdout)) as Exclude<ReportJson, { by: 'tool' }>; // what the callers ask for
}

function nanos(dollars: readonly number[]): number {
  return dollars.reduce((sum, value) => sum + Math.round(value * 1e9), 0);
}

/** Keys by another way than the program's: the formatter of the platform. */
function keysIn(zone: string): Record<string, (at: number) => string> {
  const dayOf = dayIn(zone);
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return {
    day: dayOf,
    month: (at) => dayOf(at).slice(0, 7),
    week: (at) => {
      const noon = Date.parse(`${dayOf(at)}T12:00:00Z`);
      return new Date(noon - ((new Date(noon).getUTCDay() + 6) % 7) * day).toISOString().slice(0, 10);
    },
    hour: (at) => {
      const found = Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, part.value]));
      const offset = (found.timeZoneName ?? 'GMT').slice(3) || '+00:00';
      return `${found.year}-${found.month}-${found.day}T${found.hour}:00${offset}`;
    },
  };
}

function dayIn(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (at) => format.format(at);
}

/** RFC 4180. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  for (const line of text.split('\r\n').slice(0, -1)) {
    const cells = `,${line}`.match(/,(?:"(?:[^"]|"")*"|[^,"]*)/g) ?? [];
    rows.push(cells.map((cell) => cell.slice(1)));
  }
  return rows;
}
