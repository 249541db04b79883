import { defineMigration } from '../migration.ts';

const dayMs = 24 * 60 * 60 * 1000;
const keys = ['provider', 'model_id', 'fast', 'project_id'];
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
];

/** Sums over days UTC, for questions without a beginning or an end. They follow `rollup` by themselves, whoever writes to it. */
export default defineMigration((db) => {
  const dayOf = (row: string): string => `${row}bucket / ${dayMs} * ${dayMs}`;
  const columns = ['bucket', ...keys, ...sums].join(', ');
  const values = (row: string, sign: '' | '-'): string =>
    [dayOf(row), ...keys.map((key) => row + key), ...sums.map((sum) => sign + row + sum)].join(', ');
  const add = (row: string, sign: '' | '-'): string =>
    `INSERT INTO rollup_day (${columns}) VALUES (${values(row, sign)}) ON CONFLICT (bucket, ${keys.join(', ')})
      DO UPDATE SET ${sums.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(', ')};`;
  const drop = `DELETE FROM rollup_day WHERE bucket = ${dayOf('OLD.')} AND ${keys.map((key) => `${key} = OLD.${key}`).join(' AND ')}
      AND turns = 0 AND prompts = 0 AND tool_calls = 0;`;
  db.exec(`
    CREATE TABLE rollup_day (
      bucket INTEGER NOT NULL, provider TEXT NOT NULL, model_id INTEGER NOT NULL, fast INTEGER NOT NULL, project_id INTEGER NOT NULL,
      ${sums.map((sum) => `${sum} INTEGER NOT NULL`).join(', ')},
      PRIMARY KEY (bucket, ${keys.join(', ')})) WITHOUT ROWID;
    INSERT INTO rollup_day (${columns}) SELECT ${[dayOf(''), ...keys, ...sums.map((sum) => `CAST(TOTAL(${sum}) AS INTEGER)`)].join(', ')}
      FROM rollup GROUP BY 1, 2, 3, 4, 5;
    CREATE TRIGGER rollup_added AFTER INSERT ON rollup BEGIN ${add('NEW.', '')} END;
    CREATE TRIGGER rollup_changed AFTER UPDATE ON rollup BEGIN ${add('OLD.', '-')} ${add('NEW.', '')} ${drop} END;
    CREATE TRIGGER rollup_removed AFTER DELETE ON rollup BEGIN ${add('OLD.', '-')} ${drop} END;
  `);
});
