import type { AlertRule } from '../alerts/rule.ts';
import { defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { ScopeonError } from '../errors.ts';
import { loadMembers } from '../members.ts';
import { paletteFor } from '../report/palette.ts';
import { wantsColour, widthOf } from '../report-command.ts';

export default defineCommand({
  summary: 'alerts that are on, those that were, and every kind there is',
  arguments: [{ name: '[what]', description: 'list (on now, the default), history, or kinds' }],
  examples: [
    { line: 'scopeon alerts', shows: 'what is on now' },
    { line: 'scopeon alerts history --limit 50', shows: 'the last fifty, with how they ended' },
    { line: 'scopeon alerts kinds', shows: 'every kind of alert and what it means' },
    { line: 'scopeon webhook test', shows: 'a made-up alert to your webhooks' },
  ],
  options: (command) =>
    void command
      .option('--limit <n>', 'alerts of the history', '20')
      .option('--json', 'print JSON')
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, [what = 'list'], options) => {
    const page = { width: widthOf(context), palette: paletteFor(wantsColour(context)) };
    if (what === 'kinds') {
      const rules = await loadMembers<AlertRule>('alerts/rules');
      const kinds = [...rules].map(([id, rule]) => ({ type: id.replaceAll('-', '_'), summary: rule.summary }));
      const { renderKinds } = await import('../report/alerts-page.ts');
      context.stdout.write(options.json === true ? `${JSON.stringify(kinds, null, 2)}\n` : renderKinds(kinds, page));
      return 0;
    }
    if (what !== 'list' && what !== 'history')
      throw new ScopeonError('usage', `There is nothing called "${what}" about alerts.`, {
        hint: 'Choose list, history or kinds.',
      });
    const limit = limitOf(options.limit);
    return withData(context, 'alerts', { ingest: options.ingest !== false }, async (db) => {
      const { buildAlerts } = await import('../report/alerts.ts');
      const alerts = buildAlerts(db, { now: context.now(), limit, names: true, isPublicModel: () => true });
      if (options.json === true) context.stdout.write(`${JSON.stringify(alerts, null, 2)}\n`);
      else {
        const { renderAlerts } = await import('../report/alerts-page.ts');
        context.stdout.write(renderAlerts(alerts, what, page));
      }
      return 0;
    });
  },
});

function limitOf(value: unknown): number {
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new ScopeonError('usage', `--limit must be a whole number from 1 to 1000, not "${String(value)}".`);
}
