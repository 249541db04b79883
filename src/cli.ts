import { closeSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { Command, CommanderError } from 'commander';
import type { CommandContext, CommandModule } from './command.ts';
import { loadConfig, warningText } from './config.ts';
import { displaySafe } from './display.ts';
import { exitCode, ScopeonError } from './errors.ts';
import { loadMember, loadMembers, memberIds, programRoot } from './members.ts';

/** Runs one command line and gives the exit code. The only place that prints an error. */
export async function main(argv: readonly string[]): Promise<number> {
  process.umask(0o077);
  quietBrokenPipes();
  // Also what a promise nobody waits for was rejected with. The live view gives the terminal back before.
  process.on('uncaughtException', (error) => process.exit(explain(error)));
  const interrupt = signals();
  const context = createContext(interrupt.signal);
  try {
    const code = await run(argv, context);
    return interrupt.code() ?? code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    return interrupt.code() ?? explain(await asUserSees(error, context));
  }
}

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const ids = memberIds('commands');
  const typed = argv.find((word) => !word.startsWith('-'));
  let code: number = exitCode.ok;
  const program = new Command('scopeon')
    .description('What your AI coding agents cost: exact tokens, costs and limits from the logs on this disk.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(scopeon --help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(displaySafeLines(text)),
    });
  for (const [id, member] of await membersFor(argv, typed, ids)) {
    addCommand(program, id, member, async (args, options) => {
      code = (await member.run(context, args, options)) ?? exitCode.ok;
    });
  }
  program.addHelpText(
    'after',
    '\nExamples:\n  scopeon                 live view of your sessions\n  scopeon daily           cost by day\n  scopeon models --json   the same for programs, by model\n  scopeon status          today, this week, this month\n',
  );
  await program.parseAsync(argv.length === 0 ? ['start'] : [...argv], { from: 'user' });
  return code;
}

/** Only what was typed is loaded; help and unknown words need all of them. */
async function membersFor(
  argv: readonly string[],
  typed: string | undefined,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CommandModule>> {
  if (['-V', '--version'].includes(argv[0] ?? '')) return new Map();
  const id = argv.length === 0 ? 'start' : ids.find((each) => each === typed);
  return id === undefined
    ? loadMembers<CommandModule>('commands')
    : new Map([[id, await loadMember<CommandModule>('commands', id)]]);
}

function addCommand(
  program: Command,
  id: string,
  member: CommandModule,
  run: (args: readonly string[], options: Record<string, unknown>) => Promise<void>,
): void {
  const command = program
    .command(id)
    .description(member.summary)
    .aliases([...(member.aliases ?? [])]);
  for (const argument of member.arguments ?? []) command.argument(argument.name, argument.description);
  member.options?.(command);
  const width = Math.max(...member.examples.map((example) => example.line.length));
  command.addHelpText(
    'after',
    `\nExamples:\n${member.examples.map((example) => `  ${example.line.padEnd(width)}   ${example.shows}`).join('\n')}\n`,
  );
  command.action(async (...parts: unknown[]) => {
    const self = parts.at(-1) as Command; // commander hands the command last
    await run(self.args, self.opts());
  });
}

/** Help is ours; an error repeats what was typed, which may be anything. */
function displaySafeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => displaySafe(line, 4096))
    .join('\n');
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', programRoot), 'utf8'));
  return manifest.version;
}

function createContext(signal: AbortSignal): CommandContext {
  const home = homedir();
  let loaded: ReturnType<typeof loadConfig> | undefined;
  return {
    config: () => {
      loaded ??= loadConfig({ env: process.env, home, platform: process.platform }).then(
        (config) => {
          for (const warning of config.warnings) process.stderr.write(`scopeon: ${warningText(warning)}\n`);
          return config;
        },
        (error: unknown) => {
          loaded = undefined; // whoever stays may ask again when the file is mended
          throw error;
        },
      );
      return loaded;
    },
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    home,
    get version() {
      return version();
    },
    signal,
  };
}

/** A database that fails in the middle of a command (damaged, locked, no room) is no fault of the program's. */
async function asUserSees(error: unknown, context: CommandContext): Promise<unknown> {
  const { code } = (error ?? {}) as { code?: unknown }; // anything can be thrown
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error;
  const [{ paths }, { describe }] = await Promise.all([context.config(), import('./store/trouble.ts')]);
  return describe(error, paths.db);
}

function explain(error: unknown): number {
  if (error instanceof ScopeonError) {
    process.stderr.write(`scopeon: ${displaySafe(error.message, 2048)}\n`);
    if (error.hint !== undefined) process.stderr.write(`  ${displaySafe(error.hint, 2048)}\n`);
    return exitCode[error.code];
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `scopeon: internal error\n${text
      .split('\n')
      .map((line) => displaySafe(line, 512))
      .join('\n')}\n`,
  );
  return exitCode.failure;
}

/**
 * `| head` closes the pipe: that is a quiet end, not an error. A terminal that is gone, with its window or its connection,
 * is a hang-up, whether or not the signal comes as well.
 */
function quietBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (stream.isTTY && lostTerminal.has(error.code ?? '')) return void process.emit('SIGHUP');
      if (error.code === 'EPIPE') process.exit(exitCode.ok);
      if (stream === process.stdout) process.stderr.write(`scopeon: Cannot write the output: ${error.code}.\n`);
      process.exit(error.code === 'ENOSPC' ? exitCode.noSpace : exitCode.failure);
    });
  }
}

const lostTerminal: ReadonlySet<string> = new Set(['EIO', 'EPIPE', 'ENXIO', 'EBADF']);

/** The first signal asks for a clean end, the second ends at once: but for a hang-up, after which nobody is there to be impatient. */
function signals(): { readonly signal: AbortSignal; code(): number | undefined } {
  const controller = new AbortController();
  let code: number | undefined;
  const codes = {
    SIGINT: exitCode.interrupted,
    SIGBREAK: exitCode.interrupted, // Ctrl-Break, on Windows alone
    SIGTERM: exitCode.terminated,
    SIGHUP: exitCode.hangup,
  } as const;
  for (const [name, value] of Object.entries(codes) as [keyof typeof codes, number][]) {
    process.on(name, () => {
      // Shells send a job of theirs that is stopped both when they are hung up themselves.
      if (code !== undefined && (name === 'SIGHUP' || code === exitCode.hangup)) return;
      if (code !== undefined) process.exit(value);
      code = value;
      controller.abort();
      setTimeout(() => process.exit(value), 5_000).unref(); // a clean end takes no longer
    });
  }
  process.on('exit', () => {
    if (code === exitCode.hangup) closeTerminal();
  });
  return { signal: controller.signal, code: () => code };
}

/** Node.js gives a terminal back at its end, and aborts when that is gone; what is closed it leaves alone. */
function closeTerminal(): void {
  for (const fd of [0, 1, 2]) {
    try {
      closeSync(fd);
    } catch {
      // It was closed before.
    }
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
