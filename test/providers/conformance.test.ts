import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import { discover } from '../../src/ingest/discover.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import { openFile } from '../../src/store/driver.ts';
import { run } from '../helpers/bin.ts';
import { type ProviderCase, providerCases, settingsIn } from '../helpers/cases.ts';
import { statementsOf } from '../helpers/databases.ts';
import { loadExampleProvider, writeExampleProvider } from '../helpers/example-provider.ts';
import { createHouse, type House, setTimes, testFileTime } from '../helpers/house.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';
import { canary, saltShapes } from '../helpers/salt.ts';
import { dumpSkips, dumpText, type StoreDump } from '../helpers/store-dump.ts';

const cases = providerCases();
/** Every member, and the one that CONTRIBUTING.md shows: the page must stay true. */
const example = writeExampleProvider();
afterAll(() => example.remove());
const providers: ReadonlyMap<string, Provider> = new Map([
  ...(await loadMembers<Provider>('providers')),
  [example.id, await loadExampleProvider(example)],
]);

it('finds cases of every provider that has any', () => {
  expect(new Set(cases.map((each) => each.provider))).toContain('claude-code');
});

/** Reading a case again for each of its cuts takes its time, above all on a busy machine. */
const growingMs = 120_000;

describe.each(cases)('$provider: $name', (each) => {
  it('gives the rows that expected.json tells', async () => {
    await withHouse(each, async (house) => {
      const dump = await house.read();
      await expect(dumpText({ ...dump, files: skipsOf(house) })).toMatchFileSnapshot(each.expected);
    });
  });

  // The other thread knows the program's own members and no example.
  it.skipIf(each.provider === example.id)('gives the same rows when another thread reads', async () => {
    const usual = await withHouse(each, async (house) => ({ dump: await house.read(), labels: labelsOf(house) }));
    await withHouse(each, async (house) => {
      expect({ dump: await house.fillFirst(), labels: labelsOf(house) }).toEqual(usual);
    });
  });

  it('gives the same rows when it is read a second time, by a newer parser, and from the start', async () => {
    await withHouse(each, async (house) => {
      const first = await house.read();
      expect(await house.read()).toEqual(first);
      outdate(house);
      expect(await house.read()).toEqual(first);
      forgetCheckpoints(house);
      expect(withoutAnonymous(await house.read())).toEqual(withoutAnonymous(first));
    });
  });

  it('gives the same rows however its files grow', { timeout: growingMs }, async () => {
    const whole = await wholeReading(each);
    const files = logsOf(each);
    for (const file of files) {
      const bytes = readFileSync(join(each.home, file));
      await withHouse(each, async (house) => {
        for (const cut of cutsOf(bytes, file, files.length)) {
          writeFileSync(join(house.home, file), bytes.subarray(0, cut));
          (await house.catchUp()).db?.close();
        }
        expect(await house.read(), file).toEqual(whole);
      });
    }
  });

  it.runIf(each.databases.length > 0)(
    'gives the same rows while its databases grow, whose owners notice nothing',
    async () => {
      const whole = await wholeReading(each);
      for (const { file, script } of each.databases) {
        await withHouse(each, async (house) => {
          const path = join(house.home, file);
          rmSync(path);
          const owner = openFile(path);
          owner.pragma('journal_mode = WAL');
          owner.pragma('wal_autocheckpoint = 0'); // so that all that is new stands in the log beside it
          const statements = statementsOf(script);
          const pauses = new Set(shuffled([...statements.keys()], randomFrom(statements.length)).slice(0, mostCuts));
          for (const [i, statement] of statements.entries()) {
            owner.exec(statement);
            if (!pauses.has(i)) continue;
            owner.exec('BEGIN IMMEDIATE');
            const before = besides(path);
            (await house.catchUp()).db?.close(); // which first sets the times of all files
            expect(besides(path)).toEqual(before);
            for (const name of Object.keys(before)) expect(timeOf(dirname(path), name)).toBe(testFileTime.getTime());
            owner.exec('ROLLBACK');
          }
          expect(await house.read(), `${file} in the log`).toEqual(whole);
          owner.close();
          expect(await house.read(), file).toEqual(whole);
          expect(Object.keys(besides(path))).toEqual([basename(path)]);
        });
      }
    },
  );

  it('gives the same rows in whatever order its files arrive', async () => {
    const whole = await wholeReading(each);
    const files = logsOf(each);
    for (let seed = 0; seed < (files.length > 1 ? 4 : 0); seed++) {
      const house = await createHouse(needsOf(each));
      try {
        for (const file of [...(each.settings.beforehand ?? []), ...shuffled(files, randomFrom(seed))]) {
          mkdirSync(dirname(join(house.home, file)), { recursive: true });
          cpSync(join(each.home, file), join(house.home, file));
          (await house.catchUp()).db?.close();
        }
        expect(await house.read(), `seed ${seed}`).toEqual(whole);
      } finally {
        house.remove();
      }
    }
  });

  it('gives the same rows however its documents are rewritten, and loses none', async () => {
    const whole = await wholeReading(each);
    const provider = providers.get(each.provider);
    const sound = await withHouse(each, async (house) => {
      await house.read();
      return new Set(skipsOf(house).flatMap((row) => (row.invalid === undefined ? [row.path] : [])));
    });
    for (const file of logsOf(each).filter((name) => sound.has(name) && provider?.rewrites?.(name) === true)) {
      const bytes = readFileSync(join(each.home, file));
      const house = await createHouse({ ...needsOf(each), from: each.home, keepTimes: true });
      const path = join(house.home, file);
      try {
        let minute = 0;
        for (const version of versionsOf(bytes)) {
          writeFileSync(path, version);
          setTimes(house.home, new Date(testFileTime.getTime() + minute++ * 60_000));
          (await house.catchUp()).db?.close();
          const invalid = skipsOf(house)
            .filter((row) => row.path === file)
            .map((row) => row.invalid);
          expect(invalid, file).toEqual([version.includes('garbage') ? 1 : undefined]);
        }
        expect(await house.read(), file).toEqual(whole);
      } finally {
        house.remove();
      }
    }
  });

  it('passes over garbage between its lines, and counts it', async () => {
    const whole = await wholeReading(each);
    await withHouse(each, async (house) => {
      const clean = await skipsAfterReading(each);
      const isRead = (name: string): boolean => clean.some((file) => file.path === name);
      let added = 0;
      for (const file of filesOf(each).filter((name) => name.endsWith('.jsonl') && isRead(name))) {
        const lines = readFileSync(join(each.home, file), 'latin1').split('\n');
        const tail = lines.pop() ?? '';
        const dirty = lines.map((line, i) => `${line}\n${garbage[i % garbage.length]}\n`).join('') + tail;
        added += lines.length;
        writeFileSync(join(house.home, file), dirty, 'latin1');
      }
      expect(await house.read()).toEqual(whole);
      expect(sumInvalid(skipsOf(house)) - sumInvalid(clean)).toBe(added);
    });
  });

  it('keeps nothing of what was said', async () => {
    await withHouse(each, async (house) => {
      const { db } = await house.catchUp();
      expect(bytesBelow(join(house.path, 'scopeon')).includes('CANARY')).toBe(false);
      db?.close();
      expect(bytesBelow(join(house.path, 'scopeon')).includes('CANARY')).toBe(false);
    });
  });

  it('holds no number that cannot be', async () => {
    for (const turn of (await wholeReading(each)).turns) {
      for (const [name, value] of Object.entries(turn)) {
        if (typeof value === 'number') expect(Number.isSafeInteger(value) && value >= 0, `${name} ${value}`).toBe(true);
      }
      expect(Number(turn.reasoning ?? 0)).toBeLessThanOrEqual(Number(turn.output ?? 0));
    }
  });
});

