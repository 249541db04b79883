import { InvalidArgumentError, Option } from 'commander';
import { defineCommand } from '../command.ts';
import { dataOf, openData } from '../data.ts';
import { ScopeonError } from '../errors.ts';
import { addDays } from '../metrics/calendar.ts';
import type { ExportFormat } from '../report/encode.ts';
import type { ExportLevel } from '../report/export.ts';
import { addFilterOptions, addRangeOptions, bookOf, rangeOf, tellWhoIngests, zoneOf } from '../report-command.ts';
import type { Scope } from '../store/queries/scope.ts';

interface Flags {
  readonly format: ExportFormat;
  readonly level: ExportLevel;
  readonly days?: number;
  readonly since?: string;
  readonly until?: string;
  readonly timezone?: string;
  readonly provider?: readonly string[];
  readonly model?: readonly string[];
  readonly project?: readonly string[];
  readonly branch?: readonly string[];
  readonly tag?: readonly string[];
  readonly output?: string;
  readonly force?: boolean;
  readonly paths?: boolean;
  readonly ingest: boolean;
}

export default defineCommand({
  summary: 'write days, sessions or turns as JSON, NDJSON or CSV',
  examples: [
    { line: 'scopeon export', shows: 'the last 30 days as JSON, a row per day' },
    {
      line: 'scopeon export --format csv --since 2026-01-01 --output days.csv',
      shows: 'days since then, for a spreadsheet',
    },
    { line: 'scopeon export --level turns --format ndjson --days 7', shows: 'every response of the last week' },
    { line: 'scopeon export --level sessions --project webshop', shows: 'the sessions of one project' },
  ],
  options: (command) => {
    command
      .addOption(
        new Option('--format <format>', 'how it is written').choices(['json', 'ndjson', 'csv']).default('json'),
      )
      .addOption(
        new Option('--level <level>', 'what a row is: a day, a session or a turn')
          .choices(['rollups', 'sessions', 'turns'])
          .default('rollups'),
      )
      .option(
        '--days <n>',
        'the last N days, today (or --until) included (default: 30, unless --since or --until is given)',
        wholeDays,
      );
    addRangeOptions(command);
    addFilterOptions(command);
    command
      .option('--output <file>', 'write a new file, readable by you only, instead of standard output')
      .option('--force', 'let --output replace a file')
      .option('--paths', "add each project's folder to sessions and turns")
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines');
  },
  run: async (context, _, options) => {
    const flags = options as unknown as Flags; // commander fills them as declared above
    const [{ exportTable }, { encodeTable }, { checkTarget, writeFileSafely, writeStream }] = await Promise.all([
      import('../report/export.ts'),
      import('../report/encode.ts'),
      import('../report/write-file.ts'),
    ]);
    const now = context.now();
    const zone = zoneOf(flags.timezone, context.env);
    const scope = scopeOf(flags, now, zone);
    const file = flags.output === '-' ? undefined : flags.output;
    if (file !== undefined) checkTarget(file, flags.force === true); // wrong input is told before any work
    const data = await openData(context, 'export', { ingest: flags.ingest });
    const db = dataOf(data);
    try {
      tellWhoIngests(context, data);
      const table = exportTable(db, flags.level, { scope, zone, now, book: bookOf(data), paths: flags.paths === true });
      const text = encodeTable(table, flags.format);
      if (file !== undefined)
        await writeFileSafely(file, text, { force: flags.force === true, signal: context.signal });
      else await writeStream(context.stdout, text, context.signal);
    } finally {
      db.close();
    }
    return 0;
  },
});

function scopeOf(flags: Flags, now: number, zone: ReturnType<typeof zoneOf>): Scope {
  const { since, until } = rangeOf(flags, now, zone);
  if (flags.days !== undefined && since !== undefined) {
    throw new ScopeonError('usage', `--days ${flags.days} and --since ${since.text} exclude each other.`, {
      hint: 'Give one of them.',
    });
  }
  const days = flags.days ?? (since === undefined && until === undefined ? 30 : undefined);
  const lastMs = until === undefined ? now : until.atMs - 1;
  return {
    fromMs: since?.atMs ?? (days === undefined ? undefined : addDays(lastMs, 1 - days, zone)),
    toMs: until?.atMs,
    providers: flags.provider ?? [],
    models: flags.model ?? [],
    projects: flags.project ?? [],
    branches: flags.branch ?? [],
    tags: flags.tag ?? [],
  };
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 100_000)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return days;
}
