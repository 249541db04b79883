import { defineCommand } from '../command.ts';
import { ingestSettings } from '../data.ts';
import { exitCode } from '../errors.ts';
import { discover } from '../ingest/discover.ts';
import { guardSettings } from '../ingest/guard.ts';
import { localMinute } from '../report/format.ts';
import { paletteFor } from '../report/palette.ts';
import { wantsColour, widthOf, zoneOf } from '../report-command.ts';
import { findStore } from '../store/examine.ts';

export default defineCommand({
  summary: 'look at everything scopeon depends on, and say what is to be done',
  examples: [
    { line: 'scopeon doctor', shows: 'database, files, logs, sums, prices; exit code 1 when there is something to do' },
    { line: 'scopeon doctor --fix', shows: 'the same, and mends what it can' },
    { line: 'scopeon doctor --json', shows: 'the same for programs' },
  ],
  options: (command) =>
    void command
      .option('--fix', 'mend what can be mended: modes of files, sums, a damaged database')
      .option('--json', 'print JSON'),
  run: async (context, _args, options) => {
    const [{ doctorJson, examineAll }, loaded] = await Promise.all([import('../doctor/examine.ts'), context.config()]);
    const settings = guardSettings(await ingestSettings(context, loaded, 'doctor'));
    const now = context.now();
    const { version } = context;
    const sections = await examineAll(
      () => ({
        version,
        settings,
        loaded,
        store: findStore(settings.paths),
        discoveries: new Map(
          [...settings.providers].map(([id, provider]) => [id, discover(new Map([[id, provider]]), settings.host)]),
        ),
        home: context.home,
        platform: process.platform,
        now,
      }),
      options.fix === true,
    );
    const json = doctorJson(sections, version, now);
    if (options.json === true) context.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else {
      const { renderDoctor } = await import('../doctor/page.ts');
      const heading = localMinute(now, zoneOf(undefined, context.env));
      context.stdout.write(
        renderDoctor(sections, { width: widthOf(context), palette: paletteFor(wantsColour(context)), heading }),
      );
    }
    return json.ok ? exitCode.ok : exitCode.failure;
  },
});
