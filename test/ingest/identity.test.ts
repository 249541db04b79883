import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { displaySafe } from '../../src/display.ts';
import { createHost } from '../../src/host.ts';
import { discover } from '../../src/ingest/discover.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import { openFile } from '../../src/store/driver.ts';
import { createHouse, type House, testFileTime } from '../helpers/house.ts';

let house: House;
let directory: string;
const path = (name: string): string => join(directory, `${name}.jsonl`);

beforeEach(async () => {
  house = await createHouse();
  directory = join(house.home, '.claude/projects/-home-dev-shop');
  mkdirSync(directory, { recursive: true });
});
afterEach(() => house.remove());

/** Responses `from` to `to`, one a line; their output is their number, so a sum tells which were counted. */
function lines(from: number, to: number, options: { readonly anonymous?: boolean } = {}): string {
  let text = '';
  for (let n = from; n <= to; n++) {
    const id = options.anonymous === true ? {} : { id: `msg_${n}` };
    text += `${JSON.stringify({ type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', cwd: '/home/dev/shop', message: { ...id, model: 'claude-opus-4-6', content: [{ type: 'text', text: 'CANARY' }], usage: { input_tokens: 1, output_tokens: n } } })}\n`;
  }
  return text;
}

/** Reads what is new; the numbers of the responses counted, ascending. */
async function counted(): Promise<readonly number[]> {
  const { turns } = await house.read();
  return turns.map((turn) => Number(turn.output)).sort((a, b) => a - b);
}

function upTo(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

function tracked() {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return db
      .prepare<[], { path: string; generation: number; records: number; offset: number }>(
        'SELECT path, generation, records, offset FROM source_file ORDER BY id',
      )
      .all();
  } finally {
    db.close();
  }
}

function versions(): readonly unknown[] {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return db.prepare('SELECT parser_version FROM source_file').pluck().all();
  } finally {
    db.close();
  }
}

it('appended: reading goes on where it stopped', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  appendFileSync(path('a'), lines(4, 5));
  expect(await counted()).toEqual(upTo(5));
  expect(tracked()).toMatchObject([{ generation: 0, records: 5 }]);
});

it('nothing new: nothing is written', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  const before = statSync(house.store.db, { bigint: true }).mtimeNs;
  await counted();
  expect(statSync(house.store.db, { bigint: true }).mtimeNs).toBe(before);
});

it('touched: nothing is read again', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  utimesSync(path('a'), new Date(), new Date());
  (await house.catchUp()).db?.close();
  expect(await counted()).toEqual(upTo(3));
  expect(tracked()).toMatchObject([{ generation: 0, records: 3 }]);
});

it.each(['same', 'older'])('truncated and written anew, time %s: old rows stay, new ones count', async (time) => {
  writeFileSync(path('a'), lines(1, 5));
  await counted();
  truncateSync(path('a'), 0);
  writeFileSync(path('a'), lines(6, 7));
  if (time === 'older') utimesSync(path('a'), 0, 0);
  expect(await counted()).toEqual(upTo(7));
  expect(tracked()).toMatchObject([{ generation: 1 }]);
});

it('truncated and grown past where reading stood', async () => {
  writeFileSync(path('a'), lines(1, 2));
  await counted();
  writeFileSync(path('a'), lines(3, 9));
  expect(await counted()).toEqual(upTo(9));
});

it('truncated to less: what was counted stays', async () => {
  writeFileSync(path('a'), lines(1, 5));
  await counted();
  writeFileSync(path('a'), lines(1, 2));
  expect(await counted()).toEqual(upTo(5));
});

it.each(['at its beginning', 'near where reading stopped'])('rewritten at the same size, changed %s', async (where) => {
  const text = lines(101, 130);
  writeFileSync(path('a'), text);
  await counted();
  const old = where === 'at its beginning' ? 101 : 130;
  const changed = text.replace(`msg_${old}`, 'msg_901').replace(`"output_tokens":${old}`, '"output_tokens":901');
  writeFileSync(path('a'), changed);
  utimesSync(path('a'), testFileTime, new Date(testFileTime.getTime() + 1000));
  const run = await createLater();
  expect(run).toContain(901);
  expect(run.length).toBe(31);
});

