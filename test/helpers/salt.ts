import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '../../src/store/driver.ts';

/** The word that must be nowhere. */
export const canary = 'CANARY';

/**
 * Names that may be kept (of agents' types, skills, modes) and that are masked in some samples all the same. In front of
 * their values, also within a text that is JSON.
 */
const names = String.raw`\\?"(?:new_agent_role|agent_type|agent_?[nN]ame|subagent_type|skill|mode|newMode|execution_?[mM]ode)\\?": ?\\?"`;

/**
 * Puts the word into every text that somebody wrote, in all files and databases below a directory: in the samples such
 * texts, keys and parts of names are runs of `x`. Tells how many places got it.
 */
export function saltTexts(directory: string): number {
  let places = 0;
  const salt = (text: string): string =>
    text.replace(new RegExp(`(${names})?x{3,}`, 'g'), (whole, name: string | undefined) => {
      if (name !== undefined) return whole;
      places++;
      return canary;
    });
  rewrite(directory, salt, salt);
  return places;
}

/**
 * Puts the word where no log has anything: as a field of every object, whose name is the word too, and as an element of
 * every list of texts.
 */
export function saltShapes(directory: string): number {
  let places = 0;
  const into = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const list = value.map(into);
      if (!value.some((each) => typeof each === 'string')) return list;
      places++;
      return [...list, canary];
    }
    if (typeof value !== 'object' || value === null) return value;
    places++;
    return { ...Object.fromEntries(Object.entries(value).map(([key, held]) => [key, into(held)])), [canary]: canary };
  };
  const salt = (json: string): string => {
    try {
      const value: unknown = JSON.parse(json);
      return typeof value === 'object' ? JSON.stringify(into(value)) : json;
    } catch {
      return json; // half a line, or none
    }
  };
  const lines = (text: string): string => {
    const whole = salt(text);
    return whole === text ? text.split('\n').map(salt).join('\n') : whole;
  };
  rewrite(directory, lines, salt);
  return places;
}

function rewrite(directory: string, text: (content: string) => string, column: (value: string) => string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    if (bytes.subarray(0, 15).toString() === 'SQLite format 3') rewriteDatabase(path, column);
    else if (!bytes.subarray(0, 4).equals(zstdMagic)) writeFileSync(path, text(bytes.toString('latin1')), 'latin1');
  }
}

const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

function rewriteDatabase(path: string, column: (value: string) => string): void {
  const db = openFile(path);
  try {
    const tables = db
      .prepare<[], { name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE '%VIRTUAL%' AND name NOT GLOB '*_fts*'",
      )
      .all();
    for (const { name } of tables) {
      const columns = db
        .prepare<[string], { name: string }>("SELECT name FROM pragma_table_info(?) WHERE type IN ('TEXT', 'BLOB', '')")
        .all(name);
      for (const each of columns) {
        const rows = db
          .prepare<[], { id: number; value: string }>(
            `SELECT rowid AS id, "${each.name}" AS value FROM "${name}" WHERE typeof("${each.name}") = 'text'`,
          )
          .all();
        const update = db.prepare(`UPDATE "${name}" SET "${each.name}" = ? WHERE rowid = ?`);
        for (const { id, value } of rows) if (column(value) !== value) update.run(column(value), id);
      }
    }
  } finally {
    db.close();
  }
}
