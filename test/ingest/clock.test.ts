import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import { type CollectorState, runCollector } from '../../src/ingest/collector-loop.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import { openReader } from '../../src/store/open.ts';
import { until } from '../helpers/collector.ts';
import { createHouse, type House } from '../helpers/house.ts';

const yearMs = 365 * 86_400_000;
const minuteMs = 60_000;

let cleanUp: () => unknown = () => undefined;
afterEach(() => cleanUp());

/** Response number `n`, a minute after the one before. */
function line(n: number): string {
  const timestamp = new Date(Date.parse('2026-04-10T10:00:00Z') + n * minuteMs).toISOString();
  const usage = { input_tokens: 1, output_tokens: n };
  return `${JSON.stringify({ type: 'assistant', timestamp, cwd: '/home/dev/x', sessionId: 's', message: { id: `msg_${n}`, model: 'claude-opus-4-6', content: [{ type: 'text', text: 'CANARY' }], usage } })}\n`;
}

it('a clock a year forward or back changes no row', async () => {
  const start = Date.parse('2026-10-01T12:00:00Z');
  let now = start;
  const houses: House[] = [await createHouse({ now: () => now }), await createHouse({ now: () => start })];
  cleanUp = () => houses.forEach((house) => house.remove());
  const [jumping, steady] = houses as [House, House];
  let n = 0;
  for (const at of [start, start + yearMs, start - yearMs, start + 1, start - 2 * yearMs]) {
    now = at;
    for (const house of houses) {
      const directory = join(house.home, '.claude/projects/p');
      mkdirSync(directory, { recursive: true });
      appendFileSync(join(directory, 'a.jsonl'), line(n) + line(n + 1));
      writeFileSync(join(directory, `${n}.jsonl`), line(n + 2));
    }
    n += 3;
    expect(await jumping.read()).toEqual(await steady.read());
  }
  expect((await steady.read()).turns.length).toBe(15);
});

it('a collector whose clock jumps, or that slept, looks once, and goes on as before', {
  timeout: 120_000,
}, async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-clock-')));
  const directory = join(home, '.claude/projects/p');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'a.jsonl'), line(1));
  const store = join(home, 'store');
  const paths = { db: join(store, 'scopeon.db'), backups: join(store, 'backups'), hmacKey: join(store, 'hmac.key') };
  const states: CollectorState[] = [];
  const stopping = new AbortController();
  let shift = 0;
  const ended = runCollector(
    {
      paths,
      providers: new Map([...(await loadMembers<Provider>('providers'))].filter(([id]) => id === 'claude-code')),
      host: createHost({ home, env: {}, platform: process.platform }),
      overrides: {},
      command: 'test',
      now: () => Date.now() + shift,
      notice: () => undefined,
    },
    { signal: stopping.signal, onState: (state) => states.push(state) },
  );
  cleanUp = async () => {
    stopping.abort();
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  const looks = (): number => states.filter(({ phase }) => phase === 'watching').length;
  /** Until it has found its rest: what a watch might have missed at its beginning is looked for once more. */
  const rest = async (): Promise<void> => {
    for (let before = -1; before !== looks(); ) {
      before = looks();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  };
  await until(() => looks() > 0);
  await rest();
  let n = 1;
  for (const jump of [10 * minuteMs, yearMs, -2 * yearMs]) {
    const before = looks();
    shift += jump;
    await until(() => looks() > before);
    await rest();
    expect(looks() - before, `after a jump of ${jump} ms`).toBeLessThanOrEqual(2);
    appendFileSync(join(directory, 'a.jsonl'), line(++n));
    await until(() => turns(paths) === n);
  }
  expect(states.filter(({ phase }) => phase === 'failed')).toEqual([]);
});

function turns(paths: { readonly db: string; readonly backups: string }): number {
  const db = openReader(paths);
  const count = Number(db?.prepare('SELECT COUNT(*) FROM turn').pluck().get());
  db?.close();
  return count;
}
