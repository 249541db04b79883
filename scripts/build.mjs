// Builds dist/: start-up reads a few bundled files, while members stay one file each at their place, to be found by a scan.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { quickCommands } from '../bin/quick.js';
import { withLock } from './lock.mjs';
import { findEntryPoints, fingerprint, listSources, root } from './sources.mjs';

const dist = `${root}/dist`;
const stampFile = `${dist}/build.json`;

/**
 * Writes dist/ so that no process ever meets half of it: new files come first under names of their own, then each
 * program file is replaced in one step, then what no longer belongs goes. Chunks of the build before stay, because a
 * running process may yet load them, unless `prune` is set.
 */
export async function build({ prune = false } = {}) {
  const sources = listSources();
  const stamp = { sources: fingerprint(sources), files: [] };
  checkSources(sources);
  const staging = `${root}/.cache/build-${process.pid}`;
  try {
    const { metafile } = await bundle(
      findEntryPoints(sources).filter((path) => path !== scanThread),
      staging,
    );
    const quick = await bundleQuick(sources, staging);
    const scan = await bundleScan(sources, staging);
    writeFileSync(`${staging}/LICENSES.txt`, licenses({ ...metafile.inputs, ...quick.inputs, ...scan.inputs }));
    await bundlePage(`${staging}/dashboard`);
    await compileScanner(`${root}/src/readers/wasm/module.ts`, `${staging}/scan.wasm`);
    stamp.files = listFiles(staging);
    publish(staging, stamp, prune);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  jsx: 'automatic',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none', // LICENSES.txt has them whole
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, // the other form finds its parts at run time
  external: ['better-sqlite3', 'better-sqlite3-napi'],
  metafile: true,
  logLevel: 'silent',
};

async function bundle(entryPoints, outdir) {
  return esbuild.build({
    ...common,
    entryPoints,
    outdir,
    outbase: 'src',
    splitting: true,
    format: 'esm',
    chunkNames: 'chunk-[hash]',
    banner: {
      js: "import{createRequire as __scopeonRequire}from'node:module';const require=__scopeonRequire(import.meta.url);",
    },
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [withoutUnused],
  });
}

/** Where the members of quick commands lie. */
const quickFolders = [
  'alerts/formats',
  'alerts/rules',
  'doctor/checks',
  'metrics/figures',
  'metrics/signals',
  'metrics/suggestions',
  'optimizers',
  'providers',
  'store/migrations',
];

/**
 * The program once more, in one file, for the commands that print and end: finding, reading and compiling some seventy
 * files takes them longer than their work does. What they load is named here instead of found when they run.
 */
async function bundleQuick(sources, outdir) {
  const commands = [...quickCommands].map((id) => `commands/${id}`);
  const ids = [...commands, ...quickFolders.flatMap((folder) => idsIn(sources, folder))];
  return bundleOne('src/cli.ts', ids, [loadedWhenCalled, driverInside], `${outdir}/quick.txt`);
}

const scanThread = 'src/ingest/scan-worker.ts';

/** Likewise the thread that reads along when there is much: the sooner it runs, the sooner all is read. */
async function bundleScan(sources, outdir) {
  return bundleOne(scanThread, idsIn(sources, 'providers'), [], `${outdir}/scan.txt`);
}

function idsIn(sources, folder) {
  return sources.flatMap((path) => new RegExp(`^src/(${folder}/[a-z0-9-]+)\\.tsx?$`).exec(path)?.[1] ?? []);
}

/** A program in one file, named by its content, which `nameFile` then tells. */
async function bundleOne(entry, ids, plugins, nameFile) {
  const membersByName = {
    name: 'members-by-name',
    setup(build) {
      build.onResolve({ filter: /(^|\/)members\.ts$/ }, ({ importer }) =>
        importer === 'members' ? undefined : { path: 'members', namespace: 'members-by-name' },
      );
      build.onLoad({ filter: /./, namespace: 'members-by-name' }, () => ({
        resolveDir: `${root}/src`,
        contents: `
          import { memberIds } from './members.ts';
          export { memberIds, programRoot } from './members.ts';
          const members = {${ids.map((id) => `'${id}': () => import('./${id}.ts')`).join()}};
          export const loadMember = async (folder, id) => (await members[folder + '/' + id]()).default;
          export async function loadMembers(folder) {
            const ids = memberIds(folder);
            const loaded = await Promise.all(ids.map((id) => loadMember(folder, id)));
            return new Map(ids.map((id, i) => [id, loaded[i]]));
          }`,
      }));
    },
  };
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: [`${root}/${entry}`],
    outdir: dirname(nameFile),
    entryNames: 'chunk-[hash]',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': '__scopeonUrl' },
    // One function, as it is run: to put it together when it runs would copy all of it.
    banner: {
      js: "(function(exports,require,module,__filename,__dirname){const __scopeonUrl=require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    charset: 'ascii', // read as Latin-1, which is quicker; what stands in a pattern of ours has to be written so
    external: ['better-sqlite3-napi', 'bindings'],
    plugins: [withoutUnused, membersByName, ...plugins],
  });
  const [file] = Object.keys(metafile.outputs);
  const [foreign] = /.{0,40}[^\0-\x7f].{0,40}/u.exec(readFileSync(`${root}/${file}`, 'utf8')) ?? [];
  if (foreign !== undefined) throw new Error(`only ASCII may stand in the program that is read as such: ${foreign}`);
  writeFileSync(nameFile, basename(file));
  return metafile;
}

