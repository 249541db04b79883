import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';
import { createHouse } from '../helpers/house.ts';

it('the context window is the one the log tells', async () => {
  const from = fileURLToPath(new URL('../fixtures/providers/qwen-code/events-and-records/home', import.meta.url));
  const house = await createHouse({ from });
  try {
    const { stdout } = await run(['sessions', '--json', '--timezone', 'UTC'], { home: house.home });
    const report: { rows: Record<string, unknown>[] } = JSON.parse(stdout);
    expect(report.rows).toMatchObject([{ provider: 'qwen-code', context_window: 1_000_000, context_fill_pct: 2.4496 }]);
  } finally {
    house.remove();
  }
});
