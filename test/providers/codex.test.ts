import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import codex from '../../src/providers/codex.ts';
import { run } from '../helpers/bin.ts';
import { createHouse, type House } from '../helpers/house.ts';
import { storedFrame } from '../helpers/rollouts.ts';

const fixtures = fileURLToPath(new URL('../fixtures/providers/codex/', import.meta.url));

describe('places', () => {
  it.each([
    ['in the home directory', {}, ['/home/dev/.codex/sessions', '/home/dev/.codex/archived_sessions']],
    ['where CODEX_HOME says', { CODEX_HOME: '/srv/codex' }, ['/srv/codex/sessions', '/srv/codex/archived_sessions']],
    [
      'where CODEX_CONFIG_DIR says',
      { CODEX_HOME: '', CODEX_CONFIG_DIR: '~/c' },
      ['/home/dev/c/sessions', '/home/dev/c/archived_sessions'],
    ],
    [
      'first where CODEX_HOME says',
      { CODEX_HOME: '/a', CODEX_CONFIG_DIR: '/b' },
      ['/a/sessions', '/a/archived_sessions'],
    ],
    [
      'in several directories',
      { CODEX_HOME: '/a, ,/b/sessions' },
      ['/a/sessions', '/a/archived_sessions', '/b/sessions'],
    ],
  ])('are %s', (_, env, roots) => {
    expect(codex.roots(createHost({ home: '/home/dev', env, platform: 'linux' }))).toEqual(roots);
  });

  it.each([
    ['a rollout', '2026/04/11/rollout-2026-04-11T14-53-07-019d7d08-46c9-7f73-affe-4e6ca9852d56.jsonl', true],
    ['a compressed one', '2026/04/11/rollout-2026-04-11T14-53-07-019d7d08-46c9-7f73-affe-4e6ca9852d56.jsonl.zst', true],
    ['one that is being compressed', 'rollout-2026-04-11T14-53-07-019d7d08.jsonl.zst.tmp', false],
    ['something else', '2026/04/11/notes.md', false],
  ])('hold rollouts or not: %s', (_, path, accepted) => {
    expect(codex.accepts(path)).toBe(accepted);
  });
});

describe('a rollout', () => {
  const name = 'sessions/2026/06/20/rollout-2026-06-20T12-00-00-019ee479-1100-7aaa-8bba-00000000cc01.jsonl';
  const bytes = readFileSync(join(fixtures, 'twice/home/.codex', name));
  let house: House;
  beforeEach(async () => {
    house = await createHouse();
    put(name, bytes);
  });
  afterEach(() => house.remove());

  function put(path: string, content: Uint8Array): void {
    const file = join(house.home, '.codex', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Records read so far, of all files. */
  async function recordsRead(): Promise<number> {
    const { db } = await house.catchUp();
    const records = db?.prepare('SELECT SUM(records) FROM source_file').pluck().get();
    db?.close();
    return Number(records);
  }

  it('that is compressed later counts no second time, and is read once more and then no more', async () => {
    const before = await house.read();
    const records = await recordsRead();
    put(`${name}.zst`, storedFrame(bytes));
    rmSync(join(house.home, '.codex', name));
    expect(await house.read()).toEqual(before);
    expect(await recordsRead()).toBe(2 * records);
    put('sessions/2026/06/21/rollout-of-nothing.jsonl', Buffer.from('{}\n')); // so that there is something to read
    expect(await recordsRead()).toBe(2 * records + 1);
  });

  it('that is moved to the archive counts no second time and is not read again', async () => {
    const before = await house.read();
    const records = await recordsRead();
    mkdirSync(join(house.home, '.codex/archived_sessions'));
    renameSync(
      join(house.home, '.codex', name),
      join(house.home, '.codex/archived_sessions', name.split('/').at(-1) ?? ''),
    );
    expect(await house.read()).toEqual(before);
    expect(await recordsRead()).toBe(records);
  });

  it('whose compression is caught half way gives what is there, and the rest when it is done', async () => {
    const whole = await house.read();
    rmSync(join(house.home, '.codex', name));
    house.remove();
    house = await createHouse();
    const frames = Buffer.concat([storedFrame(bytes.subarray(0, 5_000)), storedFrame(bytes.subarray(5_000))]);
    put(`${name}.zst`, frames.subarray(0, 5_500));
    const half = await house.read();
    expect(half.turns.length).toBeGreaterThan(0);
    expect(half.turns.length).toBeLessThan(whole.turns.length);
    put(`${name}.zst`, frames);
    expect(await house.read()).toEqual(whole);
  });

  it('of a model nobody lists is unpriced, never guessed', async () => {
    const text = bytes.toString().replaceAll('gpt-5.5', 'codex-auto-review');
    put(name, Buffer.from(text));
    const { stdout } = await run(['models', '--json'], { home: house.home });
    expect(JSON.parse(stdout).rows).toMatchObject([{ key: 'codex-auto-review', cost_usd: null, turns: 3 }]);
  });

  it('tells the window its log reports', async () => {
    const { db } = await house.catchUp();
    expect(db?.prepare('SELECT DISTINCT context_window FROM session').pluck().all()).toEqual([258_400]);
    db?.close();
  });
});