/** Of Node's own modules those that take the longest to load; most commands never get to where they need them. */
const lateModules = {
  'node:crypto': ['createHash', 'createHmac', 'hash', 'randomBytes', 'randomUUID', 'timingSafeEqual'],
  'node:child_process': ['spawn'],
};

const loadedWhenCalled = {
  name: 'loaded-when-called',
  setup(build) {
    const namespace = 'loaded-when-called';
    build.onResolve({ filter: /^node:(crypto|child_process)$/ }, ({ path, namespace: importer }) =>
      importer === namespace ? undefined : { path, namespace },
    );
    build.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `let late; ${lateModules[path]
        .map((name) => `export const ${name} = (...values) => (late ??= require('${path}')).${name}(...values);`)
        .join('\n')}`,
    }));
  },
};

/** The driver's own dozen files, too; its binary stays where it is. */
const driverInside = {
  name: 'driver-inside',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]sqlite\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace('const require = createRequire(import.meta.url);', '');
      if (contents === text) throw new Error('sqlite.ts finds its driver in another way than it did');
      return { contents, loader: 'ts' };
    });
  },
};

/** The dashboard: what a browser loads, from this server alone. */
async function bundlePage(outdir) {
  const page = 'src/serve/page';
  if (!existsSync(`${root}/${page}/page.ts`)) return;
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [`${page}/page.ts`, `${page}/page.css`],
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  for (const name of ['index.html', 'icon.svg']) copyFileSync(`${root}/${page}/${name}`, `${outdir}/${name}`);
}

/**
 * What libraries load and we never use: React's developer tools (ink asks for them only when DEV=true; no dependency of
 * ours), the checker of JSON schemas the MCP library makes unless it is given one, as it is here, and zod's sentences in
 * fifty languages (English, which it sets by itself, is loaded apart).
 */
const withoutUnused = {
  name: 'without-unused',
  setup(build) {
    build.onResolve({ filter: /^react-devtools-core$|\/ajv-provider\.js$/ }, ({ path }) => ({
      path,
      namespace: 'empty',
    }));
    build.onResolve({ filter: /\/locales\/index\.js$/ }, ({ path, importer }) =>
      /[\\/]zod[\\/]/.test(importer) ? { path, namespace: 'empty' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'empty' }, () => ({
      contents: 'export default {}; export const AjvJsonSchemaValidator = undefined;',
    }));
  },
};