/** Like `counted`, with the files' times as they are. */
async function createLater(): Promise<readonly number[]> {
  const stamps = readdirSync(directory).map((name) => ({ name, at: statSync(join(directory, name)).mtime }));
  const db = openFile(house.store.db);
  // The house sets every file to one time; a rewrite is seen by its own.
  db.exec('UPDATE source_file SET mtime_ms = mtime_ms - 1000');
  db.close();
  expect(stamps.length).toBeGreaterThan(0);
  return counted();
}

it('renamed: the checkpoint goes along', async () => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  await counted();
  renameSync(path('a'), path('b'));
  appendFileSync(path('b'), lines(4, 5, { anonymous: true }));
  expect(await counted()).toEqual(upTo(5));
  expect(tracked()).toMatchObject([{ path: path('b'), generation: 0, records: 5 }]);
});

it('rotated: the old file keeps its rows under its new name, late lines too, and the new one is its own', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  renameSync(path('a'), path('a-1'));
  appendFileSync(path('a-1'), lines(4, 5));
  writeFileSync(path('a'), lines(6, 8));
  expect(await counted()).toEqual(upTo(8));
});

it('rotated, records without an id: each once', async () => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  await counted();
  renameSync(path('a'), path('a-1'));
  appendFileSync(path('a-1'), lines(4, 5, { anonymous: true }));
  writeFileSync(path('a'), lines(6, 8, { anonymous: true }));
  expect(await counted()).toEqual(upTo(8));
});

it('two names changed places: each record once', async () => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  writeFileSync(path('b'), lines(4, 6, { anonymous: true }));
  await counted();
  renameSync(path('a'), path('c'));
  renameSync(path('b'), path('a'));
  renameSync(path('c'), path('b'));
  expect(await counted()).toEqual(upTo(6));
});

it('saved atomically: an equal copy under a new inode goes on', async () => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  await counted();
  writeFileSync(join(directory, 'a.tmp'), lines(1, 4, { anonymous: true }));
  renameSync(join(directory, 'a.tmp'), path('a'));
  expect(await counted()).toEqual(upTo(4));
  expect(tracked()).toMatchObject([{ generation: 0, records: 4 }]);
});

it('saved atomically with other content: both count', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  writeFileSync(join(directory, 'a.tmp'), lines(4, 9));
  renameSync(join(directory, 'a.tmp'), path('a'));
  expect(await counted()).toEqual(upTo(9));
});

it('copied and truncated: each response once', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  copyFileSync(path('a'), path('a-1'));
  writeFileSync(path('a'), lines(4, 4));
  expect(await counted()).toEqual(upTo(4));
});

it('copied: each response once', async () => {
  writeFileSync(path('a'), lines(1, 3));
  copyFileSync(path('a'), path('b'));
  expect(await counted()).toEqual(upTo(3));
  copyFileSync(path('a'), path('c'));
  expect(await counted()).toEqual(upTo(3));
});

it.each([
  ['z', 'later'],
  ['0', 'later'],
  ['z', 'at once'],
  ['0', 'at once'],
])('a hard link %s, %s: the file is read once', async (name, when) => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  if (when === 'later') await counted();
  linkSync(path('a'), path(name));
  expect(await counted()).toEqual(upTo(3));
  appendFileSync(path('a'), lines(4, 5, { anonymous: true }));
  expect(await counted()).toEqual(upTo(5));
});

it('a hard link: afterwards there is nothing to write', async () => {
  writeFileSync(path('a'), lines(1, 3));
  linkSync(path('a'), path('b'));
  await counted();
  const before = statSync(house.store.db, { bigint: true }).mtimeNs;
  await counted();
  expect(statSync(house.store.db, { bigint: true }).mtimeNs).toBe(before);
});

it('an inode used again, 20 times: every file whole', async () => {
  house.remove();
  house = await createHouse({ keepTimes: true });
  directory = join(house.home, '.claude/projects/-home-dev-shop');
  mkdirSync(directory, { recursive: true });
  for (let round = 0; round < 20; round++) {
    const name = round % 2 === 0 ? 'a' : `b${round}`;
    writeFileSync(path(name), lines(round * 3 + 1, round * 3 + 3));
    await counted();
    if (round < 19) rmSync(path(name));
  }
  expect(await counted()).toEqual(upTo(60));
});