// Elsewhere such a name cannot be made.
describe.runIf(process.platform === 'linux')('names that are no UTF-8', () => {
  const some = [...new Set(cases.map((each) => each.provider))].flatMap((provider) =>
    cases.filter((each) => each.provider === provider).slice(0, 2),
  );

  it.for(some)('are names like any other to $provider: $name', async (each, { skip }) => {
    const plain = await countsUnderNames('x', each);
    if (plain.names === 0) skip('its logs have fixed names, in a folder that the agent names');
    expect(await countsUnderNames('\xff', each)).toEqual(plain);
  });
});

describe('content of the logs', () => {
  let house: House;
  let env: Record<string, string> = {};
  beforeAll(async () => {
    house = await createHouse();
    const generic: string[] = [];
    for (const each of cases) {
      cpSync(each.home, house.home, { recursive: true });
      const settings = settingsIn(house.home, each);
      env = { ...env, ...settings.env };
      generic.push(...settings.genericPaths);
    }
    env.SCOPEON_PROVIDERS_GENERIC_PATHS = generic.join(',');
    expect(saltShapes(house.home)).toBeGreaterThan(1_000); // also where no log has a text
  });
  afterAll(() => house.remove());

  it.each([
    ['status'],
    ['status', '--json'],
    ['daily', '--breakdown'],
    ['sessions', '--json', '--subagents', '--paths', '--breakdown'],
    ['report', 'tool', '--json'],
    ['report', 'agent', '--csv'],
    ['models', '--markdown'],
    ['report', 'hour', '--json'],
    ['providers', '--json'],
    ['limits', '--json'],
    ['insights', '--json'],
    ['export', '--level', 'turns', '--format', 'ndjson'],
    ['export', '--level', 'sessions', '--format', 'csv'],
  ])('is not printed by scopeon %s %s %s %s', async (...args) => {
    const outcome = await run(args, { home: house.home, env });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).not.toContain(canary);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing from a log may steer the terminal
    expect(outcome.stdout).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
  });

  it('is in no file of ours', () => {
    expect(bytesBelow(join(house.path, 'scopeon')).includes(canary)).toBe(false);
  });
});

