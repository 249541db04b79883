import { expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import createTables from '../../src/store/migrations/0001-first.ts';
import { bucketMs, createRollupDeltas } from '../../src/store/rollups.ts';
import { randomFrom } from '../helpers/random.ts';

// Among so many some share a hash of 32 bits.
it('keeps a hundred and fifty thousand keys apart', { timeout: 60_000 }, () => {
  const db = openFile(':memory:');
  createTables(db);
  const deltas = createRollupDeltas(db, { fillsNew: false });
  const random = randomFrom(1);
  const id = (): number => Math.floor(random() * 2 ** 31);
  const rows = Array.from({ length: 150_000 }, (_, n) => ({
    at: n * bucketMs,
    sessionId: id(),
    modelId: 1,
    branchId: id(),
  }));
  for (const row of rows) deltas.addPrompt(row, 1);
  for (const row of rows) deltas.addPrompt(row, 1);
  deltas.flush((sessionId) => ({ provider: 'claude-code', projectId: sessionId }));
  const written = db.prepare(
    'SELECT bucket AS at, session_id AS sessionId, model_id AS modelId, branch_id AS branchId, prompts FROM session_rollup ORDER BY 1',
  );
  expect(written.all()).toEqual(rows.map((row) => ({ ...row, prompts: 2 })));
  const placed = db.prepare(
    'SELECT bucket AS at, project_id AS sessionId, model_id AS modelId, branch_id AS branchId, prompts FROM rollup ORDER BY 1',
  );
  expect(placed.all()).toEqual(rows.map((row) => ({ ...row, prompts: 2 })));
  db.close();
});
