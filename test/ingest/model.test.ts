import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import { prepareIngest } from '../../src/ingest/prepare-ingest.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import type { Database } from '../../src/store/driver.ts';
import { openStore } from '../../src/store/open.ts';
import { randomFrom } from '../helpers/random.ts';
import { assertRollups } from '../helpers/rollups.ts';

/** Steps in all; a longer run: SCOPEON_TEST_STEPS=100000. A failure names its seed: SCOPEON_TEST_SEED repeats it. */
const steps = Number(process.env.SCOPEON_TEST_STEPS ?? 6_000);
const stepsPerRun = 300;
const firstSeed = Number(process.env.SCOPEON_TEST_SEED ?? 1);

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-model-')));
afterAll(() => rmSync(work, { recursive: true, force: true }));

it.each(Array.from({ length: Math.max(1, Math.round(steps / stepsPerRun)) }, (_, i) => firstSeed + i))(
  'whatever happens to the files, each response counts once: seed %i',
  { timeout: 120_000 },
  async (seed) => {
    const world = await createWorld(join(work, String(seed)), seed);
    for (let step = 0; step < stepsPerRun; step++) await world.step();
    await world.end();
  },
);

/**
 * Some log files, things that happen to them, and what may be expected of a store that was told of some of it.
 *
 * Responses without an id are known by their file alone. So what even a reader of the file system cannot tell from new
 * responses (a copy, a rewritten file, two moves at once) happens only to files whose responses have ids.
 */
