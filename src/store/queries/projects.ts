import type { Database } from '../driver.ts';

export interface ProjectName {
  readonly id: number;
  readonly root: string;
  /** Last part of the root, with as many parents as it takes to tell two apart. */
  readonly name: string;
}

/** Every project by id, with a display name of its own. */
export function projectNames(db: Database): ReadonlyMap<number, ProjectName> {
  const rows = db.prepare<[], { id: number; root: string }>('SELECT id, root FROM project').all();
  const parts = rows.map((row) => row.root.split(/[\\/]+/).filter((part) => part !== ''));
  const names = parts.map((part, i) => part.at(-1) ?? rows[i]?.root ?? '');
  for (let depth = 2; depth < 32; depth++) {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    let changed = false;
    for (const [i, part] of parts.entries()) {
      if ((counts.get(names[i] ?? '') ?? 0) < 2 || part.length < depth) continue;
      names[i] = part.slice(-depth).join('/');
      changed = true;
    }
    if (!changed) break;
  }
  return new Map(rows.map((row, i) => [row.id, { ...row, name: names[i] ?? row.root }]));
}

/** Ids of the projects so called, by display name, last part or root path. */
export function projectIdsNamed(db: Database, wanted: readonly string[]): readonly number[] {
  const lower = new Set(wanted.map((name) => name.toLowerCase()));
  return [...projectNames(db).values()]
    .filter(
      ({ name, root }) =>
        lower.has(name.toLowerCase()) ||
        lower.has(root.toLowerCase()) ||
        lower.has((root.split(/[\\/]/).at(-1) ?? '').toLowerCase()),
    )
    .map((project) => project.id);
}
