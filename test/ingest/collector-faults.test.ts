import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import { type RunningCollector, startCollectorProcess, until } from '../helpers/collector.ts';
import {
  canLimitFileSize,
  fillUp,
  limitFileSize,
  withoutInotify,
  withoutPrivilege,
  withSmallDisk,
} from '../helpers/faults.ts';
import { assertRollups } from '../helpers/rollups.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-collector-faults-')));
const running: RunningCollector[] = [];
let houses = 0;
afterAll(async () => {
  await Promise.all(running.map((collector) => collector.stop()));
  rmSync(work, { recursive: true, force: true });
});

/** A home of its own with a folder for logs, and a collector to start in it. */
function createPlace() {
  const path = join(work, String(houses++));
  const home = join(path, 'home');
  const store = join(path, 'scopeon');
  const projects = join(home, '.claude/projects');
  mkdirSync(projects, { recursive: true });
  mkdirSync(store, { mode: 0o700 });
  return {
    path,
    projects,
    store,
    db: join(store, 'scopeon.db'),
    start(through?: readonly string[]) {
      const collector = startCollectorProcess({ home, store, through });
      running.push(collector);
      return collector;
    },
    write(name: string, from: number, to = from): void {
      const file = join(projects, name);
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, lines(from, to));
    },
  };
}

/** Responses `from` to `to`; their output is their number. */
function lines(from: number, to: number): string {
  let text = '';
  for (let n = from; n <= to; n++) {
    const message = { id: `msg_${n}`, model: 'claude-opus-4-6', content: [{ type: 'text', text: 'CANARY' }] };
    text += `${JSON.stringify({ type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', cwd: '/home/dev/x', sessionId: `s${n % 9}`, message: { ...message, usage: { input_tokens: 1, output_tokens: n } } })}\n`;
  }
  return text;
}

/** Numbers of the responses in a store; -1 when there is none, or none that can be read just now. */
function counted(db: string): number {
  try {
    const store = openFile(db, { readonly: true });
    try {
      return Number(store.prepare('SELECT COALESCE(SUM(output_tokens), 0) FROM turn').pluck().get());
    } finally {
      store.close();
    }
  } catch {
    return -1;
  }
}

const sum = (n: number): number => (n * (n + 1)) / 2;
const isWatching = ({ phase }: { readonly phase?: string }): boolean => phase === 'watching';

function expectSound(db: string): void {
  const store = openFile(db, { readonly: true });
  try {
    expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
    assertRollups(store);
  } finally {
    store.close();
  }
}

