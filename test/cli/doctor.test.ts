import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { doctorSchema } from '../../src/report/doctor-schema.ts';
import { openFile } from '../../src/store/driver.ts';
import { run } from '../helpers/bin.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-doctor-')));
const day = 86_400_000;
let homes = 0;
let home = '';
let store = '';
let db = '';
const log = (): string => join(home, '.claude/projects/-srv-shop/acac1111-0000-4000-8000-000000002201.jsonl');
const turn = (id: string, model = 'claude-opus-4-6'): string =>
  `${JSON.stringify({
    type: 'assistant',
    timestamp: '2026-04-10T10:00:00.000Z',
    cwd: '/srv/shop',
    message: {
      id,
      model,
      content: [{ type: 'text', text: 'CANARY' }],
      usage: { input_tokens: 3, output_tokens: 4 },
    },
  })}\n`;

beforeEach(() => {
  home = join(work, String(homes++), 'home');
  store = join(home, '..', 'scopeon');
  db = join(store, 'scopeon.db');
  mkdirSync(join(log(), '..'), { recursive: true });
  writeFileSync(log(), turn('msg_1'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function read(): Promise<void> {
  expect((await run(['status', '--json'], { home })).code).toBe(0);
}

async function doctor(args: readonly string[] = [], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run(['doctor', '--json', ...args], { home, env });
  expect(stdout, stderr).not.toBe('');
  expect(stdout + stderr).not.toContain('CANARY');
  const json = doctorSchema.parse(JSON.parse(stdout));
  expect(code).toBe(json.ok ? 0 : 1);
  // Facts differ from section to section; a test knows which it asks for.
  const facts = Object.fromEntries(json.sections.map((section) => [section.id, section.facts]));
  const todo = json.sections.flatMap((section) => section.todo.map(({ fact, advice }) => `${fact}: ${advice}`));
  const mended = json.sections.flatMap((section) => section.mended);
  return { ok: json.ok, facts, todo, mended, stderr };
}

function inStore(sql: string): void {
  const handle = openFile(db);
  handle.exec(sql);
  handle.close();
}

it('finds nothing to do where all is well, and changes nothing', async () => {
  await read();
  const before = readFileSync(db);
  const found = await doctor();
  expect(found).toMatchObject({ ok: true, todo: [], mended: [], stderr: '' });
  expect(Object.keys(found.facts)).toEqual([
    'program',
    'database',
    'modes',
    'ingest',
    'logs',
    'watching',
    'sums',
    'prices',
    'retention',
  ]);
  expect(found.facts).toMatchObject({
    program: { node: process.versions.node, sqlite: expect.stringMatching(/^3\./), config: null },
    database: {
      state: 'current',
      size: { bytes: statSync(db).size },
      free_bytes: expect.any(Number),
      quick_check: [],
      integrity_check: [],
      foreign_key_check: [],
      backups: { count: 0, newest_at: null },
      drilled_at: null,
    },
    ingest: { lease: null },
    logs: { 'claude-code': { files: 1, bytes_behind: 0, invalid: 0, worst_files: [], dark: false, failure: null } },
    sums: { wrong: { buckets: 2, wrong: 0 } },
    prices: { unknown_models: [] },
  });
  expect(readFileSync(db)).toEqual(before);
  const page = await run(['doctor'], { home });
  expect(page).toMatchObject({ code: 0, stderr: '' });
  expect(page.stdout).toContain('✓ Nothing to do.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no colour in a pipe
  expect(page.stdout).not.toMatch(/\u001b/);
});

it.each([30, 50, 80])('has a page that fits %d columns', async (columns) => {
  await read();
  appendFileSync(log(), 'CANARY, not JSON\n');
  await read();
  const { stdout } = await run(['doctor'], { home, env: { COLUMNS: String(columns) } });
  expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(columns);
});

it('says how much is not read yet', async () => {
  await read();
  appendFileSync(log(), turn('msg_2'));
  const { ok, facts } = await doctor();
  expect(ok).toBe(true);
  expect(facts.logs).toMatchObject({ 'claude-code': { bytes_behind: turn('msg_2').length } });
});

it('names the worst files and where they go wrong, and nothing of what is there', async () => {
  appendFileSync(log(), `CANARY\n${turn('msg_2')}{"CANARY":\n`);
  const hostile = join(log(), '..', 'a\u001b[31mb\n\u202e.jsonl');
  writeFileSync(hostile, 'CANARY\n');
  await read();
  const { facts } = await doctor();
  expect(facts.logs).toMatchObject({
    'claude-code': {
      invalid: 3,
      oversize: 0,
      worst_files: [
        {
          path: '~/.claude/projects/-srv-shop/acac1111-0000-4000-8000-000000002201.jsonl',
          invalid: 2,
          first_bad_offset: turn('msg_1').length,
        },
        { invalid: 1, first_bad_offset: 0 },
      ],
    },
  });
  const { stdout } = await run(['doctor'], { home });
  expect(stdout).toMatch(new RegExp(`2\\s+invalid\\s+from\\s+byte\\s+${turn('msg_1').length}\\s+on`));
  expect(stdout).toContain('\\x1b[31mb\\n\\u202e');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(stdout).not.toMatch(/[\u001b\u202e]/);
  expect(stdout).not.toContain('CANARY');
});

it('knows models that have no price', async () => {
  appendFileSync(log(), turn('msg_2', 'nobody-lists-this-1'));
  await read();
  const { todo, facts } = await doctor();
  expect(facts.prices?.unknown_models).toEqual(['nobody-lists-this-1']);
  expect(todo).toEqual([expect.stringContaining('unknown_models: ')]);
});

describe('files open to others', () => {
  it.skipIf(process.platform === 'win32')('are told of, and closed only when asked', async () => {
    await read();
    chmodSync(store, 0o755);
    chmodSync(db, 0o664);
    writeFileSync(join(store, 'config.toml'), '');
    chmodSync(join(store, 'config.toml'), 0o644);
    const { todo, facts } = await doctor();
    expect(todo).toEqual([expect.stringContaining('loose: ')]);
    const loose = (path: string, mode: string) => expect.objectContaining({ path, mode });
    expect(facts.modes?.loose).toEqual(
      expect.arrayContaining([loose(store, '0755'), loose(db, '0664'), loose(join(store, 'config.toml'), '0644')]),
    );
    expect(statSync(db).mode & 0o777).toBe(0o664);
    expect(await doctor(['--fix'])).toMatchObject({
      ok: true,
      mended: [expect.stringMatching(/^[345] files and directories closed to others\.$/)],
    });
    expect([store, db, join(store, 'config.toml')].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o700, 0o600, 0o600,
    ]);
  });

  it.skipIf(process.platform === 'win32')('are left alone when the directory is not ours', async () => {
    const elsewhere = join(home, 'shared');
    mkdirSync(elsewhere);
    chmodSync(elsewhere, 0o777);
    const env = { SCOPEON_DB: join(elsewhere, 'mine.db') };
    await run(['status'], { home, env });
    expect(await doctor(['--fix'], env)).toMatchObject({ ok: true });
    expect(statSync(elsewhere).mode & 0o777).toBe(0o777);
  });
});

it('works sums out again from the rows, and mends them only when asked', async () => {
  await read();
  inStore(
    'UPDATE rollup SET output_tokens = output_tokens + 1; DELETE FROM session_rollup; UPDATE rollup_day SET turns = 7',
  );
  const { todo, facts } = await doctor();
  expect(todo).toEqual([expect.stringContaining('wrong: ')]);
  expect(facts.sums?.wrong).toEqual({ buckets: 1, wrong: 3 });
  expect((await doctor()).todo).toHaveLength(1);
  expect(await doctor(['--fix'])).toMatchObject({ ok: true, mended: ['Every sum was worked out again.'] });
  const { stdout } = await run(['daily', '--json'], { home });
  expect(JSON.parse(stdout).totals).toMatchObject({ turns: 1, output_tokens: 4 });
});

describe('a database that cannot be used', () => {
  const state = async (args: readonly string[] = [], env: Record<string, string> = {}) => {
    const found = await doctor(args, env);
    return { ...found, state: found.facts.database?.state };
  };

  it('because there is none, is told of', async () => {
    expect(await state()).toMatchObject({ ok: false, state: 'missing' });
    expect(readdirSync(join(home, '..'))).not.toContain('scopeon');
    expect(await state(['--fix'])).toMatchObject({ ok: true, state: 'current' });
  });

  it('because it is another program’s, is left as it is', async () => {
    const notes = join(home, 'notes.txt');
    writeFileSync(
      notes,
      'what I must not forget, in more than a hundred bytes, so that it is no empty database\n'.repeat(3),
    );
    const before = readFileSync(notes);
    for (const args of [[], ['--fix']]) {
      const found = await state(args, { SCOPEON_DB: notes });
      expect(found).toMatchObject({ ok: false, state: 'foreign' });
      expect(found.todo.join()).toContain('is not a scopeon database');
    }
    expect(readFileSync(notes)).toEqual(before);
  });

  it('because it is newer, is left as it is', async () => {
    await read();
    inStore('PRAGMA user_version = 99');
    const before = readFileSync(db);
    for (const args of [[], ['--fix']]) {
      const found = await state(args);
      expect(found).toMatchObject({ ok: false, state: 'newer' });
      expect(found.todo.join()).toContain('schema 99');
    }
    expect(readFileSync(db)).toEqual(before);
  });

  it('because it is older, is checked all the same', async () => {
    await read();
    inStore('PRAGMA user_version = 1');
    const found = await state();
    expect(found).toMatchObject({ ok: false, state: 'older', facts: { database: { integrity_check: [] } } });
  });

  it('because it is damaged, is rebuilt only when asked', async () => {
    await read();
    truncateSync(db, 6_000);
    const before = readFileSync(db);
    expect(await state()).toMatchObject({ ok: false });
    expect(readFileSync(db)).toEqual(before);
    expect(await state(['--fix'])).toMatchObject({ ok: true, state: 'current' });
    const { stdout } = await run(['daily', '--json'], { home });
    expect(JSON.parse(stdout).totals).toMatchObject({ turns: 1, total_tokens: 7 });
    expect(readdirSync(join(store, 'backups'))).toEqual([expect.stringMatching(/^damaged-/)]);
  });

  it.skipIf(process.platform === 'win32')('because it is no file, is told of', async () => {
    expect(await state([], { SCOPEON_DB: '/dev/null' })).toMatchObject({ ok: false, state: 'unreadable' });
  });
});

it('tells of a reader that ended without saying so', async () => {
  await read();
  inStore("INSERT INTO lease VALUES (1, 999999999, '', '1', 'start', 0, 0)");
  const { ok, facts } = await doctor();
  expect({ ok, lease: facts.ingest?.lease }).toEqual({ ok: true, lease: null });
  expect((await run(['doctor'], { home })).stdout).toContain('process 999999999 ended without saying so');
});

it('tells of alerts that reached nobody', async () => {
  await read();
  const put = (state: string, endedAt: number): string =>
    `INSERT INTO outbox (uid, webhook, notification, severity, created_at, next_at, attempts, state, ended_at)
     VALUES ('u', 'w', '{}', 'info', 0, 0, 3, '${state}', ${endedAt})`;
  inStore(put('dead', Date.now() - 30 * day));
  expect(await doctor()).toMatchObject({ ok: true, facts: { webhooks: { dead_letters: 1, waiting: 0 } } });
  inStore(put('dead', Date.now() - day));
  expect((await doctor()).todo).toEqual([expect.stringContaining('scopeon webhook retry all')]);
});

describe('logs that Claude Code will delete', () => {
  beforeEach(async () => {
    await read();
    const touched = new Date(Date.now() - 27.5 * day);
    utimesSync(log(), touched, touched);
  });

  it.each([
    ['thirty days after their last change', undefined, 30, 3],
    ['after as many days as its settings say', '{"cleanupPeriodDays": 365}', 365, 338],
    ['after thirty days when its settings are broken', '{"cleanupPeriodDays": "CANARY', 30, 3],
    ['at its next start when they are overdue', '{"cleanupPeriodDays": 7}', 7, 0],
  ])('%s, are named with the days left', async (_, settings, keeps, days) => {
    if (settings !== undefined) writeFileSync(join(home, '.claude/settings.json'), settings);
    const { ok, facts } = await doctor();
    expect(ok).toBe(true);
    expect(facts.retention).toMatchObject({
      'claude-code': {
        keeps_days: [keeps],
        sessions: 1,
        within_a_week: days <= 7 ? 1 : 0,
        next: [{ session_id: 'acac1111-0000-4000-8000-000000002201', project: 'shop', days }],
      },
    });
  });
});

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('names what may not be read', async () => {
  await read();
  chmodSync(log(), 0o000);
  const { todo } = await doctor();
  expect(todo).toEqual([expect.stringContaining('cannot be read, the first ~/.claude')]);
});
