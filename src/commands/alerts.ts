import type { AlertRule } from '../alerts/rule.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { displaySafe } from '../display.ts';
import { exitCode, ScopeonError } from '../errors.ts';
import { loadMembers } from '../members.ts';
import { paletteFor } from '../report/palette.ts';
import { wantsColour, widthOf } from '../report-command.ts';

export default defineCommand({
  summary: 'alerts that are on, those that were, and every kind there is',
  arguments: [{ name: '[what]', description: 'list (on now, the default), history, test, or kinds' }],
  examples: [
    { line: 'scopeon alerts', shows: 'what is on now' },
    { line: 'scopeon alerts history --limit 50', shows: 'the last fifty, with how they ended' },
    { line: 'scopeon alerts kinds', shows: 'every kind of alert and what it means' },
    { line: 'scopeon alerts test', shows: 'a made-up alert to your webhooks, your desktop and the bell' },
  ],
  options: (command) =>
    void command
      .option('--limit <n>', 'alerts of the history', '20')
      .option('--event <type>', 'for test: the kind of alert to make up', 'context_warning')
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
    if (what === 'test') return test(context, String(options.event));
    if (what !== 'list' && what !== 'history')
      throw new ScopeonError('usage', `There is nothing called "${what}" about alerts.`, {
        hint: 'Choose list, history, test or kinds.',
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

/** Sends a made-up alert wherever alerts are to go, and says what came of it; it is none of the store's. */
async function test(context: CommandContext, event: string): Promise<number> {
  const { config } = await context.config();
  const { madeUpAlert, tryWebhooks, webhookEntries } = await import('../webhook-trial.ts');
  const alert = madeUpAlert(event, context.now());
  const { desktop, bell } = config.alerts;
  const entries = await webhookEntries(context);
  if (entries.length === 0 && !desktop && !bell)
    throw new ScopeonError('usage', 'Alerts go nowhere: no webhook is set, and desktop and bell are off.', {
      hint: 'config.example.toml shows how, at [alerts] and [[alerts.webhooks]].',
    });
  const webhooks = await tryWebhooks(entries, alert, { now: context.now, dryRun: false });
  let { isOk } = webhooks;
  for (const line of webhooks.lines) context.stdout.write(`${line}\n`);
  if (desktop) {
    const { showOnDesktop } = await import('../alerts/desktop.ts');
    const shown = await showOnDesktop(alert, { env: context.env, platform: process.platform });
    isOk &&= 'by' in shown;
    const words = 'by' in shown ? `shown by ${shown.by}` : `failed: ${shown.trouble}`;
    context.stdout.write(`desktop: ${displaySafe(words)}\n`);
  }
  if (bell) {
    const hasTerminal = context.stderr.isTTY === true;
    if (hasTerminal) context.stderr.write('\x07');
    context.stdout.write(hasTerminal ? 'bell: rung\n' : 'bell: not rung, for this is no terminal\n');
  }
  return isOk ? exitCode.ok : exitCode.failure;
}

function limitOf(value: unknown): number {
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new ScopeonError('usage', `--limit must be a whole number from 1 to 1000, not "${String(value)}".`);
}
