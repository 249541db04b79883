import { existsSync, realpathSync } from 'node:fs';
import { posix, resolve, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import type { ClientModule, ClientPlace, RegistrationScope, ServerStart } from './client.ts';
import type { CommandContext } from './command.ts';
import { displaySafe } from './display.ts';
import { exitCode, ScopeonError } from './errors.ts';
import { loadMember, memberIds, programRoot } from './members.ts';
import type { Change } from './registration/register.ts';

/** What `init` and `init-copilot` take. */
export function addRegistrationOptions(command: Command): void {
  command
    .addOption(
      new Option('--scope <scope>', 'for all your projects, or this one').choices(['user', 'project']).default('user'),
    )
    .option('--old-location', 'where the client read its servers once: for Claude Code before 2.1.47')
    .option('--dry-run', 'print what would change, and change nothing')
    .option('--remove', 'take it out again');
}

/** A client's file, and what registering there, or taking it out, would change. */
export interface Registration {
  readonly client: ClientModule;
  readonly start: ServerStart;
  readonly change: Change;
}

/** @throws ScopeonError `usage` when there is no such client or place; `failure` when the file is not what it must be */
export async function planRegistration(
  context: CommandContext,
  id: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Registration> {
  const ids = memberIds('clients');
  if (!ids.includes(id))
    throw new ScopeonError('usage', `"${displaySafe(id, 64)}" is no client; it must be one of ${ids.join(', ')}.`);
  const [client, { registering, removing }] = await Promise.all([
    loadMember<ClientModule>('clients', id),
    import('./registration/register.ts'),
  ]);
  const scope = options.scope as RegistrationScope; // one of its choices
  const isOld = options.oldLocation === true;
  const path = isOld ? client.oldFile?.(placeOf(context)) : client.file(placeOf(context), scope);
  if (path === undefined)
    throw new ScopeonError(
      'usage',
      isOld ? `${client.title} has no old location.` : `${client.title} has no servers for a ${scope} alone.`,
    );
  const start = serverStart(context, client);
  return { client, start, change: options.remove === true ? removing(client, path) : registering(client, path, start) };
}

/** What would change, in lines. */
export async function plannedLines({ client, change }: Registration): Promise<readonly string[]> {
  const { entryDiff } = await import('./registration/register.ts');
  const { path, before, after } = change;
  return [
    before === after
      ? `${path} stays as it is.`
      : `${path} would ${after === undefined ? 'be removed' : `change, at "${client.key}"`}:`,
    ...entryDiff(client, change),
  ];
}

/** Registers with a client, or takes it out, and tells what was done. */
export async function registerWith(
  context: CommandContext,
  id: string,
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const registration = await planRegistration(context, id, options);
  const { change } = registration;
  const say = (line: string): void => void context.stdout.write(`${displaySafe(line, 4096)}\n`);
  if (options.dryRun === true) {
    for (const line of await plannedLines(registration)) say(line);
    return exitCode.ok;
  }
  if (options.remove === true) {
    const { apply } = await import('./registration/register.ts');
    const wasThere = change.before !== change.after;
    apply(change);
    say(wasThere ? `Taken out of ${change.path}.` : `${change.path} does not have it.`);
    return exitCode.ok;
  }
  await register(context, registration, say);
  return exitCode.ok;
}

/** Registers, after the server was seen to answer. @throws ScopeonError `failure` when it does not, or the file cannot be written */
export async function register(
  context: Pick<CommandContext, 'env'>,
  { client, start, change: { path } }: Registration,
  say: (line: string) => void,
): Promise<void> {
  const [{ verify }, { apply, registering }] = await Promise.all([
    import('./registration/verify.ts'),
    import('./registration/register.ts'),
  ]);
  const trouble = await verify(start, context.env);
  if (trouble !== undefined)
    throw new ScopeonError('failure', `The MCP server does not work: ${trouble}. Nothing was changed.`, {
      hint: 'scopeon mcp, started by hand, says why on standard error.',
    });
  const current = registering(client, path, start); // the file may have been written meanwhile
  const backup = apply(current);
  say(
    current.before === current.after
      ? `${client.title} has it already: ${path}`
      : `Registered with ${client.title}: ${path}`,
  );
  if (backup !== undefined) say(`What was there before: ${backup}`);
  say('The server was started and answers.');
  say(client.afterwards);
}

function placeOf({ home, env }: CommandContext): ClientPlace {
  const { platform } = process;
  return { home, env, platform, cwd: process.cwd(), join: (platform === 'win32' ? win32 : posix).join };
}

/** Where scopeon keeps its own, and where Codex does: its servers get another environment than it has itself. */
const places = ['SCOPEON_HOME', 'SCOPEON_CONFIG', 'SCOPEON_DB', 'CODEX_HOME'];
/** Where logs are, by what their agents go by. */
const logPlaces = [
  'CLAUDE_CONFIG_DIR',
  'CODEX_CONFIG_DIR',
  'COPILOT_HOME',
  'COPILOT_OTEL_FILE_EXPORTER_PATH',
  'GEMINI_CLI_HOME',
  'QWEN_HOME',
  'QWEN_RUNTIME_DIR',
  'OPENCODE_DATA_DIR',
  'OPENCODE_DB',
  'AMP_DATA_DIR',
  'AIDER_ANALYTICS_LOG',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
];

/** This very program, by full paths: clients have another PATH than a shell. */
function serverStart({ env }: CommandContext, client: ClientModule): ServerStart {
  const script = realpathSync(fileURLToPath(new URL('../bin/scopeon.js', programRoot)));
  if (!existsSync(script)) throw new Error('the program is not where it was built');
  const names = client.handsOn === 'nothing' ? [...places, ...logPlaces] : places;
  const passed = names.flatMap((name) => {
    const value = env[name];
    return value ? [[name, absolute(value)] as const] : [];
  });
  return { command: process.execPath, args: [script, 'mcp'], env: Object.fromEntries(passed) };
}

/** Paths as they are meant from here; Claude Code's may be several. */
function absolute(value: string): string {
  return value
    .split(',')
    .map((path) => (path === '' ? path : resolve(path)))
    .join(',');
}
