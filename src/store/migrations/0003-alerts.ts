import { defineMigration } from '../migration.ts';

/** What alerts are on, and what they were: the one part of the store that ingest does not write. */
export default defineMigration((db) => {
  db.exec(`
    CREATE TABLE alert_state (
      type TEXT NOT NULL, scope TEXT NOT NULL, session_id INTEGER NOT NULL,
      severity TEXT NOT NULL, history_id INTEGER NOT NULL, notified_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
      is_event INTEGER NOT NULL, PRIMARY KEY (type, scope, session_id)) WITHOUT ROWID;
    CREATE TABLE alert_history (
      id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, type TEXT NOT NULL, scope TEXT NOT NULL, session_id INTEGER NOT NULL,
      severity TEXT NOT NULL, message TEXT NOT NULL, fields TEXT NOT NULL, provider TEXT, model TEXT,
      first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, resolved_at INTEGER, times INTEGER NOT NULL);
    CREATE INDEX alert_history_seen ON alert_history (last_seen);
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY, uid TEXT NOT NULL, webhook TEXT NOT NULL, notification TEXT NOT NULL, severity TEXT NOT NULL,
      created_at INTEGER NOT NULL, next_at INTEGER NOT NULL, attempts INTEGER NOT NULL, state TEXT NOT NULL,
      status INTEGER, error TEXT, ended_at INTEGER);
    CREATE INDEX outbox_state ON outbox (state, next_at);
    CREATE TABLE webhook_state (
      webhook TEXT PRIMARY KEY, failures INTEGER NOT NULL, paused_until INTEGER NOT NULL, disabled INTEGER NOT NULL,
      last_ok_at INTEGER, last_failed_at INTEGER) WITHOUT ROWID;
  `);
});
