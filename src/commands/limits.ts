import { defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { buildLimits } from '../report/limits.ts';
import { paletteFor } from '../report/palette.ts';
import { tellWhoIngests, wantsColour, widthOf } from '../report-command.ts';

export default defineCommand({
  summary: 'usage limits as the agents report them, with resets and age',
  examples: [
    { line: 'scopeon limits', shows: 'every window: how much is used, when it resets, how old the report is' },
    { line: 'scopeon limits --json', shows: 'the same for programs' },
  ],
  options: (command) =>
    void command
      .option('--json', 'print JSON')
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, _args, options) =>
    withData(context, 'limits', { ingest: options.ingest !== false }, async (db, data) => {
      const limits = buildLimits(db, context.now());
      tellWhoIngests(context, data);
      if (options.json === true) context.stdout.write(`${JSON.stringify(limits, null, 2)}\n`);
      else {
        const { renderLimits } = await import('../report/limits-page.ts');
        context.stdout.write(
          renderLimits(limits, { width: widthOf(context), palette: paletteFor(wantsColour(context)) }),
        );
      }
      return 0;
    }),
});
