import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CommandContext, type CommandModule, defineCommand } from './command.ts';
import { type Data, withData } from './data.ts';
import { ScopeonError } from './errors.ts';
import { readPriceBook } from './ingest/pricing.ts';
import { parseZone, type StartOfWeek, systemZone, type Zone } from './metrics/calendar.ts';
import type { PriceBook } from './metrics/prices.ts';
import { parseWhen } from './metrics/when.ts';
import { buildReport, type ReportRequest } from './report/build.ts';
import type { CostMode } from './report/figures.ts';
import { type ReportKind, reportKinds } from './report/kinds.ts';
import { paletteFor } from './report/palette.ts';
import type { ReportJson } from './report/shape.ts';
import type { Scope } from './store/queries/scope.ts';
import { systemZoneName } from './system-zone.ts';

/** What every report takes on the command line. */
interface ReportFlags {
  readonly since?: string;
  readonly until?: string;
  readonly timezone?: string;
  readonly startOfWeek: StartOfWeek;
  readonly provider?: readonly string[];
  readonly model?: readonly string[];
  readonly project?: readonly string[];
  readonly branch?: readonly string[];
  readonly tag?: readonly string[];
  readonly breakdown?: boolean;
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly markdown?: boolean;
  readonly ingest: boolean;
  readonly cost: boolean;
  readonly mode: CostMode;
  readonly sessionLength: number;
  readonly subagents?: boolean;
  readonly paths?: boolean;
}

/** A command that prints one report; `by` fixes its grouping, else the first argument names it. */
export function reportCommand(
  options: Pick<CommandModule, 'summary' | 'examples' | 'aliases' | 'arguments'> & {
    readonly by?: ReportKind;
    readonly name: string;
  },
): CommandModule {
  return defineCommand({
    ...options,
    options: (command) => addReportOptions(command, options.by),
    run: async (context, args, flags) => {
      const by = options.by ?? kindNamed(args[0]);
      return printReport(context, options.name, by, flags as unknown as ReportFlags); // commander fills them as declared below
    },
  });
}

function kindNamed(word: string | undefined): ReportKind {
  const kind = reportKinds.find((name) => name === word);
  if (kind === undefined)
    throw new ScopeonError('usage', `There is no report by "${word ?? ''}".`, {
      hint: `Choose one of: ${reportKinds.join(', ')}.`,
    });
  return kind;
}

async function printReport(context: CommandContext, name: string, by: ReportKind, flags: ReportFlags): Promise<number> {
  const chosen = [flags.json, flags.csv, flags.markdown].filter((flag) => flag === true);
  if (chosen.length > 1)
    throw new ScopeonError('usage', '--json, --csv and --markdown exclude each other.', { hint: 'Give one of them.' });
  const now = context.now();
  const zone = zoneOf(flags.timezone, context.env);
  const range = rangeOf(flags, now, zone); // wrong input is told before any work
  return withData(context, name, { ingest: flags.ingest }, async (db, data) => {
    const report = buildReport(db, {
      ...requestOf(by, flags, zone, range, now),
      asOf: flags.ingest && data.heldBy === undefined ? now : undefined,
      book: bookOf(data),
    });
    tellWhoIngests(context, data);
    context.stdout.write(await rendered(report, context, flags, zone));
    return 0;
  });
}

/** The price book, made when first asked for. */
export function bookOf(data: Data): () => PriceBook {
  let book: PriceBook | undefined;
  return () => {
    book ??= readPriceBook(data.db, data.loaded.config.pricing.overrides);
    return book;
  };
}

export function tellWhoIngests(context: CommandContext, data: Data): void {
  if (data.heldBy !== undefined && context.stderr.isTTY)
    context.stderr.write(`Another scopeon (pid ${data.heldBy}) is ingesting; showing its data.\n`);
}

/** The user's zone, or the one asked for. @throws ScopeonError `usage` */
export function zoneOf(name: string | undefined, { TZ }: CommandContext['env']): Zone {
  if (name === undefined) return systemZone(systemZoneName(TZ));
  try {
    return parseZone(name);
  } catch (error) {
    throw new ScopeonError('usage', `--timezone: ${(error as Error).message}.`, {
      hint: 'Give an IANA name such as Europe/Berlin or UTC.',
      cause: error,
    });
  }
}

