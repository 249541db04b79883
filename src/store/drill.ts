import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup } from './backup-list.ts';
import { countRows, differences, readManifest } from './backup-manifest.ts';
import { openFile } from './driver.ts';
import { isEarly } from './early.ts';
import { examine } from './examine.ts';
import { migrate } from './migrate.ts';
import { countWrongSums } from './sum-check.ts';

export interface DrillResult {
  readonly backup: string;
  /** Empty: the store could be restored from it. */
  readonly problems: readonly string[];
  readonly turns: number;
}

/**
 * Restores a backup to a temporary place beside it, as it would be restored in earnest: it is checked page by page, counted
 * against what it held when it was made, brought up to date, and its sums compared with its rows. Leaves nothing behind.
 */
export async function drill(backup: Backup, directory: string): Promise<DrillResult> {
  const place = mkdtempSync(join(directory, 'drill-'));
  const path = join(place, 'scopeon.db');
  try {
    copyFileSync(backup.path, path);
    const db = openFile(path);
    try {
      if (isEarly(db)) return { backup: backup.name, problems: ['it is of before the first release'], turns: 0 };
      const found = examine(db);
      const problems = [...found.quickCheck, ...found.integrityCheck, ...found.foreignKeyCheck];
      if (problems.length > 0) return { backup: backup.name, problems, turns: 0 };
      const manifest = readManifest(db);
      const lost = manifest === undefined ? [] : differences(manifest, countRows(db));
      await migrate(db, { db: path, backups: join(place, 'backups') });
      const { wrong } = countWrongSums(db);
      const turns = Number(db.prepare('SELECT COUNT(*) FROM turn').pluck().get());
      return { backup: backup.name, problems: [...lost, ...(wrong === 0 ? [] : [`${wrong} sums are wrong`])], turns };
    } finally {
      db.close();
    }
  } catch (error) {
    return { backup: backup.name, problems: [(error as Error).message], turns: 0 };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
