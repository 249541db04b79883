// Makes a fresh clone runnable, and does nothing when it is: `npm start`, `npm test` and `npm run check` call it first.
// Has no dependency, because there may be none yet.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Something the user can mend. */
class SetupError extends Error {}

const [major, minor] = process.versions.node.split('.').map(Number);
const say = (text) => process.stderr.write(`set-up: ${text}\n`);

// npm ci removes the note together with what it speaks of.
const noteFile = 'node_modules/.cache/scopeon/setup.json';
const runtime = `${process.platform}-${process.arch}-abi${process.versions.modules}`;
// Release 13 carries its binaries inside the package, and crashes Node.js below 22.
const drivers = [
  ...(major >= 22 ? [{ name: 'better-sqlite3-napi', file: 'node_modules/better-sqlite3-napi/package.json' }] : []),
  { name: 'better-sqlite3', file: 'node_modules/better-sqlite3/build/Release/better_sqlite3.node' },
];

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

async function main() {
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `scopeon needs Node.js 20.19 or newer; this is ${process.versions.node}. Get one at https://nodejs.org, then run the command again.`,
    );
  }
  // Loaded late, so that an old Node.js gets the sentence above instead of an error about syntax.
  const { fingerprint, listSources, root } = await import('./sources.mjs');
  const { withLock } = await import('./lock.mjs');
  process.chdir(root);
  const programIsOld = () =>
    readJson('dist/build.json')?.sources !== fingerprint(listSources()) || !existsSync('dist/cli.js');

  if (packagesMatch() && driverOpens() && !programIsOld()) return;
  await withLock(
    async () => {
      if (!packagesMatch()) await installPackages();
      if (!driverOpens()) await buildDriver();
      if (programIsOld()) await buildProgram();
      say('done');
    },
    (pid) => say(`waiting for process ${pid}, which is setting up this checkout`),
  );
}

/** Does node_modules hold what the lockfile names? Packages for other platforms may be missing. */
function packagesMatch() {
  const wanted = readJson('package-lock.json')?.packages;
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (wanted === undefined)
    throw new SetupError('package-lock.json is missing or damaged. Restore it: git checkout package-lock.json');
  if (installed === undefined) return false;
  // Left out by a Node.js older than it wants; asked for again once a newer one runs, and only once.
  const driverMayCome =
    major >= 22 && !('node_modules/better-sqlite3-napi' in installed) && !(readJson(noteFile)?.installedBy >= 22);
  if (driverMayCome) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
  });
}

async function installPackages() {
  say('installing packages with npm ci. The first set-up can take two minutes; the next ones take no time.');
  const { code, output } = await npm([
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
  ]);
  if (code !== 0 || !packagesMatchAfterInstall()) {
    throw new SetupError(
      `npm ci failed. It said:\n\n${keyLines(output)}\n\n` +
        'Check the connection to the package registry (npm ping), the proxy settings and the free disk space, then run the command again.',
    );
  }
}

function packagesMatchAfterInstall() {
  writeJson(noteFile, { installedBy: major });
  return packagesMatch();
}

/** Opens a database in a process of its own, for a driver of the wrong kind may crash it. Remembers what opened. */
function driverOpens() {
  const note = readJson(noteFile);
  for (const { name, file } of drivers) {
    if (!existsSync(file)) continue;
    const { mtimeMs, size } = statSync(file);
    const key = `${runtime} ${name} ${size} ${mtimeMs}`;
    if (note?.driver === key) return true;
    if (tryDriver(name).status !== 0) continue;
    writeJson(noteFile, { ...note, driver: key });
    return true;
  }
  return false;
}

function tryDriver(name) {
  const script = `const Database = require(${JSON.stringify(name)}); new Database(':memory:').prepare('select 1').get()`;
  return spawnSync(process.execPath, ['--input-type=commonjs', '-e', script], { encoding: 'utf8' });
}

async function buildDriver() {
  say(
    'preparing the database driver (better-sqlite3). Where no prebuilt binary can be fetched it is compiled, which takes a minute or two.',
  );
  // Its exit code says nothing: npm may report success without having built anything.
  const { output } = await npm(['rebuild', 'better-sqlite3', '--ignore-scripts=false', '--foreground-scripts']);
  if (driverOpens()) return;
  const reason =
    tryDriver('better-sqlite3')
      .stderr.split('\n')
      .find((line) => /Error: /.test(line)) ?? 'It does not open a database.';
  throw new SetupError(
    `the database driver could not be prepared. ${reason.replace(' Tried:', '').trim()}\nnpm rebuild better-sqlite3 said:\n\n${keyLines(output)}\n\n` +
      `Either use Node.js 22 or newer, for which a ready driver comes with the packages, or install a C++ compiler and Python 3\n(${compilerHint()}), then run the command again.`,
  );
}

function compilerHint() {
  if (process.platform === 'darwin') return 'xcode-select --install';
  if (process.platform === 'win32') return 'Visual Studio Build Tools with "Desktop development with C++"';
  return 'Debian, Ubuntu: sudo apt-get install build-essential python3; Fedora: sudo dnf install gcc-c++ make python3';
}

async function buildProgram() {
  say('building the program');
  const { build, explain } = await import('./build.mjs');
  try {
    await build();
  } catch (error) {
    throw new SetupError(`the build failed.\n${await explain(error)}`);
  }
}

/** Runs the npm that runs us, else the one in the path. Its output is kept for when it is needed. */
function npm(args) {
  const own = process.env.npm_execpath;
  const [command, ...before] = basename(own ?? '') === 'npm-cli.js' ? [process.execPath, own] : ['npm'];
  return new Promise((resolve, reject) => {
    // On Windows npm is a script, which only a shell starts; the arguments are ours and need no quoting.
    const child = spawn(command, [...before, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: command === 'npm' && process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', () =>
      reject(
        new SetupError(
          'npm was not found. It comes with Node.js (https://nodejs.org); install it and run the command again.',
        ),
      ),
    );
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** npm says what failed first and then how npm is used; a compiler says it last. */
function keyLines(output) {
  const lines = output.trim().split('\n');
  const errors = lines.filter((line) => /^npm (error|ERR!) ./.test(line));
  const key = errors.length > 0 && !/gyp ERR!/.test(output) ? errors.slice(0, 12) : lines.slice(-25);
  return key.map((line) => `  ${line}`).join('\n');
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value)}\n`);
}
