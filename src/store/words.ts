import { cleanName } from './clean.ts';
import type { Database } from './driver.ts';

/** Interned text (model, branch, tool, server names) by small ids; 0 stands for "the log does not say". */
export interface Words {
  idOf(text: string | undefined): number;
  /** Forgets what was learnt; after a rollback the ids given out may not exist. */
  forget(): void;
}

export function createWords(db: Database): Words {
  const known = new Map<string, number>();
  const find = db.prepare<[string], { id: number }>('SELECT id FROM word WHERE text = ?');
  const add = db.prepare<[string]>('INSERT INTO word (text) VALUES (?)');
  return {
    idOf(text) {
      if (text === undefined || text === '') return 0;
      const cached = known.get(text);
      if (cached !== undefined) return cached;
      const name = cleanName(text);
      if (name === '') return 0;
      const id = find.get(name)?.id ?? Number(add.run(name).lastInsertRowid);
      known.set(text, id);
      return id;
    },
    forget: () => known.clear(),
  };
}