/** What a document may be seen as while it is rewritten, the true one in the midst; those of its size are found by their time. */
function versionsOf(bytes: Buffer): readonly (Buffer | string)[] {
  const empty = '{}'.padEnd(bytes.length);
  return [
    empty,
    'garbage'.padEnd(bytes.length, '}'),
    bytes.subarray(0, bytes.length / 2),
    bytes,
    empty,
    'garbage'.padEnd(bytes.length, ']'),
    '{}',
    '',
  ];
}

/** Not records, each in another way. One holds `{"type":"assistant"` so that nothing is found by substring. */
const garbage = [
  'garbage',
  '{"type":"assistant","message":{"id":"msg_01Garbage"',
  '[1,2]',
  '"text"',
  '}{',
  '{"a":1}x',
  '\x01\x02\xff\xfe',
  '17',
  '{a:1}',
  "{'type':'assistant'}",
];

/** How many names could end in this byte, and what is then counted, but for what names of files and folders say. */
async function countsUnderNames(byte: string, each: ProviderCase) {
  const house = await createHouse({ ...needsOf(each), from: each.home, keepTimes: true });
  setTimes(house.home, testFileTime);
  const renamed = renameLogs(byte, each, house.home);
  try {
    const { turns, sessions } = await house.read();
    const counts = turns.map(({ session: _session, branch: _branch, ...rest }) => JSON.stringify(rest)).sort();
    return { names: renamed.length, counts, projects: sessions.map((session) => session.project).sort() };
  } finally {
    for (const [from, to] of renamed.toReversed()) renameSync(to, from); // or they could not be removed
    house.remove();
  }
}

/** Lets the names of logs and their folders end in this byte, as far as they are then taken for logs. */
function renameLogs(byte: string, each: ProviderCase, home: string): readonly (readonly [from: Buffer, to: Buffer])[] {
  const { env, generic } = needsOf(each);
  const host = createHost({ home, env: env(home), platform: 'linux', generic: generic(home) });
  const find = () => discover(providers, host).candidates;
  const before = find();
  const renamed: (readonly [Buffer, Buffer])[] = [];
  for (const { path, root } of before.filter((log) => log.provider === each.provider && log.path !== log.root)) {
    for (const place of [dirname(path), path]) {
      const from = Buffer.from(place);
      if (place === root || !existsSync(from)) continue;
      const end = place === path ? basename(path).replace(/^[^.]*/, '') : '';
      const to = Buffer.from(`${from.subarray(0, from.length - end.length).toString('latin1')}${byte}${end}`, 'latin1');
      renameSync(from, to);
      if (find().length === before.length) renamed.push([from, to]);
      else renameSync(to, from);
    }
  }
  return renamed;
}

/** What a house needs for the case's logs to be found in it. */
function needsOf(each: ProviderCase) {
  return {
    providers,
    env: (home: string) => settingsIn(home, each).env,
    generic: (home: string) => ({ paths: settingsIn(home, each).genericPaths, name: 'Custom OpenAI' }),
  };
}

