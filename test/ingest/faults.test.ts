import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import { discover } from '../../src/ingest/discover.ts';
import { prepareIngest } from '../../src/ingest/prepare-ingest.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import { openStore } from '../../src/store/open.ts';
import { run } from '../helpers/bin.ts';
import { limitDescriptors, withDescriptors, withoutPrivilege } from '../helpers/faults.ts';

let work: string;
let home: string;
let projects: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-faults-')));
  home = join(work, 'home');
  projects = join(home, '.claude/projects');
  mkdirSync(projects, { recursive: true });
});
afterEach(() => {
  for (const name of readdirSync(projects)) chmodSync(join(projects, name), 0o700);
  rmSync(work, { recursive: true, force: true });
});

/** Response number `n`; its output is its number. Without an id, so that what is read twice counts twice. */
function line(n: number): string {
  const usage = { input_tokens: 1, output_tokens: n };
  return `${JSON.stringify({ type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', cwd: '/home/dev/x', message: { model: 'claude-opus-4-6', content: [{ type: 'text', text: 'CANARY' }], usage } })}\n`;
}

function write(name: string, text: string): void {
  mkdirSync(join(projects, name, '..'), { recursive: true });
  appendFileSync(join(projects, name), text);
}

async function totals(through: readonly string[] = []) {
  const { code, stdout, stderr } = await run(['daily', '--json'], { home, through });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const { turns, output_tokens } = JSON.parse(stdout).totals;
  return { turns, output_tokens, stderr };
}

it.skipIf(withoutPrivilege === undefined)(
  'a folder that cannot be listed, or not be entered, is not a deletion, and is told',
  async () => {
    write('p/a.jsonl', line(1));
    write('q/b.jsonl', line(2));
    expect(await totals(withoutPrivilege)).toEqual({ turns: 2, output_tokens: 3, stderr: '' });
    for (const mode of [0o000, 0o400]) {
      chmodSync(join(projects, 'p'), mode);
      write('q/b.jsonl', line(4));
      const { stderr } = await totals(withoutPrivilege);
      if (mode === 0) expect(stderr).toContain(`1 folder that cannot be listed. The first is ${projects}/p`);
      chmodSync(join(projects, 'p'), 0o700);
    }
    write('p/a.jsonl', line(8));
    expect(await totals(withoutPrivilege)).toMatchObject({ turns: 5, output_tokens: 19 });
  },
);

it.skipIf(withoutPrivilege === undefined)(
  'a file that cannot be read does not stop the others, is told, and is read later',
  async () => {
    write('p/a.jsonl', line(1));
    write('p/b.jsonl', line(2));
    chmodSync(join(projects, 'p/a.jsonl'), 0o000);
    const first = await totals(withoutPrivilege);
    expect(first).toMatchObject({ turns: 1, output_tokens: 2 });
    expect(first.stderr).toBe(
      `scopeon: Left out of the figures: 1 file that cannot be read. The first is ${projects}/p/a.jsonl.\n`,
    );
    expect(await totals(withoutPrivilege)).toEqual({ turns: 1, output_tokens: 2, stderr: '' });
    chmodSync(join(projects, 'p/a.jsonl'), 0o600);
    expect(await totals(withoutPrivilege)).toEqual({ turns: 2, output_tokens: 3, stderr: '' });
  },
);

const sixtyFour = withDescriptors(64);
it.skipIf(sixtyFour === undefined)('600 files are read with 64 descriptors, nothing twice', async () => {
  for (let n = 0; n < 600; n++) write(`p${n % 7}/${n}.jsonl`, line(n));
  const sum = (600 * 599) / 2;
  expect(await totals(sixtyFour)).toEqual({ turns: 600, output_tokens: sum, stderr: '' });
  for (let n = 0; n < 600; n += 2) write(`p${n % 7}/${n}.jsonl`, line(1));
  expect(await totals(sixtyFour)).toEqual({ turns: 900, output_tokens: sum + 300, stderr: '' });
});

it.skipIf(sixtyFour === undefined)('without a free descriptor a file waits until there is one', async () => {
  write('p/a.jsonl', line(1));
  write('p/b.jsonl', line(2));
  const store = join(work, 'scopeon');
  const paths = { db: join(store, 'db'), backups: join(store, 'backups'), hmacKey: join(store, 'hmac.key') };
  const settings = {
    paths,
    providers: new Map([...(await loadMembers<Provider>('providers'))].filter(([id]) => id === 'claude-code')),
    host: createHost({ home, env: {}, platform: 'linux' }),
    overrides: {},
    command: 'test',
    now: Date.now,
    notice: () => undefined,
  };
  const db = await openStore(paths, Date.now(), () => undefined);
  const pass = prepareIngest(db, settings);
  await pass({ takeTail: () => true }); // what it keeps open is open now
  write('p/a.jsonl', line(4));
  write('p/b.jsonl', line(8));
  const discovery = discover(settings.providers, settings.host);
  const highest = Math.max(...readdirSync('/proc/self/fd').map(Number));
  const taken: number[] = [];
  const giveBack = limitDescriptors(highest + 64); // enough to start the process that takes the limit away again
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // all are taken
  }
  let waited = false;
  setTimeout(() => {
    waited = true;
    for (const fd of taken.splice(0)) closeSync(fd);
  }, 300);
  try {
    const result = await pass({ discovery, takeTail: () => true });
    expect(result).toMatchObject({ complete: true, unreadable: [] });
  } finally {
    for (const fd of taken.splice(0)) closeSync(fd);
    giveBack();
  }
  expect(waited).toBe(true);
  expect(db.prepare('SELECT SUM(output_tokens) FROM turn').pluck().get()).toBe(15);
  db.close();
});
