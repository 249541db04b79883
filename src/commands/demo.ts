import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CommandContext, defineCommand } from '../command.ts';
import type { World } from '../demo/world.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { programRoot } from '../members.ts';

export default defineCommand({
  summary: 'show any of this on made-up logs, apart from yours',
  arguments: [
    {
      name: '[command...]',
      description: 'a scopeon command with its options (default: start in a terminal, else status)',
    },
  ],
  examples: [
    { line: 'scopeon demo', shows: 'the live view of made-up sessions at work' },
    { line: 'scopeon demo daily', shows: 'a report on them' },
    { line: 'scopeon demo models --json', shows: 'the same for programs' },
    { line: 'scopeon demo --keep ./demo-home', shows: 'keep the made-up home to look into' },
  ],
  options: (command) => {
    // Options behind the first word are the shown command's.
    command.parent?.enablePositionalOptions();
    command.passThroughOptions().option('--keep <dir>', 'write into this new or empty folder and leave it there');
  },
  run: async (context, args, options) => {
    if (context.env.SCOPEON_DEMO !== undefined)
      throw new ScopeonError('usage', 'This is the demo already.', { hint: 'Leave out the second demo.' });
    const { createWorld } = await import('../demo/world.ts');
    const words = args.length > 0 ? args : [context.stdout.isTTY === true ? 'start' : 'status'];
    const home = homeFor(options.keep);
    try {
      const world = createWorld(home.path, context.now());
      const end = home.kept ? `kept in ${displaySafe(home.path, 1024)}` : 'removed when this ends';
      context.stderr.write(`Demo data: made up, nothing of yours; ${end}.\n`);
      await setImmediate(); // lets a signal in that came meanwhile
      if (context.signal.aborted) return 0;
      return await show(context, words, world);
    } finally {
      home.remove();
    }
  },
});

interface DemoHome {
  readonly path: string;
  readonly kept: boolean;
  remove(): void;
}

/** A folder of our own below the system's temporary one, gone with the process however that ends; or the one to keep. */
function homeFor(keep: unknown): DemoHome {
  if (typeof keep === 'string') return { path: folderToKeep(keep), kept: true, remove: () => undefined };
  // The real path: a log names the folder as the system sees it.
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'scopeon-demo-'));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  process.on('exit', remove);
  return { path, kept: false, remove };
}

function folderToKeep(keep: string): string {
  const path = resolve(keep);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (readdirSync(path).length === 0) return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'is not a folder' : `cannot be used (${code})`;
    throw new ScopeonError('usage', `--keep ${keep} ${why}.`, { hint: 'Name a new or an empty folder.', cause: error });
  }
  throw new ScopeonError('usage', `--keep ${keep} is not empty. Nothing was written.`, {
    hint: 'Name a new or an empty folder.',
  });
}

/** Commands that stay: while they do, the live sessions go on. */
const staying: ReadonlySet<string> = new Set(['start', 'tui', 'serve', 'mcp']);

/** Runs the command on the made-up home and gives its exit code. */
async function show(context: CommandContext, words: readonly string[], world: World): Promise<number> {
  const program = fileURLToPath(new URL('../bin/scopeon.js', programRoot));
  const child = spawn(process.execPath, [program, ...words], { stdio: 'inherit', env: demoEnv(context.env, world) });
  const stopForwarding = forwardSignals(child);
  const stopLife = staying.has(words[0] ?? '') ? await keepAlive(context, world) : () => undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    stopLife();
    stopForwarding();
  }
}

/** A response in one of the live sessions every few seconds. */
async function keepAlive(context: CommandContext, world: World): Promise<() => void> {
  const { continueWorld } = await import('../demo/world.ts');
  let turn = 0;
  const timer = setInterval(() => {
    try {
      continueWorld(world, turn++, context.now());
    } catch {
      clearInterval(timer); // the disk is full or the folder gone: the demo stands still, the command shown goes on
    }
  }, 2_500);
  return () => clearInterval(timer);
}

/**
 * Ctrl-C in a terminal reaches the child by itself and a second one would cut it short, so that signal is passed on
 * only when the child is still there a second later.
 */
function forwardSignals(child: ChildProcess): () => void {
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const handler = () => {
      if (name === 'SIGINT' && process.stdin.isTTY) setTimeout(() => child.kill(name), 1_000).unref();
      else child.kill(name);
    };
    process.on(name, handler);
    return { name, handler };
  });
  return () => handlers.forEach(({ name, handler }) => void process.off(name, handler));
}

/** Only what a terminal program needs: anything else could lead to a real home, its logs or its settings. */
const passedOn: ReadonlySet<string> = new Set([
  ...['PATH', 'PATHEXT', 'SYSTEMROOT', 'WINDIR', 'COMSPEC', 'TMPDIR', 'TEMP', 'TMP', 'TZ', 'LANG', 'LANGUAGE'],
  ...[
    'TERM',
    'COLORTERM',
    'TERM_PROGRAM',
    'TERM_PROGRAM_VERSION',
    'TMUX',
    'STY',
    'WT_SESSION',
    'VTE_VERSION',
    'KITTY_WINDOW_ID',
  ],
  ...['NO_COLOR', 'FORCE_COLOR', 'COLORFGBG', 'COLUMNS', 'LINES', 'CI', 'SSH_TTY', 'SSH_CONNECTION'],
]);

function demoEnv(env: CommandContext['env'], { home, claude }: World): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => passedOn.has(name.toUpperCase()) || /^LC_[A-Z]+$/.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    CLAUDE_CONFIG_DIR: claude,
    SCOPEON_HOME: join(home, '.scopeon'),
    SCOPEON_DEMO: '1',
  };
}
