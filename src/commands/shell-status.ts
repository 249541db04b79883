import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CommandContext, defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { exitCode } from '../errors.ts';
import { loadMembers } from '../members.ts';
import type { SignalModule } from '../metrics/signal.ts';
import { formatPct, formatUsd } from '../report/format.ts';
import { buildStatus } from '../report/status.ts';
import { bookOf, zoneOf } from '../report-command.ts';
import { openReader } from '../store/open.ts';
import { hasAnySession } from '../store/queries/health.ts';

export default defineCommand({
  summary: 'one line for a prompt: health, context, cost of today; empty where there is nothing to tell',
  examples: [{ line: 'scopeon shell-status', shows: '⬡85 12% $4.12; what scopeon shell-hook asks for' }],
  run: async (context) => {
    const text = await statusLine(context).catch(() => ''); // a prompt is no place for trouble: doctor tells of it
    if (text !== '') context.stdout.write(`${text}\n`);
    await keep(context, text).catch(() => undefined);
    return exitCode.ok;
  },
});

/** `⬡85 12% $4.12`: health of the live session or of today, the live one's context, today's cost; what is not known is left out. */
async function statusLine(context: CommandContext): Promise<string> {
  const { paths } = await context.config();
  // The first reading of all logs is too long for what runs behind a prompt.
  const db = openReader(paths);
  const isFilled = db !== undefined && hasAnySession(db);
  db?.close();
  if (!isFilled) return '';
  const signals = await loadMembers<SignalModule>('metrics/signals');
  const now = context.now();
  const zone = zoneOf(undefined, context.env);
  return withData(context, 'shell-status', { ingest: true }, async (store, data) => {
    const status = buildStatus(store, {
      zone,
      startOfWeek: 'monday',
      now,
      asOf: undefined,
      mode: 'auto',
      budget: data.loaded.config.budget,
      book: bookOf(data),
      signals,
      collectorPid: data.heldBy,
    });
    const { cost_usd: cost, unpriced_turns: unpriced } = status.today;
    const fill = status.live_sessions > 0 ? (status.context?.fill_pct ?? null) : null;
    return [
      ...(status.health_score === null ? [] : [`⬡${status.health_score}`]),
      ...(fill === null ? [] : [formatPct(fill)]),
      ...(cost === null ? [] : [`${unpriced > 0 ? '≥' : ''}${formatUsd(cost)}`]),
    ].join(' ');
  });
}

/** The line, and when it was made, in seconds since 1970: whoever shows it must know how old it is. */
async function keep(context: CommandContext, text: string): Promise<void> {
  const { statusFile } = (await context.config()).paths;
  mkdirSync(dirname(statusFile), { recursive: true, mode: 0o700 });
  const partial = `${statusFile}.${process.pid}.tmp`;
  writeFileSync(partial, `${text}\n${Math.floor(context.now() / 1_000)}\n`, { mode: 0o600 });
  renameSync(partial, statusFile);
}
