import { cleanName } from './clean.ts';
import type { Database } from './driver.ts';

/** Which project a directory belongs to, remembered for good: folders disappear, figures stay where they were. */
export interface Projects {
  /** Row id, 0 without a directory. `isDirectory` false: only a name the provider's folder gave; it is taken as it is. */
  idOf(cwd: string | undefined, isDirectory: boolean): number;
  forget(): void;
}

export function createProjects(
  db: Database,
  find: (cwd: string) => { readonly root: string; readonly isRepository: boolean },
): Projects {
  const known = new Map<string, number>();
  const remembered = db.prepare<[string], { project_id: number }>('SELECT project_id FROM project_cwd WHERE cwd = ?');
  const remember = db.prepare('INSERT OR REPLACE INTO project_cwd (cwd, project_id) VALUES (?, ?)');
  const byRoot = db.prepare<[string], { id: number }>('SELECT id FROM project WHERE root = ?');
  const insert = db.prepare('INSERT INTO project (root, is_repository) VALUES (?, ?)');

  function rowFor(root: string, isRepository: boolean): number {
    return byRoot.get(root)?.id ?? Number(insert.run(root, isRepository ? 1 : 0).lastInsertRowid);
  }

  return {
    idOf(raw, isDirectory) {
      if (raw === undefined) return 0;
      const cached = known.get(raw);
      if (cached !== undefined) return cached;
      const cwd = cleanName(raw);
      if (cwd === '') return 0;
      let id = remembered.get(cwd)?.project_id;
      if (id === undefined) {
        const found = isDirectory ? find(cwd) : { root: cwd, isRepository: false };
        id = rowFor(found.root, found.isRepository);
        if (isDirectory) remember.run(cwd, id);
      }
      known.set(raw, id);
      return id;
    },
    forget: () => known.clear(),
  };
}
