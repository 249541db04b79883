import { type StdioOptions, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBenchLogs } from './logs.ts';

/**
 * Measures whole processes over made-up logs, from outside: a first reading, reports afterwards, and, as yardsticks in
 * the same rounds, an empty node and `cat` of the same files. Tells medians; judges nothing, for machines differ.
 *
 *   npm run build && npm run bench -- [--bytes 100M] [--runs 5] [--peer '<command>']
 *
 * The peer, such as `npx ccusage daily --json --offline`, finds the logs by CLAUDE_CONFIG_DIR as scopeon does.
 */
const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '100M' },
    runs: { type: 'string', default: '5' },
    peer: { type: 'string' },
  },
});
const program = fileURLToPath(new URL('../../bin/scopeon.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'scopeon-bench-'));
const home = join(directory, 'home');
let appended = 0;
const env = { ...process.env, CLAUDE_CONFIG_DIR: directory, SCOPEON_HOME: home };

interface Subject {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly before?: () => void;
  readonly shell?: boolean;
}

try {
  main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function main(): void {
  if (!existsSync(new URL('../../dist/cli.js', import.meta.url))) throw new Error('not built yet: npm run build');
  const logs = writeBenchLogs(directory, sizeOf(values.bytes));
  console.log(
    `${(logs.bytes / 1e6).toFixed(0)} MB, ${logs.files.length} files, ${logs.turns} turns; node ${process.version}`,
  );
  const daily = [process.execPath, program, 'daily', '--json', '--timezone', 'UTC'] as const;
  const subjects: readonly Subject[] = [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: 'cat', command: ['cat', ...logs.files] },
    ...(values.peer === undefined ? [] : [{ name: 'peer', command: [values.peer] as const, shell: true }]),
    { name: 'cold', command: daily, before: () => rmSync(home, { recursive: true, force: true }) },
    { name: 'warm', command: daily },
    { name: 'append', command: daily, before: () => appendTurn(logs.files[0] ?? '') },
    { name: 'status', command: [process.execPath, program, 'status', '--json'] },
  ];
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  // In turn, so that a slow minute of the machine meets all of them alike. The first round only warms the caches.
  for (let round = 0; round <= Number(values.runs); round++) {
    for (const subject of subjects) {
      const took = run(subject);
      if (round > 0) times.get(subject.name)?.push(took.seconds);
      if (subject.name === 'cold') check(took.output, logs.turns, logs.outputTokens, round);
    }
  }
  print(times);
}

function run({ command: [file, ...args], before, shell }: Subject): {
  readonly seconds: number;
  readonly output: string;
} {
  before?.();
  const stdio: StdioOptions = ['ignore', file === 'cat' ? 'ignore' : 'pipe', 'pipe'];
  const started = process.hrtime.bigint();
  const done = spawnSync(file, args, { env, shell: shell ?? false, encoding: 'latin1', maxBuffer: 2 ** 30, stdio });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (done.status !== 0) throw new Error(`${file} ${args.slice(0, 4).join(' ')} failed: ${done.error ?? done.stderr}`);
  return { seconds, output: done.stdout };
}

function appendTurn(file: string): void {
  appended++;
  const usage = { input_tokens: 1, cache_read_input_tokens: 2, output_tokens: 3 };
  const message = { id: `msg_appended_${appended}`, model: 'claude-opus-4-8', role: 'assistant', content: [], usage };
  appendFileSync(file, `${JSON.stringify({ type: 'assistant', timestamp: new Date().toISOString(), message })}\n`);
}

/** Wrong figures are no faster, however soon they come. */
function check(output: string, turns: number, outputTokens: number, appendedTurns: number): void {
  const { totals }: { totals: { turns: number; output_tokens: number } } = JSON.parse(output); // our own report
  if (totals.turns !== turns + appendedTurns || totals.output_tokens !== outputTokens + 3 * appendedTurns)
    throw new Error(`wrong totals: ${totals.turns} turns, ${totals.output_tokens} output tokens`);
}

function print(times: ReadonlyMap<string, readonly number[]>): void {
  const yardsticks = ['node -e 0', 'cat', 'peer'].filter((name) => times.has(name));
  console.log(['', 'median s', ...yardsticks.map((name) => `/ ${name}`)].map((cell) => cell.padStart(12)).join(''));
  for (const [name, own] of times) {
    // Round by round: both of a pair ran under the same conditions.
    const ratios = yardsticks.map((other) =>
      median(own.map((time, i) => time / (times.get(other)?.[i] ?? Number.NaN))),
    );
    const cells = [name, median(own).toFixed(3), ...ratios.map((ratio) => ratio.toFixed(2))];
    console.log(cells.map((cell) => cell.padStart(12)).join(''));
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? Number.NaN) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

/** `100M`, `1G`, or plain bytes. */
function sizeOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`--bytes ${text}: write 100M, 1G or a number`);
  return Number(number) * 1000 ** ' KMG'.indexOf(unit || ' ');
}
