import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'scopeon-package-'));
const prefix = join(work, 'prefix');
let packed: readonly string[] = [];

// Where no prebuilt driver can be fetched, installing compiles one, which takes minutes: hence the limits here.
beforeAll(() => {
  const [pack] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', work]));
  packed = pack.files.map((file: { path: string }) => file.path);
  const { options, env } = driverForInstall();
  npm(['install', '--global', '--prefix', prefix, ...options, join(work, pack.filename)], env);
}, 300_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the packed program', () => {
  it('holds what runs and nothing else', () => {
    const allowed =
      /^(bin\/((scopeon|quick|kept|scan-thread)\.js|package\.json)$|dist\/|config\.example\.toml$|package\.json$|(README|CHANGELOG)\.md$|LICENSE$)/;
    expect(packed.filter((path) => !allowed.test(path))).toEqual([]);
    expect(packed).toEqual(expect.arrayContaining(['bin/scopeon.js', 'dist/cli.js', 'dist/LICENSES.txt', 'LICENSE']));
    expect(packed.filter((path) => /\.map$|build\.json$|\.cache$/.test(path))).toEqual([]);
  });

  it('tells its version when installed outside the repository', () => {
    expect(scopeon(['--version'])).toMatchObject({ stdout: `${version}\n`, stderr: '', status: 0 });
  });

  it('says where it looked when there is no log', () => {
    const { stderr, status } = scopeon(['status']);
    expect(status).toBe(4);
    expect(stderr).toContain(join(work, 'empty-home'));
  });

  it('reads a log and shows its figures', () => {
    const logs = join(work, 'claude');
    mkdirSync(join(logs, 'projects', '-home-user-app'), { recursive: true });
    writeFileSync(join(logs, 'projects', '-home-user-app', `${session}.jsonl`), `${JSON.stringify(response)}\n`);
    const { stdout, status } = scopeon(['status', '--json'], { CLAUDE_CONFIG_DIR: logs });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).all).toMatchObject({
      turns: 1,
      input_tokens: 11,
      cache_read_tokens: 300,
      output_tokens: 22,
    });
  });
});

describe('what V8 made of the program', () => {
  const dist = join(prefix, windows ? 'node_modules' : 'lib/node_modules', 'scopeon', 'dist');
  const kept = () => readdirSync(dist).filter((name) => name.endsWith('-status.cache'));
  const told = () => {
    const { stdout, stderr, status } = scopeon(['status']);
    return { stdout, stderr, status };
  };

  it('is kept beside it and changes nothing, even when it is damaged', () => {
    const first = told();
    expect(kept()).toHaveLength(1);
    expect(told()).toEqual(first);
    const file = join(dist, kept()[0] ?? '');
    const whole = readFileSync(file).length;
    writeFileSync(file, 'not what V8 made');
    expect(told()).toEqual(first);
    expect(readFileSync(file).length).toBeGreaterThan(whole / 2);
  });

  it('serves after a large first reading as well, for which V8 is told to optimise less', () => {
    const logs = join(work, 'large');
    mkdirSync(join(logs, 'projects', 'p'), { recursive: true });
    const file = join(logs, 'projects', 'p', `${session}.jsonl`);
    writeFileSync(file, `${JSON.stringify(response)}\n`);
    const line = `${JSON.stringify({ type: 'system', content: 'CANARY'.repeat(200_000) })}\n`;
    for (let size = 0; size <= 200 * 1024 * 1024; size += line.length) appendFileSync(file, line);
    const keptAt = () =>
      statSync(join(dist, readdirSync(dist).find((name) => name.endsWith('-daily.cache')) ?? '')).mtimeMs;
    const read = (home: string) =>
      scopeon(['daily', '--json'], { CLAUDE_CONFIG_DIR: logs, SCOPEON_HOME: join(work, home) });
    expect(JSON.parse(read('large-1').stdout).totals).toMatchObject({ turns: 1, output_tokens: 22 });
    const before = keptAt();
    expect(read('large-2').status).toBe(0);
    expect(keptAt()).toBe(before); // made anew, it was refused
    rmSync(logs, { recursive: true });
  });

  it('is done without where nothing can be kept', () => {
    const first = told();
    const file = join(dist, kept()[0] ?? '');
    rmSync(file);
    mkdirSync(file); // can neither be read nor replaced
    expect(told()).toEqual(first);
    expect(readdirSync(dist).filter((name) => name.includes('.cache.'))).toEqual([]);
  });
});

const session = '6f6d3a52-3f0c-4c1e-9a53-0d6f6f1d0a01';
const response = {
  type: 'assistant',
  uuid: '6f6d3a52-3f0c-4c1e-9a53-0d6f6f1d0a02',
  parentUuid: null,
  isSidechain: false,
  sessionId: session,
  cwd: '/home/user/app',
  version: '2.1.79',
  requestId: 'req_011package',
  timestamp: '2026-04-10T10:00:00.000Z',
  message: {
    id: 'msg_01package',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [{ type: 'text', text: 'CANARY' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 11, cache_read_input_tokens: 300, cache_creation_input_tokens: 0, output_tokens: 22 },
  },
};

function scopeon(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const home = join(work, 'empty-home');
  mkdirSync(home, { recursive: true });
  const program = windows ? join(prefix, 'scopeon.cmd') : join(prefix, 'bin', 'scopeon');
  return spawnSync(program, args, {
    cwd: work,
    encoding: 'utf8',
    shell: windows,
    env: {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      ...(windows ? { SystemRoot: process.env.SystemRoot } : {}),
      HOME: home,
      USERPROFILE: home,
      APPDATA: join(home, 'AppData'),
      SCOPEON_HOME: join(work, `scopeon-home-${Object.keys(env).length}`),
      ...env,
    },
  });
}

/** A newer Node takes the driver whose binary comes in its package; on an older one the binary built here stands in for the download. */
function driverForInstall(): { readonly options: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  if (existsSync(join(root, 'node_modules/better-sqlite3-napi'))) return { options: ['--ignore-scripts'], env: {} };
  const driver = join(root, 'node_modules/better-sqlite3');
  if (windows || !existsSync(join(driver, 'build/Release/better_sqlite3.node'))) return { options: [], env: {} };
  const release = JSON.parse(readFileSync(join(driver, 'package.json'), 'utf8')).version;
  const name = `better-sqlite3-v${release}-node-v${process.versions.modules}-${process.platform}-${process.arch}.tar.gz`;
  execFileSync('tar', ['-C', driver, '-czf', join(work, name), 'build/Release/better_sqlite3.node']);
  return { options: [], env: { npm_config_better_sqlite3_local_prebuilds: work } };
}

/** Runs the npm that runs these tests, so that an `npm` in the path that belongs to another Node does no harm. */
function npm(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const own = process.env.npm_execpath;
  const [command, ...before] = own?.endsWith('npm-cli.js') ? [process.execPath, own] : ['npm'];
  return execFileSync(command ?? 'npm', [...before, ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    shell: command === 'npm' && windows,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
