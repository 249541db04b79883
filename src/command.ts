import type { Command } from 'commander';
import type { LoadedConfig } from './config.ts';

/** One subcommand: wiring only. The room it needs is imported inside `run`, so that a command loads what it uses. */
export interface CommandModule {
  readonly summary: string;
  /** Positional arguments in commander's notation, such as `<model>` or `[by]`. Default: none. */
  readonly arguments?: readonly { readonly name: string; readonly description: string }[];
  readonly aliases?: readonly string[];
  /** Full command lines a user can paste, each with what it shows. At least one. */
  readonly examples: readonly { readonly line: string; readonly shows: string }[];
  /** Adds options; called when the command is typed or help is asked for. */
  options?(command: Command): void;
  run(
    context: CommandContext,
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<number | undefined>;
}

/** What a command may use of the process. Handed in by the command line, so that nothing below reads globals. */
export interface CommandContext {
  readonly config: () => Promise<LoadedConfig>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly now: () => number;
  readonly home: string;
  /** The program's own. */
  readonly version: string;
  /** Aborted by SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}

/** Identity; carries the types. */
export function defineCommand(command: CommandModule): CommandModule {
  return command;
}
