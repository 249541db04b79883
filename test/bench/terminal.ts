import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeBenchStore } from './store.ts';

/**
 * Measures `scopeon start` from outside, in a terminal of 120×40 over a store of a million turns: CPU while nothing happens,
 * how long keys take on every tab and in the filter, and then, while a log grows by five lines a second, CPU, memory minute
 * by minute, bytes written to the terminal and the latency of keys. Tells figures; judges nothing. Linux only: it needs
 * `script` of util-linux for the terminal, and /proc. CPU is that of the program, whatever else the machine does; how long
 * keys take is not.
 *
 *   npm run build && npx tsx test/bench/terminal.ts [--turns 1000000] [--minutes 10] [--idle 60] [--lines 5] [--store <directory>]
 *
 * A store made before can be named, and one is made there if there is none; it must be no other than such a one. `--tab 4`
 * leaves that tab open and presses no key while the log grows. What follows `--node` goes to Node.js, such as `--cpu-prof`.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '10' },
    idle: { type: 'string', default: '60' },
    lines: { type: 'string', default: '5' },
    tab: { type: 'string' },
    store: { type: 'string' },
    node: { type: 'string', multiple: true, default: [] },
  },
});
const program = fileURLToPath(new URL('../../bin/scopeon.js', import.meta.url));
/** Sessions of the made store have at most so many turns: about 20,000 of them at a million. */
const mostTurns = 90;
const linesPerSecond = Number(values.lines);
const keyEveryMs = 1_000;
const ticksPerSecond = 100; // what Linux counts CPU in for programs, on every machine of today

/** What the program writes before every frame. */
const anyFrame = '\u001b[?2026h';
let lines = 0;
/** A store may have been used before. */
const run = Date.now().toString().slice(-12).padStart(12, '0');

const directory = mkdtempSync(join(tmpdir(), 'scopeon-terminal-bench-'));
let terminal: Terminal | undefined;
try {
  await main();
} finally {
  terminal?.process.kill();
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  if (!existsSync(new URL('../../dist/cli.js', import.meta.url))) throw new Error('not built yet: npm run build');
  const home = values.store ?? join(directory, 'home');
  mkdirSync(home, { mode: 0o700, recursive: true });
  const logs = join(directory, 'claude', 'projects', 'shop');
  mkdirSync(logs, { recursive: true });
  const paths = { db: join(home, 'scopeon.db'), backups: join(home, 'backups') };
  if (!existsSync(paths.db)) {
    const made = await makeBenchStore(paths, Number(values.turns), Date.now(), mostTurns);
    console.log(`${made.turns} turns, ${made.sessions} sessions; node ${process.version}`);
  }
  const log = join(logs, 'session.jsonl');
  append(log);
  terminal = await openTerminal(home);
  await terminal.until(/watching/, 120_000);
  terminal.type('1'); // a first start says so first
  await sleep(30_000); // the day's copy of the store, and whatever else follows a start

  const idle = await during(terminal, Number(values.idle) * 1_000, async () => undefined);
  console.log(`idle ${values.idle} s: ${spent(idle)}`);

  if (values.tab === undefined) {
    console.log(`keys, quiet: ${told(await keyRound(terminal, 12))}`);
    console.log(`filter, letter by letter: ${told(await filterRound(terminal))}`);
    console.log(`a line of the log, until its turn shows: ${told(await lineRound(terminal, log))}`);
  } else {
    terminal.type(values.tab);
    await sleep(2_000);
  }

  const times: number[] = [];
  const growing = setInterval(() => append(log), 1_000 / linesPerSecond);
  const busy = await during(terminal, Number(values.minutes) * 60_000, async (shown, at) => {
    if (values.tab === undefined) times.push(...(await keyRound(shown, 1, at)));
    if (at > 0 && at % 60 === 0) console.log(`  after ${at / 60} min: RSS ${mebi(rssBytes(shown.pid))} MiB`);
  });
  clearInterval(growing);
  console.log(`${values.minutes} min at ${linesPerSecond} lines/s: ${spent(busy)}`);
  if (values.tab === undefined) console.log(`keys meanwhile: ${told(times)}`);
  terminal.type('q');
  await new Promise((resolve) => terminal?.process.once('exit', resolve));
}

/** A key with what its answer alone contains. */
type Probe = readonly [key: string, shows: RegExp | string];

/** Every tab is opened, help is shown and hidden on it, and the list is walked. Times in ms. */
async function keyRound(shown: Terminal, rounds: number, only?: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let tab = 1; tab <= 7; tab++) {
      if (only !== undefined && tab !== (only % 7) + 1) continue;
      shown.type(String(tab));
      await sleep(200);
      const probes: readonly Probe[] = [
        ['?', /Everywhere/],
        ['?', anyFrame],
      ];
      for (const [key, shows] of probes) times.push(await shown.press(key, shows));
      if (tab !== 2) continue;
      await sleep(300);
      for (let step = 2; step <= 5; step++) times.push(await shown.press('j', new RegExp(`${step}/\\d`)));
      await shown.press('g', /\b1\/\d/);
    }
  }
  return times;
}

async function filterRound(shown: Terminal): Promise<readonly number[]> {
  shown.type('2');
  await sleep(500);
  await shown.press('/', /words, cost/);
  await sleep(5_000); // what a filter takes is made ready behind it
  const times: number[] = [];
  let text = '';
  for (const letter of 'project-1 -cost>2 anomaly') {
    text += letter;
    const plain = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    times.push(await shown.press(letter, new RegExp(plain)));
    await sleep(200);
  }
  shown.type('\u001b');
  await sleep(1_000); // Esc and a key at once are Alt and that key
  return times;
}

