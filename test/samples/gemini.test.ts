import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../helpers/house.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';
import { createSampleHouse, describeSamples, expectModels, putSample } from '../helpers/samples.ts';

const cases = describeSamples('gemini-cli', { comesFirst: (file) => file.endsWith('.project_root') });

it.skipIf(cases.length === 0)(
  'real logs of gemini-cli: a subagent belongs to the session that started it',
  async () => {
    const house = await createSampleHouse(cases.filter((each) => each.name === 'run-0.61-subagent'));
    try {
      const { sessions, tasks } = await house.read();
      const parent = '2d3873be-1373-4d58-ab49-4a984d5bc907';
      const child = '1c7ff724-90be-4071-a9f9-d8986781b723';
      expect(sessions).toMatchObject([
        { session: child, parent, top: parent, project: '/home/user/proj' },
        { session: parent, top: parent, project: '/home/user/proj' },
      ]);
      expect(tasks).toMatchObject([{ session: parent, child, status: 'success' }]);
    } finally {
      house.remove();
    }
  },
);

/** One file at three moments. */
const steps = cases
  .filter((each) => each.name.includes('rewritten-in-place'))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

describe.skipIf(steps.length === 0)('real logs of gemini-cli: a session rewritten in place', () => {
  let house: House;
  beforeAll(async () => {
    house = await createSampleHouse([]);
  });
  afterAll(() => house.remove());

  it('gives after each step the totals of that step', async () => {
    expect(steps).toHaveLength(3);
    for (const step of steps) {
      for (const file of step.files) putSample(house, step, file);
      await expectModels(house, step.models);
    }
  });

  it('gives the totals of the last step in whatever order the steps are seen', async () => {
    const last = steps.at(-1);
    for (let seed = 0; seed < 4; seed++) {
      const other = await createSampleHouse([]);
      try {
        for (const step of shuffled(steps, randomFrom(seed))) {
          for (const file of step.files) putSample(other, step, file);
          (await other.catchUp()).db?.close();
        }
        await expectModels(other, last?.models ?? {});
      } finally {
        other.remove();
      }
    }
  });
});
