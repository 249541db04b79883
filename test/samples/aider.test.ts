import { expect, it } from 'vitest';
import { createSampleHouse, describeSamples } from '../helpers/samples.ts';

const cases = describeSamples('aider', {
  // What Aider has no price for it logs as 0; that is not what it cost.
  costs: ({ costs }) => Object.fromEntries(Object.entries(costs).map(([model, usd]) => [model, usd || null])),
});

/**
 * Processes with a message. Where the manifest says one or two more it counts anew whenever another one was launched
 * between two messages of the same, whose sums show that they are of the same.
 */
const processes: Readonly<Record<string, number>> = {
  'real-2024-10-early': 12,
  'real-2025-01-system-info': 51,
  'real-2025-04-zero-cost': 33,
  'real-2025-06': 38,
  'real-head-2026-04': 37,
};

it.skipIf(cases.length === 0).each(cases)('real logs of aider: $name: a session is a process', async (each) => {
  const house = await createSampleHouse([each]);
  try {
    const { sessions } = await house.read();
    expect(sessions).toHaveLength(processes[each.name] ?? 0);
  } finally {
    house.remove();
  }
});
