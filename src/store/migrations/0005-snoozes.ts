import { defineMigration } from '../migration.ts';

/** Alerts somebody wants to hear nothing of for a while. */
export default defineMigration((db) => {
  db.exec('CREATE TABLE snooze (uid TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID');
});
