import { ScopeonError } from '../errors.ts';
import { loadMembers, memberIds } from '../members.ts';
import type { Database } from './driver.ts';
import type { Migration } from './migration.ts';
import type { StorePaths } from './open.ts';
import { describe } from './trouble.ts';

/** "SCOP": says that a database file is ours. */
export const applicationId = 0x53434f50;

/** The number of the last step this version knows. */
export function schemaVersion(): number {
  return memberIds('store/migrations').length;
}

export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/**
 * Brings the schema up to date, one transaction a step, up to and including the step numbered `last`. `before` runs
 * once ahead of the steps when there is a schema already, and gives the path of the copy it made, if it made one.
 * @throws ScopeonError `database` when a step fails: nothing of it is kept; `noSpace`, `locked`
 */
export async function migrate(
  db: Database,
  paths: StorePaths,
  options: { readonly last?: number; readonly before?: () => string | undefined } = {},
): Promise<void> {
  const wanted = Math.min(schemaVersion(), options.last ?? Number.POSITIVE_INFINITY);
  if (versionOf(db) >= wanted) return;
  const steps = await loadMembers<Migration>('store/migrations');
  const backup = versionOf(db) > 0 ? options.before?.() : undefined;
  let number = 0;
  for (const [name, step] of steps) {
    number++;
    if (number > wanted) break;
    runStep(db, number, name, step, paths, backup);
  }
}

function runStep(
  db: Database,
  number: number,
  name: string,
  step: Migration,
  paths: StorePaths,
  backup: string | undefined,
): void {
  try {
    db.transaction(() => {
      // Asked again inside the lock: another process may stand here too.
      if (versionOf(db) >= number) return;
      step(db);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${number}`);
    }).immediate();
  } catch (error) {
    const told = describe(error, paths.db);
    if (told instanceof ScopeonError && told.code !== 'database') throw told; // no room, locked: try again then
    throw new ScopeonError(
      'database',
      `The database step ${name} failed: ${(error as Error).message}. Nothing of it was kept.`,
      { hint: backup === undefined ? undefined : `A copy from before is ${backup}.`, cause: error },
    );
  }
}
