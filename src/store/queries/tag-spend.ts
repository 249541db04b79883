import type { Database } from '../driver.ts';

/** What the conversations with a tag cost, subagents and all, by the log's own cost where it states one. */
export interface TagSpend {
  readonly tag: string;
  /** Conversations with a turn. */
  readonly sessions: number;
  readonly nano: number;
}

/** Of every tag, in no order; a conversation with two tags is in both. */
export function tagSpend(db: Database): readonly TagSpend[] {
  return db
    .prepare<[], TagSpend>(
      `WITH used AS MATERIALIZED (
         SELECT s.top_id AS top, SUM(x.nano) AS nano, SUM(x.turns) AS turns FROM (
           SELECT session_id, SUM(auto_nano) AS nano, SUM(turns) AS turns FROM session_rollup GROUP BY 1) x
         JOIN session s ON s.id = x.session_id GROUP BY 1)
       SELECT g.tag, SUM(used.turns > 0) AS sessions, SUM(used.nano) AS nano
       FROM used JOIN tag g ON g.session_id = used.top WHERE g.tag <> '' GROUP BY 1`,
    )
    .all();
}
