import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout's directory, `/` between its parts on every system, without one at the end. */
export const root = fileURLToPath(new URL('..', import.meta.url))
  .replaceAll('\\', '/')
  .replace(/\/$/, '');

/** Every file below src/, as a path from the root, sorted. */
export function listSources() {
  return readdirSync(`${root}/src`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.replaceAll('\\', '/')}/${entry.name}`.slice(root.length + 1))
    .sort();
}

/**
 * The sources that stay files of their own when built: the program, the workers, every member of a folder `xs/` beside
 * its contract `x.ts`, and `members.ts`, because its own place tells the built program where its members lie.
 */
export function findEntryPoints(sources) {
  const all = new Set(sources);
  return sources.filter((path) => {
    if (path === 'src/cli.ts' || path === 'src/members.ts' || /\/([a-z0-9-]+-)?worker\.ts$/.test(path)) return true;
    const [, contract] = /^(.+)s\/[a-z0-9][a-z0-9-]*\.tsx?$/.exec(path) ?? [];
    return contract !== undefined && (all.has(`${contract}.ts`) || all.has(`${contract}.tsx`));
  });
}

/** Changes when anything changes that the built program is made of. */
export function fingerprint(sources) {
  const hash = createHash('sha256');
  for (const path of [
    ...sources,
    'package.json',
    'package-lock.json',
    'bin/quick.js',
    'bin/kept.js',
    'bin/scan-thread.js',
    'scripts/build.mjs',
    'scripts/sources.mjs',
  ]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(`${root}/${path}`))
      .update('\0');
  }
  return hash.digest('hex');
}
