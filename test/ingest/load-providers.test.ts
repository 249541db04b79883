import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Outcome, outcomeOf } from '../helpers/bin.ts';
import { writeExampleProvider } from '../helpers/example-provider.ts';

/** A program of which the files of some providers are broken, each in another way. */
const program = writeExampleProvider();
let home: string;
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-broken-')));
  writeFileSync(join(program.directory, 'package.json'), '{ "type": "module", "version": "0.0.1" }\n');
  const broken = {
    'a-parse-error': 'export default {{{',
    'a-throw': `throw new RangeError('no ${program.directory}/here');`,
    'a-missing-import': "import './nowhere.ts';",
    'an-odd-export': 'export default 17;',
    codex: 'export const provider = 1;',
  };
  for (const [id, text] of Object.entries(broken))
    writeFileSync(join(program.directory, `src/providers/${id}.ts`), text);
  mkdirSync(join(home, '.claude/projects/x'), { recursive: true });
  const message = { id: 'msg_1', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } };
  const row = { type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', message };
  writeFileSync(join(home, '.claude/projects/x/a.jsonl'), `${JSON.stringify(row)}\n`);
});
afterAll(() => {
  program.remove();
  rmSync(home, { recursive: true, force: true });
});

function scopeon(...args: readonly string[]): Promise<Outcome> {
  const entry = join(program.directory, 'src/cli.ts');
  return outcomeOf(
    spawn(process.execPath, ['--import', 'tsx', entry, ...args], {
      cwd: program.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: home, SCOPEON_HOME: join(home, 'scopeon'), TZ: 'UTC' },
    }),
  );
}

const failures = {
  'a-missing-import': /^its file cannot be loaded \(\w+: .*nowhere\.ts/,
  'a-parse-error': /^its file cannot be loaded \(\w+: /,
  'a-throw': /^its file cannot be loaded \(RangeError: no here\)$/,
  'an-odd-export': /^its file cannot be loaded \(TypeError: its default export is no provider\)$/,
  codex: /^its file cannot be loaded \(TypeError: its default export is no provider\)$/,
};

it('a provider whose file cannot be loaded stops no other, and is told of with the reason', {
  timeout: 120_000,
}, async () => {
  const first = await scopeon('daily', '--json');
  expect(first.code, first.stderr).toBe(0);
  expect({ code: first.code, totals: JSON.parse(first.stdout).totals }).toMatchObject({
    code: 0,
    totals: { turns: 1, input_tokens: 3, output_tokens: 4 },
  });
  for (const id of Object.keys(failures))
    expect(first.stderr).toContain(`all of ${id}, of which the reader is broken: `);
  expect((await scopeon('daily')).stderr).toBe(''); // once
  const { providers } = JSON.parse((await scopeon('providers', '--json')).stdout) as {
    readonly providers: readonly { readonly id: string; readonly failure: string | null; readonly turns: number }[];
  };
  const told = providers.filter((each) => each.failure !== null);
  expect(told.map((each) => each.id)).toEqual(Object.keys(failures));
  for (const { id, failure } of told) expect(failure, id).toMatch(failures[id as keyof typeof failures]);
  expect(JSON.stringify(told)).not.toContain(program.directory);
  expect(providers.find((each) => each.id === 'claude-code')).toMatchObject({ turns: 1, failure: null });
  const doctor = await scopeon('doctor');
  expect(doctor.code).toBe(1);
  expect(doctor.stdout.replace(/\s+/g, ' ')).toContain(
    'scopeon failed on it (its file cannot be loaded (RangeError: no here))',
  );
});
