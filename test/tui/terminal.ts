import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
export const program = `${root}/bin/scopeon.js`;

export const hasTmux = process.platform !== 'win32' && spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.warn('skipped: the real-terminal tests of the live view need tmux, which is not installed');

/** Everything is given this long: a machine may have other things to do. */
const patienceMs = 30_000;

/** A terminal of its own with a shell in it, seen as a person sees it, over a home with one agent's logs. */
export interface Terminal {
  readonly home: string;
  /** Where the program finds that home's logs and keeps its own files. */
  readonly env: Readonly<Record<string, string>>;
  tmux(...words: readonly string[]): string;
  screen(): string;
  /** Alternate screen, cursor, wrapping: `1 0 0` while the view has them, `0 1 1` once they are given back. */
  flags(): string;
  /** By tmux's names: `Enter`, `C-c`; anything else as it is. */
  type(...keys: readonly string[]): void;
  /** Types a command line: the program with these words, and behind it `echo code=$?`. */
  start(words?: string, variables?: string): void;
  /** Of the program, started last. */
  pid(): number;
  until(what: string, holds: () => boolean): Promise<void>;
  /** Types keys until it holds: of a key typed in a moment of change nobody hears. */
  typeUntil(keys: string, what: string, holds: () => boolean): Promise<void>;
  appendTurn(project?: string, changes?: TurnChanges): void;
  close(): void;
}

export interface TurnChanges {
  readonly model?: string;
  readonly branch?: string;
  readonly tool?: string;
}

export function buildAll(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root });
}

/** `through`: what the shell's command line is run by, such as ssh. */
export function openTerminal(
  columns = 120,
  rows = 40,
  through: (command: string) => string = (command) => command,
): Terminal {
  const home = mkdtempSync(join(tmpdir(), 'scopeon-terminal-'));
  const socket = join(home, 'tmux');
  let turns = 0;
  const env = { CLAUDE_CONFIG_DIR: join(home, 'claude'), SCOPEON_HOME: join(home, '.scopeon') };
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', '-u', ...words], { encoding: 'utf8' });
  const screen = (): string => tmux('capture-pane', '-p', '-t', 'view');
  const shell = `env -i PATH="$PATH" TERM="$TERM" HOME='${home}' TZ=UTC LANG=C.UTF-8 PS1='ready> ' sh -i`;
  tmux('new-session', '-d', '-s', 'view', '-x', String(columns), '-y', String(rows), through(shell));
  tmux('set-option', '-g', 'remain-on-exit', 'on');
  tmux('set-option', '-g', 'set-clipboard', 'on');

  const terminal: Terminal = {
    home,
    env,
    tmux,
    screen,
    flags: () => tmux('display-message', '-p', '-t', 'view', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim(),
    type: (...keys) => void tmux('send-keys', '-t', 'view', ...keys),
    start(words = 'start', variables = '') {
      const own = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
      const line = `clear; ${own.join(' ')} ${variables} '${process.execPath}' '${program}' ${words}; echo "code=$?"`;
      terminal.type(line, 'Enter');
    },
    pid() {
      const pane = tmux('display-message', '-p', '-t', 'view', '#{pane_pid}').trim();
      const children = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
      const found = children.map((each) => each.trim().split(/\s+/)).find(([, parent]) => parent === pane);
      return Number(found?.[0]);
    },
    async until(what, holds) {
      const began = performance.now();
      while (!holds()) {
        if (performance.now() - began > patienceMs) throw new Error(`not in time: ${what}\n${screen()}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    async typeUntil(keys, what, holds) {
      const began = performance.now();
      while (!holds()) {
        if (performance.now() - began > patienceMs) throw new Error(`not in time: ${what}\n${screen()}`);
        terminal.type(keys);
        for (let at = 0; at < 40 && !holds(); at++) await new Promise((done) => setTimeout(done, 50));
      }
    },
    appendTurn(project = 'shop', changes = {}) {
      turns++;
      const folder = join(home, 'claude', 'projects', project);
      mkdirSync(folder, { recursive: true });
      const line = JSON.stringify(record(home, project, turns, changes));
      appendFileSync(join(folder, `${sessionId(project)}.jsonl`), `${line}\n`);
    },
    close() {
      spawnSync('tmux', ['-S', socket, 'kill-server']);
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return terminal;
}

/** A response of an agent: 100,000 tokens of output at a price known to the built-in list. */
function record(home: string, project: string, turn: number, changes: TurnChanges): unknown {
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 20_000,
    output_tokens: 100_000,
  };
  const call = { type: 'tool_use', id: `toolu_${turn}`, name: changes.tool, input: { path: 'CANARY' } };
  return {
    type: 'assistant',
    uuid: `uuid-${turn}`,
    parentUuid: null,
    isSidechain: false,
    cwd: join(home, project),
    gitBranch: changes.branch ?? 'main',
    version: '2.1.0',
    sessionId: sessionId(project),
    requestId: `req_${turn}`,
    timestamp: new Date().toISOString(),
    message: {
      id: `msg_${turn}`,
      type: 'message',
      role: 'assistant',
      model: changes.model ?? 'claude-opus-4-5-20251101',
      content: [{ type: 'text', text: 'CANARY' }, ...(changes.tool === undefined ? [] : [call])],
      stop_reason: 'end_turn',
      usage,
    },
  };
}

function sessionId(project: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(project).toString('hex').padStart(12, '0').slice(-12)}`;
}
