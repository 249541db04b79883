import { expect, it } from 'vitest';
import { createSampleHouse, describeSamples } from '../helpers/samples.ts';

const cases = describeSamples('aider', {
  // What Aider has no price for it logs as 0; that is not what it cost.
  costs: ({ costs }) => Object.fromEntries(Object.entries(costs).map(([model, usd]) => [model, usd || null])),
});

/**
 * Processes with a message. The manifest's 53, 34, 38 and 39 are stretches between one `launched` and the next; a sum that
 * goes on to the last digit across a `launched` (1.03687, then 0.1119825 that makes it 1.1488525) is of one process.
 */
const processes: Readonly<Record<string, number>> = {
  'real-2024-10-early': 12,
  'real-2025-01-system-info': 51,
  'real-2025-04-zero-cost': 34,
  'real-2025-06': 37,
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
