import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';
import { canary, saltShapes, saltTexts } from '../helpers/salt.ts';
import { createSampleHouse, sampleCases, sampledProviders } from '../helpers/samples.ts';

/** Everything that prints or writes what was read. */
const commands: readonly (readonly string[])[] = [
  ['status', '--json'],
  ['daily', '--breakdown', '--json'],
  ['sessions', '--json', '--subagents', '--paths', '--breakdown'],
  ['projects', '--json'],
  ['report', 'tool', '--json'],
  ['report', 'agent', '--json'],
  ['report', 'branch', '--json'],
  ['models', '--json'],
  ['insights', '--json'],
  ['limits', '--json'],
  ['providers', '--json'],
  ['doctor', '--json'],
  ['prices', 'list', '--json'],
  ['alerts', 'history', '--json'],
  ['reprice', '--json'],
  ['start'],
  ['export', '--level', 'turns', '--format', 'ndjson'],
  ['export', '--level', 'sessions', '--format', 'csv'],
];

const cases = sampledProviders.flatMap(sampleCases);

it.skipIf(cases.length === 0).each(sampledProviders)(
  'what was said to %s is kept nowhere, wherever in its logs it stands',
  { timeout: 300_000 },
  async (provider) => {
    let texts = 0;
    let turns = 0;
    for (const each of cases.filter((some) => some.provider === provider)) {
      const house = await createSampleHouse([each]);
      try {
        texts += saltTexts(house.home);
        saltShapes(house.home);
        turns += (await house.read()).turns.length;
        expect(traces(join(house.path, 'scopeon')), each.name).toEqual([]);
      } finally {
        house.remove();
      }
    }
    expect(turns).toBeGreaterThan(0);
    if (provider !== 'aider') expect(texts).toBeGreaterThan(0); // its log has no texts
  },
);

it.skipIf(cases.length === 0)('what was said is printed by no command', { timeout: 300_000 }, async () => {
  const house = await createSampleHouse(cases);
  try {
    saltTexts(house.home);
    saltShapes(house.home);
    const env = { SCOPEON_PROVIDERS_GENERIC_PATHS: join(house.home, 'openai-logs') };
    for (const command of commands) {
      const { stdout, stderr } = await run([...command], { home: house.home, env });
      expect(`${stdout}${stderr}`.includes(canary), command.join(' ')).toBe(false);
      if (command[0] === 'models') expect(JSON.parse(stdout).rows.length).toBeGreaterThan(40);
    }
  } finally {
    house.remove();
  }
});

/** Files of ours with the word in them, and what stands around it. */
function traces(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const content = readFileSync(join(entry.parentPath, entry.name), 'latin1');
      const at = content.indexOf(canary);
      return at < 0 ? [] : [`${entry.name}: ${JSON.stringify(content.slice(Math.max(0, at - 60), at + 60))}`];
    });
}
