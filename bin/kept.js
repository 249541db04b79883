const { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');

/**
 * Runs one of the programs in one file. What V8 made of it for `use` is kept beside it, where whoever can write could
 * as well change the program itself; it is bound to this Node.js and to the file, which is named by its content.
 * @throws ENOENT when it is not built
 */
exports.startKept = function startKept(program, use) {
  const file = join(dist, readFileSync(join(dist, `${program}.txt`), 'utf8'));
  const cache = `${file}.${process.version}-${process.arch}-${use}.cache`;
  const kept = readKept(cache);
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: kept });
  if (kept === undefined || script.cachedDataRejected === true) {
    process.once('exit', () => keep(cache, script));
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
};

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
    // V8 does not look whether it is whole: half of it would crash every start to come.
    writeFileSync(partial, script.createCachedData(), { flag: 'wx', flush: true });
    chmodSync(partial, 0o644); // it holds nothing of the user's, and the next user of this machine is helped as well
    renameSync(partial, cache);
  } catch {
    rmSync(partial, { force: true });
  }
}