export interface RangeFlags {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** @throws ScopeonError `usage` naming the value */
export function rangeOf(
  flags: RangeFlags,
  now: number,
  zone: Zone,
): {
  readonly since: ReturnType<typeof parseWhen> | undefined;
  readonly until: ReturnType<typeof parseWhen> | undefined;
} {
  const at = (edge: 'since' | 'until', text: string | undefined) => {
    if (text === undefined) return undefined;
    try {
      return parseWhen(text, { now, zone, edge });
    } catch (error) {
      throw new ScopeonError('usage', `--${edge}: ${(error as Error).message}.`, { cause: error });
    }
  };
  const since = at('since', flags.since);
  const until = at('until', flags.until);
  if (since !== undefined && until !== undefined && since.atMs >= until.atMs) {
    throw new ScopeonError('usage', `--since ${since.text} is after --until ${until.text}.`);
  }
  return { since, until };
}

function requestOf(
  by: ReportKind,
  flags: ReportFlags,
  zone: Zone,
  range: ReturnType<typeof rangeOf>,
  now: number,
): Omit<ReportRequest, 'book' | 'asOf'> {
  const scope: Scope = {
    fromMs: range.since?.atMs,
    toMs: range.until?.atMs,
    providers: flags.provider ?? [],
    models: flags.model ?? [],
    projects: flags.project ?? [],
    branches: flags.branch ?? [],
    tags: flags.tag ?? [],
  };
  return {
    by,
    scope,
    zone,
    since: range.since?.text ?? null,
    until: range.until?.text ?? null,
    startOfWeek: flags.startOfWeek,
    sessionLengthHours: flags.sessionLength,
    subagents: flags.subagents === true,
    breakdown: flags.breakdown === true,
    mode: flags.mode,
    noCost: !flags.cost,
    order: flags.order,
    limit: flags.limit,
    now,
    paths: flags.paths === true,
  };
}

async function rendered(report: ReportJson, context: CommandContext, flags: ReportFlags, zone: Zone): Promise<string> {
  if (flags.json === true) return `${JSON.stringify(report, null, 2)}\n`;
  if (flags.csv === true) return (await import('./report/csv.ts')).renderCsv(report, { noCost: !flags.cost });
  if (flags.markdown === true)
    return (await import('./report/markdown.ts')).renderMarkdown(report, { noCost: !flags.cost });
  const { renderTable } = await import('./report/table.ts');
  return renderTable(report, {
    width: widthOf(context),
    palette: paletteFor(wantsColour(context)),
    zone,
    noCost: !flags.cost,
    filters: filtersOf(flags),
  });
}

/** Columns to draw in; output that is no terminal gets room for everything. */
export function widthOf(context: CommandContext): number {
  if (context.stdout.isTTY) return context.stdout.columns ?? 80;
  const columns = Number(context.env.COLUMNS);
  return Number.isInteger(columns) && columns >= 20 ? columns : 160;
}

/** NO_COLOR wins over everything, FORCE_COLOR over what the stream is. */
export function wantsColour(context: CommandContext): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = context.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return context.stdout.isTTY === true && TERM !== 'dumb';
}

function filtersOf(flags: ReportFlags): readonly string[] {
  const named = {
    provider: flags.provider,
    model: flags.model,
    project: flags.project,
    branch: flags.branch,
    tag: flags.tag,
  };
  return Object.entries(named).flatMap(([name, values = []]) => values.map((value) => `${name} ${value}`));
}

// ---- options --------------------------------------------------------------------------------------------------------

function addReportOptions(command: Command, by: ReportKind | undefined): void {
  addRangeOptions(command);
  addFilterOptions(command);
  command
    .addOption(
      new Option('--start-of-week <day>', 'first day of a week').choices(['monday', 'sunday']).default('monday'),
    )
    .option('--breakdown', 'a line per model under each row')
    .addOption(new Option('--order <direction>', 'sort rows the other way').choices(['asc', 'desc']))
    .option('--limit <n>', 'show at most N rows; totals stay those of all', positiveInteger)
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .option('--markdown', 'print a Markdown table')
    .option('--no-ingest', 'answer from the store as it is, without reading new log lines')
    .option('--no-cost', 'leave costs out')
    .addOption(
      new Option(
        '--mode <mode>',
        "cost: the log's own where it states one, else calculated (auto); always calculated; only the log's own (display)",
      )
        .choices(['auto', 'calculate', 'display'])
        .default('auto'),
    );
  if (by === 'block' || by === undefined)
    command.option('--session-length <hours>', 'length of a usage block', blockHours, 5);
  if (by === 'session' || by === undefined)
    command
      .option('--subagents', 'a row for each subagent instead of folding it into its session')
      .option('--paths', 'add project_path to JSON rows');
}

export function addRangeOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--since <when>',
        'first day or instant: 2026-04-01, 20260401, today, yesterday, 7d, 4w, 2026-04-01T09:30:00Z',
      ),
    )
    .addOption(new Option('--from <when>', 'the same as --since').hideHelp())
    .addOption(new Option('--until <when>', 'last day or instant, inclusive'))
    .addOption(new Option('--to <when>', 'the same as --until').hideHelp())
    .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)");
  command.hook('preAction', (self) => {
    const options: Record<string, unknown> = self.opts();
    if (options.from !== undefined && options.since === undefined) self.setOptionValue('since', options.from);
    if (options.to !== undefined && options.until === undefined) self.setOptionValue('until', options.to);
  });
}

export function addFilterOptions(command: Command): void {
  for (const [name, help] of [
    ['provider', 'only this agent, such as claude-code'],
    ['model', 'only models with this in their name'],
    ['project', 'only this project'],
    ['branch', 'only this branch'],
    ['tag', 'only sessions with this tag'],
  ] as const) {
    command.option(`--${name} <name>`, `${help} (repeatable)`, (value: string, earlier: readonly string[] = []) => [
      ...earlier,
      value,
    ]);
  }
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000_000)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

function blockHours(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 168)
    throw new InvalidArgumentError('It must be a whole number of hours, 1 to 168.');
  return value;
}