async function withHouse<T>(each: ProviderCase, use: (house: House) => Promise<T>): Promise<T> {
  const house = await createHouse({ from: each.home, ...needsOf(each) });
  try {
    return await use(house);
  } finally {
    house.remove();
  }
}

const readings = new Map<string, Promise<StoreDump>>();

function wholeReading(each: ProviderCase): Promise<StoreDump> {
  let reading = readings.get(each.home);
  if (reading === undefined) readings.set(each.home, (reading = readOnce(each)));
  return reading;
}

async function readOnce(each: ProviderCase): Promise<StoreDump> {
  const house = await createHouse({ from: each.home, ...needsOf(each) });
  try {
    return await house.read();
  } finally {
    house.remove();
  }
}

async function skipsAfterReading(each: ProviderCase) {
  const house = await createHouse({ from: each.home, ...needsOf(each) });
  try {
    await house.read();
    return skipsOf(house);
  } finally {
    house.remove();
  }
}

/** Its files but for those that say something about its logs. */
function logsOf(each: ProviderCase): readonly string[] {
  return filesOf(each).filter((file) => each.settings.beforehand?.includes(file) !== true);
}

function filesOf(each: ProviderCase): readonly string[] {
  return readdirSync(each.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(each.home.length + 1))
    .sort();
}

/** More of them find nothing new and take their time: of a file, and of all files of a case, each of which gets some. */
const mostCuts = 40;
const mostCutsInAll = 160;
const leastCuts = 8;

/** Ends of lines, with and without the newline and the byte before it, and some places anywhere: ascending, the whole file last. */
function cutsOf(bytes: Buffer, seedText: string, files: number): readonly number[] {
  const random = randomFrom(bytes.length + seedText.length);
  const cuts = new Set<number>([0, bytes.length]);
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1))
    for (const near of [at - 1, at, at + 1]) if (near >= 0 && near <= bytes.length) cuts.add(near);
  for (let i = 0; i < 12; i++) cuts.add(Math.floor(random() * bytes.length));
  const share = Math.max(leastCuts, Math.floor(mostCutsInAll / files));
  const some = shuffled([...cuts], random).slice(0, Math.min(mostCuts, share));
  return [...new Set([...some, bytes.length])].sort((a, b) => a - b);
}

/** Every byte of a database and of what lies beside it under its name. */
function besides(path: string): Record<string, string> {
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dirname(path), name), 'latin1')]));
}

function timeOf(directory: string, name: string): number {
  return lstatSync(join(directory, name)).mtimeMs;
}

function skipsOf(house: House) {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return dumpSkips(db, house.home);
  } finally {
    db.close();
  }
}

/** Tags and facts of each session, of which the dump says nothing. */
function labelsOf(house: House): readonly unknown[] {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return db
      .prepare(
        `SELECT s.provider, s.sid, s.last_at, s.context_window, s.context_told, s.facts_rank, t.tag, t.source
         FROM session s LEFT JOIN tag t ON t.session_id = s.id ORDER BY 1, 2, 7`,
      )
      .all();
  } finally {
    db.close();
  }
}

function sumInvalid(files: ReturnType<typeof dumpSkips>): number {
  return files.reduce((sum, file) => sum + Number(file.invalid ?? 0), 0);
}

/** As if an older version of every parser had read it. */
function outdate(house: House): void {
  const db = openFile(house.store.db);
  db.exec('UPDATE source_file SET parser_version = parser_version - 1');
  db.close();
}

function forgetCheckpoints(house: House): void {
  const db = openFile(house.store.db);
  db.exec('UPDATE source_file SET generation = generation + 1, offset = 0, state = NULL, size = -1');
  db.close();
}

/** Records without any id are known by their place in one reading of a file, so a reading anew counts them again. */
function withoutAnonymous(dump: StoreDump): StoreDump {
  const unique = <T>(rows: readonly T[]): readonly T[] => [
    ...new Map(rows.map((row) => [JSON.stringify(row), row])).values(),
  ];
  return { ...dump, turns: unique(dump.turns), prompts: unique(dump.prompts), events: unique(dump.events) };
}

function bytesBelow(directory: string): Buffer {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
}
