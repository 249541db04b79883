import { displaySafe, padToWidth, truncateToWidth } from '../display.ts';
import type { AlertItem, AlertsJson } from './alert-schema.ts';
import { countOf, formatAge, formatDuration } from './format.ts';
import type { Palette } from './palette.ts';
import { fitFacts, wrap } from './wrap.ts';

interface PageOptions {
  readonly width: number;
  readonly palette: Palette;
}

/** Alerts, each with its sentence and what is known of it. Ends in a newline; no line is wider than `width`, nor than 100 columns. */
export function renderAlerts(alerts: AlertsJson, what: 'list' | 'history', options: PageOptions): string {
  const width = Math.max(24, Math.min(options.width, 100));
  const { palette } = options;
  const now = Date.parse(alerts.generated_at);
  const shown = what === 'list' ? alerts.firing : alerts.recent;
  const title = what === 'list' ? 'Alerts that are on' : 'Alerts';
  if (shown.length === 0) {
    const words = what === 'list' ? 'No alert is on.' : 'No alert has been raised yet.';
    return `\n ${palette.bold(truncateToWidth(words, width - 2))}\n\n`;
  }
  const blocks = shown.map((alert) => block(alert, now, width, palette).join('\n'));
  return `\n ${palette.bold(title)}\n\n${blocks.join('\n\n')}\n\n`;
}

/** Every kind of alert, a line each. */
export function renderKinds(
  kinds: readonly { readonly type: string; readonly summary: string }[],
  { width, palette }: PageOptions,
): string {
  const columns = Math.max(...kinds.map((kind) => kind.type.length)) + 2;
  const lines = kinds.map(({ type, summary }) =>
    width < columns + 20
      ? ` ${palette.bold(truncateToWidth(type, width - 2))}\n   ${truncateToWidth(summary, width - 4)}`
      : ` ${palette.bold(padToWidth(type, columns))}${truncateToWidth(summary, width - columns - 2)}`,
  );
  return `\n${lines.join('\n')}\n\n`;
}

function block(alert: AlertItem, now: number, width: number, palette: Palette): readonly string[] {
  const [mark, paint] = {
    info: ['·', palette.cyan] as const,
    warning: ['!', palette.yellow] as const,
    critical: ['‼', palette.red] as const,
  }[alert.severity];
  const message = wrap(alert.message.split(' '), width - 4);
  const names = [alert.project, alert.provider, alert.model].flatMap((name) =>
    name === undefined ? [] : [displaySafe(name, 64)],
  );
  const silent = alert.snoozed_until;
  const quiet = silent === undefined ? [] : [`silent for ${formatDuration(Date.parse(silent) - now)} more`];
  const facts = [
    alert.type,
    ageOf(alert, now),
    ...quiet,
    ...names,
    ...(alert.times > 1 ? [countOf(alert.times, 'time')] : []),
  ];
  return [
    ...message.map((line, i) => ` ${i === 0 ? paint(mark) : ' '} ${line}`),
    `   ${palette.dim(fitFacts(facts, width - 4))}`,
  ];
}

function ageOf(alert: AlertItem, now: number): string {
  const first = Date.parse(alert.first_seen);
  if (alert.state === 'firing') return `on for ${formatDuration(now - first)}`;
  if (alert.resolved_at === null) return formatAge(now - first);
  return `${formatAge(now - first)}, over after ${formatDuration(Date.parse(alert.resolved_at) - first)}`;
}
