import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';

export type Database = BetterSqlite3.Database;
export type Statement = BetterSqlite3.Statement;

type Driver = typeof BetterSqlite3;

const require = createRequire(import.meta.url);

/**
 * Opens a database file, ours or a private copy of another program's, with the driver that fits this Node: on 22 and
 * newer the one whose binaries come inside its package, else better-sqlite3 12. The newer one must not even be loaded on
 * Node 20: it ends the process.
 * @throws the driver's own error when the file cannot be opened
 */
export function openFile(path: string, options: { readonly?: boolean; timeoutMs?: number } = {}): Database {
  const { driver, nativeBinding } = chooseDriver();
  return new driver(path, {
    readonly: options.readonly ?? false,
    fileMustExist: options.readonly ?? false,
    timeout: options.timeoutMs ?? 5_000,
    ...(nativeBinding === undefined ? {} : { nativeBinding }),
  });
}

let chosen: { readonly driver: Driver; readonly nativeBinding: string | undefined } | undefined;

function chooseDriver(): { readonly driver: Driver; readonly nativeBinding: string | undefined } {
  chosen ??= load();
  return chosen;
}

function load(): { readonly driver: Driver; readonly nativeBinding: string | undefined } {
  if (Number(process.versions.node.split('.')[0]) >= 22) {
    try {
      const driver: Driver = require('better-sqlite3-napi');
      new driver(':memory:').close();
      return { driver, nativeBinding: undefined };
    } catch {
      // Left out of this install, or no binary for this platform: the compiled one may be there.
    }
  }
  const entry = require.resolve('better-sqlite3');
  const binary = join(dirname(dirname(entry)), 'build', 'Release', 'better_sqlite3.node');
  // Named outright because looking for it costs a dozen failed stats at every start.
  return { driver: require('better-sqlite3'), nativeBinding: existsSync(binary) ? binary : undefined };
}
