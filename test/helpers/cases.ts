import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { buildDatabases, databaseOf, scriptsBelow } from './databases.ts';

export interface ProviderCase {
  readonly provider: string;
  readonly name: string;
  /** Directory with a log tree as it would lie in a home directory. */
  readonly home: string;
  /** Databases in it, relative to it, each with the script it was made by. */
  readonly databases: readonly { readonly file: string; readonly script: string }[];
  /** What the store must say of it. */
  readonly expected: string;
  /** What has to be set for the case to be found, from `settings.json` beside it. `$HOME` stands for its home directory. */
  readonly settings: CaseSettings;
}

interface CaseSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly generic_paths?: readonly string[];
  /** Files in its home that are no logs: the agent has written them before any log that is read with their help. */
  readonly beforehand?: readonly string[];
}

/** What the case's settings are in this home, as a house and the command line want them. */
export function settingsIn(home: string, each: ProviderCase) {
  const here = (text: string): string => text.replaceAll('$HOME', home);
  const env = Object.entries(each.settings.env ?? {}).map(([name, value]) => [name, here(value)]);
  return {
    env: Object.fromEntries(env) as Readonly<Record<string, string>>, // its values are texts
    genericPaths: (each.settings.generic_paths ?? []).map(here),
  };
}

const root = fileURLToPath(new URL('../fixtures/providers/', import.meta.url));

/** Every case of every provider, found by scan. */
export function providerCases(): readonly ProviderCase[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((provider) =>
    readdirSync(`${root}${provider}`).map((name) => {
      const directory = `${root}${provider}/${name}`;
      const home = join(directory, 'home');
      const scripts = scriptsBelow(home);
      return {
        provider,
        name,
        home: scripts.length === 0 ? home : withDatabases(home),
        databases: scripts.map((script) => ({ file: databaseOf(script), script: join(home, script) })),
        expected: join(directory, 'expected.json'),
        settings: settingsOf(join(directory, 'settings.json')),
      };
    }),
  );
}

/** A copy of the home directory in which the databases are; it lasts as long as the tests of whoever asked. */
function withDatabases(home: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'scopeon-case-'));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(home, copy, { recursive: true });
  buildDatabases(copy);
  return copy;
}

function settingsOf(file: string): CaseSettings {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
