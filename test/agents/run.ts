import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

/**
 * Registers scopeon with the genuine agents, has each read its file and, where it does so without a login, start the
 * server; then takes it out again. Needs the npm registry the first time (about 1 GB), no account, no key.
 *
 *   npm run build && npm run test:agents [-- claude gemini copilot codex]
 *
 * The agents stay in SCOPEON_AGENTS_CACHE, else in ~/.cache/scopeon-agents; everything else is in a temporary home.
 */

interface Agent {
  readonly id: string;
  /** Pinned: the newest that runs on Node 20. */
  readonly package: string;
  readonly version: string;
  readonly bin: string;
  /** Where it reads its servers, below the home directory, and what stood there before. */
  readonly file: string;
  readonly texts: readonly (string | undefined)[];
  /** What a person would see of the server. @throws when it is not seen, or does not answer */
  seen(agent: RunningAgent): Promise<string>;
}

interface RunningAgent {
  readonly program: string;
  readonly home: string;
  readonly project: string;
  run(args: readonly string[]): string;
  spawn(args: readonly string[]): ChildProcess;
}

const listMs = 60_000;

const agents: readonly Agent[] = [
  {
    id: 'claude',
    package: '@anthropic-ai/claude-code',
    version: '2.1.197',
    bin: 'claude',
    file: '.claude.json',
    texts: [
      undefined,
      '{\n    "numStartups": 3,\n    "mcpServers": { "other": { "command": "false" } }\n}\n',
      '{"a":1}',
    ],
    seen: async (agent) => line(agent.run(['mcp', 'list']), /^scopeon: .*Connected/m),
  },
  {
    id: 'gemini',
    package: '@google/gemini-cli',
    version: '0.61.0',
    bin: 'gemini',
    file: '.gemini/settings.json',
    texts: [undefined, '{\n  // why\n  "ui": { "theme": "GitHub" }, // mine\n}\n', '{"mcpServers":{}}'],
    seen: async (agent) => line(agent.run(['mcp', 'list']), /scopeon: .*Connected/),
  },
  {
    id: 'copilot',
    package: '@github/copilot',
    version: '1.0.102',
    bin: 'copilot',
    file: '.copilot/mcp-config.json',
    texts: [
      undefined,
      '{\n\t// why\n\t"mcpServers": {\n\t\t"other": { "type": "local", "command": "false", "args": [] }\n\t}\n}',
    ],
    seen: async (agent) => {
      const output = agent.run(['mcp', 'list', '--json']);
      const { scopeon } = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)).mcpServers;
      check(scopeon?.enabled === true && scopeon.args?.[1] === 'mcp', 'the entry is not listed');
      return `lists ${scopeon.command} ${scopeon.args.join(' ')}`;
    },
  },
  {
    id: 'codex',
    package: '@openai/codex',
    version: '0.169.0',
    bin: 'codex',
    file: '.codex/config.toml',
    texts: [
      undefined,
      '# mine\nmodel = "gpt-5.4" # keep\n\n[mcp_servers.other]\ncommand = "false"\n[profiles.a]\nmodel = "o3"',
    ],
    seen: askCodex,
  },
];