it('deleted, and its folder too: rows stay', async () => {
  writeFileSync(path('a'), lines(1, 3));
  await counted();
  rmSync(path('a'));
  writeFileSync(path('b'), lines(4, 4));
  expect(await counted()).toEqual(upTo(4));
  rmSync(join(house.home, '.claude'), { recursive: true });
  expect(await counted()).toEqual(upTo(4));
});

it('deleted and back again: each record once', async () => {
  const text = lines(1, 3, { anonymous: true });
  writeFileSync(path('a'), text);
  await counted();
  rmSync(path('a'));
  writeFileSync(path('b'), lines(4, 4));
  await counted();
  writeFileSync(path('a'), text);
  expect(await counted()).toEqual(upTo(4));
});

it('gone and forgotten after 30 days, and only then; back before, it is not forgotten', async () => {
  let now = Date.parse('2026-10-01T12:00:00Z');
  const day = 86_400_000;
  house.remove();
  house = await createHouse({ now: () => now });
  directory = join(house.home, '.claude/projects/-home-dev-shop');
  mkdirSync(directory, { recursive: true });
  const text = lines(1, 3, { anonymous: true });
  const other = (name: string, n: number): void => writeFileSync(path(name), lines(n, n, { anonymous: true }));
  writeFileSync(path('a'), text);
  expect(await counted()).toEqual(upTo(3));
  renameSync(path('a'), join(house.path, 'kept'));
  other('b', 4);
  expect(await counted()).toEqual(upTo(4));
  now += 29 * day;
  renameSync(join(house.path, 'kept'), path('a'));
  other('c', 5);
  expect(await counted()).toEqual(upTo(5));
  now += 29 * day;
  other('d', 6);
  expect(await counted()).toEqual(upTo(6));
  expect(tracked().length).toBe(4);
  renameSync(path('a'), join(house.path, 'kept'));
  renameSync(path('d'), join(house.path, 'kept-d'));
  other('e', 7);
  await counted();
  rmSync(path('e'));
  other('f', 8);
  await counted();
  now += 31 * day;
  other('g', 9);
  expect(await counted()).toEqual(upTo(9));
  expect(forgotten()).toEqual(['a', 'd', 'e']);
  // What comes back is what it was, grown or not; another under a name that was there before is another.
  renameSync(join(house.path, 'kept'), path('a'));
  renameSync(join(house.path, 'kept-d'), path('d'));
  appendFileSync(path('d'), lines(10, 10, { anonymous: true }));
  other('e', 11);
  expect(await counted()).toEqual(upTo(11));
  expect(await counted()).toEqual(upTo(11));
  expect(forgotten()).toEqual(['e']);
});

/** Names of files of which nothing is known but which they were. */
function forgotten(): readonly string[] {
  const db = openFile(house.store.db, { readonly: true });
  try {
    const paths = db.prepare<[], string>('SELECT path FROM source_file WHERE parser_version < 0 ORDER BY path').pluck();
    return paths.all().map((name) => basename(name, '.jsonl'));
  } finally {
    db.close();
  }
}

it('read again by a newer version of its parser: each record once, with or without an id', async () => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  writeFileSync(path('b'), lines(4, 6));
  expect(await counted()).toEqual(upTo(6));
  const db = openFile(house.store.db);
  db.exec('UPDATE source_file SET parser_version = parser_version - 1');
  db.close();
  appendFileSync(path('a'), lines(7, 8, { anonymous: true }));
  expect(await counted()).toEqual(upTo(8));
  expect(tracked()).toMatchObject([
    { generation: 0, records: 5 },
    { generation: 0, records: 3 },
  ]);
});

it.each(['as it was', 'with late lines'])(
  'renamed, %s, and read again by a newer version of its parser: each record once',
  async (how) => {
    writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
    expect(await counted()).toEqual(upTo(3));
    const db = openFile(house.store.db);
    db.exec('UPDATE source_file SET parser_version = parser_version - 1, state = NULL');
    db.close();
    renameSync(path('a'), path('b'));
    if (how !== 'as it was') appendFileSync(path('b'), lines(4, 5, { anonymous: true }));
    const all = how === 'as it was' ? 3 : 5;
    expect(await counted()).toEqual(upTo(all));
    expect(tracked()).toMatchObject([{ path: path('b'), generation: 0, records: all }]);
    expect(versions()).toEqual([(await loadMembers<Provider>('providers')).get('claude-code')?.parserVersion]);
  },
);

