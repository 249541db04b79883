import { displaySafe, displayWidth, truncateToWidth } from '../../display.ts';
import type { Zone } from '../../metrics/calendar.ts';
import { countOf, localMinute } from '../../report/format.ts';
import type { Theme } from '../theme.ts';
import { severitySign } from './page.ts';
import { type Span, spansWidth } from './spans.ts';

export interface FiringAlert {
  readonly id: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly message: string;
  /** Whose session it is about; undefined: about no session. */
  readonly project?: string | undefined;
  /** It is not to be shown before, UTC ms; undefined: it is. */
  readonly snoozedUntil?: number | undefined;
}

/** Is it not to be shown now? */
export function isSilent({ snoozedUntil }: FiringAlert, now: number): boolean {
  return snoozedUntil !== undefined && snoozedUntil > now;
}

/** How many are silent, until the first of them is heard again; undefined: none is. */
export function silentNote(
  alerts: readonly FiringAlert[],
  { now, zone, theme }: { readonly now: number; readonly zone: Zone; readonly theme: Theme },
): readonly Span[] | undefined {
  const ends = alerts.flatMap((alert) => (isSilent(alert, now) ? [alert.snoozedUntil ?? now] : []));
  if (ends.length === 0) return undefined;
  return [
    [`${countOf(ends.length, 'alert')} silent until ${timeOf(Math.min(...ends), zone)} · `, theme.quiet],
    ['X', theme.accent],
    [ends.length === 1 ? ' shows it' : ' shows them', theme.quiet],
  ];
}

/** The worst of the alerts that are on, and how to be rid of it for a while; undefined: none is. */
export function alertBanner(alerts: readonly FiringAlert[], width: number, theme: Theme): readonly Span[] | undefined {
  const ranks = { critical: 0, warning: 1, info: 2 } as const;
  const [worst, ...others] = [...alerts].sort((a, b) => ranks[a.severity] - ranks[b.severity]);
  if (worst === undefined) return undefined;
  const paint = { info: theme.plain, warning: theme.warn, critical: theme.bad }[worst.severity];
  const sign = severitySign(worst.severity, theme);
  const whose = worst.project === undefined ? '' : `${displaySafe(worst.project, 40)} · `;
  const message = displaySafe(worst.message, 256);
  const rest: readonly Span[] = others.length === 0 ? [] : [[` and ${others.length} more`, theme.quiet]];
  const before = spansWidth([sign, ' ', whose]);
  const taken = before + displayWidth(message) + spansWidth(rest);
  const hint = hints.find((words) => taken + 4 + words.length <= width) ?? hints.at(-1) ?? '';
  const key: readonly Span[] = [
    [' · ', theme.quiet],
    ['x', theme.accent],
    [hint, theme.quiet],
  ];
  // Where there is no room for all, what is said gives way, not the way to be rid of it.
  const room = Math.max(8, width - before - spansWidth(rest) - spansWidth(key));
  return [sign, ' ', whose, [truncateToWidth(message, room), paint], ...rest, ...key];
}

/** Behind the key, the longest first. */
const hints = [' silences it for an hour', ' silences it', ''];

/** `13:05` */
export function timeOf(at: number, zone: Zone): string {
  return localMinute(at, zone).slice(-5);
}
