import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/store/driver.ts';
import { openReader, openStore } from '../../src/store/open.ts';
import { bucketOf } from '../../src/store/rollups.ts';
import { sumColumns } from '../../src/store/sums.ts';

/** A store in a temporary folder, filled row by row so that a frame can be checked to the cell. */
export interface TestStore {
  readonly writer: Database;
  reader(): Database | undefined;
  addSession(session: SessionSpec): number;
  addTurn(sessionId: number, turn: TurnSpec): void;
  remove(): void;
}

export interface SessionSpec {
  readonly id: string;
  readonly project?: string;
  readonly branch?: string;
  readonly model?: string;
  readonly parent?: number;
  readonly agentType?: string;
  readonly contextTokens?: number;
  readonly compactions?: number;
}

export interface TurnSpec {
  readonly at: number;
  readonly costUsd?: number;
  readonly input?: number;
  readonly read?: number;
  readonly output?: number;
  readonly tools?: readonly string[];
}

export async function createTestStore(now: number): Promise<TestStore> {
  const home = mkdtempSync(join(tmpdir(), 'scopeon-tui-'));
  const paths = { db: join(home, 'scopeon.db'), backups: join(home, 'backups') };
  const writer = await openStore(paths, now, () => undefined);
  const word = (text: string): number => {
    writer.prepare('INSERT OR IGNORE INTO word (text) VALUES (?)').run(text);
    return (writer.prepare('SELECT id FROM word WHERE text = ?').get(text) as { id: number }).id;
  };
  const project = (root: string): number => {
    writer.prepare('INSERT OR IGNORE INTO project (root, is_repository) VALUES (?, 1)').run(root);
    return (writer.prepare('SELECT id FROM project WHERE root = ?').get(root) as { id: number }).id;
  };
  let keys = 0;
  return {
    writer,
    reader: () => openReader(paths),
    addSession(spec) {
      const done = writer
        .prepare(
          `INSERT INTO session (provider, sid, parent_id, top_id, project_id, branch_id, model_id, agent_type, version, context_tokens, compactions)
           VALUES ('claude-code', ?, ?, 0, ?, ?, ?, ?, '2.1.0', ?, ?)`,
        )
        .run(
          spec.id,
          spec.parent ?? null,
          project(spec.project ?? '/home/me/shop'),
          word(spec.branch ?? 'main'),
          word(spec.model ?? 'claude-opus-4-5-20251101'),
          spec.agentType ?? null,
          spec.contextTokens ?? null,
          spec.compactions ?? 0,
        );
      const id = Number(done.lastInsertRowid);
      writer.prepare('UPDATE session SET top_id = ? WHERE id = ?').run(spec.parent ?? id, id);
      return id;
    },
    addTurn(sessionId, turn) {
      const session = writer.prepare('SELECT * FROM session WHERE id = ?').get(sessionId) as Record<string, number>;
      const nano = turn.costUsd === undefined ? null : Math.round(turn.costUsd * 1e9);
      const tools = turn.tools ?? [];
      const counts = { input: turn.input ?? 10, read: turn.read ?? 1_000, output: turn.output ?? 100 };
      const row = {
        key: Buffer.from(`turn${keys++}`),
        session_id: sessionId,
        at: turn.at,
        model_id: session.model_id,
        fast: 0,
        uncached_input_tokens: counts.input,
        cache_read_tokens: counts.read,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: 0,
        output_tokens: counts.output,
        reasoning_tokens: null,
        web_search_requests: 0,
        prompt_tokens: counts.input + counts.read,
        context_tokens: counts.input + counts.read + counts.output,
        service_tier: null,
        branch_id: session.branch_id,
        sidechain: 0,
        is_compaction: 0,
        quality: 'measured',
        approximate: 0,
        suspect: 0,
        cost_logged_nano: null,
        cost_calculated_nano: nano,
        savings_nano: 0,
        price_id: null,
        tool_calls: tools.length,
        mcp_calls: 0,
        owner_rank: 0,
        owner_at: turn.at,
        file_id: 1,
      };
      const names = Object.keys(row);
      const done = writer
        .prepare(`INSERT INTO turn (${names.join()}) VALUES (${names.map(() => '?').join()})`)
        .run(...Object.values(row));
      for (const [at, tool] of tools.entries()) {
        writer
          .prepare(
            "INSERT INTO tool_call (turn_id, call_id, type, name_id, server_id, target_id, input_size) VALUES (?, ?, 'tool', ?, 0, 0, 10)",
          )
          .run(done.lastInsertRowid, at, word(tool));
      }
      const sums: Record<(typeof sumColumns)[number], number> = {
        turns: 1,
        prompts: 0,
        tool_calls: tools.length,
        mcp_calls: 0,
        uncached_input_tokens: counts.input,
        cache_read_tokens: counts.read,
        cache_write_5m_tokens: 0,
        cache_write_1h_tokens: 0,
        output_tokens: counts.output,
        reasoning_tokens: 0,
        reasoning_turns: 0,
        logged_nano: 0,
        logged_turns: 0,
        calculated_nano: nano ?? 0,
        calculated_turns: nano === null ? 0 : 1,
        auto_nano: nano ?? 0,
        auto_turns: nano === null ? 0 : 1,
        savings_nano: 0,
      };
      const add = (table: string, dimensions: Record<string, unknown>): void => {
        const columns = [...Object.keys(dimensions), ...sumColumns];
        const update = sumColumns.map((column) => `${column} = ${column} + excluded.${column}`).join();
        writer
          .prepare(
            `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()}) ON CONFLICT DO UPDATE SET ${update}`,
          )
          .run(...Object.values(dimensions), ...sumColumns.map((column) => sums[column]));
      };
      const shared = { bucket: bucketOf(turn.at), model_id: session.model_id, fast: 0, branch_id: session.branch_id };
      add('session_rollup', { ...shared, session_id: sessionId, sidechain: 0 });
      add('rollup', { ...shared, provider: 'claude-code', project_id: session.project_id });
      writer
        .prepare(
          'UPDATE session SET last_turn_at = MAX(COALESCE(last_turn_at, 0), ?), started_at = MIN(COALESCE(started_at, ?), ?) WHERE id = ?',
        )
        .run(turn.at, turn.at, turn.at, sessionId);
    },
    remove() {
      writer.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
