import { defineMigration } from '../migration.ts';

/** The schema as `schema.md` explains it. Secondary indices come last so that a first fill can leave them for its end. */
export default defineMigration((db) => {
  const sums = `
    turns INTEGER NOT NULL, prompts INTEGER NOT NULL, tool_calls INTEGER NOT NULL, mcp_calls INTEGER NOT NULL,
    uncached_input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, reasoning_turns INTEGER NOT NULL,
    logged_nano INTEGER NOT NULL, logged_turns INTEGER NOT NULL,
    calculated_nano INTEGER NOT NULL, calculated_turns INTEGER NOT NULL,
    auto_nano INTEGER NOT NULL, auto_turns INTEGER NOT NULL, savings_nano INTEGER NOT NULL`;
  const turn = `
    id INTEGER PRIMARY KEY, key BLOB NOT NULL, session_id INTEGER NOT NULL, at INTEGER NOT NULL,
    model_id INTEGER NOT NULL, fast INTEGER NOT NULL,
    uncached_input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER,
    web_search_requests INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, context_tokens INTEGER NOT NULL,
    service_tier TEXT, branch_id INTEGER NOT NULL, sidechain INTEGER NOT NULL, is_compaction INTEGER NOT NULL,
    quality TEXT NOT NULL, approximate INTEGER NOT NULL, suspect INTEGER NOT NULL,
    cost_logged_nano INTEGER, cost_calculated_nano INTEGER, savings_nano INTEGER, price_id INTEGER,
    responses INTEGER NOT NULL DEFAULT 1, tool_calls INTEGER NOT NULL, mcp_calls INTEGER NOT NULL,
    owner_rank INTEGER NOT NULL, owner_at INTEGER NOT NULL, file_id INTEGER NOT NULL`;
  db.exec(`
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('key_seed', lower(hex(randomblob(16))));

    CREATE TABLE lease (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      pid INTEGER NOT NULL, boot_id TEXT NOT NULL, process_start TEXT NOT NULL,
      command TEXT NOT NULL, taken_at INTEGER NOT NULL, heartbeat_at INTEGER NOT NULL);

    CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

    CREATE TABLE project (
      id INTEGER PRIMARY KEY, root TEXT NOT NULL UNIQUE, is_repository INTEGER NOT NULL);
    CREATE TABLE project_cwd (cwd TEXT PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES project) WITHOUT ROWID;

    CREATE TABLE source_file (
      id INTEGER PRIMARY KEY, provider TEXT NOT NULL, path TEXT NOT NULL,
      dev INTEGER NOT NULL, ino INTEGER NOT NULL, fp BLOB NOT NULL, fp_len INTEGER NOT NULL,
      offset INTEGER NOT NULL, tail_hash BLOB NOT NULL, size INTEGER NOT NULL, mtime_ms REAL NOT NULL,
      generation INTEGER NOT NULL, parser_version INTEGER NOT NULL, state TEXT,
      quarantined INTEGER NOT NULL DEFAULT 0, failure TEXT, first_mtime_ms INTEGER NOT NULL,
      records INTEGER NOT NULL DEFAULT 0, invalid INTEGER NOT NULL DEFAULT 0, oversize INTEGER NOT NULL DEFAULT 0,
      bad_value INTEGER NOT NULL DEFAULT 0, unknown_type INTEGER NOT NULL DEFAULT 0, first_bad_offset INTEGER,
      last_read_at INTEGER NOT NULL, missing_since INTEGER);
    CREATE INDEX source_file_path ON source_file (path);

    CREATE TABLE provider (
      id TEXT PRIMARY KEY, title TEXT NOT NULL, enabled INTEGER NOT NULL, capabilities TEXT NOT NULL, roots TEXT NOT NULL,
      failure TEXT, quiet_since INTEGER, seen_at INTEGER NOT NULL) WITHOUT ROWID;

    CREATE TABLE price (
      id INTEGER PRIMARY KEY, model_id TEXT NOT NULL, vendor TEXT NOT NULL, speed TEXT NOT NULL,
      valid_from INTEGER, valid_to INTEGER, row TEXT NOT NULL,
      source TEXT NOT NULL, source_date TEXT NOT NULL, loaded_at INTEGER NOT NULL);
    CREATE INDEX price_model ON price (model_id, speed);

    CREATE TABLE cost_before (
      turn_id INTEGER PRIMARY KEY, cost_nano INTEGER, savings_nano INTEGER, price_id INTEGER);

    CREATE TABLE session (
      id INTEGER PRIMARY KEY, provider TEXT NOT NULL, sid TEXT NOT NULL,
      parent_id INTEGER REFERENCES session, top_id INTEGER NOT NULL,
      project_id INTEGER NOT NULL DEFAULT 0, branch_id INTEGER NOT NULL DEFAULT 0, model_id INTEGER NOT NULL DEFAULT 0,
      version TEXT, agent_type TEXT, facts_rank INTEGER NOT NULL DEFAULT 9, facts_path TEXT NOT NULL DEFAULT '',
      started_at INTEGER, last_at INTEGER, last_turn_at INTEGER,
      context_window INTEGER, context_told INTEGER, context_tokens INTEGER, max_prompt_tokens INTEGER NOT NULL DEFAULT 0,
      compactions INTEGER NOT NULL DEFAULT 0, imported INTEGER NOT NULL DEFAULT 0,
      UNIQUE (provider, sid));

    CREATE TABLE turn (${turn});
    CREATE UNIQUE INDEX turn_key ON turn (key);

    CREATE TABLE spare_turn (${turn});
    CREATE UNIQUE INDEX spare_turn_key ON spare_turn (key);
    CREATE TABLE turn_source (
      key BLOB NOT NULL, session_id INTEGER NOT NULL, at INTEGER NOT NULL, from_at INTEGER,
      rank INTEGER NOT NULL, is_extra INTEGER NOT NULL, is_best INTEGER,
      PRIMARY KEY (key, session_id)) WITHOUT ROWID;
    CREATE INDEX turn_source_session ON turn_source (session_id);
    CREATE TABLE stretch (
      session_id INTEGER NOT NULL, at INTEGER NOT NULL, rank INTEGER NOT NULL, from_at INTEGER,
      PRIMARY KEY (session_id, at, rank)) WITHOUT ROWID;

    CREATE TABLE prompt (
      id INTEGER PRIMARY KEY, key BLOB NOT NULL, session_id INTEGER NOT NULL, at INTEGER NOT NULL,
      model_id INTEGER NOT NULL, branch_id INTEGER NOT NULL,
      owner_rank INTEGER NOT NULL, owner_at INTEGER NOT NULL, file_id INTEGER NOT NULL);
    CREATE UNIQUE INDEX prompt_key ON prompt (key);

    CREATE TABLE tool_call (
      turn_id INTEGER NOT NULL, call_id INTEGER NOT NULL, at INTEGER, type TEXT NOT NULL,
      name_id INTEGER NOT NULL, server_id INTEGER NOT NULL, target_id INTEGER NOT NULL,
      input_size INTEGER NOT NULL, input_digest BLOB, output_size INTEGER, is_error INTEGER, duration_ms INTEGER,
      parent_id INTEGER, PRIMARY KEY (turn_id, call_id)) WITHOUT ROWID;

    CREATE TABLE session_call (
      session_id INTEGER NOT NULL, call_id INTEGER NOT NULL, at INTEGER NOT NULL, approximate INTEGER NOT NULL,
      model_id INTEGER NOT NULL, branch_id INTEGER NOT NULL, sidechain INTEGER NOT NULL, type TEXT NOT NULL,
      name_id INTEGER NOT NULL, server_id INTEGER NOT NULL, target_id INTEGER NOT NULL,
      input_size INTEGER NOT NULL, input_digest BLOB, output_size INTEGER, is_error INTEGER, duration_ms INTEGER,
      ended_at INTEGER, parent_id INTEGER, PRIMARY KEY (session_id, call_id)) WITHOUT ROWID;

    CREATE TABLE task (
      turn_id INTEGER NOT NULL, session_id INTEGER NOT NULL, call_id INTEGER NOT NULL,
      child_sid TEXT, agent_type TEXT, execution_mode TEXT, requested_model TEXT, model TEXT, status TEXT,
      completed_at INTEGER, duration_ms INTEGER, tool_calls INTEGER, total_tokens INTEGER,
      PRIMARY KEY (turn_id, session_id, call_id)) WITHOUT ROWID;

    CREATE TABLE event (
      id INTEGER PRIMARY KEY, key BLOB NOT NULL, session_id INTEGER NOT NULL, at INTEGER NOT NULL,
      kind TEXT NOT NULL, phase TEXT NOT NULL, name_id INTEGER NOT NULL, hook_type TEXT, status TEXT,
      success INTEGER, duration_ms INTEGER, count INTEGER, pre_tokens INTEGER, post_tokens INTEGER,
      correlation_id INTEGER, parent_id INTEGER, agent_type TEXT, execution_mode TEXT, model_id INTEGER NOT NULL DEFAULT 0,
      input_size INTEGER, output_size INTEGER, input_digest BLOB, total_tokens INTEGER, tool_calls INTEGER,
      file_id INTEGER NOT NULL);
    CREATE UNIQUE INDEX event_key ON event (key);

    CREATE TABLE fork_copy (
      key BLOB PRIMARY KEY, kind TEXT NOT NULL, session_id INTEGER, depth INTEGER NOT NULL, turn_key BLOB) WITHOUT ROWID;
    CREATE INDEX fork_copy_session ON fork_copy (session_id);
    CREATE INDEX fork_copy_turn ON fork_copy (turn_key);

    CREATE TABLE limit_snapshot (
      id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, provider TEXT NOT NULL, at INTEGER NOT NULL,
      window TEXT NOT NULL, window_minutes INTEGER, used_pct REAL, resets_at INTEGER, reached INTEGER NOT NULL,
      plan TEXT, used REAL, entitlement REAL, session_id INTEGER NOT NULL DEFAULT 0);

    CREATE TABLE rollup (
      bucket INTEGER NOT NULL, provider TEXT NOT NULL, model_id INTEGER NOT NULL, fast INTEGER NOT NULL,
      project_id INTEGER NOT NULL, branch_id INTEGER NOT NULL, ${sums},
      PRIMARY KEY (bucket, provider, model_id, fast, project_id, branch_id)) WITHOUT ROWID;

    CREATE TABLE session_rollup (
      bucket INTEGER NOT NULL, session_id INTEGER NOT NULL, model_id INTEGER NOT NULL, fast INTEGER NOT NULL,
      branch_id INTEGER NOT NULL, sidechain INTEGER NOT NULL, ${sums},
      PRIMARY KEY (bucket, session_id, model_id, fast, branch_id, sidechain)) WITHOUT ROWID;

    CREATE TABLE tag (
      session_id INTEGER NOT NULL REFERENCES session, tag TEXT NOT NULL, source TEXT NOT NULL,
      PRIMARY KEY (session_id, tag)) WITHOUT ROWID;
  `);
});
