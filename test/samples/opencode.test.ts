import { describeSamples } from '../helpers/samples.ts';

// What one case says its messages cost is no number: unknown, where its expectation sums up to 0.
describeSamples('opencode', {
  costs: ({ costs }) => Object.fromEntries(Object.entries(costs).map(([model, usd]) => [model, usd || null])),
});
