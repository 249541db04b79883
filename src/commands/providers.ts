import { type CommandContext, defineCommand } from '../command.ts';
import { type Data, ingestSettings, openData } from '../data.ts';
import { discover } from '../ingest/discover.ts';
import { guardSettings } from '../ingest/guard.ts';
import { providerFacts } from '../ingest/provider-facts.ts';
import { paletteFor } from '../report/palette.ts';
import { buildProviders } from '../report/providers.ts';
import { tellWhoIngests, wantsColour, widthOf } from '../report-command.ts';
import { type ProviderFacts, storedProviders } from '../store/providers.ts';

export default defineCommand({
  summary: 'which agents are found, what was read of them, and what their logs tell',
  examples: [
    {
      line: 'scopeon providers',
      shows: 'every agent: files, sessions, turns, what was skipped, where it was looked for',
    },
    { line: 'scopeon providers --json', shows: 'the same for programs' },
  ],
  options: (command) =>
    void command
      .option('--json', 'print JSON')
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, _args, options) => {
    const data = await openData(context, 'providers', { ingest: options.ingest !== false });
    try {
      const { db } = data;
      const facts = db === undefined ? await factsNow(context, data) : storedProviders(db);
      const providers = buildProviders(db, facts, { now: context.now(), home: context.home });
      tellWhoIngests(context, data);
      if (options.json === true) context.stdout.write(`${JSON.stringify(providers, null, 2)}\n`);
      else {
        const { renderProviders } = await import('../report/providers-page.ts');
        context.stdout.write(
          renderProviders(providers, { width: widthOf(context), palette: paletteFor(wantsColour(context)) }),
        );
      }
      return 0;
    } finally {
      data.db?.close();
    }
  },
});

/** Without a store: what a look shows. */
async function factsNow(context: CommandContext, data: Data): Promise<readonly ProviderFacts[]> {
  if (data.settings !== undefined) return providerFacts(data.settings, data.roots);
  const settings = guardSettings(await ingestSettings(context, data.loaded, 'providers'));
  return providerFacts(settings, discover(settings.providers, settings.host).roots);
}
