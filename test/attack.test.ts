import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from './helpers/bin.ts';
import { startCollectorProcess } from './helpers/collector.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-attack-')));
const failing = fileURLToPath(new URL('./helpers/fail-at-end.cjs', import.meta.url));
let home = '';
let store = '';
let cases = 0;

const line = JSON.stringify({
  type: 'assistant',
  timestamp: '2026-04-10T10:00:00.000Z',
  cwd: '/home/dev/x',
  message: { id: 'msg_1', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } },
});

/** A home with one log of one turn; the store comes to lie in `scopeon` beside it. */
beforeEach(() => {
  home = join(work, String(cases++), 'home');
  store = join(home, '..', 'scopeon');
  mkdirSync(join(home, '.claude/projects/x'), { recursive: true });
  mkdirSync(store, { mode: 0o700 });
  writeFileSync(join(home, '.claude/projects/x/a.jsonl'), `${line}\n`);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the database', () => {
  it('of another program stays as it is, also where a folder beside it is called backups', async () => {
    const notes = join(home, 'notes.txt');
    mkdirSync(join(home, 'backups'));
    writeFileSync(
      notes,
      'what I must not forget, in more than a hundred bytes, so that it is no empty database to anybody\n'.repeat(3),
    );
    const before = readFileSync(notes);
    const { code, stderr } = await run(['status'], { home, env: { SCOPEON_DB: notes } });
    expect({ code, stderr }).toMatchObject({ code: 10, stderr: expect.stringContaining('is not a scopeon database') });
    expect(readFileSync(notes)).toEqual(before);
    expect(readdirSync(join(home, 'backups'))).toEqual([]);
  });

  it('of ours that was cut off is put aside and rebuilt, though nothing else says that it was ours', async () => {
    await run(['status'], { home });
    truncateSync(join(store, 'scopeon.db'), 6_000);
    const { code, stdout, stderr } = await run(['daily', '--json'], { home });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('was damaged') });
    expect(JSON.parse(stdout).totals).toMatchObject({ turns: 1, total_tokens: 7 });
    expect(readdirSync(join(store, 'backups'))).toEqual([expect.stringMatching(/^damaged-/)]);
  });

  it.skipIf(process.platform === 'win32').each(['/dev/null', '/dev/full'])(
    'that is %s is refused by every command',
    async (device) => {
      if (!existsSync(device)) return;
      for (const args of [['status'], ['daily', '--no-ingest'], ['prices', 'list'], ['export']]) {
        const { code, stderr } = await run(args, { home, env: { SCOPEON_DB: device } });
        expect({ code, stderr }).toMatchObject({ code: 10, stderr: expect.stringContaining('it is not a file') });
      }
    },
  );
});

it("the agents' directories are only read, by commands and by what stays", { timeout: 90_000 }, async () => {
  const projects = join(home, '.claude/projects');
  writeFileSync(join(projects, 'x/torn.jsonl'), line.slice(0, 40));
  symlinkSync(join(projects, 'x'), join(projects, 'link'));
  const before = treeOf(join(home, '.claude'));
  for (const args of [['daily'], ['status'], ['sessions', '--json'], ['export'], ['doctor'], ['daily', '--no-ingest']])
    await run(args, { home });
  const collector = startCollectorProcess({ home, store: join(home, '../another') });
  await collector.hears(({ phase }) => phase === 'watching');
  await collector.stop();
  expect(treeOf(join(home, '.claude'))).toEqual(before);
});

/** Everything below a directory with what would show a change of it: not when it was read. */
function treeOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { ino, mode, size, mtimeNs, ctimeNs } = lstatSync(join(directory, name), { bigint: true });
      return [name, ino, mode, size, mtimeNs, ctimeNs].join(' ');
    });
}

describe('the surroundings', () => {
  it.skipIf(process.platform === 'win32').each([
    ['UTC+5', '2026-04-10T05:00-05:00'],
    ['Mars/X', '2026-04-10T10:00+00:00'],
  ])('TZ=%s, which is no IANA name, counts by the clock of the system', async (TZ, key) => {
    const { code, stdout } = await run(['report', 'hour', '--json'], { home, env: { TZ } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ timezone: TZ, rows: [{ key }] });
  });

  it.skipIf(process.platform !== 'linux')('a full device is told, not only shown by the exit code', async () => {
    const { code, stderr } = await run(['daily'], { home, through: ['sh', '-c', '"$@" > /dev/full', 'sh'] });
    expect({ code, stderr }).toEqual({ code: 11, stderr: 'scopeon: Cannot write the output: ENOSPC.\n' });
  });

  it.skipIf(process.platform === 'win32')('a pipe in place of the configuration is not waited for', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(store, 'config.toml')]);
    const { code, stderr } = await run(['daily'], { home });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('it is not a file') });
  });

  it.each(['thrown', 'rejected'])(
    'an error of ours nobody catches (%s) ends with 1 and is fit for a terminal',
    async (how) => {
      const env = { NODE_OPTIONS: `--require=${failing}`, SCOPEON_TEST_FAIL: how };
      const { code, stderr } = await run(['status'], { home, env });
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/^scopeon: internal error\n/) });
      expect(stderr).toContain('a mistake \\x1b[31m of ours');
      expect(stderr).not.toContain('\u001b');
    },
  );

  it('a provider that does not exist is named, for without it nothing would be read in silence', async () => {
    const { stderr } = await run(['daily'], { home, env: { SCOPEON_PROVIDERS_ENABLED: 'claud-code' } });
    expect(stderr).toContain('providers.enabled: there is no provider "claud-code". Known: ');
  });
});
