import { expect } from 'vitest';
import type { Database } from '../../src/store/driver.ts';

/** Every bucket must be the sum of the rows it was made of, and no bucket may be missing or left over. */
export function assertRollups(db: Database): void {
  expect(sorted(db, bySession), 'session_rollup').toEqual(sorted(db, `SELECT * FROM session_rollup`));
  expect(sorted(db, byPlace), 'rollup').toEqual(sorted(db, `SELECT * FROM rollup`));
  expect(sorted(db, byDay), 'rollup_day').toEqual(sorted(db, `SELECT * FROM rollup_day`));
  expect(
    db.prepare('SELECT COUNT(DISTINCT top_id) FROM session WHERE last_turn_at IS NOT NULL').pluck().get(),
    'sessions with a turn',
  ).toBe(
    db
      .prepare(
        'SELECT COUNT(DISTINCT s.top_id) FROM session_rollup r JOIN session s ON s.id = r.session_id WHERE r.turns > 0',
      )
      .pluck()
      .get(),
  );
  const counts = db
    .prepare(
      'SELECT COUNT(*) FROM turn t WHERE tool_calls <> (SELECT COUNT(*) FROM tool_call c WHERE c.turn_id = t.id)',
    )
    .pluck()
    .get();
  expect(counts, 'turns whose number of tool calls is not that of their rows').toBe(0);
  const mcp = db
    .prepare(
      "SELECT COUNT(*) FROM turn t WHERE mcp_calls <> (SELECT COUNT(*) FROM tool_call c WHERE c.turn_id = t.id AND c.type = 'mcp')",
    )
    .pluck()
    .get();
  expect(mcp, 'turns whose number of MCP calls is not that of their rows').toBe(0);
  expect(
    db
      .prepare(
        'SELECT COUNT(*) FROM session WHERE top_id <> COALESCE((SELECT p.top_id FROM session p WHERE p.id = session.parent_id), id)',
      )
      .pluck()
      .get(),
    'sessions below the wrong top',
  ).toBe(0);
}

const quarterHour = 15 * 60 * 1000;

/** Turns, prompts and calls of no turn in the shape of one bucket each. */
const facts = `
  SELECT at / ${quarterHour} * ${quarterHour} AS bucket, session_id, model_id, fast, branch_id, sidechain, responses AS turns, 0 AS prompts, tool_calls, mcp_calls,
    uncached_input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
    COALESCE(reasoning_tokens, 0) AS reasoning_tokens, (reasoning_tokens IS NOT NULL) * responses AS reasoning_turns,
    COALESCE(cost_logged_nano, 0) AS logged_nano, (cost_logged_nano IS NOT NULL) * responses AS logged_turns,
    COALESCE(cost_calculated_nano, 0) AS calculated_nano, (cost_calculated_nano IS NOT NULL) * responses AS calculated_turns,
    COALESCE(cost_logged_nano, cost_calculated_nano, 0) AS auto_nano,
    (COALESCE(cost_logged_nano, cost_calculated_nano) IS NOT NULL) * responses AS auto_turns, COALESCE(savings_nano, 0) AS savings_nano
  FROM turn
  UNION ALL SELECT at / ${quarterHour} * ${quarterHour}, session_id, model_id, 0, branch_id, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM prompt
  UNION ALL SELECT at / ${quarterHour} * ${quarterHour}, session_id, model_id, 0, branch_id, sidechain, 0, 0, 1, type = 'mcp', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM session_call`;
const sums = [
  'turns',
  'prompts',
  'tool_calls',
  'mcp_calls',
  'uncached_input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'reasoning_turns',
  'logged_nano',
  'logged_turns',
  'calculated_nano',
  'calculated_turns',
  'auto_nano',
  'auto_turns',
  'savings_nano',
]
  .map((name) => `TOTAL(f.${name}) AS ${name}`)
  .join(', ');
const bySession = `SELECT bucket, session_id, model_id, fast, branch_id, sidechain, ${sums} FROM (${facts}) f GROUP BY 1, 2, 3, 4, 5, 6`;
const byPlace = `SELECT bucket, s.provider, f.model_id, fast, s.project_id, f.branch_id, ${sums}
  FROM (${facts}) f JOIN session s ON s.id = f.session_id GROUP BY 1, 2, 3, 4, 5, 6`;
const day = 24 * 60 * 60 * 1000;
const byDay = `SELECT bucket / ${day} * ${day} AS bucket, provider, model_id, fast, project_id, ${sums} FROM rollup f GROUP BY 1, 2, 3, 4, 5`;

function sorted(db: Database, sql: string): readonly string[] {
  return db
    .prepare(sql)
    .all()
    .map((row) => JSON.stringify(row))
    .sort();
}
