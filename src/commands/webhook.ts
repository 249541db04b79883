import { type CommandContext, defineCommand } from '../command.ts';
import { exitCode, ScopeonError } from '../errors.ts';
import { paletteFor } from '../report/palette.ts';
import type { WebhookListItem } from '../report/webhooks-page.ts';
import { wantsColour, widthOf } from '../report-command.ts';
import type { WebhookEntry } from '../webhook-trial.ts';

export default defineCommand({
  summary: 'try your webhooks, see how they do, send again what was given up',
  arguments: [
    { name: '<what>', description: 'list, test or retry' },
    { name: '[id]', description: 'for retry: the id that list shows, or "all"' },
  ],
  examples: [
    { line: 'scopeon webhook list', shows: 'every webhook, what waits and what was given up' },
    { line: 'scopeon webhook test', shows: 'sends a made-up alert to each, now' },
    { line: 'scopeon webhook test --index 0 --event budget_warning --dry-run', shows: 'prints what would be sent' },
    { line: 'scopeon webhook retry 17', shows: 'sends one again that was given up' },
  ],
  options: (command) =>
    void command
      .option('--index <n>', 'only this webhook of the settings, from 0')
      .option('--event <type>', 'the kind of alert to make up', 'context_warning')
      .option('--dry-run', 'print what would be sent, and send nothing')
      .option('--json', 'print JSON'),
  run: async (context, [what, id], options) => {
    if (what === 'list') return list(context, options.json === true);
    if (what === 'test') return test(context, options);
    if (what === 'retry') return retry(context, id);
    throw new ScopeonError('usage', `There is nothing called "${what ?? ''}" to do with webhooks.`, {
      hint: 'Choose list, test or retry.',
    });
  },
});

async function list(context: CommandContext, asJson: boolean): Promise<number> {
  const { webhookEntries } = await import('../webhook-trial.ts');
  const entries = await webhookEntries(context);
  const [{ openReader }, { listOutbox, webhookHealth }, { renderWebhooks }] = await Promise.all([
    import('../store/open.ts'),
    import('../store/outbox.ts'),
    import('../report/webhooks-page.ts'),
  ]);
  const { paths } = await context.config();
  const db = openReader(paths);
  try {
    const items = db === undefined ? [] : listOutbox(db, undefined, 200);
    const webhooks = entries.map(({ index, webhook, trouble }): WebhookListItem => {
      const own = items.filter((item) => item.webhook === webhook?.key);
      const health = db === undefined || webhook === undefined ? undefined : webhookHealth(db, webhook.key);
      const iso = (at: number | null | undefined): string | null => (at == null ? null : new Date(at).toISOString());
      return {
        index,
        address: webhook?.shown ?? null,
        format: webhook?.settings.format ?? null,
        trouble: health?.disabled === true ? 'it answered that it is gone (410)' : (trouble ?? null),
        paused_until: health !== undefined && health.pausedUntil > context.now() ? iso(health.pausedUntil) : null,
        last_ok_at: iso(health?.lastOkAt),
        last_failed_at: iso(health?.lastFailedAt),
        waiting: own.filter((item) => item.state === 'waiting').length,
        sent: own.filter((item) => item.state === 'sent').length,
        dead: own
          .filter((item) => item.state === 'dead')
          .map((item) => ({
            id: item.id,
            severity: item.severity,
            error: item.error,
            created_at: new Date(item.createdAt).toISOString(),
            attempts: item.attempts,
          })),
      };
    });
    if (asJson) context.stdout.write(`${JSON.stringify({ schema_version: 1, webhooks }, null, 2)}\n`);
    else
      context.stdout.write(
        renderWebhooks(webhooks, { width: widthOf(context), palette: paletteFor(wantsColour(context)) }),
      );
    return exitCode.ok;
  } finally {
    db?.close();
  }
}

/** Sends, or shows, a made-up alert; fails when one of them does. */
async function test(context: CommandContext, options: Readonly<Record<string, unknown>>): Promise<number> {
  const { madeUpAlert, tryWebhooks, webhookEntries } = await import('../webhook-trial.ts');
  const entries = chosen(await webhookEntries(context), options.index);
  const alert = madeUpAlert(String(options.event), context.now());
  const { isOk, lines } = await tryWebhooks(entries, alert, { now: context.now, dryRun: options.dryRun === true });
  context.stdout.write(`${lines.join('\n')}\n`);
  return isOk ? exitCode.ok : exitCode.failure;
}

function chosen(entries: readonly WebhookEntry[], index: unknown): readonly WebhookEntry[] {
  if (entries.length === 0)
    throw new ScopeonError('usage', 'No webhook is set.', {
      hint: 'config.example.toml shows how, at [[alerts.webhooks]].',
    });
  if (index === undefined) return entries;
  const found = entries.find((entry) => String(entry.index) === String(index));
  if (found === undefined)
    throw new ScopeonError('usage', `There is no webhook ${String(index)}.`, {
      hint: `They are numbered from 0 to ${entries.length - 1}.`,
    });
  return [found];
}

async function retry(context: CommandContext, id: string | undefined): Promise<number> {
  if (id === undefined || !/^(all|\d{1,15})$/.test(id))
    throw new ScopeonError('usage', `"${id ?? ''}" is no id.`, { hint: 'scopeon webhook list shows the ids.' });
  const { paths } = await context.config();
  const [{ openStore }, { listOutbox, retryOutbox }] = await Promise.all([
    import('../store/open.ts'),
    import('../store/outbox.ts'),
  ]);
  const db = await openStore(paths, context.now(), () => undefined);
  try {
    const ids = id === 'all' ? listOutbox(db, 'dead', 1_000).map((item) => item.id) : [Number(id)];
    const count = ids.filter((each) => retryOutbox(db, each, context.now())).length;
    if (count === 0 && id !== 'all')
      throw new ScopeonError('usage', `Nothing that was given up has the id ${id}.`, {
        hint: 'scopeon webhook list shows the ids.',
      });
    context.stdout.write(`${count} will be sent again, by whichever scopeon reads the logs next.\n`);
    return exitCode.ok;
  } finally {
    db.close();
  }
}