async function createWorld(path: string, seed: number) {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const root = join(path, 'home/.claude/projects');
  for (const directory of ['p', 'q']) mkdirSync(join(root, directory), { recursive: true });
  const store = join(path, 'scopeon');
  const paths = { db: join(store, 'db'), backups: join(store, 'backups'), hmacKey: join(store, 'hmac.key') };
  const provider = (await loadMembers<Provider>('providers')).get('claude-code') as Provider; // it is there
  /** Records until the process is killed; no limit: it is not. */
  let life = Number.POSITIVE_INFINITY;
  const settings = {
    paths,
    providers: new Map([['claude-code', { ...provider, read: mortal(provider.read, () => life--) }]]),
    host: createHost({ home: join(path, 'home'), env: {}, platform: 'linux' }),
    overrides: {},
    command: 'test',
    now: () => Date.parse('2026-10-01T12:00:00Z'),
    notice: () => undefined,
  };
  let db: Database = await openStore(paths, 0, () => undefined);
  let ingest = prepareIngest(db, settings);

  const files = new Map<string, LogFile>();
  /** What must be in the store, and what may be beside it. */
  const surely = new Set<number>();
  const perhaps = new Set<number>();
  const log: string[] = [];
  let names = 0;
  let responses = 0;
  let time = 1_700_000_000;

  const freshName = (): string => join(root, pick(['p', 'q']) ?? 'p', `${names++}.jsonl`);
  const someFile = (may: (file: LogFile) => boolean = () => true): LogFile | undefined =>
    pick([...new Set(files.values())].filter(may));
  const nameOf = (file: LogFile): string => [...files].find(([, each]) => each === file)?.[0] ?? '';
  const namesOf = (file: LogFile): number => [...files.values()].filter((each) => each === file).length;

  function line(file: LogFile): Line {
    const n = ++responses;
    const id = file.hasIds ? { id: `msg_${n}` } : {};
    const text = JSON.stringify({
      type: 'assistant',
      timestamp: '2026-04-10T10:00:00.000Z',
      cwd: '/home/dev/x',
      sessionId: `s${n % 3}`,
      message: {
        ...id,
        model: 'claude-opus-4-6',
        content: [{ type: 'text', text: 'CANARY'.repeat(1 + Math.floor(random() * 40)) }],
        usage: { input_tokens: 1, output_tokens: n },
      },
    });
    return { n, text: `${text}\n` };
  }

  function some(file: LogFile): readonly Line[] {
    return Array.from({ length: 1 + Math.floor(random() * 4) }, () => line(file));
  }

  /** Adds lines to a file's end; the last one often not whole yet. */
  function append(file: LogFile): void {
    const name = nameOf(file);
    if (file.rest !== '') {
      const part = random() < 0.5 ? file.rest : file.rest.slice(0, Math.ceil(random() * file.rest.length));
      appendFileSync(name, part);
      file.rest = file.rest.slice(part.length);
      return;
    }
    const lines = some(file);
    const text = lines.map((each) => each.text).join('');
    const last = lines.at(-1) as Line; // one at least
    const cut = random() < 0.4 ? 1 + Math.floor(random() * last.text.length) : 0;
    appendFileSync(name, text.slice(0, text.length - cut));
    file.lines.push(...lines);
    file.rest = text.slice(text.length - cut);
  }

  /** Everything in it that ends in a newline, and with `tails` what lacks nothing but that. */
  function whole(file: LogFile, tails: boolean): readonly number[] {
    const isWhole = file.rest === '' || (tails && file.rest === '\n');
    return (isWhole ? file.lines : file.lines.slice(0, -1)).map((each) => each.n);
  }

  function write(file: LogFile, name: string, lines: readonly Line[]): void {
    file.lines = [...lines];
    file.rest = '';
    writeFileSync(name, lines.map((each) => each.text).join(''));
  }

  function move(from: string, to: string): void {
    const file = files.get(from);
    if (file === undefined) return;
    renameSync(from, to);
    files.delete(from);
    files.set(to, file);
    file.moved = true;
  }

  const canMove = (file: LogFile): boolean =>
    (file.hasIds || (!file.moved && whole(file, false).length > 0)) && namesOf(file) === 1;

  const happenings: Readonly<Record<string, () => void>> = {
    create() {
      if (files.size > 12) return;
      const file: LogFile = { hasIds: random() < 0.5, lines: [], rest: '', moved: false };
      const name = freshName();
      files.set(name, file);
      write(file, name, random() < 0.2 ? [] : some(file));
    },
    append() {
      const file = someFile();
      if (file !== undefined) append(file);
    },
    appendAgain() {
      const file = someFile();
      if (file !== undefined) append(file);
    },
    rename() {
      const file = someFile(canMove);
      if (file !== undefined) move(nameOf(file), freshName());
    },
    rotate() {
      const file = someFile(canMove);
      if (file === undefined) return;
      const name = nameOf(file);
      move(name, freshName());
      if (random() < 0.5) append(file);
      const fresh: LogFile = { hasIds: file.hasIds, lines: [], rest: '', moved: true };
      files.set(name, fresh);
      write(fresh, name, some(fresh));
    },
    swap() {
      const [a, b] = [someFile(canMove), someFile(canMove)];
      if (a === undefined || b === undefined || a === b) return;
      const [nameA, nameB] = [nameOf(a), nameOf(b)];
      const between = freshName();
      move(nameA, between);
      move(nameB, nameA);
      move(between, nameB);
    },
    saveAtomically() {
      const file = someFile(canMove);
      if (file === undefined) return;
      const name = nameOf(file);
      const lines = file.rest === '' ? file.lines : file.lines.slice(0, -1);
      const added = random() < 0.5 ? some(file) : [];
      write(file, `${name}.tmp`, [...lines, ...added]);
      renameSync(`${name}.tmp`, name);
      file.moved = true;
    },
    truncate() {
      const file = someFile((each) => each.hasIds);
      if (file === undefined) return;
      const keep = Math.floor(random() * file.lines.length);
      const name = nameOf(file);
      const kept = file.lines.slice(0, keep);
      truncateSync(name, Buffer.byteLength(kept.map((each) => each.text).join('')));
      file.lines = kept;
      file.rest = '';
      if (random() < 0.3) utimesSync(name, 0, 0);
    },
    rewrite() {
      const file = someFile((each) => each.hasIds);
      if (file === undefined) return;
      const name = nameOf(file);
      write(
        file,
        name,
        Array.from({ length: Math.floor(random() * 8) }, () => line(file)),
      );
      utimesSync(name, ++time, time);
    },
    copy() {
      const file = someFile((each) => each.hasIds);
      if (file === undefined || files.size > 12) return;
      const name = freshName();
      copyFileSync(nameOf(file), name);
      files.set(name, { ...file, lines: [...file.lines], moved: true });
    },
    link() {
      const file = someFile(canMove);
      if (file === undefined || files.size > 12) return;
      const name = freshName();
      linkSync(nameOf(file), name);
      files.set(name, file);
      file.moved = true; // it may be known by the new name from now on
    },
    remove() {
      const name = pick([...files.keys()]);
      if (name === undefined) return;
      const file = files.get(name) as LogFile; // one of its names
      // What is known by its file alone may not come back under another name.
      if (!file.hasIds && namesOf(file) > 1) return;
      rmSync(name);
      files.delete(name);
    },
  };

  async function look(mayDie: boolean): Promise<void> {
    const tails = random() < 0.3;
    const there = [...new Set(files.values())].flatMap((file) => whole(file, tails));
    life = mayDie && random() < 0.3 ? Math.floor(random() * 6) : Number.POSITIVE_INFINITY;
    let commits = mayDie && random() < 0.3 ? Math.floor(random() * 4) : Number.POSITIVE_INFINITY;
    log.push(`look${tails ? ' at tails' : ''}`);
    try {
      const { complete } = await ingest({
        takeTail: () => tails,
        commitEveryMs: 0,
        afterCommit: () => {
          if (commits-- <= 0) throw new Killed();
          return true;
        },
      });
      expect(complete).toBe(true);
      for (const n of there) surely.add(n);
      for (const file of files.values()) file.moved = false;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      log.push('killed');
      for (const n of there) perhaps.add(n);
      db.close();
      db = await openStore(paths, 0, () => undefined);
      ingest = prepareIngest(db, settings);
    }
    life = Number.POSITIVE_INFINITY;
    compare();
  }

  function compare(): void {
    const stored = db.prepare<[], { n: number }>('SELECT output_tokens AS n FROM turn').all();
    const found = new Set(stored.map(({ n }) => n));
    const missing = [...surely].filter((n) => !found.has(n));
    const extra = [...found].filter((n) => !surely.has(n) && !perhaps.has(n));
    const told = `\n${log.slice(-12).join('\n')}`;
    expect(missing, `not counted${told}`).toEqual([]);
    expect(extra, `never there${told}`).toEqual([]);
    expect(stored.length, `counted twice: ${twice(stored)}${told}`).toBe(found.size);
  }

  return {
    async step(): Promise<void> {
      if (random() < 0.25) return look(true);
      const name = pick(Object.keys(happenings)) as string; // there are some
      happenings[name]?.();
      const state = [...files].map(
        ([at, file]) => `${at.slice(root.length)}${file.hasIds ? '' : '*'} ${whole(file, false)}`,
      );
      log.push(`${name}: ${state.join(' | ')}`);
    },
    async end(): Promise<void> {
      await look(false);
      assertRollups(db);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

interface Line {
  readonly n: number;
  readonly text: string;
}

interface LogFile {
  readonly hasIds: boolean;
  lines: Line[];
  /** What is still to be written of the last line; '': it is whole. */
  rest: string;
  /** It has changed its name or its inode since all was looked at. */
  moved: boolean;
}

/** The process ends here, in the middle of whatever it does. */
class Killed extends Error {}

/** Reads as `read` does until the process is killed. */
function mortal(read: Provider['read'], lifeLeft: () => number): Provider['read'] {
  return function* (file, from) {
    for (const batch of read(file, from)) {
      if (lifeLeft() <= 0) throw new Killed();
      yield batch;
    }
  };
}

function twice(stored: readonly { readonly n: number }[]): string {
  const seen = new Set<number>();
  const again: number[] = [];
  for (const { n } of stored) {
    if (seen.has(n)) again.push(n);
    seen.add(n);
  }
  return again.join(', ');
}