it('a checkpoint that was set back: each record once, with or without an id', async () => {
  writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
  writeFileSync(path('b'), lines(4, 6));
  expect(await counted()).toEqual(upTo(6));
  const db = openFile(house.store.db);
  db.exec('UPDATE source_file SET offset = 0, state = NULL, size = -1');
  db.close();
  expect(await counted()).toEqual(upTo(6));
  renameSync(path('a'), path('a-1'));
  writeFileSync(path('a'), lines(7, 8, { anonymous: true }));
  expect(await counted()).toEqual(upTo(8));
});

it('saved atomically, its old inode used again at once: each record once', async () => {
  for (let round = 0; round < 6; round++) {
    writeFileSync(path('a'), lines(1, 3, { anonymous: true }));
    expect(await counted()).toEqual(upTo(3));
    writeFileSync(join(directory, 'a.tmp'), lines(1, 3, { anonymous: true }));
    renameSync(join(directory, 'a.tmp'), path('a'));
    for (let n = 0; n < 20; n++) writeFileSync(path(`0${n}`), ''); // one of them gets it
    expect(await counted()).toEqual(upTo(3));
    expect(tracked().filter((file) => file.path === path('a')).length).toBe(1);
    for (let n = 0; n < 20; n++) rmSync(path(`0${n}`));
  }
});

it('a root that is a link whose target is away for a while deletes nothing', async () => {
  const real = join(house.path, 'volume');
  mkdirSync(join(real, 'p'), { recursive: true });
  writeFileSync(join(real, 'p/a.jsonl'), lines(1, 3, { anonymous: true }));
  rmSync(join(house.home, '.claude/projects'), { recursive: true });
  symlinkSync(real, join(house.home, '.claude/projects'));
  expect(await counted()).toEqual(upTo(3));
  renameSync(real, join(house.path, 'unmounted'));
  mkdirSync(join(house.home, '.config/claude/projects/p'), { recursive: true });
  writeFileSync(join(house.home, '.config/claude/projects/p/b.jsonl'), lines(4, 4));
  expect(await counted()).toEqual(upTo(4));
  expect(missing()).toBe(0);
});

function missing(): unknown {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return db.prepare('SELECT COUNT(*) FROM source_file WHERE missing_since IS NOT NULL').pluck().get();
  } finally {
    db.close();
  }
}

it('of more files than can be followed the rest is left out, not taken for deleted', async () => {
  for (let i = 0; i < 5; i++) writeFileSync(path(String(i)), lines(i + 1, i + 1));
  const host = createHost({ home: house.home, env: {}, platform: 'linux' });
  const providers = new Map([...(await loadMembers<Provider>('providers'))].filter(([id]) => id === 'claude-code'));
  expect(discover(providers, host, { most: 3 })).toMatchObject({ isPartial: true, candidates: { length: 3 } });
  expect(discover(providers, host, { most: 5 })).toMatchObject({ isPartial: false, candidates: { length: 5 } });
});

it('what is left out is told once, and again when it changes', async () => {
  symlinkSync(join(house.path, 'elsewhere'), path('link'));
  writeFileSync(path('a'), lines(1, 1));
  await counted();
  appendFileSync(path('a'), lines(2, 2));
  await counted();
  expect(house.notices).toEqual(['Left out of the figures: 1 link or pipe named like a log.']);
  symlinkSync(join(house.path, 'elsewhere'), path('another'));
  appendFileSync(path('a'), lines(3, 3));
  await counted();
  expect(house.notices.slice(1)).toEqual(['Left out of the figures: 2 links or pipes named like a log.']);
  rmSync(path('link'));
  rmSync(path('another'));
  appendFileSync(path('a'), lines(4, 4));
  expect(await counted()).toEqual(upTo(4));
  expect(house.notices.length).toBe(2);
});

it('links, pipes and folders named like logs are passed over', async () => {
  const outside = join(house.path, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'x.jsonl'), lines(7, 7));
  writeFileSync(path('a'), lines(1, 2));
  symlinkSync(join(outside, 'x.jsonl'), path('link'));
  symlinkSync(outside, join(directory, 'folder'));
  symlinkSync(directory, join(directory, 'loop'));
  mkdirSync(path('directory'));
  expect(await counted()).toEqual(upTo(2));
});

