import { displaySafe } from '../../display.ts';
import type { Theme } from '../theme.ts';
import { severitySign } from './page.ts';
import { line, type Span, spansWidth } from './spans.ts';

export interface FiringAlert {
  readonly id: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly message: string;
  /** Whose session it is about; undefined: about no session. */
  readonly project?: string | undefined;
}

/** Until when each alert is not shown, UTC ms, by its id. */
export type Snoozed = ReadonlyMap<string, number>;

const snoozeMs = 60 * 60 * 1000;

/** The same with these silent for an hour; one that comes meanwhile is shown. */
export function snooze(before: Snoozed, alerts: readonly FiringAlert[], now: number): Snoozed {
  return new Map([
    ...[...before].filter(([, until]) => until > now),
    ...alerts.map((alert) => [alert.id, now + snoozeMs] as const),
  ]);
}

export function shownAlerts(alerts: readonly FiringAlert[], snoozed: Snoozed, now: number): readonly FiringAlert[] {
  return alerts.filter((alert) => (snoozed.get(alert.id) ?? 0) <= now);
}

/** The worst of the alerts that are on, and how to be rid of it for a while; undefined: none is. */
export function alertBanner(alerts: readonly FiringAlert[], width: number, theme: Theme): readonly Span[] | undefined {
  const ranks = { critical: 0, warning: 1, info: 2 } as const;
  const [worst, ...others] = [...alerts].sort((a, b) => ranks[a.severity] - ranks[b.severity]);
  if (worst === undefined) return undefined;
  const paint = { info: theme.plain, warning: theme.warn, critical: theme.bad }[worst.severity];
  const said: readonly Span[] = [
    severitySign(worst.severity, theme),
    ' ',
    ...(worst.project === undefined ? [] : [`${displaySafe(worst.project, 40)} · `]),
    [displaySafe(worst.message, 256), paint],
  ];
  const rest: readonly Span[] = others.length === 0 ? [] : [[` and ${others.length} more`, theme.quiet]];
  const taken = spansWidth(said) + spansWidth(rest);
  const hint = hints.find((words) => taken + 4 + words.length <= width) ?? hints.at(-1) ?? '';
  const key: readonly Span[] = [
    [' · ', theme.quiet],
    ['x', theme.accent],
    [hint, theme.quiet],
  ];
  const room = width - spansWidth(rest) - spansWidth(key);
  // Where there is no room for all, what is said gives way, not the way to be rid of it.
  return [...(spansWidth(said) > room ? [line(said, Math.max(8, room))] : said), ...rest, ...key];
}

/** Behind the key, the longest first. */
const hints = [' silences it for an hour', ' silences it', ''];
