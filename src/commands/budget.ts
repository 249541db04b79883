import { defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { exitCode } from '../errors.ts';
import { paletteFor } from '../report/palette.ts';
import { tellWhoIngests, wantsColour, widthOf, zoneOf } from '../report-command.ts';
import { ingestTotals } from '../store/queries/health.ts';

export default defineCommand({
  summary: 'what is spent against your limits, and where it leads',
  examples: [
    { line: 'scopeon budget', shows: 'today, this week and this month against their limits' },
    { line: 'scopeon budget --check || echo over', shows: 'for scripts: exit code 3 when a limit is exceeded' },
    { line: 'SCOPEON_BUDGET_DAILY_USD=5 scopeon budget --json', shows: 'a limit for this once, as JSON' },
  ],
  options: (command) =>
    void command
      .option('--check', 'exit with 3 when a limit is exceeded')
      .option('--json', 'print JSON')
      .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)")
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, _args, options) => {
    const now = context.now();
    const zone = zoneOf(options.timezone as string | undefined, context.env); // as declared above
    const ingest = options.ingest !== false;
    const { budgetJson } = await import('../report/budget.ts');
    return withData(context, 'budget', { ingest }, async (db, data) => {
      const asOf = ingest && data.heldBy === undefined ? now : ingestTotals(db).lastReadAt;
      const json = budgetJson(db, data.loaded.config.budget, { zone, startOfWeek: 'monday', now, asOf });
      tellWhoIngests(context, data);
      if (options.json === true) context.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
      else {
        const { renderBudget } = await import('../report/budget-page.ts');
        context.stdout.write(
          renderBudget(json, { width: widthOf(context), palette: paletteFor(wantsColour(context)) }),
        );
      }
      return options.check === true && json.over_budget ? exitCode.gate : exitCode.ok;
    });
  },
});