it('a root that is itself a link is read, and one that is there twice is read once', async () => {
  const real = join(house.path, 'real');
  mkdirSync(join(real, 'projects/p'), { recursive: true });
  writeFileSync(join(real, 'projects/p/a.jsonl'), lines(1, 3, { anonymous: true }));
  rmSync(join(house.home, '.claude'), { recursive: true });
  symlinkSync(real, join(house.home, '.claude'));
  mkdirSync(join(house.home, '.config'));
  symlinkSync(real, join(house.home, '.config/claude'));
  expect(await counted()).toEqual(upTo(3));
});

it('a name with a newline, escapes and 200 bytes is a file like any other', async () => {
  writeFileSync(path('new\nline \u001b[31m'), lines(1, 1));
  writeFileSync(path('ä'.repeat(100)), lines(2, 2));
  writeFileSync(join(Buffer.from(directory).toString(), '.jsonl'), lines(3, 3));
  expect(await counted()).toEqual(upTo(3));
});

describe.skipIf(process.platform !== 'linux')('names that are no UTF-8', () => {
  const bytes = (...parts: readonly (string | number)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

  it('are names like any other, of files and of folders', async () => {
    mkdirSync(bytes(`${directory}/`, 0xc3));
    const first = bytes(`${directory}/`, 0xff, 0xfe, '.jsonl');
    const second = bytes(`${directory}/`, 0xc3, '/', 0xff, '.jsonl');
    writeFileSync(first, lines(1, 1, { anonymous: true }));
    writeFileSync(second, lines(2, 2, { anonymous: true }));
    writeFileSync(path('\ufffd\ufffd'), lines(3, 3, { anonymous: true }));
    expect(await counted()).toEqual(upTo(3));
    appendFileSync(first, lines(4, 4, { anonymous: true }));
    appendFileSync(second, lines(5, 5, { anonymous: true }));
    expect(await counted()).toEqual(upTo(5));
    expect(tracked().map((file) => file.generation)).toEqual([0, 0, 0]);
    expect(tracked().map((file) => displaySafe(file.path.slice(directory.length)))).toContain('/\\xc3/\\xff.jsonl');
  });

  it('are told apart by their bytes, also when a file changes its name', async () => {
    const names = [0xff, 0xfe, 0xfd].map((byte) => bytes(`${directory}/`, byte, '.jsonl'));
    for (const [i, name] of names.entries()) writeFileSync(name, lines(i + 1, i + 1, { anonymous: true }));
    expect(await counted()).toEqual(upTo(3));
    renameSync(names[0] ?? '', bytes(`${directory}/`, 0xfc, '.jsonl'));
    expect(await counted()).toEqual(upTo(3));
    expect(tracked().length).toBe(3);
    const before = statSync(house.store.db, { bigint: true }).mtimeNs;
    expect(await counted()).toEqual(upTo(3));
    expect(statSync(house.store.db, { bigint: true }).mtimeNs).toBe(before);
  });
});

it('a last line without its newline counts once, and still once when the newline comes', async () => {
  const text = lines(1, 3, { anonymous: true });
  writeFileSync(path('a'), text.slice(0, -1));
  expect(await counted()).toEqual(upTo(3));
  expect(await counted()).toEqual(upTo(3));
  appendFileSync(path('a'), '\n');
  expect(await counted()).toEqual(upTo(3));
  appendFileSync(path('a'), lines(4, 4, { anonymous: true }));
  expect(await counted()).toEqual(upTo(4));
});

it('a thousand lines that are none put a file into quarantine; good ones behind count when it changes', async () => {
  writeFileSync(path('a'), 'no record\n'.repeat(150_000));
  writeFileSync(path('b'), lines(1, 2));
  expect(await counted()).toEqual(upTo(2));
  writeFileSync(path('a'), lines(3, 3));
  expect(await counted()).toEqual(upTo(3));
});

it('400 hostile lines between good ones cost the good ones nothing', async () => {
  const hostile = [
    '{',
    '[',
    '"',
    '{"type":',
    '{"type":"assistant","message":{"usage":',
    '\u0000',
    '}',
    '{"a":'.repeat(5000),
    `${'['.repeat(9000)}${']'.repeat(9000)}`,
    `{"type":"assistant","x":"${'y'.repeat(100_000)}`,
    '{"type":"assistant","message":{"id":"msg_x","usage":[]}}',
    '{"type":"assistant","message":{"id":{},"usage":{"input_tokens":{}}}}',
    '{"type":{}}',
    '{"type":"user","message":[[]]}',
    '\ufeff',
    'data: {"type":"assistant"}',
    '<?xml?>',
    '\\',
    '{"type":"system","subtype":7}',
    '{"\\u0000":1}',
  ];
  let text = '';
  for (let i = 0; i < 400; i++) text += `${hostile[i % hostile.length]}\n${lines(i + 1, i + 1)}`;
  writeFileSync(path('a'), text);
  const { turns } = await house.read();
  const good = turns.filter((turn) => Number(turn.output ?? 0) > 0).map((turn) => Number(turn.output));
  expect(good.sort((a, b) => a - b)).toEqual(upTo(400));
});

it('a line of 40 MiB is passed over and the next one counts', async () => {
  writeFileSync(
    path('a'),
    `${lines(1, 1)}{"type":"assistant","message":{"content":"${'x'.repeat(40 * 1024 * 1024)}"}}\n${lines(2, 2)}`,
  );
  expect(await counted()).toEqual(upTo(2));
  appendFileSync(path('a'), `{"x":"${'y'.repeat(17 * 1024 * 1024)}`);
  expect(await counted()).toEqual(upTo(2));
  appendFileSync(path('a'), `"}\n${lines(3, 3)}`);
  expect(await counted()).toEqual(upTo(3));
});

it('nesting of a million is passed over', async () => {
  writeFileSync(
    path('a'),
    `${lines(1, 1)}{"type":"assistant","x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}\n${'{"a":'.repeat(1_000_000)}\n${lines(2, 2)}`,
  );
  expect(await counted()).toEqual(upTo(2));
});

it('absurd counts a thousand times keep every sum whole', async () => {
  let text = '';
  for (let n = 0; n < 1000; n++)
    text += `${JSON.stringify({ type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', message: { id: `msg_${n}`, model: 'claude-opus-4-6', usage: { input_tokens: 1e12, output_tokens: 1e12, cache_read_input_tokens: 1e12, cache_creation_input_tokens: 1e12 } } })}\n`;
  writeFileSync(path('a'), text);
  const { turns } = await house.read();
  expect(turns.length).toBe(1000);
});

it('a pipe in the tree does not stop reading', async () => {
  const { execFileSync } = await import('node:child_process');
  execFileSync('mkfifo', [path('pipe')]);
  writeFileSync(path('a'), lines(1, 2));
  expect(await counted()).toEqual(upTo(2));
  expect(readFileSync(path('a')).length).toBeGreaterThan(0);
});

describe('a document rewritten as a whole', () => {
  const document = (): string => join(house.home, '.gemini/tmp/shop/chats/session-2026-04-10T10-00-00000000.json');
  /** Responses with these outputs; the middle of the document tells the last of them, so that its ends do not change. */
  const write = (path: string, ...outputs: readonly number[]): void => {
    const messages = outputs.map((output, n) => ({ id: `m${n}`, type: 'gemini', tokens: { input: 1, output } }));
    mkdirSync(join(document(), '..'), { recursive: true });
    const padding = 'CANARY'.repeat(300);
    writeFileSync(path, JSON.stringify({ sessionId: 's', startTime: padding, messages, summary: padding }));
  };

  it('is read again when only its middle has changed', async () => {
    house.remove();
    house = await createHouse({ keepTimes: true });
    write(document(), 1, 2);
    utimesSync(document(), testFileTime, testFileTime);
    expect(await counted()).toEqual([1, 2]);
    write(document(), 1, 9);
    utimesSync(document(), testFileTime, new Date(testFileTime.getTime() + 1000));
    expect(await counted()).toEqual([1, 9]);
    expect(tracked()).toMatchObject([{ generation: 1, records: 3 }]);
  });

  it('is one log when it is saved atomically', async () => {
    for (let n = 1; n <= 5; n++) {
      write(`${document()}.tmp`, ...upTo(n));
      renameSync(`${document()}.tmp`, document());
      expect(await counted()).toEqual(upTo(n));
    }
    expect(tracked()).toMatchObject([{ records: 6 }]);
  });
});