/** Of a session that grows, the list of sessions tells how many turns there are. */
async function lineRound(shown: Terminal, log: string): Promise<readonly number[]> {
  const times: number[] = [];
  shown.type('2');
  for (let round = 0; round < 20; round++) {
    await sleep(300 + (round % 4) * 250);
    append(log);
    times.push(await shown.await(new RegExp(`\\b${lines}\\b`)));
  }
  return times;
}

interface Spell {
  readonly cpuPct: number;
  /** The threads that took most, dearest first; the main one is that which draws. */
  readonly threads: readonly { readonly name: string; readonly cpuPct: number }[];
  readonly bytesPerSecond: number;
  readonly rss: readonly [start: number, end: number];
}

/** Does something every second for so long, and tells what the program took for it. */
async function during(
  shown: Terminal,
  ms: number,
  everySecond: (shown: Terminal, at: number) => Promise<unknown>,
): Promise<Spell> {
  const began = performance.now();
  const [bytes, start, before] = [shown.bytes(), rssBytes(shown.pid), threadTicks(shown.pid)];
  const ticks = cpuTicks(`/proc/${shown.pid}/stat`);
  for (let at = 0; performance.now() - began < ms; at++) {
    await everySecond(shown, at);
    await sleep(Math.max(0, began + (at + 1) * keyEveryMs - performance.now()));
  }
  const seconds = (performance.now() - began) / 1_000;
  const pctOf = (taken: number): number => (taken / ticksPerSecond / seconds) * 100;
  const threads = [...threadTicks(shown.pid)].map(([id, now]) => ({
    name: id === String(shown.pid) ? 'drawing' : `thread ${Number(id) - shown.pid}`,
    cpuPct: pctOf(now - (before.get(id) ?? 0)),
  }));
  return {
    cpuPct: pctOf(cpuTicks(`/proc/${shown.pid}/stat`) - ticks),
    threads: threads.sort((a, b) => b.cpuPct - a.cpuPct).slice(0, 6),
    bytesPerSecond: (shown.bytes() - bytes) / seconds,
    rss: [start, rssBytes(shown.pid)],
  };
}

function spent({ cpuPct, threads, bytesPerSecond, rss }: Spell): string {
  const each = threads.map((thread) => `${thread.name} ${thread.cpuPct.toFixed(2)}`).join(', ');
  return `CPU ${cpuPct.toFixed(2)} % (${each}), RSS ${mebi(rss[0])} MiB at the start, ${mebi(rss[1])} MiB at the end, ${bytesPerSecond.toFixed(0)} B/s to the terminal`;
}

interface Terminal {
  readonly process: ChildProcess;
  /** Of scopeon itself. */
  readonly pid: number;
  bytes(): number;
  until(shows: RegExp | string, withinMs: number): Promise<void>;
  type(key: string): void;
  /** The time in ms until what is written from now on shows it. */
  await(shows: RegExp | string): Promise<number>;
  /** Presses a key; the time in ms until what is written from then on shows it. */
  press(key: string, shows: RegExp | string): Promise<number>;
}

async function openTerminal(home: string): Promise<Terminal> {
  const pidFile = join(directory, 'pid');
  const command = `stty cols 120 rows 40; echo $$ > '${pidFile}'; exec '${process.execPath}' ${values.node.join(' ')} '${program}' start`;
  const env = {
    ...process.env,
    CLAUDE_CONFIG_DIR: join(directory, 'claude'),
    SCOPEON_HOME: home,
    HOME: directory,
    TERM: 'xterm-256color',
  };
  const child = spawn('script', ['-qfc', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let bytes = 0;
  let text = '';
  let hear = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    text = (text + chunk.toString('latin1')).slice(-200_000);
    hear();
  });
  const seen = (shows: RegExp | string, withinMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not within ${withinMs} ms: ${shows}`)), withinMs);
      hear = () => {
        if (typeof shows === 'string' ? !text.includes(shows) : !shows.test(text)) return;
        clearTimeout(late);
        hear = () => undefined;
        resolve();
      };
      hear();
    });
  async function timed(act: () => void, shows: RegExp | string): Promise<number> {
    text = '';
    const began = performance.now();
    act();
    await seen(shows, 30_000);
    return performance.now() - began;
  }
  await seen(/scopeon/, 60_000);
  return {
    process: child,
    pid: Number(readFileSync(pidFile, 'utf8')),
    bytes: () => bytes,
    until: seen,
    type: (key) => void child.stdin.write(key),
    await: (shows) => timed(() => undefined, shows),
    press: (key, shows) => timed(() => void child.stdin.write(key), shows),
  };
}

/** A response, as Claude Code writes it. */
function append(path: string): void {
  lines++;
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 500,
    cache_read_input_tokens: 20_000 + (lines % 1_000) * 100,
    output_tokens: 300,
  };
  const message = {
    id: `msg_${run}_${lines}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-5-20251101',
    content: [{ type: 'text', text: 'CANARY' }],
    usage,
  };
  const record = {
    type: 'assistant',
    uuid: `uuid-${run}-${lines}`,
    parentUuid: null,
    isSidechain: false,
    cwd: '/srv/shop',
    gitBranch: 'main',
    version: '2.1.80',
    sessionId: `10000000-0000-4000-8000-${run}`,
    requestId: `req_${run}_${lines}`,
    timestamp: new Date().toISOString(),
    message,
  };
  appendFileSync(path, `${JSON.stringify(record)}\n`);
}

/** By thread. */
function threadTicks(pid: number): ReadonlyMap<string, number> {
  return new Map(readdirSync(`/proc/${pid}/task`).map((id) => [id, cpuTicks(`/proc/${pid}/task/${id}/stat`)]));
}

function cpuTicks(path: string): number {
  const fields = readFileSync(path, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function rssBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

function mebi(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

function told(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `${sorted.length} times, p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`;
}
