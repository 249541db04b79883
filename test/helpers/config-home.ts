import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type ConfigHost, loadConfig } from '../../src/config.ts';

const root = path.join(import.meta.dirname, '..', '..');
export const configFixtures = path.join(root, 'test', 'fixtures', 'config');
export const example = readFileSync(path.join(root, 'config.example.toml'), 'utf8');
/** The example with every setting it shows in a comment switched on. */
export const fullExample = example.replace(/^#(?=\S)/gm, '');

/** The one warning a setting gives whose value is good. */
export const notYet = 'has no effect yet: everything is kept';

export type ConfigOverrides = NonNullable<ConfigHost['overrides']>;

let place = '';

/** The directory of the running test that stands for a user's home. */
export const home = (): string => place;

/** Gives each test of a file a home of its own. */
export function eachTestHasAHome(): void {
  beforeEach(() => {
    place = mkdtempSync(path.join(tmpdir(), 'scopeon-config-'));
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));
}

export function load(env: ConfigHost['env'] = {}, overrides: ConfigOverrides = {}) {
  return loadConfig({ env, home: place, platform: process.platform, overrides });
}

export function loadText(toml: string | Uint8Array, env: ConfigHost['env'] = {}) {
  return load({ ...env, SCOPEON_CONFIG: write('config.toml', toml) });
}

export function write(name: string, content: string | Uint8Array, mode = 0o600): string {
  const file = path.join(place, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
  return file;
}
