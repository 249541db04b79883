import { defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { ScopeonError } from '../errors.ts';
import { loadInsightMembers } from '../insight-members.ts';
import { tellsOf } from '../report/capabilities.ts';
import { paletteFor } from '../report/palette.ts';
import { bookOf, tellWhoIngests, wantsColour, widthOf, zoneOf } from '../report-command.ts';
import { ingestTotals } from '../store/queries/health.ts';
import { topSessionNamed } from '../store/queries/sessions.ts';

export default defineCommand({
  summary: 'what the numbers mean: health, waste, lost cache, and what to change',
  examples: [
    { line: 'scopeon insights', shows: 'the live session, or today when none is live' },
    { line: 'scopeon insights --session 0ab42e8f', shows: 'one session, by its id or the beginning of it' },
    { line: 'scopeon insights --json', shows: 'the same for programs' },
  ],
  options: (command) =>
    void command
      .option('--session <id>', 'a session, by its id or the beginning of it')
      .option('--json', 'print JSON')
      .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)")
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, _args, options) => {
    const now = context.now();
    const zone = zoneOf(options.timezone as string | undefined, context.env); // as declared above
    const ingest = options.ingest !== false;
    const [{ buildInsights }, { insightsJson }, members] = await Promise.all([
      import('../report/insights.ts'),
      import('../report/insights-json.ts'),
      loadInsightMembers(),
    ]);
    return withData(context, 'insights', { ingest }, async (db, data) => {
      const wanted = options.session as string | undefined; // as declared above
      const sessionRowId = wanted === undefined ? undefined : topSessionNamed(db, wanted);
      if (wanted !== undefined && sessionRowId === undefined)
        throw new ScopeonError('usage', `There is no session "${wanted}", or several begin like that.`, {
          hint: 'scopeon sessions --json lists the ids.',
        });
      const book = bookOf(data);
      const insights = buildInsights(
        db,
        { sessionRowId, zone, startOfWeek: 'monday', now, book, tells: tellsOf(db) },
        members,
      );
      const asOf = ingest && data.heldBy === undefined ? now : ingestTotals(db).lastReadAt;
      const json = insightsJson(insights, { zone, now, asOf, book });
      tellWhoIngests(context, data);
      if (options.json === true) context.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
      else {
        const { renderInsights } = await import('../report/insights-page.ts');
        context.stdout.write(
          renderInsights(json, { width: widthOf(context), palette: paletteFor(wantsColour(context)), zone }),
        );
      }
      return 0;
    });
  },
});
