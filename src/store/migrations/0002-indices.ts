import { defineMigration } from '../migration.ts';

/** Ways in by time and by session. Apart from the tables so that a first fill builds them once, over finished rows. */
export default defineMigration((db) => {
  db.exec(`
    CREATE INDEX turn_at ON turn (at);
    CREATE INDEX turn_session ON turn (session_id, at);
    CREATE INDEX session_top ON session (top_id);
    CREATE INDEX session_parent ON session (parent_id);
    CREATE INDEX session_last ON session (last_turn_at);
    CREATE INDEX session_call_at ON session_call (at);
    CREATE INDEX event_session ON event (session_id, at);
    CREATE INDEX session_rollup_session ON session_rollup (session_id);
  `);
});