const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = process.env.SCOPEON_AGENTS_CACHE ?? join(homedir(), '.cache', 'scopeon-agents');
const wanted = process.argv.slice(2);
const chosen = agents.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
if (!existsSync(join(root, 'dist', 'cli.js'))) throw new Error('not built yet: npm run build');
if (chosen.length === 0) throw new Error(`no such agent; there are ${agents.map(({ id }) => id).join(', ')}`);
let failed = 0;
for (const agent of chosen) {
  const program = install(agent);
  for (const text of agent.texts) {
    try {
      await tryOut(agent, program, text);
    } catch (error) {
      failed++;
      console.log(`${agent.id}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
process.exitCode = failed === 0 ? 0 : 1;

async function tryOut(agent: Agent, program: string, text: string | undefined): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'scopeon-agent-'));
  const home = join(directory, 'home');
  const project = join(home, 'project');
  const file = join(home, agent.file);
  const env = { PATH: process.env.PATH, HOME: home, SCOPEON_HOME: join(directory, 'scopeon') };
  const scopeon = (...args: readonly string[]): void => {
    const done = spawnSync(process.execPath, [join(root, 'bin', 'scopeon.js'), 'init', '--client', agent.id, ...args], {
      cwd: project,
      env,
      encoding: 'utf8',
    });
    check(done.status === 0, `init ${args.join(' ')}: ${done.stderr}`);
  };
  const running: RunningAgent = {
    program,
    home,
    project,
    run(args) {
      const done = spawnSync(program, args, { ...options, encoding: 'utf8', timeout: listMs });
      check(done.status === 0, `${args.join(' ')} ended with ${done.status ?? done.signal}: ${done.stderr}`);
      return done.stdout + done.stderr;
    },
    spawn: (args) => spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'ignore'] }),
  };
  const options = { cwd: project, env: { ...env, GEMINI_CLI_TRUST_WORKSPACE: 'true', NO_COLOR: '1' } };
  try {
    mkdirSync(project, { recursive: true });
    mkdirSync(dirname(file), { recursive: true });
    if (text !== undefined) writeFileSync(file, text);
    scopeon();
    scopeon('--remove');
    check(textOf(file) === text, 'taken out again, the file is another');
    scopeon();
    const registered = textOf(file);
    const began = performance.now();
    const seen = await agent.seen(running);
    const took = performance.now() - began;
    const touched = textOf(file);
    scopeon('--remove');
    const left = textOf(file);
    // An agent may write its own into its file meanwhile: then all of that must be left, and nothing of ours.
    if (touched === registered) check(left === text, 'taken out after use, the file is another');
    else check(isDeepStrictEqual(settingsIn(left), without(settingsIn(touched))), 'what the agent wrote was changed');
    const how = touched === registered ? 'left to the byte' : 'the agent wrote into it; all of that is left';
    console.log(
      `${agent.id} ${agent.version}, ${text === undefined ? 'no file' : `${text.length} bytes`}: ${seen} (${took.toFixed(0)} ms); ${how}`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

function settingsIn(text: string | undefined): Record<string, unknown> {
  return JSON.parse(text ?? '{}');
}

function without(settings: Record<string, unknown>): Record<string, unknown> {
  const { mcpServers, ...rest } = settings as { mcpServers?: Record<string, unknown> };
  const { scopeon: _, ...servers } = mcpServers ?? {};
  return { ...rest, mcpServers: servers };
}

/** Its app server starts the servers itself and tells their tools. */
async function askCodex(agent: RunningAgent): Promise<string> {
  const child = agent.spawn(['app-server']);
  try {
    const answer = new Promise<{ data: readonly { name: string; tools: Readonly<Record<string, unknown>> }[] }>(
      (resolve, reject) => {
        setTimeout(() => reject(new Error('its app server did not answer')), listMs).unref();
        child.once('exit', (code) => reject(new Error(`its app server ended with ${code}`)));
        createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
          const message = JSON.parse(text);
          if (message.id === 2) resolve(message.result);
        });
      },
    );
    const send = (message: object): void => void child.stdin?.write(`${JSON.stringify(message)}\n`);
    send({
      id: 1,
      method: 'initialize',
      params: { clientInfo: { name: 'scopeon-test', title: 'test', version: '1' } },
    });
    send({ method: 'initialized' });
    send({ id: 2, method: 'mcpServerStatus/list', params: {} });
    const tools = Object.keys((await answer).data.find(({ name }) => name === 'scopeon')?.tools ?? {});
    check(tools.includes('get_context_pressure') && tools.length >= 29, `${tools.length} tools`);
    return `its app server returns ${tools.length} tools`;
  } finally {
    child.kill('SIGKILL');
  }
}

/** The agent's program, installed beside others once. */
function install({ id, package: name, version, bin }: Agent): string {
  const place = join(cache, `${id}-${version}`);
  const program = join(place, 'node_modules', '.bin', bin);
  if (existsSync(program)) return program;
  const partial = `${place}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const npm = (args: readonly string[]): void => {
    const done = spawnSync('npm', args, { cwd: partial, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    check(done.status === 0, `npm ${args.join(' ')}: ${done.stderr}`);
  };
  console.log(`installing ${name}@${version} in ${place}`);
  // Of install scripts none but the agent's own, which puts its program where the name leads.
  npm([
    'install',
    '--prefix',
    partial,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel',
    'error',
    `${name}@${version}`,
  ]);
  npm(['rebuild', '--prefix', partial, '--loglevel', 'error', name]);
  rmSync(place, { recursive: true, force: true });
  renameSync(partial, place);
  return program;
}

function line(output: string, pattern: RegExp): string {
  const found = pattern.exec(output)?.[0];
  check(found !== undefined, `not listed as connected: ${output.slice(-500)}`);
  return found?.replace(/^.* - /, '') ?? '';
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
