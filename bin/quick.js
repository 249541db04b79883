import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** Commands that print and end: of these a script starts many, so they get a program in one file, compiled but once. */
export const quickCommands = new Set([
  'alerts',
  'blocks',
  'budget',
  'daily',
  'doctor',
  'explain',
  'export',
  'insights',
  'limits',
  'models',
  'monthly',
  'prices',
  'projects',
  'providers',
  'report',
  'sessions',
  'shell-status',
  'status',
  'weekly',
]);

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/**
 * Runs that program for one of the commands above. What V8 made of it is kept beside it, where whoever can write could
 * as well change the program itself; it is bound to this Node.js and to the file, which is named by its content.
 * @throws ENOENT when it is not built
 */
export function startQuick(command) {
  const file = join(dist, readFileSync(join(dist, 'quick.txt'), 'utf8'));
  const cache = `${file}.${process.version}-${process.arch}-${command}.cache`;
  const kept = readKept(cache);
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: kept });
  if (kept === undefined || script.cachedDataRejected === true) {
    process.once('exit', () => keep(cache, script));
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
}

function readKept(cache) {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

/** Only a help: a place that cannot be written to, or has no room, is none of the user's business. */
function keep(cache, script) {
  const partial = `${cache}.${process.pid}`;
  try {
    writeFileSync(partial, script.createCachedData(), { flag: 'wx' });
    chmodSync(partial, 0o644); // it holds nothing of the user's, and the next user of this machine is helped as well
    renameSync(partial, cache);
  } catch {
    rmSync(partial, { force: true });
  }
}
