import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import { run } from '../helpers/bin.ts';
import { makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';
import { assertRollups } from '../helpers/rollups.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-db-')));
const logs = makeLogs({
  starts: [Date.parse('2026-05-01T08:00:00Z'), Date.parse('2026-05-02T08:00:00Z')],
  turnsPerSession: 20,
});
let homes = 0;
let home = '';
let store = '';
let db = '';

beforeEach(async () => {
  home = join(work, String(homes++), 'home');
  store = join(home, '..', 'scopeon');
  db = join(store, 'scopeon.db');
  mkdirSync(home, { recursive: true });
  writeLogs(home, logs);
  expect((await totals()).code).toBe(0);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function totals() {
  const { code, stdout, stderr } = await run(['daily', '--json'], { home });
  return { code, stderr, totals: code === 0 ? JSON.parse(stdout).totals : undefined };
}

async function act(...args: readonly string[]) {
  const { code, stdout, stderr } = await run(['db', ...args, '--json'], { home });
  return { code, stderr, json: stdout === '' ? undefined : JSON.parse(stdout) };
}

function inFile(path: string, sql: string): void {
  const handle = openFile(path);
  handle.exec(sql);
  handle.close();
}

const backups = (): readonly string[] => readdirSync(join(store, 'backups')).sort();

it('check says whether every page, reference and sum is right, and changes nothing', async () => {
  const before = readFileSync(db);
  expect(await act('check')).toMatchObject({
    code: 0,
    stderr: '',
    json: { ok: true, integrity_check: [], wrong_sums: 0 },
  });
  expect(readFileSync(db)).toEqual(before);
  inFile(db, 'UPDATE rollup SET turns = turns + 1 WHERE bucket = (SELECT MIN(bucket) FROM rollup)');
  const found = await act('check');
  expect(found).toMatchObject({ code: 1, json: { ok: false } });
  expect(found.json.wrong_sums).toBeGreaterThan(0);
});

it('a copy can be made, drilled and restored; what was read and typed since is not lost', async () => {
  expect(await act('backup')).toMatchObject({ code: 0, json: { ok: true } });
  const [copy = ''] = backups();
  expect(copy).toMatch(/^manual-\d{8}T\d{6}Z\.db$/);
  expect((await act('list')).json.backups).toMatchObject([{ name: copy }]);
  expect(await act('drill')).toMatchObject({ code: 0, json: { problems: [], turns: logs.turns.length } });
  expect(backups()).toEqual([copy]);

  const extra = makeLogs({ starts: [Date.parse('2026-05-03T08:00:00Z')], turnsPerSession: 5, seed: 9 });
  for (const [path, text] of extra.files) {
    mkdirSync(join(home, `${path}-more`, '..'), { recursive: true });
    writeFileSync(join(home, path.replace(/\.jsonl$/, '-more.jsonl')), text.replaceAll('msg_', 'msg_more_'));
  }
  const grown = (await totals()).totals;
  expect(grown.turns).toBeGreaterThan(logs.turns.length);
  inFile(db, "INSERT INTO tag SELECT MIN(id), 'mine', 'manual' FROM session");

  const before = readFileSync(db);
  expect(await act('restore')).toMatchObject({ code: 0, json: { applied: false } });
  expect(readFileSync(db)).toEqual(before);
  expect(await act('restore', copy, '--apply')).toMatchObject({ code: 0, json: { applied: true } });
  expect(backups()).toEqual([copy, expect.stringMatching(/^replaced-/)]);
  expect((await totals()).totals).toEqual(grown);
  const handle = openFile(db, { readonly: true });
  expect(handle.prepare("SELECT tag FROM tag WHERE source = 'manual'").pluck().all()).toEqual(['mine']);
  expect(handle.prepare("SELECT COUNT(*) FROM meta WHERE key = 'manifest'").pluck().get()).toBe(0);
  assertRollups(handle);
  handle.close();
});

it('a drill is known to the doctor', async () => {
  await act('backup');
  await act('drill');
  const { stdout } = await run(['doctor', '--json'], { home });
  const facts = JSON.parse(stdout).sections.find((section: { readonly id: string }) => section.id === 'database').facts;
  expect(Date.now() - Date.parse(facts.drilled_at)).toBeLessThan(60_000);
  expect(facts.backups.count).toBe(1);
});

describe('a copy that could not be restored', () => {
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ['lost a row', (path) => inFile(path, 'DELETE FROM turn WHERE id = 1')],
    ['was cut off', (path) => truncateSync(path, 9_000)],
    ['is of a newer scopeon', (path) => inFile(path, 'CREATE TABLE later (id INTEGER)')],
    ['has wrong sums', (path) => inFile(path, 'UPDATE rollup SET output_tokens = output_tokens + 1')],
  ];
  it.each(damages)('because it %s fails its drill and is not restored', async (_, damage) => {
    await act('backup');
    const [copy = ''] = backups();
    damage(join(store, 'backups', copy));
    const found = await act('drill');
    expect(found.code).toBe(1);
    expect(found.json.problems.length).toBeGreaterThan(0);
    const before = readFileSync(db);
    expect(await act('restore', '--apply')).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('cannot be restored'),
    });
    expect(readFileSync(db)).toEqual(before);
    expect(backups()).toEqual([copy]);
  });
});

it('a database that somebody has open is not replaced', async () => {
  await act('backup');
  const reader = openFile(db, { readonly: true });
  try {
    reader.prepare('SELECT COUNT(*) FROM turn').get();
    expect(await act('restore', '--apply')).toMatchObject({
      code: 12,
      stderr: expect.stringContaining('has the database open'),
    });
    expect(backups()).toHaveLength(1);
  } finally {
    reader.close();
  }
  expect((await totals()).totals).toMatchObject(sumsOf(logs.turns));
});

it('a damaged database can be replaced by a copy', async () => {
  await act('backup');
  truncateSync(db, 6_000);
  expect(await act('restore', '--apply')).toMatchObject({ code: 0 });
  expect((await totals()).totals).toMatchObject(sumsOf(logs.turns));
});

it('vacuum gives space back and keeps every row', async () => {
  inFile(db, 'CREATE TABLE junk AS SELECT hex(randomblob(2000000)) AS x; DROP TABLE junk');
  const { code, json } = await act('vacuum');
  expect(code).toBe(0);
  expect(json.bytes_after).toBeLessThan(json.bytes_before - 3_000_000);
  expect((await totals()).totals).toMatchObject(sumsOf(logs.turns));
});

it('wrong words are told, with those that are right', async () => {
  expect(await act('burn')).toMatchObject({ code: 2, stderr: expect.stringContaining('Choose one of: check') });
  expect(await act('__proto__')).toMatchObject({ code: 2 });
  expect(await act('drill')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no copy') });
  await act('backup');
  expect(await act('drill', '../../etc/passwd')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no copy "'),
  });
  appendFileSync(join(store, 'backups', 'notes.txt'), 'x');
  expect((await act('list')).json.backups).toHaveLength(1);
});

it('without a database there is nothing to check', async () => {
  rmSync(store, { recursive: true });
  for (const action of ['check', 'backup', 'vacuum']) expect(await act(action), action).toMatchObject({ code: 4 });
  expect(await act('restore')).toMatchObject({ code: 1 });
});