/** Two mistakes that work from the sources and fail once built. */
function checkSources(sources) {
  for (const path of sources.filter((each) => /\.tsx?$/.test(each) && each !== 'src/members.ts')) {
    const text = readFileSync(`${root}/${path}`, 'utf8');
    if (/import\.meta\.(url|dirname|filename)/.test(text.replaceAll('createRequire(import.meta.url)', ''))) {
      throw new Error(`${path}: import.meta names another place once built; use programRoot of src/members.ts`);
    }
    for (const [, folder] of text.matchAll(/\b(?:loadMembers?|memberIds)(?:<[^()]*>)?\(\s*'([^']+)'/g)) {
      if (!sources.some((each) => each.replace(/\.tsx?$/, 's') === `src/${folder}`)) {
        throw new Error(`${path}: ${folder}/ has no contract file beside it, so it is not built`);
      }
    }
  }
}

/** The scanner's fast twin. Compiling takes seconds, so the result is kept by what it was made from. */
async function compileScanner(source, target) {
  if (!existsSync(source)) return;
  const options = ['--enable', 'simd', '-O3', '--runtime', 'stub', '--noAssert'];
  const directory = dirname(source);
  const hash = createHash('sha256')
    .update(options.join(' '))
    .update(readFileSync(`${root}/node_modules/assemblyscript/package.json`));
  for (const name of readdirSync(directory).sort())
    if (name.endsWith('.ts')) hash.update(`\0${name}\0`).update(readFileSync(join(directory, name)));
  const kept = `${root}/node_modules/.cache/scopeon/scan-${hash.digest('hex').slice(0, 16)}.wasm`;
  if (!existsSync(kept)) {
    mkdirSync(dirname(kept), { recursive: true });
    const partial = `${kept}.${process.pid}`;
    const asc = `${root}/node_modules/assemblyscript/bin/asc.js`;
    await promisify(execFile)(process.execPath, [asc, source, '-o', partial, ...options], { cwd: root });
    renameSync(partial, kept);
  }
  copyFileSync(kept, target);
}

function publish(staging, stamp, prune) {
  const before = readStamp();
  const isChunk = (path) => /^chunk-[^/]+\.c?js$/.test(path);
  // Chunks are named by their content, so they can lie there before the files that want them.
  for (const path of [...stamp.files.filter(isChunk), ...stamp.files.filter((path) => !isChunk(path))]) {
    mkdirSync(dirname(`${dist}/${path}`), { recursive: true });
    renameSync(`${staging}/${path}`, `${dist}/${path}`);
  }
  const keep = new Set([...stamp.files, 'build.json', ...(prune ? [] : (before?.files ?? []).filter(isChunk))]);
  for (const path of listFiles(dist)) if (!keep.has(path)) rmSync(`${dist}/${path}`, { force: true });
  writeFileSync(`${staging}/build.json`, `${JSON.stringify(stamp)}\n`);
  renameSync(`${staging}/build.json`, stampFile);
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return undefined;
  }
}

function listFiles(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll('\\', '/'),
    );
}

/** Bundled packages travel inside our files, so their licences travel beside them. */
function licenses(inputs) {
  const packages = new Set();
  for (const input of Object.keys(inputs)) {
    const [directory] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (directory !== undefined) packages.add(directory);
  }
  return [...packages]
    .sort()
    .map((directory) => {
      const { name, version, license } = JSON.parse(readFileSync(`${root}/${directory}/package.json`, 'utf8'));
      const file = readdirSync(`${root}/${directory}`).find((each) => /^licen[sc]e(\.(md|txt))?$/i.test(each));
      const text = file === undefined ? '' : readFileSync(`${root}/${directory}/${file}`, 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(72)}\n\n`);
}

/** What went wrong, for people: the compiler's own words with file and line, where it has any. */
export async function explain(error) {
  if (error.errors === undefined) return error.stderr || error.message;
  return (await esbuild.formatMessages(error.errors, { kind: 'error', color: process.stderr.isTTY === true })).join(
    '\n',
  );
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await withLock(
      () => build({ prune: process.argv.includes('--prune') }),
      (pid) => console.error(`build: waiting for process ${pid}, which is setting up this checkout`),
    );
  } catch (error) {
    console.error(`build: ${await explain(error)}`);
    process.exitCode = 1;
  }
}
