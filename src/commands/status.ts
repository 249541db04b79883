import { Option } from 'commander';
import { defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { loadMembers } from '../members.ts';
import type { SignalModule } from '../metrics/signal.ts';
import { paletteFor } from '../report/palette.ts';
import { buildStatus } from '../report/status.ts';
import { bookOf, tellWhoIngests, wantsColour, widthOf, zoneOf } from '../report-command.ts';

export default defineCommand({
  summary: 'today, this week, this month, and the live session',
  examples: [
    { line: 'scopeon status', shows: 'one page on how things stand' },
    { line: 'scopeon status --json', shows: 'the same for programs' },
  ],
  options: (command) =>
    void command
      .option('--json', 'print JSON')
      .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)")
      .addOption(
        new Option('--start-of-week <day>', 'first day of a week').choices(['monday', 'sunday']).default('monday'),
      )
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, _args, options) => {
    const now = context.now();
    const zone = zoneOf(options.timezone as string | undefined, context.env); // as declared above
    const ingest = options.ingest !== false;
    const signals = await loadMembers<SignalModule>('metrics/signals');
    return withData(context, 'status', { ingest }, async (db, data) => {
      const status = buildStatus(db, {
        zone,
        startOfWeek: options.startOfWeek === 'sunday' ? 'sunday' : 'monday',
        now,
        asOf: ingest && data.heldBy === undefined ? now : undefined,
        mode: 'auto',
        budget: data.loaded.config.budget,
        book: bookOf(data),
        signals,
        collectorPid: data.heldBy,
      });
      tellWhoIngests(context, data);
      if (options.json === true) context.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
      else {
        const { renderStatus } = await import('../report/status-page.ts');
        context.stdout.write(
          renderStatus(status, { width: widthOf(context), palette: paletteFor(wantsColour(context)), zone }),
        );
      }
      return 0;
    });
  },
});