// They mostly wait: together they take as long as the longest.
describe.concurrent('a collector', { timeout: 90_000 }, () => {
  it.skipIf(withoutInotify === undefined)(
    'that is told nothing looks every few seconds, and says so once',
    async ({ expect }) => {
      const place = createPlace();
      place.write('p/a.jsonl', 1);
      const collector = place.start(withoutInotify);
      const degraded = await collector.hears(({ degraded: is }) => is === true);
      expect(degraded).toMatchObject({ phase: 'watching' });
      expect(degraded.message).toContain('fs.inotify.max_user_watches');
      place.write('q/new.jsonl', 2);
      await until(() => counted(place.db) === sum(2)); // sooner than at the next look of who is told, after a minute
      const messages = new Set(collector.said.flatMap(({ message }) => message ?? []));
      expect(messages.size).toBe(1);
    },
  );

  const small = join(work, 'small');
  mkdirSync(small);
  it.skipIf(withSmallDisk(small, 1536) === undefined)(
    'on a full disk stops reading, says so, and goes on when there is room',
    async ({ expect }) => {
      const place = createPlace();
      place.write('p/a.jsonl', 1, 10);
      const collector = place.start(withSmallDisk(place.store, 1536));
      const inside = join('/proc', String(collector.pid), 'root', place.store);
      const ballast = join(inside, 'ballast');
      await collector.hears(isWatching);
      fillUp(ballast);
      const from = collector.said.length;
      place.write('p/a.jsonl', 11, 400);
      const failed = await collector.hears(({ phase }) => phase === 'failed', from);
      expect(failed).toMatchObject({
        degraded: true,
        message: expect.stringMatching(/^No space left: .*scopeon\.db\./),
      });
      unlinkSync(ballast);
      await collector.hears(isWatching, collector.said.length);
      // SQLite follows links, and this one would lead it out of there again.
      const copy = join(place.path, 'copy.db');
      for (const suffix of ['', '-wal'])
        if (existsSync(join(inside, `scopeon.db${suffix}`)))
          copyFileSync(join(inside, `scopeon.db${suffix}`), copy + suffix);
      expect(counted(copy)).toBe(sum(400));
      expectSound(copy);
    },
  );

  it.skipIf(!canLimitFileSize)(
    'that may write no larger files goes on when it may, and is exact',
    async ({ expect }) => {
      const place = createPlace();
      place.write('p/a.jsonl', 1, 10);
      const collector = place.start();
      await collector.hears(isWatching);
      limitFileSize(collector.pid, 65_536);
      const from = collector.said.length;
      place.write('p/a.jsonl', 11, 3000);
      await collector.hears(({ phase }) => phase === 'failed', from);
      limitFileSize(collector.pid, 'unlimited');
      await until(() => counted(place.db) === sum(3000));
      await collector.stop();
      expectSound(place.db);
      expect(statSync(`${place.db}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    },
  );

  it('stands by while another reads, and takes over when that one is killed', async ({ expect }) => {
    const place = createPlace();
    place.write('p/a.jsonl', 1);
    const first = place.start();
    await first.hears(isWatching);
    const second = place.start();
    expect(await second.hears(({ phase }) => phase === 'standby')).toMatchObject({ holderPid: first.pid });
    place.write('p/a.jsonl', 2);
    await until(() => counted(place.db) === sum(2));
    process.kill(first.pid, 'SIGKILL');
    place.write('p/a.jsonl', 3);
    await second.hears(isWatching);
    place.write('p/a.jsonl', 4);
    await until(() => counted(place.db) === sum(4));
    await second.stop();
    expectSound(place.db);
  });

  it('waits while another program holds the database', async ({ expect }) => {
    const place = createPlace();
    place.write('p/a.jsonl', 1);
    const collector = place.start();
    await collector.hears(isWatching);
    const other = openFile(place.db);
    other.exec('BEGIN IMMEDIATE');
    place.write('p/a.jsonl', 2);
    await new Promise((resolve) => setTimeout(resolve, 8_000)); // more than SQLite itself waits
    other.exec('ROLLBACK');
    other.close();
    await until(() => counted(place.db) === sum(2));
    expect(collector.said.filter(({ phase }) => phase === 'failed')).toEqual([]);
  });

  it('whose database is deleted makes it again', async ({ expect }) => {
    const place = createPlace();
    place.write('p/a.jsonl', 1, 3);
    const collector = place.start();
    await collector.hears(isWatching);
    for (const suffix of ['', '-wal', '-shm']) rmSync(place.db + suffix, { force: true });
    await until(() => counted(place.db) === sum(3));
    place.write('p/a.jsonl', 4);
    await until(() => counted(place.db) === sum(4));
    expect(readdirSync(place.store)).toContain('scopeon.db');
  });

  it('whose database turns out damaged keeps it aside, rebuilds it and goes on', async ({ expect }) => {
    const place = createPlace();
    place.write('p/a.jsonl', 1, 300);
    const first = place.start();
    await first.hears(isWatching);
    await first.stop();
    rmSync(join(place.store, 'backups'), { recursive: true });
    const sound = readFileSync(place.db);
    writeFileSync(place.db, sound.fill(0xa5, 4096));
    const second = place.start();
    await second.hears(({ notice }) => notice?.includes('was damaged') === true);
    place.write('p/a.jsonl', 301);
    await until(() => counted(place.db) === sum(301));
    expect(readdirSync(join(place.store, 'backups')).filter((name) => name.startsWith('damaged-')).length).toBe(1);
    expectSound(place.db);
  });

  it.skipIf(withoutPrivilege === undefined)(
    'that cannot list a folder for a while misses nothing and counts nothing twice',
    async ({ expect }) => {
      const place = createPlace();
      place.write('p/a.jsonl', 1);
      place.write('q/b.jsonl', 2);
      const collector = place.start(withoutPrivilege);
      await collector.hears(isWatching);
      chmodSync(join(place.projects, 'p'), 0o000);
      place.write('q/c.jsonl', 3);
      await until(() => counted(place.db) === sum(3));
      chmodSync(join(place.projects, 'p'), 0o700);
      place.write('p/a.jsonl', 4);
      await until(() => counted(place.db) === sum(4));
      expect(counted(place.db)).toBe(sum(4));
    },
  );
});
