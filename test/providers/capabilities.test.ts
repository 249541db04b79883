import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { Capabilities, Provider } from '../../src/provider.ts';
import { providerCases } from '../helpers/cases.ts';

type Row = Readonly<Record<string, unknown>>;

/** What the rows of all its cases show of a provider's facts. */
const shows: Readonly<
  Record<keyof Capabilities, (dump: Readonly<Record<'tools' | 'events' | 'tasks', Row[]>>) => boolean>
> = {
  skills: ({ tools, events }) =>
    [...tools.map(({ type }) => type), ...events.map(({ kind }) => kind)].includes('skill'),
  hooks: ({ events }) => events.some(({ kind }) => kind === 'hook'),
  mcpIdentity: ({ tools }) => tools.some(({ server }) => server !== undefined),
  taskHistory: ({ tasks }) => tasks.length > 0,
  interactionTokens: ({ tools }) =>
    tools.some((tool) => Number(tool.input_size ?? 0) + Number(tool.output_size ?? 0) > 0),
};

/** Sizes are logged and yet no measure: what goes to the model is known to the server alone. */
const unused = new Set(['cursor interactionTokens']);

const cases = providerCases();
const providers = await loadMembers<Provider>('providers');

it.each([...providers])('%s claims what its logs tell, and no more', (id, { capabilities, capabilityNotes }) => {
  const dumps = cases
    .filter((each) => each.provider === id)
    .map((each) => JSON.parse(readFileSync(each.expected, 'utf8')));
  for (const [name, isShown] of Object.entries(shows) as [keyof Capabilities, (typeof shows)['hooks']][]) {
    if (unused.has(`${id} ${name}`)) continue;
    expect(dumps.some(isShown), name).toBe(capabilities[name] !== 'unsupported');
  }
  for (const note of Object.values(capabilityNotes ?? {})) expect(note).toMatch(/^[A-Z].*\.$/);
});
