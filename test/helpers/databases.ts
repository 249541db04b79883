import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '../../src/sqlite.ts';

const suffix = '.sql';

/** Statements of a script; each ends with a `;` at the end of a line. */
export function statementsOf(script: string): readonly string[] {
  return readFileSync(script, 'utf8')
    .split(/(?<=;)[ \t]*\r?\n/)
    .filter((statement) => statement.trim() !== '');
}

/** Scripts below a directory, relative to it: `x.db.sql` stands for the database `x.db`, so that people can read it. */
export function scriptsBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** The database a script stands for. */
export function databaseOf(script: string): string {
  return script.slice(0, -suffix.length);
}

/** Puts the database in every script's place. */
export function buildDatabases(directory: string): void {
  for (const script of scriptsBelow(directory)) {
    const path = join(directory, script);
    const db = openFile(databaseOf(path));
    for (const statement of statementsOf(path)) db.exec(statement);
    db.close();
    rmSync(path);
  }
}
